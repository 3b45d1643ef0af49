import { escapeIdentifier } from "pg";

import { TidemarkError } from "../core/errors";
import {
  type AppliedMigration,
  type AppliedType,
  storedDescription,
  storedScript,
} from "../core/migration";
import { sqlStateOf } from "./connection-error";
import { HISTORY_COLUMNS, type HistoryRow, readRow } from "./history-row";
import { qualified, type Session } from "./session";

/** Which table holds the history. */
export interface HistoryTable {
  readonly schema: string;
  readonly table: string;
}

/** A row to be appended; rank and time come from the database. */
export interface NewRow {
  readonly version: string | null;
  readonly description: string;
  readonly type: AppliedType;
  readonly script: string;
  readonly checksum: number | null;
  readonly installedBy?: string;
  readonly success: boolean;
}

/**
 * All rows by installed rank.
 * @throws TidemarkError (ERROR) for a table without Flyway's columns, a row of a type or version that we do not know, or
 *   with a rank, checksum, time or success that cannot be read as what it is.
 */
export async function readHistory(
  session: Session,
  { schema, table }: HistoryTable,
): Promise<AppliedMigration[]> {
  const columns = HISTORY_COLUMNS.map((column) => `${column}::pg_catalog.text AS ${column}`);
  const sql = `SELECT ${columns.join(", ")} FROM ${qualified(schema, table)}`;
  let rows: HistoryRow[];
  try {
    rows = await session.query<HistoryRow>(sql);
  } catch (error) {
    throw historyUnreadable(error, schema, table);
  }
  return rows
    .map((row) => readRow(row, `"${schema}"."${table}"`))
    .sort((a, b) => a.installedRank - b.installedRank);
}

function historyUnreadable(error: unknown, schema: string, table: string): unknown {
  const state = sqlStateOf(error);
  const said = error instanceof Error ? error.message : String(error);
  if (state === "42703") {
    return new TidemarkError({
      code: "ERROR",
      class: "migrations",
      message: `"${schema}"."${table}" is not a schema history: ${said}.`,
      remedy: "Name another table for the history (table), or move this one out of the way.",
      sqlState: state,
      cause: error,
    });
  }
  if (state === "42501") {
    return new TidemarkError({
      code: "DB_CONNECTION",
      class: "usage",
      message: `The schema history "${schema}"."${table}" may not be read: ${said}.`,
      remedy: `Grant it: GRANT USAGE ON SCHEMA "${schema}" TO …; GRANT SELECT ON "${schema}"."${table}" TO ….`,
      sqlState: state,
      cause: error,
    });
  }
  return error;
}

/** The statements that make the history table, exactly as Flyway makes it. */
export function createHistorySql({ schema, table }: HistoryTable, tablespace?: string): string {
  const name = qualified(schema, table);
  const place = tablespace === undefined ? "" : ` TABLESPACE ${escapeIdentifier(tablespace)}`;
  const quoted = (suffix: string): string => `"${`${table}${suffix}`.replaceAll('"', '""')}"`;
  return `CREATE TABLE ${name} (
  "installed_rank" INT NOT NULL,
  "version" VARCHAR(50),
  "description" VARCHAR(200) NOT NULL,
  "type" VARCHAR(20) NOT NULL,
  "script" VARCHAR(1000) NOT NULL,
  "checksum" INTEGER,
  "installed_by" VARCHAR(100) NOT NULL,
  "installed_on" TIMESTAMP NOT NULL DEFAULT now(),
  "execution_time" INTEGER NOT NULL,
  "success" BOOLEAN NOT NULL
)${place};
ALTER TABLE ${name} ADD CONSTRAINT ${quoted("_pk")} PRIMARY KEY ("installed_rank");
CREATE INDEX ${quoted("_s_idx")} ON ${name} ("success")${place}`;
}

/** How long the migration took: a number of milliseconds, or since the simple query that carries the row arrived. */
export type ExecutionTime = number | "since query start";

/** One INSERT; the rank, a number or an expression that gives it, comes from the caller, who holds the lock. */
export function insertRowSql(
  session: Session,
  { schema, table }: HistoryTable,
  row: NewRow,
  rank: number | string,
  time: ExecutionTime,
): string {
  const elapsed =
    time === "since query start"
      ? "(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - pg_catalog.statement_timestamp()) * 1000)::int"
      : String(Math.round(time));
  const values = [
    String(rank),
    session.literal(row.version),
    session.literal(storedDescription(row.description)),
    session.literal(row.type),
    session.literal(storedScript(row.script)),
    row.checksum === null ? "NULL" : String(row.checksum),
    row.installedBy === undefined ? "current_user" : session.literal(row.installedBy),
    elapsed,
    String(row.success),
  ];
  return `INSERT INTO ${qualified(schema, table)} ("installed_rank", "version", "description", "type", "script", "checksum", "installed_by", "execution_time", "success") VALUES (${values.join(", ")})`;
}

export function deleteRowSql({ schema, table }: HistoryTable, rank: number): string {
  return `DELETE FROM ${qualified(schema, table)} WHERE "installed_rank" = ${rank}`;
}

/** The rank of the next row: after the highest one; 1 on an empty table. */
export function nextRank(applied: readonly AppliedMigration[]): number {
  return applied.reduce((highest, { installedRank }) => Math.max(highest, installedRank), 0) + 1;
}
