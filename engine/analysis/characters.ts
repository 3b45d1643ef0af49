/**
 * Character classes of PostgreSQL's scanner (src/backend/parser/scan.l): what may stand in an
 * identifier, what counts as a blank. A table instead of comparisons: the lexer asks once for each
 * character of a script, and scripts may have tens of megabytes.
 */

export const CharClass = {
  symbol: 0,
  blank: 1,
  identifier: 2,
  digit: 3,
  singleQuote: 4,
  doubleQuote: 5,
  dollar: 6,
  backslash: 7,
} as const;

const ASCII_SIZE = 128;

const CLASSES = classTable();
const IDENTIFIER_PART = identifierPartTable();

/** Class of a UTF-16 unit. Everything outside ASCII belongs to identifiers, as in scan.l. */
export function classOf(code: number): number {
  return code < ASCII_SIZE ? (CLASSES[code] ?? CharClass.symbol) : CharClass.identifier;
}

/** May `code` follow the first character of an identifier? (A `$` may, a `$` at the start may not.) */
export function isIdentifierPart(code: number): boolean {
  return code < ASCII_SIZE ? IDENTIFIER_PART[code] === 1 : code >= ASCII_SIZE;
}

export function isLineBreak(code: number): boolean {
  return code === 10 || code === 13;
}

function classTable(): Uint8Array {
  const table = new Uint8Array(ASCII_SIZE);
  const mark = (characters: string, value: number): void => {
    for (const character of characters) table[character.charCodeAt(0)] = value;
  };
  mark(" \t\n\v\f\r", CharClass.blank);
  mark("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_", CharClass.identifier);
  mark("0123456789", CharClass.digit);
  mark("'", CharClass.singleQuote);
  mark('"', CharClass.doubleQuote);
  mark("$", CharClass.dollar);
  mark("\\", CharClass.backslash);
  return table;
}

function identifierPartTable(): Uint8Array {
  return CLASSES.map((value) =>
    value === CharClass.identifier || value === CharClass.digit || value === CharClass.dollar
      ? 1
      : 0,
  );
}
