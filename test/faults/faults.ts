/** The kinds of faults: where a run is when it strikes, and what strikes. */

export type Point =
  /** Some time after the migrator has connected. */
  | "time"
  /** After some bytes between migrator and server. */
  | "bytes"
  /** Between two statements of a migration. */
  | "statement"
  /** In a statement that would take for ever: the server has to notice that nobody waits for it. */
  | "endless"
  /** After the last statement of a migration, before its history row. */
  | "row"
  /** Half way through CREATE INDEX CONCURRENTLY: the index is there, and INVALID. */
  | "index"
  /** The index is built, its history row is not written. */
  | "index-row"
  /** Waiting for a table that somebody else holds. */
  | "lock"
  /** Behind a COMMIT in the middle of a transactional script. */
  | "commit"
  /** The same, waiting for a table: such a script is not tried again. */
  | "commit-lock"
  /** In a block, BEGIN to COMMIT, of a script that runs without a transaction. */
  | "block"
  /** In a callback. */
  | "callback"
  /** Nowhere: one of the scripts has something in it that is refused. */
  | "refused"
  /** Several migrators at once. */
  | "crowd";

export type Strike =
  /** SIGKILL of the migrator. */
  | "kill"
  /** pg_terminate_backend. */
  | "terminate"
  /** pg_cancel_backend. */
  | "cancel"
  /** The TCP connection goes, for both sides. */
  | "cut"
  | "nothing";

export interface Fault {
  readonly point: Point;
  readonly strike: Strike;
}

const at = (point: Point, ...strikes: Strike[]): Fault[] =>
  strikes.map((strike) => ({ point, strike }));

/** A round's kind is its seed's place in this list. */
export const FAULTS: readonly Fault[] = [
  ...at("time", "kill", "terminate", "cut"),
  ...at("bytes", "kill", "cut", "terminate", "cut"),
  ...at("statement", "kill", "terminate", "cancel", "cut"),
  ...at("endless", "kill", "cut"),
  ...at("row", "kill", "terminate", "cancel", "cut"),
  ...at("index", "kill", "terminate", "cancel", "cut"),
  ...at("index-row", "kill", "terminate", "cancel", "cut"),
  ...at("lock", "kill", "nothing"),
  ...at("crowd", "kill"),
  ...at("commit", "kill", "terminate", "cancel", "cut"),
  ...at("commit-lock", "nothing"),
  ...at("block", "kill", "terminate", "cancel", "cut"),
  ...at("callback", "kill", "terminate", "cancel", "cut"),
  ...at("refused", "nothing"),
];

export const faultOf = (seed: number): Fault => FAULTS[seed % FAULTS.length] as Fault;

export const nameOf = ({ point, strike }: Fault): string => `${point} ${strike}`;
