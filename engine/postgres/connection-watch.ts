import type { Socket } from "node:net";

import type { Client } from "pg";

import { streamOf } from "./connect";
import { ConnectionLost } from "./connection-error";
import { NoAnswer, type SideConnection } from "./side-connection";

export interface WatchOptions {
  readonly client: Client;
  /** The server process that serves `client`. */
  readonly pid: number;
  readonly side: SideConnection;
  /** `host:port`, for messages. */
  readonly where: string;
  /** Milliseconds from one look to the next; the first comes when a statement has been without a word for so long. */
  readonly interval: number;
  /** Milliseconds for which neither connection may get an answer. */
  readonly silentFor: number;
}

const LOOK = `SELECT state, wait_event AS wait, state_change::text AS changed, backend_start::text AS started
  FROM pg_catalog.pg_stat_activity WHERE pid = $1`;

interface Look {
  readonly state: string | null;
  readonly wait: string | null;
  readonly changed: string | null;
  readonly started: string | null;
}

/** What a look makes of the connection: `key` stays the same as long as nothing moves. */
interface Suspicion {
  readonly key: string;
  readonly reason: string;
  /** Whether the backend is there, and would keep its locks. */
  readonly backendLives: boolean;
}

/**
 * Notices, while a statement runs, that its connection is dead although nobody has closed it: a load balancer or a proxy
 * that drops a flow, a network that is gone while data is under way (TCP goes on sending for a quarter of an hour).
 * A second connection asks what the server thinks of our session; two looks that agree, with not a byte between them,
 * and the connection is given up, so that the statement fails as one whose connection was lost.
 */
export class ConnectionWatch {
  readonly #options: WatchOptions;
  #busy = 0;
  #timer: NodeJS.Timeout | undefined;
  #heard = 0;
  #before = "";
  #started: string | undefined;
  #suspicion: Suspicion | undefined;
  #silentSince: number | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#socket.on("data", (data: Buffer) => (this.#heard += data.length));
  }

  get #socket(): Socket {
    return streamOf(this.#options.client);
  }

  /** Runs `work`, which waits for the server, under watch. Short statements cost a timer that is cleared again. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy++ === 0) this.#begin();
    try {
      return await work();
    } finally {
      if (--this.#busy === 0) clearTimeout(this.#timer);
    }
  }

  #begin(): void {
    this.#forget();
    this.#before = this.#traffic();
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#tick(), this.#options.interval);
    this.#timer.unref();
  }

  #forget(): void {
    this.#suspicion = undefined;
    this.#silentSince = undefined;
  }

  /** Changes with each byte that came in, or that the system has taken for sending. */
  #traffic(): string {
    const { bytesWritten, writableLength } = this.#socket;
    return `${this.#heard} ${bytesWritten} ${writableLength}`;
  }

  async #tick(): Promise<void> {
    const before = this.#traffic();
    if (before !== this.#before) this.#forget();
    else await this.#look();
    this.#before = this.#traffic();
    if (this.#before !== before) this.#forget();
    if (this.#busy > 0 && !this.#socket.destroyed) this.#arm();
  }

  async #look(): Promise<void> {
    const { side, pid, silentFor, where } = this.#options;
    const start = Date.now();
    const before = this.#traffic();
    try {
      const rows = await side.query<Look & Record<string, unknown>>(LOOK, [pid]);
      this.#silentSince = undefined;
      await this.#judge(suspicionOf(rows[0], this.#started, where), before);
      this.#started ??= rows[0]?.started ?? undefined;
    } catch (error) {
      this.#suspicion = undefined;
      if (!(error instanceof NoAnswer)) return void (this.#silentSince = undefined);
      this.#silentSince ??= start;
      const silence = Date.now() - this.#silentSince;
      if (silence >= silentFor && this.#isStill(before))
        this.#giveUp(
          `${where} is silent: no answer for ${seconds(silence)}, on a new connection neither`,
        );
    }
  }

  async #judge(suspicion: Suspicion | undefined, before: string): Promise<void> {
    const isSame = suspicion !== undefined && suspicion.key === this.#suspicion?.key;
    this.#suspicion = suspicion;
    if (!isSame || !this.#isStill(before)) return;
    // Its locks would stay until TCP notices on the other side, too.
    if (suspicion.backendLives) await this.#endBackend();
    this.#giveUp(suspicion.reason);
  }

  #isStill(before: string): boolean {
    return this.#busy > 0 && before === this.#traffic();
  }

  async #endBackend(): Promise<void> {
    const { side, pid } = this.#options;
    await side.query("SELECT pg_catalog.pg_terminate_backend($1)", [pid]).catch(() => undefined);
  }

  #giveUp(reason: string): void {
    this.#socket.destroy(new ConnectionLost(`The connection was lost: ${reason}`));
  }
}

function suspicionOf(
  look: Look | undefined,
  started: string | undefined,
  where: string,
): Suspicion | undefined {
  if (!look || (started !== undefined && look.started !== started)) {
    const reason = `${where} has no such session any more, and no word of its end has arrived`;
    return { key: "gone", reason, backendLives: false };
  }
  const { state, wait, changed } = look;
  const key = `${state} ${wait} ${changed}`;
  if (state?.startsWith("idle")) {
    const reason = `${where} waits for the next statement, while this one still waits for its answer`;
    return { key, reason, backendLives: true };
  }
  if (state !== "active" || (wait !== "ClientRead" && wait !== "ClientWrite")) return undefined;
  const reason =
    wait === "ClientRead"
      ? `${where} waits for data that has been sent to it`
      : `what ${where} sends does not arrive`;
  return { key, reason, backendLives: true };
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
