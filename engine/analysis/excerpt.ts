import { positionAt } from "./position";

export interface ExcerptOptions {
  /** Lines to show before the one with the place; default 2. */
  context?: number;
  /** Longest stretch of a line to show, in terminal columns; default 100. */
  width?: number;
}

const TAB = "    ";
const ELLIPSIS = "…";
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const ZERO_WIDTH = /\p{Mn}|\p{Me}/u;
const CONTROL = /\p{Cc}|\p{Cf}/u;

/**
 * The source line around `offset` (UTF-16 units) with its number, some lines before it, and a caret
 * under the place:
 *
 *     11 | CREATE TABLE a (
 *     12 |   id intt);
 *        |      ^
 *
 * Long lines are cut around the place; tabs become blanks, other control and invisible characters
 * "·" (a script must not steer the reader's terminal). Looks only at what it shows, however long
 * the text is, but for counting its lines.
 */
export function excerpt(text: string, offset: number, options: ExcerptOptions = {}): string {
  const { context = 2, width = 100 } = options;
  const place = placeIn(text, offset);
  const position = positionAt(text, place);
  const gutter = String(position.line).length;
  const before = linesBefore(text, place, context);
  const lines = before.map((start, i) => {
    const number = position.line - before.length + i;
    return numbered(number, gutter, head(text, start, width));
  });
  const { shown, caret } = around(text, place, width);
  lines.push(numbered(position.line, gutter, shown));
  lines.push(`${" ".repeat(gutter)} | ${" ".repeat(caret)}^`);
  return lines.join("\n");
}

/** Inside the text, and not between CR and LF, where a line would seem to be empty. */
function placeIn(text: string, offset: number): number {
  const place = Math.min(offset, text.length);
  return place > 0 && text.startsWith("\r\n", place - 1) ? place - 1 : place;
}

function numbered(line: number, gutter: number, shown: string): string {
  return `${String(line).padStart(gutter)} | ${shown}`.trimEnd();
}

/** Starts of up to `count` lines before the one that holds `place`, in order. */
function linesBefore(text: string, place: number, count: number): number[] {
  const starts: number[] = [];
  let start = lineStart(text, place);
  while (starts.length < count && start > 0) {
    const lineBreak = text.startsWith("\r\n", start - 2) ? start - 2 : start - 1;
    start = lineStart(text, lineBreak);
    starts.unshift(start);
  }
  return starts;
}

function lineStart(text: string, place: number): number {
  let at = place;
  while (at > 0 && !isBreak(text, at - 1)) at--;
  return at;
}

function isBreak(text: string, at: number): boolean {
  return text[at] === "\n" || text[at] === "\r";
}

function head(text: string, start: number, width: number): string {
  const { shown, next } = take(text, start, text.length, width);
  return next < text.length && !isBreak(text, next) ? shown + ELLIPSIS : shown;
}

/** The line around `place`, two thirds of `width` before it and one after, and the caret's column. */
function around(text: string, place: number, width: number): { shown: string; caret: number } {
  const start = startOfStretch(text, place, Math.floor((width * 2) / 3));
  const cut = start > 0 && !isBreak(text, start - 1);
  const left = (cut ? ELLIPSIS : "") + take(text, start, place, Infinity).shown;
  const caret = displayWidth(left);
  return { shown: left + head(text, place, Math.max(1, width - caret)), caret };
}

/** Goes back from `place` to the start of its line, but for no more than `width` columns. */
function startOfStretch(text: string, place: number, width: number): number {
  let start = place;
  for (let used = 0; start > 0 && !isBreak(text, start - 1);) {
    const before = startOfCharacterBefore(text, start);
    used += displayWidth(show(text.slice(before, start)));
    if (used > width) break;
    start = before;
  }
  return start;
}

function startOfCharacterBefore(text: string, at: number): number {
  return at > 1 && (text.codePointAt(at - 2) ?? 0) > 0xffff ? at - 2 : at - 1;
}

/** Shown form of text[from, to) up to the end of its line or `width` columns. */
function take(
  text: string,
  from: number,
  to: number,
  width: number,
): { shown: string; next: number } {
  let shown = "";
  let used = 0;
  let at = from;
  while (at < to && !isBreak(text, at)) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    const visible = show(character);
    used += displayWidth(visible);
    if (used > width) break;
    shown += visible;
    at += character.length;
  }
  return { shown, next: at };
}

function show(character: string): string {
  if (character === "\t") return TAB;
  return CONTROL.test(character) ? "·" : character;
}

/** Terminal columns of a string: 2 for East Asian and emoji, 0 for combining marks. */
function displayWidth(shown: string): number {
  let width = 0;
  for (const character of shown) {
    if (ZERO_WIDTH.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}
