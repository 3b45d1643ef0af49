import type { Connection } from "../core/connection";
import { TidemarkError } from "../core/errors";
import type { EventSink } from "../core/events";
import { BlockerWatch } from "../postgres/blockers";

const LOCK_NOT_AVAILABLE = "55P03";
const ATTEMPTS = 8;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 3000;

export interface LockRetryContext {
  readonly connection: Connection;
  /** Of the session that runs the migration. */
  readonly pid: number;
  /** Milliseconds; 0: no retries, since the server decides how long a statement waits. */
  readonly lockTimeout: number;
  readonly script: string;
  readonly emit: EventSink;
}

/**
 * Runs a transactional migration again when a statement of it did not get its lock in time: a waiting ALTER TABLE holds
 * up everybody behind it, so it gives way, and comes back after a growing, jittered pause.
 * @throws TidemarkError (temporary) that names the sessions that were in the way.
 */
export async function withLockRetries(
  context: LockRetryContext,
  work: () => Promise<void>,
): Promise<void> {
  const { connection, pid, lockTimeout, script, emit } = context;
  if (lockTimeout <= 0) return work();
  let blockers = "a session that has ended since";
  for (
    let attempt = 1, pause = FIRST_PAUSE;
    ;
    attempt++, pause = Math.min(pause * 2, LONGEST_PAUSE)
  ) {
    const watch = new BlockerWatch(connection, pid, lockTimeout / 2);
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TidemarkError) || error.place.sqlState !== LOCK_NOT_AVAILABLE)
        throw error;
      blockers = watch.seen ?? blockers;
      if (attempt >= ATTEMPTS) throw lockTimedOut(error, blockers);
      emit({ kind: "waitingForTable", script, blockers, attempt, of: ATTEMPTS });
    } finally {
      watch.stop();
    }
    await sleep(pause * (0.75 + Math.random() / 2));
  }
}

function lockTimedOut(error: TidemarkError, blockers: string): TidemarkError {
  return new TidemarkError({
    ...error.place,
    code: error.code,
    class: "temporary",
    message: `${error.message}, tried ${ATTEMPTS} times; in the way: ${blockers}`,
    remedy:
      "Try again when that session is done, end it (SELECT pg_terminate_backend(<pid>)), or wait longer at a time (lockTimeout).",
    cause: error,
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
