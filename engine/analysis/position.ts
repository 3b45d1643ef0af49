/** A place in a text for people: both from 1, the column in Unicode code points. */
export interface Position {
  line: number;
  column: number;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Position of `offset` (UTF-16 units; held to the text's length). LF, CRLF and a lone CR end a line,
 * as in the LINE numbers that psql prints. Takes time proportional to `offset`: for many places in
 * one text use PositionTracker.
 */
export function positionAt(text: string, offset: number): Position {
  return new PositionTracker(text).at(offset);
}

/**
 * UTF-16 offset for a PostgreSQL error position, which counts characters from 1 in the text that
 * was sent. Positions outside the text are held to its ends.
 */
export function offsetOfPgPosition(text: string, position: number): number {
  let offset = 0;
  for (let left = position - 1; left > 0 && offset < text.length; left--) {
    offset += widthAt(text, offset);
  }
  return offset;
}

/** Positions of ascending offsets in one text, each found from the one before: linear in all. */
export class PositionTracker {
  private readonly text: string;
  private readonly hasCarriageReturns: boolean;
  private offset = 0;
  private line = 1;
  private column = 1;
  /** Kept, or each place in a script of one long line would search the whole rest again. */
  private nextLine: number;

  constructor(text: string) {
    this.text = text;
    this.hasCarriageReturns = text.includes("\r");
    this.nextLine = this.findNextLine();
  }

  /** Throws RangeError if `offset` lies before the last one asked for. */
  at(offset: number): Position {
    const target = Math.min(offset, this.text.length);
    if (target < this.offset) throw new RangeError("offsets must ascend");
    this.skipLines(target);
    while (this.offset < target) {
      this.offset += widthAt(this.text, this.offset);
      this.column++;
    }
    // `target` may lie in the middle of a surrogate pair: the pair counts as reached.
    return { line: this.line, column: this.column };
  }

  private skipLines(target: number): void {
    while (this.nextLine <= target) {
      this.line++;
      this.column = 1;
      this.offset = this.nextLine;
      this.nextLine = this.findNextLine();
    }
  }

  /** Start of the line after the current one; Infinity on the last line. */
  private findNextLine(): number {
    const { text } = this;
    if (!this.hasCarriageReturns) {
      const lineFeed = text.indexOf("\n", this.offset);
      return lineFeed < 0 ? Infinity : lineFeed + 1;
    }
    for (let at = this.offset; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === LINE_FEED) return at + 1;
      if (code === CARRIAGE_RETURN && text.charCodeAt(at + 1) !== LINE_FEED) return at + 1;
    }
    return Infinity;
  }
}

/** UTF-16 units of the character at `offset`: 2 for a surrogate pair, else 1. */
function widthAt(text: string, offset: number): number {
  return (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
}
