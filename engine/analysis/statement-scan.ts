import { SqlLexer } from "./lexer";

/** A statement of interest inside a text that was scanned by its tokens. */
export interface FoundKeyword {
  /** In UTF-16 units, in the text that was given. */
  offset: number;
  keyword: string;
}

/** What begins at the lexer's token, if that is of interest; must leave the lexer where it is. */
export type KeywordMatcher = (lexer: SqlLexer) => string | undefined;

/** Words after which a statement can start in PL/pgSQL; IN is that of FOR … IN query LOOP. */
const OPENERS = ["BEGIN", "THEN", "ELSE", "LOOP", "IN"];
/** Symbols likewise: `(` and `)` of a WITH, `>` of a <<label>>. */
const OPENING_SYMBOLS = [";", "(", ")", ">"];

/**
 * Finds statements of interest in plain SQL or PL/pgSQL by tokens, where a parser would need a database or more memory.
 * Strings given to EXECUTE are looked into; statements put together in variables are not seen.
 */
export function scanStatements(sql: string, match: KeywordMatcher): FoundKeyword[] {
  const found: FoundKeyword[] = [];
  const lexer = new SqlLexer(sql);
  let mayStart = true;
  let isDynamic = false;
  while (lexer.next()) {
    const keyword = mayStart ? match(lexer) : undefined;
    if (keyword !== undefined) found.push({ offset: lexer.start, keyword });
    else if (isDynamic && lexer.kind === "string") found.push(...scanDynamic(lexer, match));
    // What a definition holds is run later; of a found statement the rest is no second one.
    if (keyword !== undefined || (mayStart && lexer.isWord("CREATE"))) skipStatement(lexer);
    if (lexer.isSymbol(";")) isDynamic = false;
    else if (lexer.isWord("EXECUTE")) isDynamic = true;
    mayStart = opensStatement(lexer);
  }
  return found;
}

/** The same in the string that starts at `at` in `text`, such as the body of a DO block. */
export function scanString(text: string, at: number, match: KeywordMatcher): FoundKeyword[] {
  const { body, start } = stringContents(text, at);
  return scanStatements(body, match).map(({ offset, keyword }) => ({
    offset: offset + start,
    keyword,
  }));
}

function scanDynamic(lexer: SqlLexer, match: KeywordMatcher): FoundKeyword[] {
  const [first] = scanString(lexer.slice(), 0, match);
  return first ? [{ offset: lexer.start, keyword: first.keyword }] : [];
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
