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
