import { type Client, escapeIdentifier, type QueryResultRow } from "pg";

import type { Connection } from "../core/connection";
import { TidemarkError } from "../core/errors";
import { type ConnectOptions, connectPatiently } from "./connect";
import { sqlStateOf } from "./connection-error";
import { type CopyData, ScriptQuery } from "./script-query";

export interface Notice {
  readonly severity: string;
  readonly message: string;
}

export interface SessionOptions extends ConnectOptions {
  /** Milliseconds; 0 leaves the server's own setting. */
  readonly lockTimeout: number;
  readonly statementTimeout: number;
  /** How often to try again where the server cannot be reached; default: not at all. */
  readonly connectRetries?: number;
  /** Seconds between two tries, at most. */
  readonly connectRetriesInterval?: number;
  /** Run once, when the connection is open. */
  readonly initSql?: string;
  readonly onNotice?: (notice: Notice) => void;
}

/**
 * A server goes on with a long statement, and keeps its locks, when the migrator is gone: it notices only when it has
 * something to say. Since PostgreSQL 14 it can be asked to look (where the server's system can tell).
 */
const NOTICE_LOSS = `DO $tidemark$ BEGIN
  PERFORM pg_catalog.set_config('client_connection_check_interval', '2000', false);
EXCEPTION WHEN undefined_object OR invalid_parameter_value THEN NULL; END $tidemark$`;

/** A failed script, with how many statements had completed before. */
export class ScriptError extends Error {
  readonly completed: number;
  constructor(cause: Error, completed: number) {
    super(cause.message, { cause });
    this.completed = completed;
  }
}

/** One connection to one database: lock, migrations and history rows all go through it. */
export class Session {
  readonly #client: Client;
  #rollingBack = false;
  /** When the command began: the time that `${flyway:timestamp}` shows. */
  readonly startedAt = new Date();

  private constructor(client: Client) {
    this.#client = client;
  }

  /** @throws TidemarkError where the connection, or initSql, fails. */
  static async open(connection: Connection, options: SessionOptions): Promise<Session> {
    const session = new Session(await connectPatiently(connection, options));
    try {
      await session.#prepare(options);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async #prepare(options: SessionOptions): Promise<void> {
    const { onNotice } = options;
    if (onNotice) {
      this.#client.on("notice", (n) => {
        if (!this.#rollingBack)
          onNotice({ severity: n.severity ?? "NOTICE", message: n.message ?? "" });
      });
    }
    const settings = [
      NOTICE_LOSS,
      // Flyway's driver does the same: what a migration prints must not depend on the server's locale.
      "SET standard_conforming_strings = on",
      options.lockTimeout > 0 ? `SET lock_timeout = ${Math.round(options.lockTimeout)}` : "",
      options.statementTimeout > 0
        ? `SET statement_timeout = ${Math.round(options.statementTimeout)}`
        : "",
    ].filter((sql) => sql !== "");
    await this.#client.query(settings.join("; "));
    if (options.initSql) await this.#runInitSql(options.initSql);
  }

  async #runInitSql(sql: string): Promise<void> {
    try {
      await this.runScript(sql);
    } catch (error) {
      const cause = error instanceof ScriptError ? error.cause : error;
      throw new TidemarkError({
        code: "DB_CONNECTION",
        class: "usage",
        message: `initSql failed: ${cause instanceof Error ? cause.message : String(cause)}`,
        remedy: "Correct the setting initSql.",
        sqlState: sqlStateOf(cause),
        cause,
      });
    }
  }

  /** Runs one statement with parameters. */
  async query<R extends QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<R[]> {
    const result = await this.#client.query<R>(sql, [...values]);
    return result.rows;
  }

  /**
   * Sends a whole script as one simple query.
   * @returns how many statements completed.
   * @throws ScriptError whose cause is the driver's error.
   */
  async runScript(sql: string, copyData?: CopyData): Promise<number> {
    const query = this.#client.query(new ScriptQuery(sql, copyData));
    try {
      await query.done;
      return query.completed;
    } catch (error) {
      throw new ScriptError(
        error instanceof Error ? error : new Error(String(error)),
        query.completed,
      );
    }
  }

  /** Rolls back whatever is open. That nothing is (a script that did not parse never began) is no news. */
  async rollback(): Promise<void> {
    this.#rollingBack = true;
    await this.runScript("ROLLBACK").catch(() => undefined);
    this.#rollingBack = false;
  }

  literal(text: string | null): string {
    return text === null ? "NULL" : this.#client.escapeLiteral(text);
  }

  /** The server process that serves this session. */
  get pid(): number {
    return (this.#client as Client & { readonly processID: number }).processID;
  }

  /** For the catalog's reader, which takes the driver's own client. */
  get client(): Client {
    return this.#client;
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }
}

/** Runs `work` with an open session, which is closed whatever happens. */
export async function withSession<T>(
  connection: Connection,
  options: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await Session.open(connection, options);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** `"schema"."table"`, quoted as Flyway quotes: always. */
export function qualified(schema: string, name: string): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}
