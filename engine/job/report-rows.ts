import type { DatabaseReport, DatabaseState, JobReport, ReportError } from "./report-types";

/** A row is the values of these, in this order, null for what is absent, up to the last that is there. */
const DATABASE = ["state", "schemaVersion", "applied", "executed", "fingerprint"] as const;
const ERROR = [
  ...["class", "code", "message", "remedy"],
  ...["script", "line", "column", "sqlState"],
] as const;

/** A row ends with its error and, behind that, the script that failed: earlier versions did not know of the latter. */
const FAILED = DATABASE.length + 1;

type Row = readonly unknown[];

/** A report without the names of its fields: for each database its name, its values, its error. */
interface Rows {
  readonly d: readonly Row[];
  readonly e?: Row;
  readonly o?: number;
}

export function toRows({ databases, error, omitted }: JobReport): Rows {
  return {
    d: Object.entries(databases).map(([name, { error: own, failed, ...report }]) =>
      trimmed([name, ...valuesOf(DATABASE, report), own && trimmed(valuesOf(ERROR, own)), failed]),
    ),
    ...(error && { e: trimmed(valuesOf(ERROR, error)) }),
    ...(omitted && { o: omitted }),
  };
}

function valuesOf(keys: readonly string[], object: object): unknown[] {
  const values = object as Readonly<Record<string, unknown>>;
  return keys.map((key) => (values[key] === "" ? null : values[key]));
}

function trimmed(values: Row): Row {
  const last = values.findLastIndex((value) => value !== undefined && value !== null);
  return values.slice(0, last + 1).map((value) => value ?? null);
}

/** The report of its rows; undefined for anything else. A text that had no room is "". */
export function fromRows(value: unknown): JobReport | undefined {
  if (typeof value !== "object" || value === null || !("d" in value) || !Array.isArray(value.d))
    return undefined;
  const { d, e, o } = value as Rows;
  if (!d.every((row) => Array.isArray(row) && isState(row[1]))) return undefined;
  return {
    databases: Object.fromEntries(d.map(readDatabase)),
    ...(e && { error: readError(e) }),
    ...(o && { omitted: o }),
  };
}

/** The released versions wrote a word's first letter. */
function word<T extends string>(text: unknown, words: readonly T[]): T | undefined {
  return words.find((each) => each === text || each[0] === text);
}

const STATES: readonly DatabaseState[] = ["done", "failed", "running", "notReached"];
const CLASSES: readonly ReportError["class"][] = ["usage", "migrations", "temporary", "bug"];
const isState = (text: unknown): boolean => word(text, STATES) !== undefined;

function readDatabase([name, ...row]: Row): [string, DatabaseReport] {
  const values = Object.fromEntries(DATABASE.map((key, i) => [key, row[i] ?? null]));
  const { state, fingerprint, ...others } = values;
  const error = row[DATABASE.length];
  const failed = row[FAILED];
  return [
    String(name),
    {
      ...(others as Pick<DatabaseReport, "schemaVersion" | "applied" | "executed">),
      state: word(state, STATES) ?? "failed",
      fingerprint: typeof fingerprint === "string" ? readFingerprint(fingerprint) : null,
      ...(typeof failed === "string" && { failed }),
      ...(Array.isArray(error) && { error: readError(error) }),
    },
  ];
}

/** The released versions wrote the digits in base64, or anything else after a "=". */
function readFingerprint(text: string): string {
  if (text.includes(":")) return text.replace(/^=/, "");
  return `sha256:${Buffer.from(text, "base64url").toString("hex")}`;
}

function readError(row: Row): ReportError {
  const there = ERROR.map((key, i) => [key, row[i]] as const).filter(([, value]) => value !== null);
  const error = Object.fromEntries(there.filter(([, value]) => value !== undefined));
  return {
    ...{ code: "ERROR", message: "", remedy: "", ...error },
    class: word(error.class, CLASSES) ?? "bug",
  };
}
