import assert from "node:assert/strict";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

import type { Client } from "pg";

import type { Catalog } from "../../engine/core/catalog";
import { parseConnectionUrl } from "../../engine/core/connection";
import { type ErrorClass, type ErrorCode, TidemarkError } from "../../engine/core/errors";
import type { MigrationEvent } from "../../engine/core/events";
import { DEFAULT_OPTIONS, type EngineOptions } from "../../engine/core/options";
import { readCatalog } from "../../engine/postgres/catalog";
import { MigrationFailedError } from "../../engine/run/migration-failed";
import { Migrator } from "../../engine/run/migrator";
import type { MigratorSettings } from "../../engine/run/migrator-types";
import { type TestDatabase, type TestServer, withTestDatabase } from "./postgres";

/** Path below the folder of migrations → text, or bytes where the text's encoding matters. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

export type MigratorOverrides = Partial<EngineOptions> & {
  /** Default: the test's database as the superuser. */
  readonly url?: string;
  readonly beforeMigration?: MigratorSettings["beforeMigration"];
  readonly applicationName?: string;
};

/** A folder of migrations and an empty database to run them on. */
export interface Scenario {
  readonly db: TestDatabase;
  readonly folder: string;
  /** What the migrators made here have emitted, in order. */
  readonly events: MigrationEvent[];
  readonly write: (files: Files) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly migrator: (overrides?: MigratorOverrides) => Migrator;
}

export async function withScenario<T>(
  files: Files,
  work: (scenario: Scenario) => Promise<T>,
  on?: Promise<TestServer>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-migrations-"));
  try {
    return await withTestDatabase(async (db) => {
      const scenario = makeScenario(db, folder);
      await scenario.write(files);
      return work(scenario);
    }, on);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function makeScenario(db: TestDatabase, folder: string): Scenario {
  const events: MigrationEvent[] = [];
  const emit = (event: MigrationEvent) => void events.push(event);
  return {
    db,
    folder,
    events,
    write: async (files) => {
      for (const [name, text] of Object.entries(files)) {
        const path = join(folder, name);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text);
      }
    },
    remove: (name) => rm(join(folder, name)),
    rename: (from, to) => rename(join(folder, from), join(folder, to)),
    migrator: ({ url = db.url, beforeMigration, applicationName, ...options } = {}) =>
      new Migrator({
        connection: parseConnectionUrl(url),
        options: { ...DEFAULT_OPTIONS, locations: [folder], lockWait: 60_000, ...options },
        emit,
        beforeMigration,
        applicationName,
      }),
  };
}

/** The folder of this repository's own migrations; compiled, this file lies in bin/test/support. */
export const REAL_MIGRATIONS = resolve(__dirname, "../../../migrations");

/** A row of the history, without the two columns that time decides. */
export interface HistoryRow {
  readonly installed_rank: number;
  readonly version: string | null;
  readonly description: string;
  readonly type: string;
  readonly script: string;
  readonly checksum: number | null;
  readonly installed_by: string;
  readonly success: boolean;
}

/** @returns the history's rows by rank; null: there is no such table */
export async function historyOf(
  { client }: { readonly client: Client },
  table = "public.flyway_schema_history",
): Promise<HistoryRow[] | null> {
  const found = await client.query<{ found: boolean }>(
    "SELECT to_regclass($1) IS NOT NULL AS found",
    [table],
  );
  if (!found.rows[0]?.found) return null;
  const { rows } = await client.query<HistoryRow>(
    `SELECT installed_rank, version, description, type, script, checksum, installed_by, success
     FROM ${table} ORDER BY installed_rank`,
  );
  return rows;
}

/** The same in short: `1 BASELINE 3`, `2 SQL null failed`. */
export async function ranksOf(db: { readonly client: Client }, table?: string): Promise<string[]> {
  const rows = (await historyOf(db, table)) ?? [];
  return rows.map((r) => `${r.installed_rank} ${r.type} ${r.version}${r.success ? "" : " failed"}`);
}

/** Everything in the database but the schema history. */
export const catalogOf = ({ client }: { readonly client: Client }): Promise<Catalog> =>
  readCatalog(client, { exclude: [] });

export interface DatabaseState {
  readonly history: HistoryRow[] | null;
  readonly catalog: Catalog;
}

export async function stateOf(db: { readonly client: Client }): Promise<DatabaseState> {
  return { history: await historyOf(db), catalog: await catalogOf(db) };
}

/** @returns which tables and views a user has made, as `schema.name`, without the history */
export async function tablesOf({ client }: { readonly client: Client }): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT schemaname || '.' || tablename AS name FROM pg_tables
     WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'
       AND tablename <> 'flyway_schema_history' ORDER BY 1`,
  );
  return rows.map((row) => row.name);
}

/** Expects a failure that the engine means to report. */
export async function failureOf(work: Promise<unknown>): Promise<TidemarkError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof TidemarkError) return error;
    throw error;
  }
  assert.fail("it should have failed");
}

export interface ExpectedFailure {
  readonly code: ErrorCode;
  readonly class: ErrorClass;
  readonly sqlState?: string;
  readonly message?: RegExp;
  readonly remedy?: RegExp;
}

/** Expects a failure with this code and class, and a remedy whatever it is. */
export async function assertFails(
  work: Promise<unknown>,
  expected: ExpectedFailure,
): Promise<TidemarkError> {
  const error = await failureOf(work);
  const { code, class: errorClass, remedy, message, place } = error;
  assert.deepEqual(
    { code, class: errorClass, sqlState: place.sqlState },
    { code: expected.code, class: expected.class, sqlState: expected.sqlState },
    message,
  );
  assert.match(message, expected.message ?? /./);
  assert.match(remedy, expected.remedy ?? /./);
  return error;
}

/** Expects a run to fail, and names the scripts that it says were applied before. */
export async function failedRun(
  work: Promise<unknown>,
  expected: ExpectedFailure,
): Promise<{ error: MigrationFailedError; applied: string[] }> {
  const error = await assertFails(work, expected);
  assert.ok(error instanceof MigrationFailedError, error.name);
  return { error, applied: error.applied.map((done) => done.migration.script) };
}
