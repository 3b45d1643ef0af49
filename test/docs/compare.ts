/** Whether what a sample shows is what was printed; what differs from run to run is made equal in both. */
import { stripVTControlCharacters } from "node:util";

/** One line without what no two runs have in common: ports, times, fingerprints, dates, the width of columns. */
export function normalise(line: string): string {
  return stripVTControlCharacters(line)
    .replaceAll(/\b127\.0\.0\.1:\d+/g, "127.0.0.1:<port>")
    .replaceAll(/\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(\.\d+)?Z?/g, "<date>")
    .replaceAll(/\b\d+(\.\d+)? ?(ms|s|min)(?![\w-])/g, "<time>")
    .replaceAll(/\bsha256:[0-9a-f]{8,}/g, "sha256:<hash>")
    .replaceAll(/\bpid \d+|\bprocess \d+/g, "pid <pid>")
    .replaceAll(/[─-]{3,}/g, "---")
    .replaceAll(/\s+/g, " ")
    .trim();
}

const ELLIPSIS = "…";

/** Parts of a sample between lines that are `…` alone, without empty lines. */
function partsOf(sample: string): string[][] {
  const parts: string[][] = [[]];
  for (const line of linesOf(sample)) {
    if (line === ELLIPSIS) parts.push([]);
    else parts.at(-1)?.push(line);
  }
  return parts.filter((part) => part.length > 0);
}

const linesOf = (text: string) => text.split("\n").map(normalise).filter(Boolean);

/**
 * What of the sample was not printed: undefined where all of it was, in its order, each part without a gap. A line `…`
 * stands for any number of lines, and `…` in a line for any text.
 */
export function missingIn(sample: string, printed: string): string | undefined {
  const output = linesOf(printed);
  let from = 0;
  for (const part of partsOf(sample)) {
    const at = find(part, output, from);
    if (at === -1) return part.join("\n");
    from = at + part.length;
  }
  return undefined;
}

function find(part: readonly string[], output: readonly string[], from: number): number {
  const patterns = part.map(patternOf);
  for (let at = from; at + part.length <= output.length; at += 1)
    if (patterns.every((pattern, index) => pattern.test(output[at + index] ?? ""))) return at;
  return -1;
}

const patternOf = (line: string) =>
  new RegExp(`^${line.split(ELLIPSIS).map(escape).join(".*")}$`, "s");

const escape = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** JSON as a value in which only what differs from run to run is blanked. */
export function blankedJson(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => {
    if (/TimeMs$/.test(key)) return 0;
    return typeof value === "string" ? normalise(value) : value;
  });
}

/**
 * The sample with what was printed now: from the line that is most like the sample's first to the one most like its
 * last. Lines `…` go, since nobody but the author knows what they are to leave out.
 */
export function rewritten(sample: string, printed: string): string {
  const wanted = sample.split("\n").filter((line) => line.trim() && line.trim() !== ELLIPSIS);
  const output = stripVTControlCharacters(printed)
    .split("\n")
    .map((line) => line.trimEnd());
  const first = mostLike(wanted[0] ?? "", output);
  const last = mostLike(wanted.at(-1) ?? "", output.slice(first)) + first;
  return `${output.slice(first, last + 1).join("\n")}\n`;
}

function mostLike(line: string, output: readonly string[]): number {
  const words = new Set(normalise(line).split(" "));
  const scores = output.map((other) => {
    const others = normalise(other).split(" ");
    return others.filter((word) => words.has(word)).length / Math.max(others.length, words.size);
  });
  return scores.indexOf(Math.max(...scores));
}
