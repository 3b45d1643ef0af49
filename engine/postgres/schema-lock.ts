import { setTimeout as sleep } from "node:timers/promises";

import { TidemarkError } from "../core/errors";
import type { EventSink } from "../core/events";
import { advisoryLockKey } from "../core/lock-key";
import type { Session } from "./session";

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 1000;

interface LockOptions {
  readonly schema: string;
  readonly table: string;
  /** Milliseconds; how long to wait for another migrator. */
  readonly lockWait: number;
  readonly emit: EventSink;
}

/**
 * Runs `work` while this session holds Flyway's advisory lock of the history table. The lock belongs to the session,
 * not to a transaction: CREATE INDEX CONCURRENTLY does not wait for it, and it ends with the connection.
 * @throws TidemarkError (ERROR, temporary) that says who holds the lock, when it was not free in time.
 */
export async function withSchemaLock<T>(
  session: Session,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const key = advisoryLockKey(options.schema, options.table);
  await acquire(session, key, options);
  try {
    return await work();
  } finally {
    await session
      .query("SELECT pg_catalog.pg_advisory_unlock($1::bigint)", [key.toString()])
      .catch(() => undefined);
  }
}

async function acquire(session: Session, key: bigint, options: LockOptions): Promise<void> {
  const start = Date.now();
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    if (await tryLock(session, key)) return;
    const waitedMs = Date.now() - start;
    const holder = await describeHolder(session, key);
    if (waitedMs + pause > options.lockWait) throw lockHeld(holder, options);
    options.emit({ kind: "waitingForLock", holder, waitedMs });
    await sleep(pause * (0.75 + Math.random() / 2));
  }
}

/**
 * Takes the lock again where a statement such as DISCARD ALL has dropped it; a no-op while it is held.
 * @returns whether it had been dropped.
 * @throws TidemarkError (ERROR, temporary) where another migrator has taken it meanwhile: the plan is no longer good.
 */
export async function retakeSchemaLock(
  session: Session,
  schema: string,
  table: string,
): Promise<boolean> {
  const key = advisoryLockKey(schema, table);
  const [row] = await session.query<{ held: boolean }>(HELD_BY_US, [key.toString()]);
  if (row?.held) return false;
  if (await tryLock(session, key)) return true;
  throw new TidemarkError({
    code: "ERROR",
    class: "temporary",
    message: `The migration dropped the lock of "${schema}"."${table}", and another migrator took it: ${await describeHolder(session, key)}.`,
    remedy: "Run again when the other one is done. Keep DISCARD ALL out of migrations.",
  });
}

async function tryLock(session: Session, key: bigint): Promise<boolean> {
  const [row] = await session.query<{ locked: boolean }>(
    "SELECT pg_catalog.pg_try_advisory_lock($1::bigint) AS locked",
    [key.toString()],
  );
  return row?.locked === true;
}

const SAME_KEY = `l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.classid = (($1::bigint >> 32) & 4294967295)::oid AND l.objid = ($1::bigint & 4294967295)::oid
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())`;

const HELD_BY_US = `SELECT EXISTS (SELECT FROM pg_catalog.pg_locks l
  WHERE ${SAME_KEY} AND l.pid = pg_catalog.pg_backend_pid()) AS held`;

const HOLDER = `SELECT a.pid, a.usename, a.application_name, a.client_addr::text AS address, a.state,
    pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - a.query_start)::text AS age
  FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid) WHERE ${SAME_KEY}`;

interface HolderRow {
  pid: number;
  usename: string | null;
  application_name: string | null;
  address: string | null;
  state: string | null;
  age: string | null;
}

async function describeHolder(session: Session, key: bigint): Promise<string> {
  const [row] = await session.query<HolderRow>(HOLDER, [key.toString()]);
  if (!row) return "a session that has just ended";
  const parts = [
    row.usename ? `user ${row.usename}` : "",
    row.application_name ? `application "${row.application_name}"` : "",
    row.address ? `from ${row.address}` : "",
    row.state ?? "",
    row.age ? `last query began ${row.age} ago` : "",
  ];
  return `pid ${row.pid} (${parts.filter((p) => p !== "").join(", ")})`;
}

function lockHeld(holder: string, { schema, table, lockWait }: LockOptions): TidemarkError {
  return new TidemarkError({
    code: "ERROR",
    class: "temporary",
    message: `Another migrator holds the lock of "${schema}"."${table}": ${holder}; waited ${Math.round(lockWait / 1000)} s.`,
    remedy:
      "Wait for it and try again, or wait longer (lockWait). If it is a leftover, end it: SELECT pg_terminate_backend(<pid>).",
  });
}
