import type { DatabaseReport, JobReport, ReportError } from "./report";

/** How long the texts of errors may be, in UTF-16 units. */
export interface ErrorLimits {
  readonly message: number;
  readonly remedy: number;
  readonly firstRemedy: number;
  /** Whether file and line of all but the first are kept. */
  readonly place: boolean;
}

const LONGEST_CODE = 60;
const LONGEST_SCRIPT = 200;

/** The report with the first error's message clipped to `first`, and all other texts to the limits. */
export function clipErrors(report: JobReport, limits: ErrorLimits, first: number): JobReport {
  let isFirst = true;
  const clipNext = (error: ReportError): ReportError => {
    const clipped = isFirst
      ? clipError(error, first, limits.firstRemedy, limits.place || first > 0)
      : clipError(error, limits.message, limits.remedy, limits.place);
    isFirst = false;
    return clipped;
  };
  const error = report.error && clipNext(report.error);
  const databases = Object.entries(report.databases).map(
    ([name, database]): [string, DatabaseReport] =>
      database.error ? [name, { ...database, error: clipNext(database.error) }] : [name, database],
  );
  return { ...report, ...(error && { error }), databases: Object.fromEntries(databases) };
}

function clipError(
  error: ReportError,
  message: number,
  remedy: number,
  keepPlace: boolean,
): ReportError {
  const { script, line, column, sqlState, ...others } = error;
  const place = { script: script && clip(script, LONGEST_SCRIPT), line, column, sqlState };
  return {
    ...others,
    code: clip(error.code, LONGEST_CODE),
    message: clip(error.message, message),
    remedy: clip(error.remedy, remedy),
    ...(keepPlace && place),
  };
}

/** At most `length` units, the last of them an ellipsis where something was cut; never half of a surrogate pair. */
function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  if (length <= 0) return "";
  const kept = text.slice(0, length - 1);
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}

/** Halves of surrogate pairs have no UTF-8: replaced, as in any text that is written to a file. */
export function wellFormed(report: JobReport): JobReport {
  return mapTexts(report) as JobReport;
}

function mapTexts(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/\p{Surrogate}/gu, "\uFFFD");
  if (Array.isArray(value)) return value.map(mapTexts);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [mapTexts(key), mapTexts(each)]),
  );
}
