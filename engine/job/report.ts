import { brotliCompressSync, brotliDecompressSync, constants, inflateRawSync } from "node:zlib";

import { fromRows, toRows } from "./report-rows";
import type { DatabaseReport, DatabaseState, JobReport, ReportError } from "./report-types";

export type { DatabaseReport, DatabaseState, JobReport, ReportError } from "./report-types";

/** Kubernetes keeps this many bytes of a container's termination message. */
export const LARGEST_REPORT = 4096;

/** Nobody reads more of one text, and the state of the stack keeps it. In UTF-16 units, as all lengths here. */
const LONGEST_TEXT = 4000;
const LONGEST_NAME = 200;
const LARGEST_UNPACKED = 64 * 1024;

/** A first message of this length is worth more than the fingerprints. */
const WORTH_MORE = 300;

/** Of its message; the other failures have this part of what the first one has. */
const SHARE_OF_OTHERS = 1 / 10;
const SHARE_OF_REMEDY = 1 / 2;

/** In place of a text that was left out. */
const NO_ROOM = "The report had no room for it: see the log of the Job's pod.";

/** In place of the script's name; that there is a failed row always has room. */
const NO_ROOM_FOR_NAME = "a script whose name the report had no room for";

/** In this order databases find room. */
const URGENCY: readonly DatabaseState[] = ["failed", "running", "notReached", "done"];

/**
 * The report as text of at most 4,096 bytes of UTF-8, whatever is in it: plain JSON, or else the same packed. Where not
 * even that has room, error texts are shortened, those of the later failures first; then fingerprints go; then databases,
 * those that are done first. State, version and counts of 50 databases with names as Kubernetes allows them always have
 * room.
 */
export function encodeReport(report: JobReport): string {
  const wide = wellFormed(JSON.stringify(clipTexts(report, LONGEST_TEXT)));
  if (fits(wide)) return wide;
  const bare = withoutFingerprints(report);
  const withTexts = (of: JobReport) => (length: number) => pack(clipTexts(of, length));
  return (
    longestFitting(WORTH_MORE, LONGEST_TEXT, withTexts(report)) ??
    longestFitting(0, LONGEST_TEXT, withTexts(bare)) ??
    longestFitting(0, 0, () => pack(clipTexts(bare, 0), TIGHTEST)) ??
    encodeMost(clipTexts(bare, 0))
  );
}

const fits = (text: string): boolean => Buffer.byteLength(text, "utf8") <= LARGEST_REPORT;

/**
 * The text of about the greatest number, up to `most`, that fits; undefined where that of `least` does not. Goes up by
 * doubling, since large reports take long to pack, and then is content with a sixteenth.
 */
function longestFitting(
  least: number,
  most: number,
  encode: (count: number) => string,
): string | undefined {
  let best = encode(least);
  if (!fits(best)) return undefined;
  let fitting = least;
  let tooMany: number | undefined;
  while (fitting < most) {
    if (tooMany !== undefined && tooMany - fitting <= 1 + fitting / 16) break;
    const doubled = Math.min(most, Math.max(1, fitting * 2));
    const next = tooMany === undefined ? doubled : Math.floor((fitting + tooMany) / 2);
    const text = encode(next);
    if (fits(text)) [fitting, best] = [next, text];
    else tooMany = next;
  }
  return best;
}

function encodeMost(report: JobReport): string {
  const urgent = Object.entries(report.databases).sort(
    ([, a], [, b]) => URGENCY.indexOf(a.state) - URGENCY.indexOf(b.state),
  );
  const withFirst = (count: number): string =>
    pack({
      ...report,
      databases: Object.fromEntries(urgent.slice(0, count)),
      omitted: urgent.length - count,
    });
  return longestFitting(0, urgent.length, withFirst) ?? withFirst(0);
}

function withoutFingerprints(report: JobReport): JobReport {
  return mapDatabases(report, (database) => ({ ...database, fingerprint: null }));
}

function mapDatabases(
  { databases, ...others }: JobReport,
  change: (database: DatabaseReport) => DatabaseReport,
): JobReport {
  const entries = Object.entries(databases);
  return { ...others, databases: Object.fromEntries(entries.map(([n, d]) => [n, change(d)])) };
}

