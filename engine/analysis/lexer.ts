import { CharClass, classOf, isIdentifierPart, isLineBreak } from "./characters";

/**
 * `word` is an unquoted identifier or keyword; `string` covers '…', E'…', B'…', X'…', N'…', U&'…'
 * and dollar quotes; `symbol` is one character; `end` is the end of the text.
 */
export type TokenKind =
  "word" | "quotedIdentifier" | "string" | "number" | "parameter" | "symbol" | "backslash" | "end";

/** Something opened at `offset` that the text never closes. */
export interface Unterminated {
  what: "string" | "identifier" | "dollarQuote" | "comment";
  offset: number;
}

const STAR = 42;
const DASH = 45;
const SLASH = 47;
const AMPERSAND = 38;
const SINGLE_QUOTE = 39;
const DOUBLE_QUOTE = 34;
const DOLLAR = 36;
const BACKSLASH = 92;
const DOT = 46;

/**
 * Reads SQL token by token by the rules of PostgreSQL's scanner (scan.l, and psqlscan.l where the
 * two differ). Comments and blanks are passed over. The state
 * is in the fields, so that reading allocates nothing.
 */
export class SqlLexer {
  kind: TokenKind = "end";
  /** Offset of the current token in UTF-16 units, and the offset just after it. */
  start = 0;
  end = 0;
  unterminated: Unterminated | undefined;
  /** The setting standard_conforming_strings: without it, a backslash in '…' is an escape as in E'…'. */
  standardConformingStrings = true;
  readonly text: string;

  constructor(text: string, offset = 0) {
    this.text = text;
    this.end = offset;
  }

  /** Goes to the next token; false at the end of the text. Never throws: see `unterminated`. */
  next(): boolean {
    this.skipBlanks();
    const { text } = this;
    this.start = this.end;
    if (this.start >= text.length) {
      this.kind = "end";
      return false;
    }
    switch (classOf(text.charCodeAt(this.start))) {
      case CharClass.identifier:
        return this.readWord();
      case CharClass.digit:
        return this.readNumber();
      case CharClass.singleQuote:
        return this.readString(this.start);
      case CharClass.doubleQuote:
        return this.readQuotedIdentifier(this.start);
      case CharClass.dollar:
        return this.readDollar();
      case CharClass.backslash:
        return this.finish("backslash", this.start + 1);
      default:
        return this.finish("symbol", this.start + 1);
    }
  }

  /** Goes on reading at `offset` (after inline data, or a line that is not SQL). */
  jumpTo(offset: number): void {
    this.end = offset;
  }

  /** Is the current token the unquoted word `upper` (given in upper case)? */
  isWord(upper: string): boolean {
    if (this.kind !== "word" || this.end - this.start !== upper.length) return false;
    for (let i = 0; i < upper.length; i++) {
      const code = this.text.charCodeAt(this.start + i);
      const folded = code >= 97 && code <= 122 ? code - 32 : code;
      if (folded !== upper.charCodeAt(i)) return false;
    }
    return true;
  }

  isSymbol(symbol: string): boolean {
    return this.kind === "symbol" && this.text.charCodeAt(this.start) === symbol.charCodeAt(0);
  }

  /** The current token as written. */
  slice(): string {
    return this.text.slice(this.start, this.end);
  }

  private finish(kind: TokenKind, end: number): true {
    this.kind = kind;
    this.end = end;
    return true;
  }

  private fail(kind: TokenKind, what: Unterminated["what"]): true {
    this.unterminated = { what, offset: this.start };
    return this.finish(kind, this.text.length);
  }

