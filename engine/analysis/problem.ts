import type { Unterminated } from "./lexer";

export type SqlProblemCode =
  | "UNTERMINATED_STRING"
  | "UNTERMINATED_IDENTIFIER"
  | "UNTERMINATED_DOLLAR_QUOTE"
  | "UNTERMINATED_COMMENT"
  | "UNCLOSED_PARENTHESIS"
  | "UNCLOSED_BODY"
  | "COPY_WITHOUT_END"
  | "COPY_TEXT_AFTER_STATEMENT"
  | "PSQL_COMMAND";

/** A fault of a script that is certain before the server has seen it. */
export interface SqlProblem {
  code: SqlProblemCode;
  message: string;
  remedy: string;
  /** UTF-16 units from the start of the script; line and column as in position.ts. */
  offset: number;
  line: number;
  column: number;
}

export type ProblemText = Pick<SqlProblem, "code" | "message" | "remedy">;

export const UNTERMINATED: Record<Unterminated["what"], ProblemText> = {
  string: {
    code: "UNTERMINATED_STRING",
    message: "A string starts here and is never closed.",
    remedy: "Close it with '. Inside a string a quote is written ''.",
  },
  identifier: {
    code: "UNTERMINATED_IDENTIFIER",
    message: "A quoted identifier starts here and is never closed.",
    remedy: 'Close it with ". Inside an identifier a quote is written "".',
  },
  dollarQuote: {
    code: "UNTERMINATED_DOLLAR_QUOTE",
    message: "A dollar-quoted string starts here and is never closed.",
    remedy: "Close it with the tag that opened it, in the same case.",
  },
  comment: {
    code: "UNTERMINATED_COMMENT",
    message: "A block comment starts here and is never closed.",
    remedy: "Close it with */. Block comments nest: each /* inside needs its own */.",
  },
};

export const UNCLOSED: Record<"parenthesis" | "body", ProblemText> = {
  parenthesis: {
    code: "UNCLOSED_PARENTHESIS",
    message: "A parenthesis is opened here and never closed.",
    remedy: "Add the missing ). Until then no ; ends the statement.",
  },
  body: {
    code: "UNCLOSED_BODY",
    message: "A BEGIN ATOMIC body starts here and no END closes it.",
    remedy: "Close the body with END, after the ; of its last statement.",
  },
};

export const COPY_WITHOUT_END: ProblemText = {
  code: "COPY_WITHOUT_END",
  message: "COPY … FROM STDIN has no end of data.",
  remedy: "End the rows with a line that holds \\. and nothing else.",
};

export const COPY_TEXT_AFTER_STATEMENT: ProblemText = {
  code: "COPY_TEXT_AFTER_STATEMENT",
  message: "Text follows COPY … FROM STDIN on its line; the rows start on the next line.",
  remedy: "Start a new line after the ; of the COPY statement.",
};

const COMMAND_REMEDIES: Readonly<Record<string, string>> = {
  "\\.": "Remove the line: it ends the rows of COPY … FROM STDIN, and none are being read here.",
  "\\set": "Use a placeholder of the migration engine in place of a psql variable.",
  "\\i": "Put the text of the included file in a migration of its own.",
  "\\ir": "Put the text of the included file in a migration of its own.",
  "\\c": "Remove it: a migration runs in the database it is configured for.",
  "\\connect": "Remove it: a migration runs in the database it is configured for.",
  "\\copy": "Use COPY … FROM STDIN with the rows in the script.",
  "\\gexec": "Use a DO block with EXECUTE.",
  "\\if": "Use a DO block with IF.",
};

/** A psql command at statement start, or a backslash in a statement, where none can be. */
export function psqlCommand(command: string): ProblemText {
  return {
    code: "PSQL_COMMAND",
    message: `${command} is a command of psql, not SQL; the server does not know it.`,
    remedy: COMMAND_REMEDIES[command] ?? "Remove it, or say the same in SQL.",
  };
}

/** `\restrict` or `\unrestrict` with a statement before it that has no `;`. */
export function commandInsideStatement(command: string): ProblemText {
  return {
    code: "PSQL_COMMAND",
    message: `${command} stands inside a statement.`,
    remedy: "End the statement before it with ; or remove the backslash.",
  };
}
