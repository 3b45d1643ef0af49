import type { Client } from "pg";

import type { Connection } from "../core/connection";
import { closeClient, type ConnectOptions, connectPatiently } from "./connect";
import { lostConnection } from "./connection-error";
import { ConnectionWatch } from "./connection-watch";
import { noticeLostClient, patienceOf } from "./loss-detection";
import { refuseTransactionPooler } from "./pooler";
import { SideConnection } from "./side-connection";

/** Milliseconds at most from one look at a statement that runs long to the next. */
const LOOK_INTERVAL = 30_000;

export interface BackendOptions extends ConnectOptions {
  /** How often to try again where the server cannot be reached; default: not at all. */
  readonly connectRetries?: number;
  /** Seconds between two tries, at most. */
  readonly connectRetriesInterval?: number;
}

/**
 * A server process that serves us alone, as long as we want: state of a session (locks, settings) stays where we put it.
 * Both sides notice when the other one is gone without a word.
 */
export class Backend {
  readonly client: Client;
  /** As the server knows it, and shows it in pg_stat_activity. A pooler gives its clients numbers of its own. */
  readonly pid: number;
  /** To look at this backend from outside. */
  readonly side: SideConnection;
  readonly #connection: Connection;
  readonly #watch: ConnectionWatch;
  #error: Error | undefined;

  private constructor(client: Client, pid: number, connection: Connection) {
    const { keepalivesIdle, tcpUserTimeout } = patienceOf(connection);
    const interval = Math.min(keepalivesIdle * 1000, LOOK_INTERVAL);
    this.client = client;
    this.pid = pid;
    this.#connection = connection;
    this.side = new SideConnection(connection, Math.min(tcpUserTimeout, 10_000));
    this.#watch = new ConnectionWatch({
      ...{ client, pid, side: this.side, interval, silentFor: tcpUserTimeout },
      where: `${connection.host}:${connection.port}`,
    });
    client.on("error", (error) => (this.#error ??= error));
  }

  /** @throws TidemarkError where the server cannot be reached, or a pooler hands our backend to others, too. */
  static async open(connection: Connection, options: BackendOptions): Promise<Backend> {
    const client = await connectPatiently(connection, options);
    try {
      const pid = await refuseTransactionPooler(client, connection);
      const backend = new Backend(client, pid, connection);
      await backend.during(() => noticeLostClient(client, patienceOf(connection)));
      return backend;
    } catch (error) {
      await closeClient(client);
      throw error;
    }
  }

  /**
   * Runs `work`, which waits for the server. All that this client is asked goes through here.
   * @throws what `work` throws; where the connection is gone, the error that says how.
   */
  async during<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#watch.during(work);
    } catch (error) {
      throw this.#error ? lostConnection(error, this.#error, this.#connection) : error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([closeClient(this.client), this.side.close()]);
  }
}
