import type { SideConnection } from "./side-connection";

/**
 * The sessions that another one waits for. The lock table, which stands still while it is asked, is asked only where
 * that one does wait. `waitstart` is read by name: PostgreSQL 13 does not have it.
 */
const BLOCKERS = `SELECT b.pid, a.usename AS user, a.application_name AS application, a.state, a.backend_type AS type,
    pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - COALESCE(a.xact_start, a.state_change)) AS seconds,
    1000 * pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()
      - (SELECT min((pg_catalog.to_jsonb(l)->>'waitstart')::timestamptz) FROM pg_catalog.pg_locks l
         WHERE l.pid = w.pid AND NOT l.granted)) AS waited
  FROM pg_catalog.pg_stat_activity w
  CROSS JOIN LATERAL (SELECT DISTINCT u.pid FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) AS u(pid)) b
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
  WHERE w.pid = $1 AND w.wait_event_type = 'Lock' ORDER BY a.xact_start NULLS LAST, b.pid`;

interface BlockerRow {
  pid: number;
  user: string | null;
  application: string | null;
  state: string | null;
  type: string | null;
  seconds: number | null;
  /** Milliseconds. */
  waited: number | null;
}

export interface BlockerWatchOptions {
  readonly side: SideConnection;
  /** Of the session that may have to wait. */
  readonly pid: number;
  /** Milliseconds to the first look; a statement that ends before costs nothing. */
  readonly firstLook: number;
  /** Milliseconds between two looks at most: they come at growing intervals. */
  readonly longestPause: number;
  /** Called at the first sight, and whenever others are in the way than before. */
  readonly onBlocked: (blockers: string, waitedMs: number) => void;
}

/** Looks, from a second connection, at who keeps a session from going on, as long as a statement of it runs. */
export class BlockerWatch {
  readonly #options: BlockerWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #lastSeen: string | undefined;
  #isBlocked = false;
  #reported = "";
  #blockedSince = 0;

  constructor(options: BlockerWatchOptions) {
    this.#options = options;
    this.#arm(options.firstLook);
  }

  /** The sessions that were seen in the way last; undefined: none was seen. */
  get lastSeen(): string | undefined {
    return this.#lastSeen;
  }

  /** Whether the last look saw somebody in the way. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #arm(pause: number): void {
    this.#timer = setTimeout(() => void this.#look(pause), pause);
    this.#timer.unref();
  }

  async #look(pause: number): Promise<void> {
    const { side, pid, longestPause } = this.#options;
    try {
      const rows = await side.query<BlockerRow>(BLOCKERS, [pid]);
      if (!this.#stopped) this.#take(rows);
    } catch {
      // Only the name of the blocker is lost; the statement itself says what happened.
    }
    if (!this.#stopped) this.#arm(Math.min(pause * 1.5, longestPause));
  }

  #take(rows: readonly BlockerRow[]): void {
    this.#isBlocked = rows.length > 0;
    if (!this.#isBlocked) {
      this.#blockedSince = 0;
      this.#reported = "";
      return;
    }
    this.#blockedSince ||= Date.now();
    this.#lastSeen = rows.map(describeBlocker).join("; ");
    const pids = rows.map(({ pid }) => pid).join();
    if (pids === this.#reported) return;
    this.#reported = pids;
    const waited = rows[0]?.waited ?? Date.now() - this.#blockedSince;
    this.#options.onBlocked(this.#lastSeen, Math.round(waited));
  }
}

/** What fits into a narrow row comes first: `pid 4711 (app, 12 s, application "psql", idle in transaction)`. */
function describeBlocker({ pid, user, application, state, type, seconds }: BlockerRow): string {
  if (pid === 0) return "a prepared transaction (see pg_prepared_xacts; ROLLBACK PREPARED ends it)";
  const parts = [
    user ?? "",
    seconds === null ? "" : describeDuration(seconds),
    application ? `application "${application}"` : "",
    type && type !== "client backend" ? type : "",
    state ?? "",
  ].filter((part) => part !== "");
  return parts.length > 0 ? `pid ${pid} (${parts.join(", ")})` : `pid ${pid}`;
}

function describeDuration(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
