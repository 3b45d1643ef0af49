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

const OP = (name: string): string => `OPERATOR(pg_catalog.${name})`;
const BIGINT = (half: string): string => `l.${half}::pg_catalog.int8`;

/** An unsigned half of a key of two as the signed number that it was given as. */
const SIGNED = (half: string): string =>
  `(${BIGINT(half)} ${OP("-")} CASE WHEN ${BIGINT(half)} ${OP(">")} 2147483647 THEN 4294967296 ELSE 0 END)::pg_catalog.int4`;

const ONE_KEY = `(${BIGINT("classid")} ${OP("<<")} 32) ${OP("|")} ${BIGINT("objid")}`;
const TWO_KEYS = `${SIGNED("classid")}, ${SIGNED("objid")}`;
const IS_EXCLUSIVE = `l.mode ${OP("=")} 'ExclusiveLock'`;
const HAS_ONE_KEY = `l.objsubid ${OP("=")} 1`;

/**
 * Gives back, once each, all advisory locks of this session but that of the key ($1); those of a transaction stay.
 * Every name is qualified: the search_path is still the script's.
 */
const UNLOCK = `SELECT pg_catalog.count(*) FILTER (WHERE u.unlocked)::pg_catalog.int4 AS given FROM (
  SELECT CASE
    WHEN ${HAS_ONE_KEY} AND ${IS_EXCLUSIVE} THEN pg_catalog.pg_advisory_unlock(${ONE_KEY})
    WHEN ${HAS_ONE_KEY} THEN pg_catalog.pg_advisory_unlock_shared(${ONE_KEY})
    WHEN ${IS_EXCLUSIVE} THEN pg_catalog.pg_advisory_unlock(${TWO_KEYS})
    ELSE pg_catalog.pg_advisory_unlock_shared(${TWO_KEYS}) END AS unlocked
  FROM pg_catalog.pg_locks AS l
  WHERE l.locktype ${OP("=")} 'advisory' AND l.granted AND l.pid ${OP("=")} pg_catalog.pg_backend_pid()
    AND NOT (${HAS_ONE_KEY} AND (${ONE_KEY}) ${OP("=")} $1::pg_catalog.int8)) AS u`;

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
