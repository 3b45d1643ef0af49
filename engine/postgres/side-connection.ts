import type { Client, QueryResultRow } from "pg";

import type { Connection } from "../core/connection";
import { TidemarkError } from "../core/errors";
import { networkError } from "../core/network-error";
import { closeClient, connect } from "./connect";
import { noticeLostClient, patienceOf } from "./loss-detection";

/** Milliseconds for each step: to connect, to answer. */
const ANSWER_WITHIN = 10_000;

/** Whoever should have answered a new connection did not: neither yes nor no. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/**
 * A second connection to the same server, to look from outside at the session that works. It is opened at the first
 * look and reused; one that fails is dropped, and the next look opens another.
 */
export class SideConnection {
  readonly #connection: Connection;
  readonly #answerWithin: number;
  #client: Promise<Client> | undefined;
  /** What is asked already: one question at a time. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();

  /** @param answerWithin milliseconds for each step: to connect, to answer */
  constructor(connection: Connection, answerWithin = ANSWER_WITHIN) {
    this.#connection = connection;
    this.#answerWithin = answerWithin;
  }

  /**
   * Asks for one statement's rows.
   * @throws NoAnswer where a new connection stays without an answer; any other error says nothing about the network.
   */
  query<R extends QueryResultRow>(sql: string, values: readonly unknown[]): Promise<R[]> {
    const rows = this.#last.then(() => this.#ask<R>(sql, values));
    this.#last = rows.catch(() => undefined);
    return rows;
  }

  async #ask<R extends QueryResultRow>(sql: string, values: readonly unknown[]): Promise<R[]> {
    const opening = (this.#client ??= this.#open());
    try {
      const client = await opening;
      const { rows } = await within(this.#answerWithin, client.query<R>(sql, [...values]));
      return rows;
    } catch (error) {
      if (this.#client === opening) this.#client = undefined;
      void opening.then(closeClient, () => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    if (client) await closeClient(client);
  }

  async #open(): Promise<Client> {
    if (this.#closing.signal.aborted) throw new Error("the side connection is closed");
    const client = await connect(this.#connection, {
      applicationName: "tidemark (watch)",
      connectTimeout: this.#answerWithin,
      signal: this.#closing.signal,
    }).catch((error: unknown) => {
      throw isSilence(error) ? new NoAnswer("no answer", { cause: error }) : error;
    });
    try {
      await within(this.#answerWithin, noticeLostClient(client, patienceOf(this.#connection)));
      return client;
    } catch (error) {
      void closeClient(client);
      throw error;
    }
  }
}

const SILENCE: ReadonlySet<string> = new Set([
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
]);

/** A refusal (ECONNREFUSED, too many connections) is an answer: a load balancer that drains refuses only new ones. */
function isSilence(error: unknown): boolean {
  const cause = error instanceof TidemarkError ? error.cause : error;
  const { code, said } = networkError(cause);
  return SILENCE.has(code) || said === "timeout expired"; // the driver's words for its connect timeout
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
