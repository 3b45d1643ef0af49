import type { Problem } from "../core/errors";
import type { FailureText } from "../core/failure-text";
import type { MigrationInfo } from "../core/info";
import type { ResolvedMigration } from "../core/migration";
import { isSynthetic } from "../core/migration";
import type { Secrets } from "../core/secrets";
import type { ExecutedMigration } from "../run/migration-failed";
import { MigrationFailedError } from "../run/migration-failed";

/** One line of info, in Flyway's words; "" where Flyway shows nothing. */
export interface ReportedInfo {
  readonly category: string;
  readonly version: string;
  readonly description: string;
  readonly type: string;
  readonly state: string;
  readonly installedOn: string;
  readonly checksum: number | null;
  readonly script: string;
}

export interface ReportedMigration {
  readonly version: string | null;
  readonly description: string;
  readonly type: string;
  readonly script: string;
  readonly executionTimeMs?: number;
}

export interface ReportedError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly migration?: string;
  readonly line?: number;
  readonly column?: number;
  readonly sqlState?: string;
}

/** What every command reports (contract: design, "the tidemark command"). */
export interface Report {
  readonly command: string;
  readonly ok: boolean;
  readonly database: string | null;
  readonly schemaVersion: string | null;
  /** The script of a failed row in the history; null: there is none; absent: the history was not read. */
  readonly failed?: string | null;
  readonly migrations: readonly ReportedInfo[];
  readonly applied: readonly ReportedMigration[];
  readonly warnings: readonly string[];
  readonly problems: readonly Problem[];
  readonly error?: ReportedError;
  /** What only one command reports: plan, repair, baseline, lint. */
  readonly [extra: string]: unknown;
}

export function emptyReport(command: string): Report {
  return {
    command,
    ok: true,
    database: null,
    schemaVersion: null,
    migrations: [],
    applied: [],
    warnings: [],
    problems: [],
  };
}

export function reportInfo(info: MigrationInfo): ReportedInfo {
  const { applied, resolved } = info;
  const type = applied?.type ?? resolved?.type ?? "";
  return {
    category: categoryOf(info),
    version: info.version?.text ?? "",
    description: info.description,
    type,
    state: info.state,
    installedOn: applied?.installedOn ?? "",
    checksum: applied ? applied.checksum : (resolved?.checksum ?? null),
    script: applied?.script ?? resolved?.script ?? "",
  };
}

function categoryOf({ applied, resolved, version }: MigrationInfo): string {
  if (applied && isSynthetic(applied.type)) return "";
  const type = applied?.type ?? resolved?.type;
  if (type === "SQL_BASELINE" || type === "JDBC_BASELINE") return "Baseline";
  return version ? "Versioned" : "Repeatable";
}

export function reportMigration(
  migration: ResolvedMigration,
  executionTimeMs?: number,
): ReportedMigration {
  const { version, description, type, script } = migration;
  return { version: version?.text ?? null, description, type, script, executionTimeMs };
}

export function reportApplied(applied: readonly ExecutedMigration[]): ReportedMigration[] {
  return applied.map(({ migration, executionTimeMs }) =>
    reportMigration(migration, executionTimeMs),
  );
}

/** The report with its warnings scrubbed. All else in it is data: names, versions, states, checksums. */
export function scrubReport(report: Report, secrets: Secrets): Report {
  const names = [...report.migrations, ...report.applied].flatMap(({ script, version }) => [
    script,
    version ?? "",
  ]);
  return { ...report, warnings: report.warnings.map((text) => secrets.scrub(text, names)) };
}

/** A failure as a report: error, problems, and what had been applied before. */
export function reportFailure(command: string, error: unknown, failure: FailureText): Report {
  const { code, message, remedy, migration, line, column, sqlState, problems } = failure;
  return {
    ...emptyReport(command),
    ok: false,
    applied: error instanceof MigrationFailedError ? reportApplied(error.applied) : [],
    problems,
    error: { code, message, remedy, migration, line, column, sqlState },
  };
}
