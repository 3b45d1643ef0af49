/** The definitions of a catalog as the state keeps them, and what of two definitions a line of drift shows. */
import { deflateRawSync, inflateRawSync } from "node:zlib";

import { type Secrets, shownDefinition } from "../engine/index";

/** Object → its definition. */
export type Definitions = Readonly<Record<string, string>>;

/** Of a database's definitions the state holds at most this much, packed; above it only their digests. */
export const MOST_PACKED = 256 * 1024;

/** The definitions as they may be shown: without the stack's secrets, and without options that may hold others. */
export function scrubCatalog(catalog: Definitions, secrets: Secrets): Definitions {
  const scrubbed = Object.entries(catalog).map(([object, text]) => [
    object,
    secrets.scrub(shownDefinition(object, text)),
  ]);
  return Object.fromEntries(scrubbed) as Definitions;
}

/**
 * @returns base64 of the deflated JSON, in which no known secret stands; where that is too long, `omitted: …` in words,
 * which no base64 begins with
 */
export function packCatalog(catalog: Definitions, secrets: Secrets): string {
  const packed = deflateRawSync(JSON.stringify(scrubCatalog(catalog, secrets)), {
    level: 9,
  }).toString("base64");
  if (packed.length <= MOST_PACKED) return packed;
  return `omitted: ${packed.length} bytes, more than ${MOST_PACKED}; drift names objects only`;
}

/** @returns undefined where the state has none, or nothing that can be read */
export function unpackCatalog(packed: string | undefined): Definitions | undefined {
  if (packed === undefined || packed.startsWith("omitted:")) return undefined;
  try {
    const text = inflateRawSync(Buffer.from(packed, "base64")).toString("utf8");
    return JSON.parse(text) as Definitions;
  } catch {
    return undefined; // the digests still say what differs
  }
}

const WIDTH = 80;
const EACH = 3;

/** `: before → after` where both fit in a line; else the first lines that differ, indented, `-` and `+` before them. */
export function describeChange(before: string | undefined, after: string | undefined): string {
  if (before === undefined || after === undefined) return "";
  if (before === after) return " (in what is not shown: a secret)";
  const isShort = !`${before}${after}`.includes("\n") && before.length + after.length <= WIDTH;
  if (isShort) return `: ${before} → ${after}`;
  const [old, now] = [before.split("\n"), after.split("\n")];
  const start = old.findIndex((line, at) => line !== now[at]);
  const from = start < 0 ? old.length : start;
  const end = sameAtEnd(old.slice(from), now.slice(from));
  return [
    ...excerpt("-", old.slice(from, old.length - end)),
    ...excerpt("+", now.slice(from, now.length - end)),
  ].join("");
}

function sameAtEnd(old: readonly string[], now: readonly string[]): number {
  let same = 0;
  while (same < Math.min(old.length, now.length) && old.at(-1 - same) === now.at(-1 - same))
    same += 1;
  return same;
}

function excerpt(sign: "-" | "+", lines: readonly string[]): string[] {
  const shown = lines.length > EACH ? lines.slice(0, EACH - 1) : lines;
  const more = lines.length - shown.length;
  return [...shown.map(cut), ...(more > 0 ? [`(${more} more lines)`] : [])].map(
    (line) => `\n    ${sign} ${line}`,
  );
}

const cut = (line: string): string =>
  line.length > WIDTH - 6 ? `${line.slice(0, WIDTH - 7)}…` : line;
