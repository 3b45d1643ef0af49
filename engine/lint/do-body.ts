import { SqlLexer } from "../analysis/lexer";
import { type FoundKeyword, scanStatements, scanString } from "../analysis/statement-scan";

/** The word that must follow, without which the keyword is a name or part of something else. */
const FOLLOWERS: Readonly<Record<string, string | undefined>> = {
  INSERT: "INTO",
  DELETE: "FROM",
  MERGE: "INTO",
};
const KEYWORDS = ["INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "COPY"];

/**
 * Finds statements that change rows in the body of a PL/pgSQL DO block; the string with the body
 * starts at `bodyString` in `text`.
 */
export function findDataInDoBody(text: string, bodyString: number): FoundKeyword[] {
  return scanString(text, bodyString, dataKeyword);
}

/** The same in plain SQL or PL/pgSQL, by its tokens alone. */
export function findDataKeywords(sql: string): FoundKeyword[] {
  return scanStatements(sql, dataKeyword);
}

/** The keyword at the lexer's token, if a statement that changes rows starts there. */
function dataKeyword(lexer: SqlLexer): string | undefined {
  const keyword = KEYWORDS.find((word) => lexer.isWord(word));
  if (keyword === undefined) return undefined;
  const next = new SqlLexer(lexer.text, lexer.end);
  next.next();
  if (keyword === "COPY") return isCopyFrom(next) ? "COPY FROM" : undefined;
  const follower = FOLLOWERS[keyword];
  const follows = follower === undefined ? isName(next) : next.isWord(follower);
  return follows ? keyword : undefined;
}

/** Also what stands for a name in a string for EXECUTE: `%I` of format(), or its end before `||`. */
function isName(lexer: SqlLexer): boolean {
  return ["word", "quotedIdentifier", "end"].includes(lexer.kind) || lexer.isSymbol("%");
}

function isCopyFrom(lexer: SqlLexer): boolean {
  if (!isName(lexer)) return false;
  while (lexer.next() && !lexer.isSymbol(";")) {
    if (lexer.isWord("FROM")) return true;
  }
  return false;
}
