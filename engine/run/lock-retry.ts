import { setTimeout as sleep } from "node:timers/promises";

import { TidemarkError } from "../core/errors";
import type { EventSink } from "../core/events";
import type { Backend } from "../postgres/backend";
import { BlockerWatch } from "../postgres/blockers";

const LOCK_NOT_AVAILABLE = "55P03";
const QUERY_CANCELED = "57014";
const ATTEMPTS = 8;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 3000;

/** Milliseconds. */
const FIRST_LOOK = 500;
const LONGEST_LOOK_PAUSE = 5000;

export interface LockRetryContext {
  /** What runs the script. */
  readonly backend: Pick<Backend, "pid" | "side">;
  /** Milliseconds; 0: no retries, since the server decides how long a statement waits. */
  readonly lockTimeout: number;
  /** Whether nothing of the script is left when it fails: one that commits in the middle is only watched. */
  readonly mayRetry: boolean;
  readonly script: string;
  readonly emit: EventSink;
}

/**
 * Runs a script again when a statement of it did not get its lock in time: a waiting ALTER TABLE holds up everybody
 * behind it, so it gives way, and comes back after a growing, jittered pause. Who is in the way is looked up while it
 * waits, and emitted at the first sight.
 * @throws TidemarkError (temporary) that names the sessions that were in the way.
 */
export async function withLockRetries(
  context: LockRetryContext,
  work: () => Promise<void>,
): Promise<void> {
  const attempts = context.mayRetry && context.lockTimeout > 0 ? ATTEMPTS : 1;
  let lastSeen: string | undefined;
  let pause = FIRST_PAUSE;
  for (let attempt = 1; ; attempt++) {
    const watch = watchBlockers(context);
    try {
      return await work();
    } catch (error) {
      lastSeen = watch.lastSeen ?? lastSeen;
      if (!isLockFailure(error, watch)) throw error;
      const blockers = lastSeen ?? "a session that has ended since";
      if (attempt >= attempts || error.place.sqlState !== LOCK_NOT_AVAILABLE)
        throw lockFailure(error, blockers, attempt);
      const { script, emit } = context;
      emit({ kind: "waitingForTable", script, blockers, attempt, of: attempts });
    } finally {
      watch.stop();
    }
    await sleep(pause * (0.75 + Math.random() / 2));
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
}

/** Several looks fall into each wait that ends with a lock timeout. */
function watchBlockers({ backend, lockTimeout, script, emit }: LockRetryContext): BlockerWatch {
  const share = lockTimeout > 0 ? lockTimeout / 4 : LONGEST_LOOK_PAUSE;
  return new BlockerWatch({
    side: backend.side,
    pid: backend.pid,
    firstLook: Math.min(share, FIRST_LOOK),
    longestPause: Math.min(share, LONGEST_LOOK_PAUSE),
    onBlocked: (blockers, waitedMs) => emit({ kind: "blocked", script, blockers, waitedMs }),
  });
}

/** A statement timeout that has struck in the middle of a wait for a lock has the same cause. */
function isLockFailure(error: unknown, watch: BlockerWatch): error is TidemarkError {
  if (!(error instanceof TidemarkError)) return false;
  const { sqlState } = error.place;
  return sqlState === LOCK_NOT_AVAILABLE || (sqlState === QUERY_CANCELED && watch.isBlocked);
}

function lockFailure(error: TidemarkError, blockers: string, attempts: number): TidemarkError {
  const tried = attempts > 1 ? `, tried ${attempts} times` : "";
  return new TidemarkError({
    ...error.place,
    code: error.code,
    class: error.class, // a script that has committed half of what it does is at fault for good
    message: `${error.message}${tried}; in the way: ${blockers}`,
    remedy:
      error.class === "migrations"
        ? error.remedy
        : "Try again when that session is done, end it (SELECT pg_terminate_backend(<pid>)), or wait longer at a time (lockTimeout).",
    cause: error,
  });
}
