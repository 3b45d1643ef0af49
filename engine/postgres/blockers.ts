import type { Client } from "pg";

import type { Connection } from "../core/connection";
import { connect } from "./connect";

/** Sessions that another session waits for, by pg_blocking_pids, with what they are doing. */
const BLOCKERS = `SELECT a.pid, a.usename AS user, a.application_name AS application, a.state,
    pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - a.query_start)::text AS age
  FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) AS b(pid)
  JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid ORDER BY a.query_start`;

interface BlockerRow {
  pid: number;
  user: string | null;
  application: string | null;
  state: string | null;
  age: string | null;
}

/** Looks, from a connection of its own, at who keeps a waiting session from going on. */
export class BlockerWatch {
  #seen: string | undefined;
  #timer: NodeJS.Timeout;

  /** @param delay milliseconds; a statement that ends before costs nothing. */
  constructor(connection: Connection, pid: number, delay: number) {
    this.#timer = setTimeout(() => {
      void this.#look(connection, pid);
    }, delay);
    this.#timer.unref();
  }

  /** The sessions that were seen to block; undefined: none was seen. */
  get seen(): string | undefined {
    return this.#seen;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #look(connection: Connection, pid: number): Promise<void> {
    let client: Client | undefined;
    try {
      client = await connect(connection, { applicationName: "tidemark (lock watch)" });
      const { rows } = await client.query<BlockerRow>(BLOCKERS, [pid]);
      if (rows.length > 0) this.#seen = rows.map(describe).join("; ");
    } catch {
      // Only the name of the blocker is lost; the migration itself says what happened.
    } finally {
      await client?.end().catch(() => undefined);
    }
  }
}

function describe({ pid, user, application, state, age }: BlockerRow): string {
  const parts = [
    user ? `user ${user}` : "",
    application ? `application "${application}"` : "",
    state ?? "",
    age ? `last query began ${age} ago` : "",
  ];
  return `pid ${pid} (${parts.filter((part) => part !== "").join(", ")})`;
}
