import { isLineBreak } from "./characters";
import { endOfLine } from "./lexer";

const BLANK_OR_COMMENT = /^[ \t\f\v]*(?:--[^]*)?$/;

/** Where the rows of a COPY … FROM STDIN lie. Offsets in UTF-16 units, ends exclusive. */
export interface InlineData {
  start: number;
  end: number;
  /** Where the script goes on: after the line `\.`. */
  next: number;
  /** Offset of text between the statement's `;` and the end of its line, if there is any. */
  strayText?: number;
  /** Is there a line `\.`? */
  terminated: boolean;
}

/**
 * Finds the rows that follow a COPY statement whose `;` ends at `from`, as psql reads them: they
 * start on the next line and end before a line that is exactly `\.`, in every format (CSV too).
 */
export function findInlineData(sql: string, from: number): InlineData {
  const lineEnd = endOfLine(sql, from);
  const start = afterLineBreak(sql, lineEnd);
  const marker = findEndMarker(sql, start);
  const data = marker < 0 ? { end: sql.length, next: sql.length } : range(sql, marker);
  const stray = BLANK_OR_COMMENT.test(sql.slice(from, lineEnd)) ? {} : { strayText: from };
  return { start, ...data, ...stray, terminated: marker >= 0 };
}

function range(sql: string, marker: number): { end: number; next: number } {
  return { end: marker, next: afterLineBreak(sql, marker + 2) };
}

function findEndMarker(sql: string, from: number): number {
  let at = sql.indexOf("\\.", from);
  while (at >= 0) {
    const startsLine = at === from || isLineBreak(sql.charCodeAt(at - 1));
    const endsLine = at + 2 === sql.length || isLineBreak(sql.charCodeAt(at + 2));
    if (startsLine && endsLine) return at;
    at = sql.indexOf("\\.", at + 2);
  }
  return -1;
}

/** Offset after the line break at `at`: CRLF is one. */
function afterLineBreak(sql: string, at: number): number {
  if (at >= sql.length) return sql.length;
  return sql.startsWith("\r\n", at) ? at + 2 : at + 1;
}
