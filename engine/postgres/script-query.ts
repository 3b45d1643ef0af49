import type { Writable } from "node:stream";

import { type Connection as WireConnection, Query } from "pg";

/** The part of the driver's wire connection that a COPY needs; its published types leave it out. */
interface CopyWire {
  readonly stream: Writable;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** Text of a COPY's data, in pieces that are encoded as they are sent. */
export type CopyData = Iterable<string>;

/**
 * A script sent as one simple query: PostgreSQL splits it by its own rules, in one round trip. Rows are thrown away.
 * Counts the statements that have completed, so that a failure without a position can be traced to its statement.
 * A Query to the driver, which takes no other class while it sends queries without waiting for answers.
 */
export class ScriptQuery extends Query {
  completed = 0;
  readonly done: Promise<void>;
  #script: string;
  #copyData: CopyData | undefined;
  #failed = false;
  #resolve: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(script: string, copyData?: CopyData) {
    super({ text: "" });
    this.#script = script;
    this.#copyData = copyData;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  override submit = (connection: WireConnection): void => {
    connection.query(this.#script);
    this.#script = ""; // a large one need not be kept until the server has answered
  };

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(): void {}

  handleEmptyQuery(): void {
    this.completed++;
  }

  handleCommandComplete(): void {
    this.completed++;
  }

  handleCopyInResponse(connection: WireConnection & CopyWire): void {
    if (!this.#copyData) {
      connection.sendCopyFail("no data follows the COPY statement");
      return;
    }
    this.#send(this.#copyData[Symbol.iterator](), connection);
  }

  /** Sends as much as the socket takes, and goes on when that is gone: a large file never waits in memory as a whole. */
  #send(pieces: Iterator<string>, connection: CopyWire): void {
    while (!this.#failed) {
      if (connection.stream.writableNeedDrain) {
        connection.stream.once("drain", () => this.#send(pieces, connection));
        return;
      }
      const next = pieces.next();
      if (next.done) return connection.endCopyFrom();
      connection.sendCopyFromChunk(Buffer.from(next.value, "utf8"));
    }
  }

  /** The driver forgets the query at its first error, so that no ReadyForQuery follows here. */
  handleError(error: Error): void {
    this.#failed = true; // the server has refused a row: it wants no more
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve();
  }
}
