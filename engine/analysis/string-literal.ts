import { isLineBreak } from "./characters";
import { SqlLexer } from "./lexer";

/** What a string token stands for, and where each of its characters was written. */
export interface StringLiteral {
  readonly value: string;
  /** The offset in the text of an offset in the value. */
  readonly at: (offset: number) => number;
  /** Where the token begins, and just after it. */
  readonly start: number;
  readonly end: number;
}

const DOLLAR_QUOTE = /^\$[^$]*\$/;
const CONTROLS: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** How one kind of string writes what cannot stand in it as it is. */
interface Escapes {
  readonly pattern: RegExp;
  readonly decode: (match: RegExpExecArray) => string;
}

const PLAIN: Escapes = { pattern: /''/y, decode: () => "'" };
/** E'…' */
const BACKSLASH: Escapes = {
  pattern: /''|\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([^]))/y,
  decode: ([whole, octal, hex, four, eight, other]) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    if (other !== undefined) return CONTROLS[other] ?? other;
    return character(hex ?? four ?? eight) ?? (whole === "''" ? "'" : whole);
  },
};
/** U&'…' */
const UNICODE: Escapes = {
  pattern: /''|\\\\|\\([0-9A-Fa-f]{4})|\\\+([0-9A-Fa-f]{6})/y,
  decode: ([whole, four, six]) => character(four ?? six) ?? whole.slice(1),
};

/**
 * Reads the string that begins at `start`: dollar quotes, '…', E'…' and U&'…' with the usual escape character, with the
 * parts that go on in further lines. undefined: no string begins there.
 */
export function readString(text: string, start: number): StringLiteral | undefined {
  const lexer = new SqlLexer(text, start);
  if (!lexer.next() || lexer.kind !== "string") return undefined;
  const token = lexer.slice();
  const [tag] = DOLLAR_QUOTE.exec(token) ?? [];
  if (tag !== undefined) {
    const from = lexer.start + tag.length;
    const value = token.slice(tag.length, -tag.length);
    return { value, at: (offset) => from + offset, start: lexer.start, end: lexer.end };
  }
  return readQuoted(text, lexer.start);
}

function readQuoted(text: string, start: number): StringLiteral {
  const opening = text.indexOf("'", start);
  const { pattern, decode } = escapesOf(text.slice(start, opening).toLowerCase());
  const value: string[] = [];
  const places: number[] = [];
  let at = opening + 1;
  while (at < text.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match && text[at] === "'") {
      const next = continuation(text, at + 1);
      if (next < 0) break;
      at = next + 1;
      continue;
    }
    const piece = match ? decode(match) : text.charAt(at);
    const place = match?.[0] === "''" ? at + 1 : at; // where a string inside this one begins
    for (let i = 0; i < piece.length; i++) places.push(place);
    value.push(piece);
    at += match ? match[0].length : 1;
  }
  return { value: value.join(""), at: (offset) => places[offset] ?? at, start, end: at + 1 };
}

function escapesOf(prefix: string): Escapes {
  return prefix === "e" ? BACKSLASH : prefix === "u&" ? UNICODE : PLAIN;
}

function character(hex: string | undefined): string | undefined {
  const code = Number.parseInt(hex ?? "", 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** Offset of the quote that continues a string which ended just before `from`, or -1. */
function continuation(text: string, from: number): number {
  const next = new SqlLexer(text, from);
  if (!next.next() || next.kind !== "string" || text[next.start] !== "'") return -1;
  for (let at = from; at < next.start; at++)
    if (isLineBreak(text.charCodeAt(at))) return next.start;
  return -1;
}
