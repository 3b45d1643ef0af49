import { DatabaseError } from "pg";

import { TidemarkError } from "../core/errors";
import type { ResolvedMigration } from "../core/migration";
import {
  deleteRowSql,
  type HistoryTable,
  insertRowSql,
  type NewRow,
} from "../postgres/schema-history";
import { ScriptError, type Session } from "../postgres/session";
import { lockLost } from "./lock-guard";

/** What a migration's row in the history is made of, besides what the file gives. */
export interface RowContext {
  readonly session: Session;
  readonly history: HistoryTable;
  readonly rank: number;
  readonly installedBy?: string;
  /** Of the migration lock, which this session holds twice (see `guardedRank`). */
  readonly lockKey: bigint;
}

/** What has to be as it was when the script began. */
export interface RowGuard {
  /** Of the transaction; absent: the script ran outside one, so that its row is written whatever has become of the lock. */
  readonly token?: string;
  /** The script was sent together with the session's baseline, without waiting: whether that was set is not known. */
  readonly atOnce?: true;
  /** The row of this rank is there already, as a failed one: a COMMIT in the middle of the script took it along. */
  readonly replaces?: boolean;
}

/** Names the transaction that a migration runs in; it ends with it. */
export function markTransaction(token: string): string {
  return `SET LOCAL tidemark.migration = '${token}'`;
}

/** What the INSERT of a row runs with, whatever the script has set. */
export const ROW_SETTINGS = [
  "SET LOCAL search_path = pg_catalog, pg_temp",
  "SET LOCAL statement_timeout = 0",
  "SET LOCAL lock_timeout = 0",
  "SET LOCAL client_min_messages = error",
];

/**
 * The statement that records a migration.
 * @param time milliseconds, or since the query arrived that holds this statement
 */
export function rowSql(
  migration: ResolvedMigration,
  context: RowContext,
  time: number | "since query start",
  success: boolean,
  guard: RowGuard,
): string {
  const row: NewRow = {
    version: migration.version?.text ?? null,
    description: migration.description,
    type: migration.type,
    script: migration.script,
    checksum: migration.checksum,
    installedBy: context.installedBy,
    success,
  };
  const insert = insertRowSql(
    context.session,
    context.history,
    row,
    guardedRank(context, guard),
    time,
  );
  return guard.replaces ? `${deleteRowSql(context.history, context.rank)};\n${insert}` : insert;
}

const TRANSACTION_LOST = "tidemark: transaction lost";
const LOCK_LOST = "tidemark: lock lost";

/**
 * The rank, or an error that stops the row: where the transaction is no longer the one that the script began in, or where
 * another migrator has the lock. A session that holds the lock twice learns by giving one back whether it still has it,
 * which costs less than a look at pg_locks; where the script has given it up, it is taken again.
 */
function guardedRank({ rank, lockKey: key }: RowContext, { token, atOnce }: RowGuard): string {
  if (token === undefined) return String(rank);
  const fail = (what: string): string => `(${`'${what} '`} || pg_backend_pid())::int`;
  const again = `pg_try_advisory_lock(${key})`;
  const lock = `WHEN pg_advisory_unlock(${key}) THEN CASE WHEN ${again} THEN ${rank} ELSE ${fail(LOCK_LOST)} END
    WHEN ${again} AND ${again} THEN ${rank} ELSE ${fail(LOCK_LOST)}`;
  const marks = ["tidemark.migration", ...(atOnce ? ["tidemark.baseline"] : [])];
  const transaction = marks.map(
    (mark) =>
      `WHEN current_setting('${mark}', true) IS DISTINCT FROM '${token}' THEN ${fail(TRANSACTION_LOST)} `,
  );
  return `CASE ${transaction.join("")}${lock} END`;
}

/** The failure of a row's guard in words; any other error as it is. */
export function guardFailure(error: unknown, script: string): unknown {
  const cause = error instanceof ScriptError ? error.cause : error;
  if (!(cause instanceof DatabaseError) || cause.code !== INVALID_TEXT) return error;
  if (cause.message.includes(LOCK_LOST)) return lockLost(script);
  return cause.message.includes(TRANSACTION_LOST) ? transactionLost(script) : error;
}

const INVALID_TEXT = "22P02";

/** The script has ended the transaction that it was to run in, in a way that was not to be seen before. */
export function transactionLost(script: string): TidemarkError {
  return new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `${script} has left the transaction that it began in, so it cannot be recorded together with what it did.`,
    remedy:
      "Look at what it has done, and take it back. Keep COMMIT, ROLLBACK and RESET ALL out of dynamic SQL in it; or let it run without a transaction: <script>.conf with executeInTransaction=false.",
    migration: script,
  });
}
