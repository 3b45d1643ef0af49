import { SqlLexer } from "./lexer";
import { readString } from "./string-literal";

/** A statement of interest inside a text that was scanned by its tokens. */
export interface FoundKeyword {
  /** In UTF-16 units, in the text that was given. */
  offset: number;
  keyword: string;
}

/** What begins at the lexer's token, if that is of interest; must leave the lexer where it is. */
export type KeywordMatcher = (lexer: SqlLexer) => string | undefined;

/** Words after which a statement can start: in PL/pgSQL, after FOR … IN, RETURN QUERY, OPEN … FOR, EXPLAIN ANALYZE. */
const OPENERS = [
  ...["BEGIN", "THEN", "ELSE", "LOOP", "IN", "QUERY", "FOR"],
  ...["ANALYZE", "VERBOSE"],
];
/** Symbols likewise: `(` and `)` of a WITH, `>` of a <<label>>. */
const OPENING_SYMBOLS = [";", "(", ")", ">"];
/** What may stand between CREATE and TABLE. */
const TABLE_KINDS = ["GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "UNLOGGED"];
/** What ends the expression of an EXECUTE. */
const AFTER_EXECUTE = ["INTO", "USING", "LOOP"];

/**
 * Finds statements of interest in plain SQL or PL/pgSQL by tokens, where a parser would need a database or more memory.
 * Strings given to EXECUTE are looked into; statements put together in variables are not seen.
 */
export function scanStatements(sql: string, match: KeywordMatcher): FoundKeyword[] {
  const found: FoundKeyword[] = [];
  const lexer = new SqlLexer(sql);
  let mayStart = true;
  let isDynamic = false;
  let isPrepared = false;
  while (lexer.next()) {
    const keyword = mayStart ? match(lexer) : undefined;
    if (keyword !== undefined) found.push({ offset: lexer.start, keyword });
    else if (isDynamic && lexer.kind === "string") found.push(...scanDynamic(lexer, match));
    // What a definition holds is run later; of a found statement the rest is no second one.
    if (keyword !== undefined || (mayStart && isDefinition(lexer))) skipStatement(lexer);
    if (lexer.isSymbol(";")) isDynamic = isPrepared = false;
    else if (lexer.isWord("EXECUTE")) isDynamic = true;
    else if (mayStart && lexer.isWord("PREPARE")) isPrepared = true;
    mayStart = opensStatement(lexer) || (isPrepared && lexer.isWord("AS"));
  }
  return found;
}

/** The same in the string that starts at `at` in `text`, such as the body of a DO block. */
export function scanString(text: string, at: number, match: KeywordMatcher): FoundKeyword[] {
  const literal = readString(text, at);
  if (!literal) return [];
  return scanStatements(literal.value, match).map(({ offset, keyword }) => ({
    offset: literal.at(offset),
    keyword,
  }));
}

/** SQL in SQL: the expression that a PL/pgSQL body gives to EXECUTE, or a whole DO statement. */
export interface NestedText {
  readonly kind: "execute" | "do";
  readonly start: number;
  readonly end: number;
}

/** Finds them in a PL/pgSQL body by its tokens. */
export function findNested(body: string): NestedText[] {
  const found: NestedText[] = [];
  const lexer = new SqlLexer(body);
  let mayStart = true;
  while (lexer.next()) {
    const { start, end } = lexer;
    if (mayStart && lexer.isWord("EXECUTE"))
      found.push({ kind: "execute", start: end, end: endOfExpression(lexer) });
    else if (mayStart && lexer.isWord("DO"))
      found.push({ kind: "do", start, end: endOfExpression(lexer) });
    mayStart = opensStatement(lexer);
  }
  return found;
}

/** Goes there. */
function endOfExpression(lexer: SqlLexer): number {
  for (let depth = 0; lexer.next();) {
    if (lexer.isSymbol("(")) depth++;
    else if (lexer.isSymbol(")")) depth--;
    else if (depth > 0) continue;
    else if (lexer.isSymbol(";") || AFTER_EXECUTE.some((word) => lexer.isWord(word))) break;
  }
  return lexer.start;
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

/** CREATE, but not of a table: that may be filled by a query which does more than read. */
function isDefinition(lexer: SqlLexer): boolean {
  if (!lexer.isWord("CREATE")) return false;
  const next = new SqlLexer(lexer.text, lexer.end);
  while (next.next()) if (!TABLE_KINDS.some((word) => next.isWord(word))) break;
  return !next.isWord("TABLE");
}

/** Leaves the lexer at the `;` that ends the statement, or at the end of the text. */
function skipStatement(lexer: SqlLexer): void {
  for (let depth = 0; lexer.next();) {
    if (lexer.isSymbol("(")) depth++;
    else if (lexer.isSymbol(")")) depth--;
    else if (lexer.isSymbol(";") && depth <= 0) return;
  }
}
