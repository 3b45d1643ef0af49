import { findInlineData } from "./inline-data";
import { endOfLine, SqlLexer } from "./lexer";
import { positionAt, PositionTracker } from "./position";
import {
  commandInsideStatement,
  COPY_TEXT_AFTER_STATEMENT,
  COPY_WITHOUT_END,
  type ProblemText,
  psqlCommand,
  type SqlProblem,
  UNCLOSED,
  UNTERMINATED,
} from "./problem";
import {
  CLIENT_ENCODING,
  isOn,
  settingChange,
  STANDARD_CONFORMING_STRINGS,
} from "./setting-change";
import { StatementShape } from "./statement-shape";

/** Offsets in UTF-16 units, `end` exclusive. */
export interface TextRange {
  start: number;
  end: number;
}

/**
 * One statement: from its first to its last token, so without the `;` and without the comments and
 * blanks around it. Line and column (as in position.ts) are those of `start`.
 */
export interface Statement extends TextRange {
  line: number;
  column: number;
  /** `copy` is COPY … FROM STDIN, which must be run by the copy protocol. */
  kind: "sql" | "copy";
  /** Of `copy` only: the rows, with the line break of the last one, without the line `\.`. */
  copyData?: TextRange;
  /** What it sets decides how the server reads the text after it: that has to be sent apart. */
  changesReading?: true;
  /** A backslash in '…' is an escape here: standard_conforming_strings has been turned off before. */
  escapes?: true;
}

export interface SplitResult {
  statements: Statement[];
  /** Faults in the script, in its order. If there are any, no statement should be run. */
  problems: SqlProblem[];
}

/**
 * Splits a script into the statements psql would send, by PostgreSQL's own lexical rules, in one
 * pass. Empty statements and comments alone yield nothing. Never throws: a script that cannot be
 * split with certainty has `problems`.
 */
export function splitStatements(sql: string): SplitResult {
  return new Splitter(sql).run();
}

const PG_DUMP_COMMANDS = new Set(["\\restrict", "\\unrestrict"]);
const COMMAND = /\\(?:[A-Za-z_!?]+|.)?/y;

class Splitter {
  private readonly sql: string;
  private readonly lexer: SqlLexer;
  private readonly positions: PositionTracker;
  private readonly result: SplitResult = { statements: [], problems: [] };
  private current: Statement | undefined;
  private shape = new StatementShape();

  constructor(sql: string) {
    this.sql = sql;
    this.lexer = new SqlLexer(sql);
    this.positions = new PositionTracker(sql);
  }

  run(): SplitResult {
    while (this.lexer.next()) this.onToken();
    this.finishScript();
    return this.result;
  }

  private onToken(): void {
    const { lexer, shape } = this;
    if (lexer.isSymbol(";") && shape.endsAtSemicolon) return this.finishStatement();
    if (lexer.kind === "backslash") return this.onBackslash();
    this.current ??= { start: lexer.start, end: 0, ...this.positions.at(lexer.start), kind: "sql" };
    this.current.end = lexer.end;
    shape.follow(lexer);
  }

  private finishStatement(): void {
    if (!this.current) return;
    if (!this.lexer.standardConformingStrings) this.current.escapes = true;
    if (this.shape.readsInlineData) this.takeInlineData(this.current);
    else if (this.shape.setsSomething) this.followSetting(this.current);
    this.result.statements.push(this.current);
    this.current = undefined;
    this.shape = new StatementShape();
  }

  private takeInlineData(statement: Statement): void {
    const data = findInlineData(this.sql, this.lexer.end);
    statement.kind = "copy";
    statement.copyData = { start: data.start, end: data.end };
    if (!data.terminated) this.reportAt(statement.start, statement, COPY_WITHOUT_END);
    if (data.strayText !== undefined) this.report(data.strayText, COPY_TEXT_AFTER_STATEMENT);
    this.lexer.jumpTo(data.next);
  }

  /** As psql does, which is told of the setting by the server. */
  private followSetting(statement: Statement): void {
    const { lexer, sql } = this;
    const change = settingChange(sql.slice(statement.start, statement.end));
    const isAll = change?.name === "all";
    if (change?.name === CLIENT_ENCODING) statement.changesReading = true;
    if (!isAll && change?.name !== STANDARD_CONFORMING_STRINGS) return;
    const conforming = isOn(change?.value ?? "on");
    if (conforming !== lexer.standardConformingStrings || isAll) statement.changesReading = true;
    lexer.standardConformingStrings = conforming;
  }

  /** psql reads a command from here to the end of the line; PostgreSQL's scanner knows no `\`. */
  private onBackslash(): void {
    const { lexer, sql } = this;
    COMMAND.lastIndex = lexer.start;
    const command = COMMAND.exec(sql)?.[0] ?? "\\";
    const end = endOfLine(sql, lexer.start);
    const fromPgDump = PG_DUMP_COMMANDS.has(command);
    if (!fromPgDump) this.report(lexer.start, psqlCommand(command));
    else if (this.current) this.report(lexer.start, commandInsideStatement(command));
    lexer.jumpTo(end);
  }

  private finishScript(): void {
    const { lexer, shape } = this;
    if (lexer.unterminated) {
      this.report(lexer.unterminated.offset, UNTERMINATED[lexer.unterminated.what]);
    } else if (this.current && shape.open) {
      this.reportBefore(shape.open.offset, UNCLOSED[shape.open.what]);
    }
    this.finishStatement();
  }

  private report(offset: number, text: ProblemText): void {
    this.reportAt(offset, this.positions.at(offset), text);
  }

  /** For an offset that may lie before the last one asked of the tracker. */
  private reportBefore(offset: number, text: ProblemText): void {
    this.reportAt(offset, positionAt(this.sql, offset), text);
    this.result.problems.sort((a, b) => a.offset - b.offset);
  }

  private reportAt(
    offset: number,
    { line, column }: { line: number; column: number },
    text: ProblemText,
  ): void {
    this.result.problems.push({ ...text, offset, line, column });
  }
}
