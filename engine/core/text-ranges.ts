/** A stretch of a text, in UTF-16 units; `end` is the first after it. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Wherever `part` stands in the text, overlapping ones too; nowhere, where it is empty. */
export function occurrences(text: string, part: string): Range[] {
  const found: Range[] = [];
  if (part === "") return found;
  for (let start = text.indexOf(part); start >= 0; start = text.indexOf(part, start + 1))
    found.push({ start, end: start + part.length });
  return found;
}

/** In order, and one in place of those that overlap or touch. */
export function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && range.start <= last.end)
      merged.splice(-1, 1, { start: last.start, end: Math.max(last.end, range.end) });
    else merged.push(range);
  }
  return merged;
}

const WORD = /[\p{L}\p{N}_]/u;
const isWord = (character: string | undefined): boolean =>
  character !== undefined && WORD.test(character);

/** Whether the stretch begins and ends where words do. */
export function isWordAt(text: string, { start, end }: Range): boolean {
  const isJoined = (left: number): boolean => isWord(text[left]) && isWord(text[left + 1]);
  return !isJoined(start - 1) && !isJoined(end - 1);
}