/** With this much of the first error's message, and a share of that of all other texts. */
function clipTexts(report: JobReport, length: number): JobReport {
  const named = mapDatabases(report, (database) =>
    database.failed
      ? { ...database, failed: clip(database.failed, length >= 1 ? LONGEST_NAME : 1) }
      : database,
  );
  return mapErrors(named, (error, index) =>
    clipError(error, index === 0 ? length : length * SHARE_OF_OTHERS),
  );
}

function mapErrors(
  { databases, error, ...others }: JobReport,
  change: (error: ReportError, index: number) => ReportError,
): JobReport {
  let count = 0;
  const own = error && change(error, count++);
  const entries = Object.entries(databases).map(([name, database]): [string, DatabaseReport] => [
    name,
    database.error ? { ...database, error: change(database.error, count++) } : database,
  ]);
  return { databases: Object.fromEntries(entries), ...(own && { error: own }), ...others };
}

function clipError({ script, line, column, ...error }: ReportError, length: number): ReportError {
  const hasPlace = length >= 1;
  return {
    ...error,
    code: clip(error.code, LONGEST_NAME),
    message: clip(error.message, length),
    remedy: clip(error.remedy, length * SHARE_OF_REMEDY),
    ...(hasPlace && { script: script && clip(script, LONGEST_NAME), line, column }),
  };
}

/** At most `length` units, the last of them an ellipsis where something was cut; never half of a surrogate pair. */
function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  if (length < 1) return "";
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** Halves of surrogate pairs have no UTF-8: replaced, as in any text that is written to a file. JSON has them escaped. */
function wellFormed(json: string): string {
  return json.replace(/(?<!\\)((?:\\\\)*)\\u[dD][89a-fA-F][0-9a-fA-F]{2}/g, "$1\uFFFD");
}

/** Brotli's quality: the best takes ten times as long for the last few percent. */
const QUICK = 9;
const TIGHTEST = constants.BROTLI_MAX_QUALITY;

/** Brotli, since deflate has not room for 50 databases with the longest names. */
function pack(report: JobReport, quality = QUICK): string {
  const rows = wellFormed(JSON.stringify(toRows(report)));
  if (rows.length > LARGEST_UNPACKED) return rows; // fits no way: not worth the time
  const params = {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: rows.length, // else a table for megabytes is made each time
    [constants.BROTLI_PARAM_QUALITY]: quality,
  };
  return JSON.stringify({ b: brotliCompressSync(rows, { params }).toString("base64") });
}

/** What `encodeReport` has written, or that of an earlier version; undefined for any other text. */
export function decodeReport(text: string): JobReport | undefined {
  const value = parse(text);
  const report = fromWide(value) ?? fromRows(value) ?? fromRows(unpack(value));
  return report && fillIn(report);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of `b`, or of what earlier versions wrote: `z`, deflated. */
function unpack(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const { b, z } = value as { readonly b?: unknown; readonly z?: unknown };
  const bytes = (text: string): Buffer => Buffer.from(text, "base64");
  try {
    if (typeof b === "string") return parse(brotliDecompressSync(bytes(b)).toString());
    if (typeof z === "string") return parse(inflateRawSync(bytes(z)).toString());
  } catch {
    // another program's message
  }
  return undefined;
}

function fromWide(value: unknown): JobReport | undefined {
  if (typeof value !== "object" || value === null || !("databases" in value)) return undefined;
  const { databases } = value;
  if (typeof databases !== "object" || databases === null || Array.isArray(databases))
    return undefined;
  return Object.values(databases).every(isDatabaseReport) ? (value as JobReport) : undefined;
}

function isDatabaseReport(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { state, schemaVersion, applied, executed } = value as Partial<DatabaseReport>;
  return (
    URGENCY.includes(state as DatabaseState) &&
    (schemaVersion === null || typeof schemaVersion === "string") &&
    typeof applied === "number" &&
    typeof executed === "number"
  );
}

/** A text that had no room says so. */
function fillIn(report: JobReport): JobReport {
  const named = mapDatabases(report, (database) =>
    database.failed === "…" ? { ...database, failed: NO_ROOM_FOR_NAME } : database,
  );
  return mapErrors(named, (error) => ({
    ...error,
    message: error.message || NO_ROOM,
    remedy: error.remedy || NO_ROOM,
  }));
}
