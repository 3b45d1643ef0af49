import { SqlLexer } from "../core/sql/lexer";

export interface DataKeyword {
  /** In UTF-16 units, in the text that was given. */
  offset: number;
  keyword: string;
}

/** The word that must follow, without which the keyword is a name or part of something else. */
const FOLLOWERS: Readonly<Record<string, string | undefined>> = {
  INSERT: "INTO",
  DELETE: "FROM",
  MERGE: "INTO",
};
const KEYWORDS = ["INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "COPY"];

/** Words after which a statement can start in PL/pgSQL; IN is that of FOR … IN query LOOP. */
const OPENERS = ["BEGIN", "THEN", "ELSE", "LOOP", "IN"];
/** Symbols likewise: `(` and `)` of a WITH, `>` of a <<label>>. */
const OPENING_SYMBOLS = [";", "(", ")", ">"];

/**
 * Finds statements that change rows in the body of a PL/pgSQL DO block; the string with the body
 * starts at `bodyString` in `text`. It reads tokens, for exact places and for bodies that the parser
 * of PL/pgSQL needs a database to understand. Strings given to EXECUTE are looked into; statements
 * put together in variables are not seen.
 */
export function findDataInDoBody(text: string, bodyString: number): DataKeyword[] {
  const { body, start } = stringContents(text, bodyString);
  return findDataKeywords(body).map(({ offset, keyword }) => ({ offset: offset + start, keyword }));
}

/** The same in plain SQL or PL/pgSQL, by its tokens alone. */
export function findDataKeywords(sql: string): DataKeyword[] {
  const found: DataKeyword[] = [];
  const lexer = new SqlLexer(sql);
  let mayStart = true;
  let isDynamic = false;
  while (lexer.next()) {
    const keyword = mayStart ? dataKeyword(lexer) : undefined;
    if (keyword !== undefined) found.push({ offset: lexer.start, keyword });
    else if (isDynamic && lexer.kind === "string") found.push(...dynamicData(lexer));
    // What a definition holds is run later; of a found statement the rest is no second one.
    if (keyword !== undefined || (mayStart && lexer.isWord("CREATE"))) skipStatement(lexer);
    if (lexer.isSymbol(";")) isDynamic = false;
    else if (lexer.isWord("EXECUTE")) isDynamic = true;
    mayStart = opensStatement(lexer);
  }
  return found;
}

function dynamicData(lexer: SqlLexer): DataKeyword[] {
  const [first] = findDataKeywords(stringContents(lexer.slice(), 0).body);
  return first ? [{ offset: lexer.start, keyword: first.keyword }] : [];
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

function opensStatement(lexer: SqlLexer): boolean {
  return (
    OPENING_SYMBOLS.some((symbol) => lexer.isSymbol(symbol)) ||
    OPENERS.some((word) => lexer.isWord(word))
  );
}

/** Leaves the lexer at the `;` that ends the statement, or at the end of the text. */
function skipStatement(lexer: SqlLexer): void {
  for (let depth = 0; lexer.next();) {
    if (lexer.isSymbol("(")) depth++;
    else if (lexer.isSymbol(")")) depth--;
    else if (lexer.isSymbol(";") && depth <= 0) return;
  }
}

/**
 * What stands between the quotes of the string at `at`, and where. Offsets stay: a doubled quote
 * becomes a blank and a quote. Backslash escapes of E'…' are left alone.
 */
function stringContents(text: string, at: number): { body: string; start: number } {
  const lexer = new SqlLexer(text, at);
  lexer.next();
  const token = lexer.slice();
  const [opening = ""] = /^(?:\$[^$]*\$|[^'"]{0,2}')/.exec(token) ?? [];
  const isDollarQuote = opening.startsWith("$");
  const inner = token.slice(opening.length, token.length - (isDollarQuote ? opening.length : 1));
  return {
    body: isDollarQuote ? inner : inner.replaceAll("''", " '"),
    start: lexer.start + opening.length,
  };
}
