import {
  decodeCompact,
  decodeDeflated,
  encodeCompact,
  encodeDeflated,
  NO_ROOM,
} from "./report-compact";
import { clipErrors, type ErrorLimits, wellFormed } from "./report-limits";

/** Kubernetes keeps this many bytes of a container's termination message. */
export const LARGEST_REPORT = 4096;

/** `notReached`: the Job ended before its turn came. `running`: the pod was killed in the middle. */
export type DatabaseState = "done" | "failed" | "running" | "notReached";

export type ReportErrorClass = "usage" | "migrations" | "temporary" | "bug";

/** A failure as far as a report can hold it; texts may be shortened. Never secret. */
export interface ReportError {
  readonly class: ReportErrorClass;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly script?: string;
  readonly line?: number;
  readonly column?: number;
  readonly sqlState?: string;
}

export interface DatabaseReport {
  readonly state: DatabaseState;
  /** As far as is known: null where the database has none, or could not be asked. */
  readonly schemaVersion: string | null;
  /** Migrations that the history has as applied. */
  readonly applied: number;
  /** Migrations that this run has executed. */
  readonly executed: number;
  /** null where the database could not be asked, or the report has no room. */
  readonly fingerprint: string | null;
  readonly error?: ReportError;
}

/** What one run of a migration Job tells of each database, in the termination message of its container. */
export interface JobReport {
  readonly databases: Readonly<Record<string, DatabaseReport>>;
  /** The Job as a whole could not run: its job.json cannot be read. */
  readonly error?: ReportError;
  /** How many databases the report has no room for; those that failed are never among them while others are there. */
  readonly omitted?: number;
}

/** Of everybody but the first that failed: length of message and remedy. The first keeps what room is left. */
const LIMITS: readonly ErrorLimits[] = [
  { message: 400, remedy: 200, firstRemedy: 400, place: true },
  { message: 160, remedy: 100, firstRemedy: 200, place: true },
  { message: 60, remedy: 0, firstRemedy: 200, place: true },
  { message: 0, remedy: 0, firstRemedy: 100, place: true },
  { message: 0, remedy: 0, firstRemedy: 0, place: false },
];

/** The first error's message is worth a terser form only where it gets shorter than this. */
const ENOUGH = 500;

/**
 * The report as text of at most 4,096 bytes of UTF-8, whatever is in it: error texts are shortened, first those of the
 * later failures; then fingerprints go. State, version and counts of 50 databases with names as Kubernetes allows them
 * always have room; of hundreds, those that failed come first.
 */
export function encodeReport(report: JobReport): string {
  const clean = wellFormed(report);
  const whole = JSON.stringify(clean);
  if (fits(whole)) return whole;
  for (const [encode, least] of [[JSON.stringify, ENOUGH] as const, [encodeCompact, 0] as const]) {
    for (const limits of LIMITS) {
      const text = longestFirst(clean, limits, encode, least);
      if (text !== undefined) return text;
    }
  }
  return encodeWithoutTexts(clean);
}

const fits = (text: string): boolean => Buffer.byteLength(text, "utf8") <= LARGEST_REPORT;

/** With as much of the first error's message as has room; undefined where not even `least` of it has. */
function longestFirst(
  report: JobReport,
  limits: ErrorLimits,
  encode: (report: JobReport) => string,
  least: number,
): string | undefined {
  const withFirst = (length: number): string => encode(clipErrors(report, limits, length));
  let best = least;
  let tooLong = LARGEST_REPORT;
  if (!fits(withFirst(best))) return undefined;
  while (tooLong - best > 1) {
    const middle = Math.floor((best + tooLong) / 2);
    if (fits(withFirst(middle))) best = middle;
    else tooLong = middle;
  }
  return withFirst(best);
}

const NO_TEXT: ErrorLimits = { message: 0, remedy: 0, firstRemedy: 0, place: false };

function encodeWithoutTexts(report: JobReport): string {
  const bare = withoutFingerprints(clipErrors(report, NO_TEXT, 0));
  for (const encode of [encodeCompact, encodeDeflated]) {
    const text = encode(bare);
    if (fits(text)) return text;
  }
  return encodeMost(bare);
}

function withoutFingerprints({ databases, ...others }: JobReport): JobReport {
  const entries = Object.entries(databases);
  return {
    ...others,
    databases: Object.fromEntries(entries.map(([n, d]) => [n, { ...d, fingerprint: null }])),
  };
}

/** In this order databases find room. */
const URGENCY: readonly DatabaseState[] = ["failed", "running", "notReached", "done"];

function encodeMost(report: JobReport): string {
  const urgent = Object.entries(report.databases).sort(
    ([, a], [, b]) => URGENCY.indexOf(a.state) - URGENCY.indexOf(b.state),
  );
  const withFirst = (count: number): string =>
    encodeDeflated({
      ...report,
      databases: Object.fromEntries(urgent.slice(0, count)),
      omitted: urgent.length - count,
    });
  let best = 0;
  let tooMany = urgent.length;
  while (tooMany - best > 1) {
    const middle = Math.floor((best + tooMany) / 2);
    if (fits(withFirst(middle))) best = middle;
    else tooMany = middle;
  }
  return withFirst(best);
}

/** What `encodeReport` has written; undefined for any other text. */
export function decodeReport(text: string): JobReport | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return decodeWide(value) ?? decodeCompact(value) ?? decodeDeflated(value);
}

function decodeWide(value: unknown): JobReport | undefined {
  if (typeof value !== "object" || value === null || !("databases" in value)) return undefined;
  const { databases } = value;
  if (typeof databases !== "object" || databases === null || Array.isArray(databases))
    return undefined;
  if (!Object.values(databases).every(isDatabaseReport)) return undefined;
  const { error, ...report } = value as JobReport;
  const entries = Object.entries(report.databases);
  return {
    ...report,
    ...(error && { error: fillIn(error) }),
    databases: Object.fromEntries(
      entries.map(([n, d]) => [n, d.error ? { ...d, error: fillIn(d.error) } : d]),
    ),
  };
}

/** A text that had no room says so. */
function fillIn(error: ReportError): ReportError {
  return { ...error, message: error.message || NO_ROOM, remedy: error.remedy || NO_ROOM };
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
