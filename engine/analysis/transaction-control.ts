import type { StatementClass } from "./classify";

/** How a script ends and begins transactions by itself, and what the engine makes of it. */
export interface TransactionUse {
  /**
   * BEGIN and the last COMMIT of a script that runs in the engine's transaction: not sent, since the engine's own stand
   * for them. It begins one at the start, and another one behind each COMMIT of the script's.
   */
  readonly absorbed: ReadonlySet<number>;
  /** COMMITs before the last statement: what stands before them is permanent, whatever comes after. */
  readonly commits: readonly number[];
}

/** Why a script is refused before it runs. */
export interface ControlProblem {
  readonly kind: "takenBack" | "leftOpen";
  /** The statement. */
  readonly index: number;
  readonly message: string;
  readonly remedy: string;
}

/**
 * @param notable statements by index that control transactions, among others
 * @param count of all statements
 */
export function transactionUse(
  notable: ReadonlyMap<number, StatementClass>,
  count: number,
  inTransaction: boolean,
): TransactionUse {
  const absorbed = new Set<number>();
  const commits: number[] = [];
  for (const [index, { transactionControl: control }] of notable) {
    if (!control || !inTransaction) continue;
    if (control.kind === "commit" && index < count - 1) commits.push(index);
    else absorbed.add(index);
  }
  return { absorbed, commits };
}

/** What no script may do: its success would be recorded, and what it did would be gone. */
export function controlProblem(
  notable: ReadonlyMap<number, StatementClass>,
  inTransaction: boolean,
): ControlProblem | undefined {
  let opened: number | undefined;
  for (const [index, { transactionControl: control }] of notable) {
    if (!control) continue;
    if (control.kind === "rollback") return { index, ...ROLLBACK };
    if (control.kind === "prepare" && inTransaction) return { index, ...PREPARE };
    if (control.kind === "begin") opened ??= index;
    else if (!control.chain) opened = undefined;
  }
  return opened === undefined || inTransaction ? undefined : { index: opened, ...LEFT_OPEN };
}

const ROLLBACK = {
  kind: "takenBack" as const,
  message:
    "ROLLBACK takes back what the script has done, and the history would record it as applied.",
  remedy:
    "Remove it. To try something and take it back, use SAVEPOINT and ROLLBACK TO SAVEPOINT, or a DO block with EXCEPTION.",
};

const PREPARE = {
  kind: "takenBack" as const,
  message:
    "PREPARE TRANSACTION takes the transaction away from the engine, which has to record the migration in it.",
  remedy:
    "Remove it, or put it between BEGIN and COMMIT PREPARED in a script whose <script>.conf says executeInTransaction=false.",
};

const LEFT_OPEN = {
  kind: "leftOpen" as const,
  message:
    "BEGIN opens a transaction that the script never commits: all that follows would be rolled back at its end.",
  remedy:
    "Add COMMIT, or remove BEGIN: without a transaction (executeInTransaction=false) each statement commits by itself.",
};
