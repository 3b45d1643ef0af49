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

/** What the server says of a session's transaction. */
export type TransactionStatus = "idle" | "open" | "failed";

const STATUSES: Readonly<Record<string, TransactionStatus>> = { I: "idle", T: "open", E: "failed" };

/** Defaults that statements such as ALTER DATABASE … SET give to sessions of this database and role. */
const DEFAULTS = `SELECT pg_catalog.string_agg(s.setconfig::text, ' ' ORDER BY s.setdatabase, s.setrole) AS defaults
  FROM pg_catalog.pg_db_role_setting s`;

/** A failed script, with how many statements had completed before. */
export class ScriptError extends Error {
  readonly completed: number;
  constructor(cause: Error, completed: number) {
    super(cause.message, { cause });
    this.completed = completed;
  }
}

/**
 * One connection to one database: lock, migrations and history rows all go through it. Queries may be sent without
 * waiting for the answers of those before; the server takes them in order.
 */
export class Session {
  /** The server process that serves this session. */
  readonly backend: Backend;
  readonly #client: Client;
  #isQuiet = false;
  readonly #reported = new Map<string, string>();
  /** What was run when the connection was opened. */
  readonly initSql: string | undefined;
  /** When the command began: the time that `${flyway:timestamp}` shows. */
  readonly startedAt = new Date();

  private constructor(backend: Backend, initSql: string | undefined) {
    this.backend = backend;
    this.#client = backend.client;
    this.initSql = initSql;
  }

  /** @throws TidemarkError where the connection, or initSql, fails. */
  static async open(connection: Connection, options: SessionOptions): Promise<Session> {
    const { session, isStale } = await Session.#openOnce(connection, options);
    if (!isStale) return session;
    await session.close();
    return (await Session.#openOnce(connection, options)).session;
  }

  /** @returns a session, and whether initSql has changed the defaults that it should have begun with. */
  static async #openOnce(
    connection: Connection,
    options: SessionOptions,
  ): Promise<{ session: Session; isStale: boolean }> {
    const session = new Session(await Backend.open(connection, options), options.initSql);
    try {
      await session.#prepare(options);
      return { session, isStale: await session.#runInitSql() };
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async #prepare(options: SessionOptions): Promise<void> {
    const { onNotice } = options;
    if (onNotice) {
      this.#client.on("notice", (n) => {
        if (!this.#isQuiet)
          onNotice({ severity: n.severity ?? "NOTICE", message: n.message ?? "" });
      });
    }
    this.#followSettings();
    const settings = [
      // Flyway's driver does the same: what a migration prints must not depend on the server's locale.
      "SET standard_conforming_strings = on",
      options.lockTimeout > 0 ? `SET lock_timeout = ${Math.round(options.lockTimeout)}` : "",
      options.statementTimeout > 0
        ? `SET statement_timeout = ${Math.round(options.statementTimeout)}`
        : "",
    ].filter((sql) => sql !== "");
    await this.backend.during(() => this.#client.query(settings.join("; ")));
  }

  /** The server reports a change of these two by itself: they decide how it reads what we send. */
  #followSettings(): void {
    const { connection } = this.#client as Client & { connection: NodeJS.EventEmitter };
    connection.on("parameterStatus", (message: { parameterName: string; parameterValue: string }) =>
      this.#reported.set(message.parameterName, message.parameterValue),
    );
  }

  async #runInitSql(): Promise<boolean> {
    if (!this.initSql) return false;
    const [before] = await this.query<{ defaults: string | null }>(DEFAULTS);
    try {
      await this.runScript(this.initSql);
    } catch (error) {
      const cause = error instanceof ScriptError ? error.cause : error;
      const sqlState = sqlStateOf(cause);
      throw new TidemarkError({
        code: "DB_CONNECTION",
        class: sqlState === undefined ? "temporary" : "usage",
        message: `initSql failed: ${cause instanceof Error ? cause.message : String(cause)}`,
        remedy:
          sqlState === undefined
            ? "The connection was lost in the middle: run again."
            : "Correct the setting initSql.",
        sqlState,
        cause,
      });
    }
    if (this.status !== "idle") throw transactionLeftOpen();
    const [after] = await this.query<{ defaults: string | null }>(DEFAULTS);
    return before?.defaults !== after?.defaults;
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
    await this.quietly(() => this.runScript("ROLLBACK")).catch(() => undefined);
  }

  /** Runs `work`, of whose notices nobody has to hear. */
  async quietly<T>(work: () => Promise<T>): Promise<T> {
    this.#isQuiet = true;
    try {
      return await work();
    } finally {
      this.#isQuiet = false;
    }
  }

  /** As of the last answer of the server. */
  get status(): TransactionStatus {
    return STATUSES[this.#client.getTransactionStatus() ?? "I"] ?? "idle";
  }

  /** Whether the server takes what we send as UTF-8. */
  get readsUtf8(): boolean {
    return (this.#reported.get("client_encoding") ?? "UTF8") === "UTF8";
  }

  /** Whether the server takes a backslash in '…' for itself, and not for an escape. */
  get conformsToStandardStrings(): boolean {
    return (this.#reported.get("standard_conforming_strings") ?? "on") === "on";
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

function transactionLeftOpen(): TidemarkError {
  return new TidemarkError({
    code: "DB_CONNECTION",
    class: "usage",
    message: "initSql leaves a transaction open, in which nothing of the run would last.",
    remedy: "End it in initSql, or take BEGIN out.",
  });
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
