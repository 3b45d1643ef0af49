import { TidemarkError } from "../core/errors";
import type { Session } from "../postgres/session";

/**
 * Takes the migration lock two times more: each row's guard (history-row.ts) gives one back to learn whether the lock is
 * still held. Where a callback has dropped it, it is taken again.
 * @throws TidemarkError (temporary) where another migrator has it now.
 */
export async function holdTwice(session: Session, key: bigint): Promise<void> {
  const [lock] = await session.query<{ held: boolean }>(
    "SELECT pg_catalog.pg_try_advisory_lock($1) AND pg_catalog.pg_try_advisory_lock($1) AS held",
    [key.toString()],
  );
  if (!lock?.held) throw lockLost("A callback");
}

export async function releaseTwice(session: Session, key: bigint): Promise<void> {
  await session.query(
    "SELECT pg_catalog.pg_advisory_unlock($1), pg_catalog.pg_advisory_unlock($1)",
    [key.toString()],
  );
}

const WRAPPED = (half: string) =>
  `(l.${half}::bigint - CASE WHEN l.${half}::bigint > 2147483647 THEN 4294967296 ELSE 0 END)::int`;

/** Gives back, once each, all advisory locks of this session but that of the key ($1); those of a transaction stay. */
const UNLOCK = `SELECT count(*) FILTER (WHERE u.unlocked)::int AS given FROM (
  SELECT CASE
    WHEN l.objsubid = 1 AND l.mode = 'ExclusiveLock' THEN pg_advisory_unlock(l.key)
    WHEN l.objsubid = 1 THEN pg_advisory_unlock_shared(l.key)
    WHEN l.mode = 'ExclusiveLock' THEN pg_advisory_unlock(${WRAPPED("classid")}, ${WRAPPED("objid")})
    ELSE pg_advisory_unlock_shared(${WRAPPED("classid")}, ${WRAPPED("objid")}) END AS unlocked
  FROM (SELECT *, (classid::bigint << 32) | objid::bigint AS key FROM pg_locks
    WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted) AS l
  WHERE l.objsubid <> 1 OR l.key <> $1::bigint) AS u`;

/** A lock may be held many times; more than so often is taken for meant. */
const MOST = 1000;

/** Gives back what a script has taken for the session: the next one must not find it. */
export async function dropForeignLocks(session: Session, key: bigint): Promise<void> {
  await session.quietly(async () => {
    for (let round = 0; round < MOST; round++) {
      const [row] = await session.query<{ given: number }>(UNLOCK, [key.toString()]);
      if (!row?.given) return;
    }
  });
}

/** @param script what has dropped the lock */
export function lockLost(script: string): TidemarkError {
  return new TidemarkError({
    code: "ERROR",
    class: "temporary",
    message: `${script} gave up the migration lock, and another migrator took it before the script had ended.`,
    remedy:
      "Run again when the other one is done. Keep DISCARD ALL and pg_advisory_unlock_all() out of migrations.",
    migration: script,
  });
}
