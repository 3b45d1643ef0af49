import { SqlLexer } from "./lexer";
import { splitStatements } from "./split";
import { type FoundKeyword, scanStatements, scanString } from "./statement-scan";

/** Objects that hold data, or a state that cannot be made again. */
const HOLDERS = ["TABLE", "SCHEMA", "DATABASE", "SEQUENCE", "OWNED"];
/** Objects that columns may be of: CASCADE drops those columns. */
const COLUMN_TYPES = ["TYPE", "DOMAIN", "EXTENSION"];
/** What ALTER TABLE … DROP can take away without a row losing anything. */
const HARMLESS = ["CONSTRAINT", "DEFAULT", "NOT", "EXPRESSION", "IDENTITY"];

/**
 * Finds statements that destroy data: DROP of a table, schema, database or sequence, of a column or an attribute, of a
 * type with CASCADE, DROP OWNED, TRUNCATE, DELETE, and a MERGE that deletes; also in a WITH and in a DO block. What a
 * function does when it is called is not seen, nor an UPDATE taken for one. Offsets are in UTF-16 units.
 */
export function findDestructive(sql: string): FoundKeyword[] {
  return splitStatements(sql).statements.flatMap((statement) => {
    if (statement.kind !== "sql") return [];
    const text = sql.slice(statement.start, statement.end);
    return inStatement(text).map(({ offset, keyword }) => ({
      offset: statement.start + offset,
      keyword,
    }));
  });
}

function inStatement(text: string): FoundKeyword[] {
  const lexer = new SqlLexer(text);
  if (!lexer.next() || !lexer.isWord("DO")) return scanStatements(text, destructiveKeyword);
  while (lexer.next())
    if (lexer.kind === "string" && !isLanguage(text, lexer.start))
      return scanString(text, lexer.start, destructiveKeyword);
  return [];
}

/** DO LANGUAGE 'plpgsql' '…': the first string is no body. */
function isLanguage(text: string, start: number): boolean {
  return /\blanguage\s*$/i.test(text.slice(0, start));
}

function destructiveKeyword(lexer: SqlLexer): string | undefined {
  const next = new SqlLexer(lexer.text, lexer.end);
  next.next();
  if (lexer.isWord("TRUNCATE")) return isEnd(next) ? undefined : "TRUNCATE";
  if (lexer.isWord("DELETE")) return next.isWord("FROM") ? "DELETE" : undefined;
  if (lexer.isWord("MERGE")) return mergeThatDeletes(next);
  if (lexer.isWord("DROP")) return drop(next);
  if (lexer.isWord("ALTER")) return alter(next);
  return undefined;
}

function mergeThatDeletes(next: SqlLexer): string | undefined {
  if (!next.isWord("INTO")) return undefined;
  return untilEnd(next, () => next.isWord("DELETE")) ? "MERGE … DELETE" : undefined;
}

function drop(next: SqlLexer): string | undefined {
  const holder = HOLDERS.find((word) => next.isWord(word));
  if (holder) return `DROP ${holder}`;
  const type = COLUMN_TYPES.find((word) => next.isWord(word));
  if (!type) return undefined;
  return untilEnd(next, () => next.isWord("CASCADE")) ? `DROP ${type} … CASCADE` : undefined;
}

function alter(next: SqlLexer): string | undefined {
  if (next.isWord("TYPE")) {
    return untilEnd(next, () => next.isWord("DROP") && follows(next, "ATTRIBUTE"))
      ? "ALTER TYPE … DROP ATTRIBUTE"
      : undefined;
  }
  if (next.isWord("FOREIGN")) next.next();
  if (!next.isWord("TABLE")) return undefined;
  const dropsColumn = (): boolean =>
    next.isWord("DROP") && !HARMLESS.some((word) => follows(next, word));
  return untilEnd(next, dropsColumn) ? "ALTER TABLE … DROP COLUMN" : undefined;
}

function follows(lexer: SqlLexer, word: string): boolean {
  const next = new SqlLexer(lexer.text, lexer.end);
  return next.next() && next.isWord(word);
}

/** Whether a token up to the statement's end is the one. */
function untilEnd(lexer: SqlLexer, isIt: () => boolean): boolean {
  while (lexer.next() && !isEnd(lexer)) if (isIt()) return true;
  return false;
}

function isEnd(lexer: SqlLexer): boolean {
  return lexer.kind === "end" || lexer.isSymbol(";");
}