  private skipBlanks(): void {
    const { text } = this;
    let at = this.end;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (classOf(code) === CharClass.blank) at++;
      else if (code === DASH && text.charCodeAt(at + 1) === DASH) at = endOfLine(text, at + 2);
      else if (code === SLASH && text.charCodeAt(at + 1) === STAR) at = this.endOfComment(at);
      else break;
    }
    this.end = at;
  }

  /** Block comments nest in PostgreSQL, unlike in the SQL standard's older editions. */
  private endOfComment(start: number): number {
    const { text } = this;
    let depth = 1;
    let at = start + 2;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      const next = text.charCodeAt(at + 1);
      if (code === SLASH && next === STAR) {
        depth++;
        at += 2;
      } else if (code === STAR && next === SLASH) {
        at += 2;
        if (--depth === 0) return at;
      } else at++;
    }
    this.unterminated = { what: "comment", offset: start };
    return text.length;
  }

  private readWord(): true {
    const { text, start } = this;
    const at = endOfWord(text, start + 1);
    // A prefix must touch its quote and be the whole word: `e'…'`, but not `note'…'` or `e '…'`.
    if (at === start + 1) {
      const next = text.charCodeAt(at);
      const letter = text.charCodeAt(start) | 32;
      if (next === SINGLE_QUOTE) {
        if (letter === 101 /* e */) return this.readEscapeString(at);
        if (letter === 98 || letter === 120 || letter === 110 /* b x n */)
          return this.readString(at);
      }
      if (next === AMPERSAND && letter === 117 /* u */) {
        if (text.charCodeAt(at + 1) === SINGLE_QUOTE) return this.readString(at + 1);
        if (text.charCodeAt(at + 1) === DOUBLE_QUOTE) return this.readQuotedIdentifier(at + 1);
      }
    }
    return this.finish("word", at);
  }

  private readNumber(): true {
    const { text } = this;
    let at = endOfDigits(text, this.start);
    // `1..2` (a range in PL/pgSQL) is two numbers.
    while (text.charCodeAt(at) === DOT && text.charCodeAt(at + 1) !== DOT) {
      at = endOfDigits(text, at + 1);
    }
    return this.finish("number", at);
  }

  private readString(openingQuote: number): true {
    if (!this.standardConformingStrings && openingQuote === this.start)
      return this.readEscapeString(openingQuote);
    const end = endOfQuoted(this.text, openingQuote + 1, "'");
    return end < 0 ? this.fail("string", "string") : this.finish("string", end);
  }

  private readQuotedIdentifier(openingQuote: number): true {
    const end = endOfQuoted(this.text, openingQuote + 1, '"');
    return end < 0
      ? this.fail("quotedIdentifier", "identifier")
      : this.finish("quotedIdentifier", end);
  }

  /**
   * E'…': a backslash takes the next character with it. A string goes on in the next quoted part
   * if a line break lies between (scan.l "quotecontinue"), and backslashes are escapes there too.
   */
  private readEscapeString(openingQuote: number): true {
    let at = endOfEscapeString(this.text, openingQuote + 1);
    while (at >= 0) {
      const continued = continuedString(this.text, at);
      if (continued < 0) return this.finish("string", at);
      at = endOfEscapeString(this.text, continued + 1);
    }
    return this.fail("string", "string");
  }

  /** `$1` is a parameter; `$$` or `$tag$` opens a dollar quote; any other `$` stands alone. */
  private readDollar(): true {
    const { text, start } = this;
    let at = start + 1;
    if (isDigit(text.charCodeAt(at))) return this.finish("parameter", endOfDigits(text, at));
    while (at < text.length && text.charCodeAt(at) !== DOLLAR) {
      if (!isIdentifierPart(text.charCodeAt(at))) return this.finish("symbol", start + 1);
      at++;
    }
    if (at >= text.length) return this.finish("symbol", start + 1);
    const delimiter = text.slice(start, at + 1);
    const close = text.indexOf(delimiter, at + 1);
    return close < 0
      ? this.fail("string", "dollarQuote")
      : this.finish("string", close + delimiter.length);
  }
}

/** Offset of the line break (or the end of the text) that ends the line `at` is in. */
export function endOfLine(text: string, at: number): number {
  let end = at;
  while (end < text.length && !isLineBreak(text.charCodeAt(end))) end++;
  return end;
}

function endOfWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && isIdentifierPart(text.charCodeAt(at))) at++;
  return at;
}

/**
 * A letter that touches the digits makes the rest an identifier's (1e5, 0x1F, and what scan.l calls
 * junk), `$` and all; without one, a `$` opens a dollar quote.
 */
function endOfDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at++;
  const lettered = at < text.length && classOf(text.charCodeAt(at)) === CharClass.identifier;
  return lettered ? endOfWord(text, at) : at;
}

function isDigit(code: number): boolean {
  return classOf(code) === CharClass.digit;
}

function endOfQuoted(text: string, from: number, quote: string): number {
  let at = text.indexOf(quote, from);
  while (at >= 0 && text.charCodeAt(at + 1) === quote.charCodeAt(0)) {
    at = text.indexOf(quote, at + 2);
  }
  return at < 0 ? -1 : at + 1;
}

function endOfEscapeString(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 2;
    else if (code !== SINGLE_QUOTE) at++;
    else if (text.charCodeAt(at + 1) === SINGLE_QUOTE) at += 2;
    else return at + 1;
  }
  return -1;
}

/** Offset of the quote that continues a string which ended just before `from`, or -1. */
function continuedString(text: string, from: number): number {
  let newLine = false;
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isLineBreak(code)) newLine = true;
    if (classOf(code) === CharClass.blank) at++;
    else if (code === DASH && text.charCodeAt(at + 1) === DASH) at = endOfLine(text, at + 2);
    else return code === SINGLE_QUOTE && newLine ? at : -1;
  }
  return -1;
}
