/** Files, history rows and snapshots for tests of the pure core, each with what the test does not care about filled in. */
import assert from "node:assert/strict";

import { TidemarkError } from "../../engine/core/errors";
import { type InfoOptions, mergeInfos } from "../../engine/core/info";
import type { AppliedMigration, ResolvedMigration } from "../../engine/core/migration";
import { DEFAULT_OPTIONS, type EngineOptions } from "../../engine/core/options";
import type { DatabaseSnapshot } from "../../engine/core/snapshot";
import { type MigrationVersion, parseVersion } from "../../engine/core/version";

/** The checksum of files and rows for which a test gives none. */
export const CHECKSUM = 1112353363;

/** @throws AssertionError when the text is not a version */
export function v(text: string): MigrationVersion {
  const parsed = parseVersion(text);
  assert.ok(parsed, `"${text}" is a version`);
  return parsed;
}

/** A versioned file, such as V1__a.sql. */
export function file(
  version: string,
  description = "a",
  more: Partial<ResolvedMigration> = {},
): ResolvedMigration {
  const script = `V${version}__${description}.sql`;
  return {
    version: v(version),
    description,
    type: "SQL",
    script,
    checksum: CHECKSUM,
    path: `migrations/${script}`,
    ...more,
  };
}

/** A baseline migration, such as B2__state.sql. */
export function bFile(version: string, description = "state"): ResolvedMigration {
  const script = `B${version}__${description}.sql`;
  return file(version, description, {
    type: "SQL_BASELINE",
    script,
    path: `migrations/${script}`,
  });
}

/** A repeatable file, such as R__views.sql. */
export function repeatable(
  description: string,
  more: Partial<ResolvedMigration> = {},
): ResolvedMigration {
  const script = `R__${description}.sql`;
  return file("1", description, { version: null, script, path: `migrations/${script}`, ...more });
}

/** A history row; `rank` 0 asks `history` to number it. A version of null: a repeatable. */
export function row(
  version: string | null,
  description = "a",
  more: Partial<AppliedMigration> = {},
): AppliedMigration {
  return {
    installedRank: 0,
    version: version === null ? null : v(version),
    description,
    type: "SQL",
    script: version === null ? `R__${description}.sql` : `V${version}__${description}.sql`,
    checksum: CHECKSUM,
    installedBy: "postgres",
    installedOn: "2024-01-01 00:00:00",
    executionTimeMs: 0,
    success: true,
    ...more,
  };
}

/** The row that a run of the file leaves. */
export function rowOf(migration: ResolvedMigration): AppliedMigration {
  const { version, description, type, script, checksum } = migration;
  return { ...row(null), version, description, type, script, checksum };
}

export const baselineRow = (version: string, description = "<< Flyway Baseline >>") =>
  row(version, description, { type: "BASELINE", script: description, checksum: null });

export const schemaRow = (script = '"app"') =>
  row(null, "<< Flyway Schema Creation >>", { type: "SCHEMA", script, checksum: null });

/** The mark that repair leaves for a row whose file is gone. */
export const deleteRow = (of: AppliedMigration): AppliedMigration => ({ ...of, type: "DELETE" });

/** The rows with ranks from 1. */
export function history(...rows: readonly AppliedMigration[]): AppliedMigration[] {
  return rows.map((each, i) => ({ ...each, installedRank: i + 1 }));
}

const INFO_OPTIONS: InfoOptions = { target: "latest", outOfOrder: false };

/** Flyway's list as `version|description|state`, the version empty where there is none. */
export function states(
  files: readonly ResolvedMigration[],
  rows: readonly AppliedMigration[] = [],
  options: Partial<InfoOptions> = {},
): string[] {
  return mergeInfos(files, rows, { ...INFO_OPTIONS, ...options }).map(
    (info) => `${info.version?.text ?? ""}|${info.description}|${info.state}`,
  );
}

/** An empty database, but for what the test says. */
export function snapshot(more: Partial<DatabaseSnapshot> = {}): DatabaseSnapshot {
  return {
    database: "platform",
    user: "postgres",
    serverVersion: 150018,
    defaultSchema: "public",
    table: "flyway_schema_history",
    schemas: ["public"],
    missingSchemas: [],
    nonEmptySchemas: [],
    otherHistories: [],
    historyExists: (more.applied ?? []).length > 0,
    applied: [],
    ...more,
  };
}

export const options = (more: Partial<EngineOptions> = {}): EngineOptions => ({
  ...DEFAULT_OPTIONS,
  ...more,
});

/** The TidemarkError that `act` throws: with a remedy, always. */
export function failureOf(act: () => unknown): TidemarkError {
  try {
    act();
  } catch (error) {
    return asFailure(error);
  }
  assert.fail("it was to throw a TidemarkError");
}

/** The TidemarkError that a promise is rejected with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<TidemarkError> {
  return promise.then(() => assert.fail("it was to be rejected with a TidemarkError"), asFailure);
}

function asFailure(error: unknown): TidemarkError {
  if (!(error instanceof TidemarkError)) throw error;
  assert.notEqual(error.remedy.trim(), "", "an error says what can be done");
  return error;
}
