import { randomBytes } from "node:crypto";

import { type Piece, piecesInTransaction, singlePieces } from "../analysis/pieces";
import type { Script } from "../analysis/script";
import { TidemarkError } from "../core/errors";
import type { Session } from "../postgres/session";
import { committedAlready, leftOpen } from "./failures";
import { markTransaction, ROW_SETTINGS, type RowGuard, transactionLost } from "./history-row";
import { settleIndex } from "./invalid-index";
import { dropForeignLocks } from "./lock-guard";
import { ScriptSender } from "./script-sender";
import { assumeIdentity, identityOf, inOrder, type SessionBaseline } from "./session-baseline";

/** What a script's run depends on. */
export interface ScriptContext {
  readonly session: Session;
  readonly baseline: SessionBaseline;
  /** The caller has opened a transaction, and ends it: a group, or the migration that a callback belongs to. */
  readonly inside: boolean;
  /** Of the migration lock. */
  readonly lockKey: bigint;
  /** Whether the session is put to its baseline first; not for a callback within a migration, which may set something for it. */
  readonly restores: boolean;
  /** The statement that records the script; absent for a callback. */
  readonly record?: (
    time: number | "since query start",
    success: boolean,
    guard: RowGuard,
  ) => string;
  /** What runs around the script and around each of its statements, in its transaction. */
  readonly around?: {
    readonly before: () => Promise<void>;
    readonly after: () => Promise<void>;
    readonly beforeStatement: () => Promise<void>;
    readonly afterStatement: () => Promise<void>;
  };
  readonly warn: (message: string) => void;
  /** Called when the script has committed by itself, and with it all that the caller's transaction held. */
  readonly onCommit?: (run: ScriptRun) => void;
  /** Says who is in the way of a statement, and, where it may, runs it again when it did not get its lock in time. */
  readonly watched: (mayRetry: boolean, work: () => Promise<void>) => Promise<void>;
}

const RESTORE_LOGIN = ["RESET SESSION AUTHORIZATION", "RESET ROLE"];

/**
 * The one way to run a script, be it a migration or a callback: open (the session's baseline, the transaction and its
 * mark), the pieces, close (is this still the transaction, is the lock held? then the history's row, and COMMIT).
 */
export class ScriptRun {
  readonly #script: Script;
  readonly #context: ScriptContext;
  readonly #sender: ScriptSender;
  readonly #token = randomBytes(8).toString("hex");
  readonly #start = Date.now();
  /** Statements [0, committed) are permanent, by the script's own COMMIT or because it runs outside a transaction. */
  #committed = 0;
  /** Whether a COMMIT of the script's own has taken a failed row with it, which the end turns into a successful one. */
  #isMarkedHalf = false;

  constructor(script: Script, context: ScriptContext) {
    this.#script = script;
    this.#context = context;
    this.#sender = new ScriptSender(script, context.session);
  }

  /** Whether a statement of the script has failed, and not what surrounds it. */
  statementFailed = false;

  /** Whether something of the script is permanent, though it has failed. */
  get hasCommitted(): boolean {
    return this.#committed > 0;
  }

