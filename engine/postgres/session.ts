import { type Client, escapeIdentifier, type QueryResultRow } from "pg";

import type { Connection } from "../core/connection";
import { TidemarkError } from "../core/errors";
import { Backend, type BackendOptions } from "./backend";
import { sqlStateOf } from "./connection-error";
import { type CopyData, ScriptQuery } from "./script-query";

export interface Notice {
  readonly severity: string;
  readonly message: string;
}

export interface SessionOptions extends BackendOptions {
  /** Milliseconds; 0 leaves the server's own setting. */
  readonly lockTimeout: number;
  readonly statementTimeout: number;
  /** Run once, when the connection is open. */
  readonly initSql?: string;
  readonly onNotice?: (notice: Notice) => void;
}

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
  /** The server process that serves this session. */
  readonly backend: Backend;
  readonly #client: Client;
  #rollingBack = false;
  /** When the command began: the time that `${flyway:timestamp}` shows. */
  readonly startedAt = new Date();

  private constructor(backend: Backend) {
    this.backend = backend;
    this.#client = backend.client;
  }

  /** @throws TidemarkError where the connection, or initSql, fails. */
  static async open(connection: Connection, options: SessionOptions): Promise<Session> {
    const session = new Session(await Backend.open(connection, options));
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
      // Flyway's driver does the same: what a migration prints must not depend on the server's locale.
      "SET standard_conforming_strings = on",
      options.lockTimeout > 0 ? `SET lock_timeout = ${Math.round(options.lockTimeout)}` : "",
      options.statementTimeout > 0
        ? `SET statement_timeout = ${Math.round(options.statementTimeout)}`
        : "",
    ].filter((sql) => sql !== "");
    await this.backend.during(() => this.#client.query(settings.join("; ")));
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
    const result = await this.backend.during(() => this.#client.query<R>(sql, [...values]));
    return result.rows;
  }

  /**
   * Sends a whole script as one simple query.
   * @returns how many statements completed.
   * @throws ScriptError whose cause is the driver's error.
   */
  async runScript(sql: string, copyData?: CopyData): Promise<number> {
    const query = new ScriptQuery(sql, copyData);
    try {
      await this.backend.during(() => this.#client.query(query).done);
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

  /** For the catalog's reader, which takes the driver's own client. */
  get client(): Client {
    return this.#client;
  }

  async close(): Promise<void> {
    await this.backend.close();
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
