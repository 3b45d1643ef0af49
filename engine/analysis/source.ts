import { stringOf } from "./parse-tree";
import { readString, type StringLiteral } from "./string-literal";

/** A piece of SQL, and where it stands in the script. */
export interface Source {
  readonly text: string;
  readonly at: (offset: number) => number;
  /** How many texts it stands in. */
  readonly depth: number;
}

/** The string at an offset, which the tree has as `item`; where the two differ (UESCAPE), as the tree has it. */
export function literalOf(text: string, at: number, item: unknown): StringLiteral | undefined {
  const literal = readString(text, at);
  const value = stringOf(item);
  if (!literal || value === undefined || value === literal.value) return literal;
  return { ...literal, value, at: () => literal.start };
}

export function inside(source: Source, { value, at }: StringLiteral): Source {
  return { text: value, at: (offset) => source.at(at(offset)), depth: source.depth + 1 };
}

/** `SELECT` and the expression, with offsets that are still those of the expression. */
export function asSelect(source: Source): Source {
  const select = "SELECT ";
  return {
    ...source,
    text: select + source.text,
    at: (offset) => source.at(Math.max(0, offset - select.length)),
  };
}

/** A stretch of a text that runs by itself. */
export function part(source: Source, start: number, end: number): Source {
  return {
    ...source,
    text: source.text.slice(start, end),
    at: (offset) => source.at(start + offset),
  };
}
