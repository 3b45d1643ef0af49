import { pasteable } from "../core/remedy";
import type { Report } from "./report";
import type { DatabaseStatus } from "./stack/status";
import { type painter, table } from "./terminal";

type Paint = ReturnType<typeof painter>;

const HEADER = ["Database", "Version", "Pending", "Failed", "Drift", "Last run", "Known"];
/** What is left of 80 columns for the first two, their gap not counted. */
const FOR_NAMES = 24;
const LONGEST_VERSION = 10;
const DRIFT_AT_MOST = 3;

/** One table of at most 80 columns; what needs more words follows below it, by database. */
export function renderStatus(report: Report, paint: Paint): string[] {
  const databases = report.databases as readonly DatabaseStatus[];
  const versions = databases.map(({ schemaVersion }) =>
    clip(schemaVersion ?? "–", LONGEST_VERSION),
  );
  const width = Math.max("Version".length, ...versions.map((text) => text.length));
  const rows = databases.map((database, i) => [
    clip(database.name, FOR_NAMES - width),
    versions[i] ?? "",
    database.pending === null ? "?" : countOf(database.pending),
    countOf(database.failed.length),
    countOf(database.drift.length),
    database.lastRun?.replace("T", " ").slice(0, 16) ?? "–",
    database.knowledge,
  ]);
  const details = databases.flatMap((database) => detailsOf(database, String(report.stack), paint));
  return [table(HEADER, rows), ...(details.length > 0 ? ["", ...details] : [])];
}

const countOf = (count: number): string => (count === 0 ? "–" : String(count));

const clip = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

function detailsOf(database: DatabaseStatus, stack: string, paint: Paint): string[] {
  const { name, failed, drift, problems, why } = database;
  const remedy = (text: string): string =>
    `  ${paint("bold", "What to do:")} ${pasteable(text, { stack, database: name })}`;
  const more = drift.length - DRIFT_AT_MOST;
  return [
    ...failed.flatMap((script) => [
      `${name}: ${paint("red", "failed:")} ${script}`,
      remedy("Look at what it left and undo it by hand; then run repair."),
    ]),
    ...problems.flatMap((problem) => [
      `${name}: ${paint("red", problem.message)}`,
      remedy(problem.remedy),
    ]),
    ...drift.slice(0, DRIFT_AT_MOST).map((text) => `${name}: ${paint("yellow", "drift:")} ${text}`),
    ...(more > 0 ? [`${name}: and ${more} more; --json has all`] : []),
    ...(why === undefined ? [] : [`${name}: ${paint("yellow", "not asked:")} ${why}`]),
  ];
}