  /** The failure of something that came after the script, with what of the script is permanent all the same. */
  describeCommitted(error: unknown): unknown {
    return committedAlready(error, this.#script, this.#committed, this.#isMarkedHalf);
  }

  /**
   * Runs the script and records it.
   * @throws TidemarkError with file, line and SQLSTATE. Unless it says that something was committed, nothing of a
   *   transactional script is kept; `inside` a transaction of the caller's, that is for the caller to roll back.
   */
  async run(): Promise<void> {
    const { session, inside, lockKey } = this.#context;
    try {
      if (this.#script.inTransaction || inside) await this.#runInTransaction();
      else await this.#runOutside();
      if (ADVISORY.test(this.#script.sql.text)) await dropForeignLocks(session, lockKey);
    } catch (error) {
      if (!inside) await session.rollback();
      const isRecorded = !inside && this.#isHalfDone(error) && (await this.recordFailure());
      if (!this.hasCommitted) throw error;
      throw committedAlready(error, this.#script, this.#committed, isRecorded || inside);
    }
  }

  /**
   * Outside a transaction nobody knows how far the last statement came, unless it has only not got its lock: then there
   * is nothing that a failed row would have to say.
   */
  #isHalfDone(error: unknown): boolean {
    if (this.hasCommitted) return true;
    const isLock = error instanceof TidemarkError && error.place.sqlState === LOCK_NOT_AVAILABLE;
    return !this.#script.inTransaction && !isLock;
  }

  async #runInTransaction(): Promise<void> {
    const { around, restores, baseline, inside, record } = this.#context;
    const pieces = around ? singlePieces(this.#script) : piecesInTransaction(this.#script);
    const [piece = { from: 0, to: 0 }] = pieces;
    const isPlain = pieces.length <= 1 && !around && !inside && restores && record !== undefined;
    if (isPlain && !baseline.hasIdentity && this.#isWhole(piece)) return this.#runAtOnce(piece);
    if (restores) await baseline.restore();
    await this.#begin();
    await around?.before();
    for (const each of pieces) await this.#runPiece(each);
    await around?.after();
    await this.#close();
  }

  /** Whether the piece is sent as it stands: no COPY, which has a protocol of its own. */
  #isWhole({ from, to, instead, commits, resets }: Piece): boolean {
    const isCopy = to - from === 1 && this.#script.statements[from]?.kind === "copy";
    return !isCopy && instead === undefined && !commits && !resets;
  }

  /** All in one query, sent right behind the session's baseline: one round trip. */
  async #runAtOnce(piece: Piece): Promise<void> {
    const { baseline, record } = this.#context;
    const before = ["BEGIN", ...this.#mark()];
    const row = record?.("since query start", true, { token: this.#token, atOnce: true }) ?? "";
    const after = [...RESTORE_LOGIN, ...ROW_SETTINGS, row, "COMMIT"];
    await inOrder([baseline.restore(this.#token), this.#sender.between(before, piece, after)]);
  }

  /** Begins a transaction, unless the caller's is open or COMMIT AND CHAIN has begun one, and marks it as the script's. */
  async #begin(): Promise<void> {
    const isOpen = this.#context.session.status === "open";
    await this.#sender.ours([...(isOpen ? [] : ["BEGIN"]), ...this.#mark()]);
  }

  /** Only what is recorded has a mark: a callback must not take that of its migration. */
  #mark(): string[] {
    return this.#context.record ? [markTransaction(this.#token)] : [];
  }

  async #runPiece(piece: Piece): Promise<void> {
    if (piece.commits) return this.#runCommit(piece);
    const { session } = this.#context;
    await this.#runWithHooks(piece);
    if (session.status !== "open") throw transactionLost(this.#script.name);
    if (piece.resets) await this.#sender.ours(this.#mark());
  }

  /**
   * A COMMIT of the script's own takes a failed row with it: whatever happens from here on, the next run stops, and does
   * not do a second time what is permanent now.
   */
  async #runCommit(piece: Piece): Promise<void> {
    const { session, record, around, onCommit } = this.#context;
    await around?.beforeStatement();
    const marks = record !== undefined && !this.#isMarkedHalf;
    const identity = marks ? await identityOf(session) : undefined;
    if (marks) {
      await this.#restoreLogin();
      const row = record(Date.now() - this.#start, false, { token: this.#token });
      await this.#sender.ours([...ROW_SETTINGS, row]);
    }
    await this.#send(piece);
    this.#committed = piece.to;
    this.#isMarkedHalf ||= marks;
    onCommit?.(this);
    if (identity) await assumeIdentity(session, identity);
    await this.#begin();
    await around?.afterStatement();
  }

  async #restoreLogin(): Promise<void> {
    const { baseline } = this.#context;
    if (baseline.hasIdentity) await baseline.restoreIdentity();
    else await this.#sender.ours(RESTORE_LOGIN);
  }

  async #runWithHooks(piece: Piece): Promise<void> {
    const { around } = this.#context;
    await around?.beforeStatement();
    await this.#send(piece);
    await around?.afterStatement();
  }

  async #send(piece: Piece): Promise<void> {
    try {
      await this.#sender.piece(piece);
    } catch (error) {
      this.statementFailed = true;
      throw error;
    }
  }

  async #close(): Promise<void> {
    const { session, inside, record } = this.#context;
    if (record) {
      await this.#restoreLogin();
      if (!session.readsUtf8) await this.#sender.ours(["SET client_encoding = 'UTF8'"]);
      const guard = { token: this.#token, replaces: this.#isMarkedHalf };
      const row = record(Date.now() - this.#start, true, guard);
      await this.#sender.ours([...ROW_SETTINGS, row, ...(inside ? [] : ["COMMIT"])]);
    } else if (!inside) await this.#sender.ours(["COMMIT"]);
  }

  /**
   * Statement by statement, each committed as it ends. A failure leaves an honest failed row, so that the next run stops
   * until somebody has looked.
   */
  async #runOutside(): Promise<void> {
    const { around, restores, baseline, session, record } = this.#context;
    if (restores) await baseline.restore();
    await around?.before();
    for (const piece of singlePieces(this.#script)) {
      if (await settleIndex(this.#script, this.#context, piece.from)) continue;
      await this.#runOutsidePiece(piece);
      if (session.status === "idle") this.#committed = piece.to;
    }
    await around?.after();
    if (session.status !== "idle") throw leftOpen(this.#script.name);
    if (record) await this.#recordOutside(true);
  }

  async #runOutsidePiece(piece: Piece): Promise<void> {
    const { session, watched } = this.#context;
    const kind = this.#script.notable.get(piece.from);
    const isConcurrent = kind?.keyword.includes("CONCURRENTLY") ?? false;
    // What may have committed in the middle (CALL, DO), or stands in the script's own transaction, runs once.
    const isWhole = kind === undefined || kind.transactional === false;
    const mayRetry = isWhole && !isConcurrent && session.status === "idle";
    await watched(mayRetry, () =>
      isConcurrent ? this.#withoutLockTimeout(piece) : this.#runWithHooks(piece),
    );
  }

  /** CREATE INDEX CONCURRENTLY and its like count their wait for old transactions, and would leave an INVALID index. */
  async #withoutLockTimeout(piece: Piece): Promise<void> {
    const { session, baseline } = this.#context;
    if (!(await baseline.keepsLockTimeout())) return this.#runWithHooks(piece);
    await session.query("SET lock_timeout = 0");
    await this.#runWithHooks(piece);
    await baseline.restoreLockTimeout();
  }

  /**
   * Writes a failed row; where it cannot be written, the script's own failure is what the user has to see.
   * @returns whether the history says now that the script has failed.
   */
  async recordFailure(): Promise<boolean> {
    if (!this.#context.record) return false;
    if (this.#isMarkedHalf) return true;
    return this.#recordOutside(false).then(
      () => true,
      () => false,
    );
  }

  /** What has run must have its row: a statement that was cancelled is sent once more. */
  async #recordOutside(success: boolean): Promise<void> {
    const { session, baseline, record } = this.#context;
    const row = record?.(Date.now() - this.#start, success, {}) ?? "";
    const write = async (): Promise<void> => {
      await baseline.restore();
      await this.#sender.ours(["BEGIN", ...ROW_SETTINGS, row, "COMMIT"]);
    };
    try {
      await write();
    } catch (error) {
      if (!(error instanceof TidemarkError) || error.place.sqlState !== QUERY_CANCELED) throw error;
      await session.rollback();
      await write();
    }
  }
}

/** Functions that take a lock for the session have it in their names. */
const ADVISORY = /advisory/i;

const QUERY_CANCELED = "57014";
const LOCK_NOT_AVAILABLE = "55P03";
