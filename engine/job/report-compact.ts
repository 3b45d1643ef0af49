import { deflateRawSync, inflateRawSync } from "node:zlib";

import type {
  DatabaseReport,
  DatabaseState,
  JobReport,
  ReportError,
  ReportErrorClass,
} from "./report";

/** The same report with as few characters as JSON allows: arrays, and letters for words. */
interface Compact {
  readonly d: readonly CompactDatabase[];
  readonly e?: CompactError;
  readonly o?: number;
}

type CompactDatabase = readonly [
  name: string,
  state: string,
  schemaVersion: string | null,
  applied: number,
  executed: number,
  fingerprint?: string | null,
  error?: CompactError,
];

type CompactError = readonly [
  errorClass: string,
  code: string,
  message?: string | null,
  remedy?: string | null,
  script?: string | null,
  line?: number | null,
  column?: number | null,
  sqlState?: string | null,
];

const STATES: Readonly<Record<string, DatabaseState>> = {
  d: "done",
  f: "failed",
  r: "running",
  n: "notReached",
};

const CLASSES: Readonly<Record<string, ReportErrorClass>> = {
  u: "usage",
  m: "migrations",
  t: "temporary",
  b: "bug",
};

/** In place of a text that was left out. */
export const NO_ROOM = "The report had no room for it: see the log of the Job's pod.";

export function encodeCompact({ databases, error, omitted }: JobReport): string {
  const compact: Compact = {
    d: Object.entries(databases).map(compactDatabase),
    ...(error && { e: compactError(error) }),
    ...(omitted && { o: omitted }),
  };
  return JSON.stringify(compact);
}

function compactDatabase([name, report]: [string, DatabaseReport]): CompactDatabase {
  const { state, schemaVersion, applied, executed, fingerprint, error } = report;
  const shortPrint = fingerprint === null ? null : shortFingerprint(fingerprint);
  const rest = trimmed([shortPrint, error && compactError(error)]);
  return [name, state[0], schemaVersion, applied, executed, ...rest] as unknown as CompactDatabase;
}

function compactError(error: ReportError): CompactError {
  const { message, remedy, script, line, column, sqlState } = error;
  const rest = trimmed([message || null, remedy || null, script, line, column, sqlState]);
  return [error.class[0], error.code, ...rest] as unknown as CompactError;
}

/** Without what is absent at the end. */
function trimmed(values: readonly unknown[]): unknown[] {
  const last = values.findLastIndex((value) => value !== undefined && value !== null);
  return values.slice(0, last + 1).map((value) => value ?? null);
}

const FINGERPRINT = /^sha256:((?:[0-9a-f]{2})+)$/;

/** Hexadecimal digits take half as much room again as base64. */
function shortFingerprint(text: string): string {
  const [, digits] = FINGERPRINT.exec(text) ?? [];
  return digits === undefined ? `=${text}` : Buffer.from(digits, "hex").toString("base64url");
}

function longFingerprint(text: string): string {
  if (text.startsWith("=")) return text.slice(1);
  return `sha256:${Buffer.from(text, "base64url").toString("hex")}`;
}

export function decodeCompact(value: unknown): JobReport | undefined {
  if (typeof value !== "object" || value === null || !("d" in value) || !Array.isArray(value.d))
    return undefined;
  const { d, e, o } = value as Compact;
  if (!d.every((entry) => Array.isArray(entry) && STATES[entry[1]] !== undefined)) return undefined;
  return {
    databases: Object.fromEntries(d.map(readDatabase)),
    ...(e && { error: readError(e) }),
    ...(o && { omitted: o }),
  };
}

function readDatabase(entry: CompactDatabase): [string, DatabaseReport] {
  const [name, state, schemaVersion, applied, executed, fingerprint, error] = entry;
  return [
    name,
    {
      state: STATES[state] ?? "failed",
      schemaVersion,
      applied,
      executed,
      fingerprint: typeof fingerprint === "string" ? longFingerprint(fingerprint) : null,
      ...(error && { error: readError(error) }),
    },
  ];
}

function readError(entry: CompactError): ReportError {
  const [errorClass, code, message, remedy, script, line, column, sqlState] = entry;
  return {
    class: CLASSES[errorClass] ?? "bug",
    code,
    message: message ?? NO_ROOM,
    remedy: remedy ?? NO_ROOM,
    ...(script && { script }),
    ...(line && { line }),
    ...(column && { column }),
    ...(sqlState && { sqlState }),
  };
}

/** Where not even the compact form has room. */
export function encodeDeflated(report: JobReport): string {
  return JSON.stringify({
    z: deflateRawSync(encodeCompact(report), { level: 9 }).toString("base64"),
  });
}

export function decodeDeflated(value: unknown): JobReport | undefined {
  if (typeof value !== "object" || value === null || !("z" in value)) return undefined;
  if (typeof value.z !== "string") return undefined;
  try {
    return decodeCompact(JSON.parse(inflateRawSync(Buffer.from(value.z, "base64")).toString()));
  } catch {
    return undefined;
  }
}
