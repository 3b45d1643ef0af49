import { notableStatements, type StatementClass } from "../analysis/classify";
import {
  type ControlProblem,
  controlProblem,
  transactionUse,
} from "../analysis/transaction-control";
import type { UnlocatedProblem } from "./problem";

export interface TransactionOptions {
  /** Allow statements that need a transaction beside others that forbid one. */
  readonly mixed: boolean;
  /** What options and the script's own configuration say, whatever its statements are. */
  readonly forced?: boolean;
}

/** A statement of a script, by its text and where it starts. */
export interface PlacedStatement {
  readonly text: string;
  readonly offset: number;
}

/**
 * Where a script's own transaction control undoes what the engine promises: one transaction, with the script's row in
 * the history. What migrate would refuse is an error, a COMMIT in the middle a warning.
 */
export function checkTransactionControl(
  statements: readonly PlacedStatement[],
  { mixed, forced }: TransactionOptions,
): UnlocatedProblem[] {
  const notable = notableStatements(statements.map(({ text }) => text));
  const outside = [...notable].filter(([, { transactional }]) => transactional === false);
  const [first] = outside;
  const offsetOf = (index: number): number => statements[index]?.offset ?? 0;
  const isMixed = first && outside.length < statements.length;
  if (isMixed && !mixed && forced === undefined) return [mixedWith(offsetOf(first[0]), first[1])];
  const inTransaction = forced ?? outside.length === 0;
  const problem = controlProblem(notable, inTransaction);
  const { commits } = transactionUse(notable, statements.length, inTransaction);
  return [
    ...commits.map((index) => committed(offsetOf(index))),
    ...(problem ? [refused(offsetOf(problem.index), problem)] : []),
  ];
}

const CODES = { takenBack: "TRANSACTION_ROLLBACK", leftOpen: "TRANSACTION_LEFT_OPEN" } as const;

function refused(offset: number, { kind, message, remedy }: ControlProblem): UnlocatedProblem {
  return { offset, code: CODES[kind], severity: "error", message, remedy };
}

function committed(offset: number): UnlocatedProblem {
  return {
    offset,
    code: "TRANSACTION_COMMIT",
    severity: "warning",
    message:
      "COMMIT makes what stands before it permanent, also where the rest fails: the migration is not one transaction.",
    remedy: "Take it out; or split the script there into two migrations.",
  };
}

function mixedWith(offset: number, { keyword }: StatementClass): UnlocatedProblem {
  return {
    offset,
    code: "TRANSACTION_MIXED",
    severity: "warning",
    message: `${keyword} cannot run in a transaction, other statements of the script should: migrate refuses such a script.`,
    remedy:
      "Move it to a migration of its own; or set mixed=true to run the whole script without a transaction.",
  };
}
