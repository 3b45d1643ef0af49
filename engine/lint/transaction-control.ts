import { classifyStatement, type StatementClass } from "../analysis/classify";
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

type Classified = StatementClass & { readonly offset: number };

/**
 * Where a script's own transaction control undoes what the engine promises: one transaction, with the script's row in
 * the history. BEGIN as the first statement and the only COMMIT as the last are that one transaction.
 */
export function checkTransactionControl(
  statements: readonly PlacedStatement[],
  { mixed, forced }: TransactionOptions,
): UnlocatedProblem[] {
  const all = statements.map(({ text, offset }): Classified => ({
    ...classifyStatement(text),
    offset,
  }));
  const outside = all.filter(({ transactional }) => transactional === false);
  const [first] = outside;
  const isMixed = first && outside.length < all.length;
  if (isMixed && !mixed && forced === undefined) return [mixedWith(first)];
  const inTransaction = forced ?? outside.length === 0;
  return inTransaction ? insideTransaction(all) : leftOpen(all);
}

function insideTransaction(all: readonly Classified[]): UnlocatedProblem[] {
  const control = all.filter(({ transactionControl }) => transactionControl !== undefined);
  const isOwnTransaction =
    control.length === 2 &&
    control[0] === all[0] &&
    control[0]?.transactionControl === "begin" &&
    control[1] === all.at(-1) &&
    control[1]?.transactionControl === "commit";
  if (isOwnTransaction) return [];
  return control.flatMap((statement) => {
    switch (statement.transactionControl) {
      case "commit":
        return [commits(statement)];
      case "rollback":
      case "prepare":
        return [takesBack(statement)];
      default:
        return [];
    }
  });
}

function leftOpen(all: readonly Classified[]): UnlocatedProblem[] {
  const last = all.findLast(({ transactionControl }) => transactionControl !== undefined);
  if (last?.transactionControl !== "begin") return [];
  return [
    {
      offset: last.offset,
      code: "TRANSACTION_LEFT_OPEN",
      severity: "error",
      message: `${last.keyword} opens a transaction that nothing ends: all that follows would be lost.`,
      remedy: "End it with COMMIT; or take it out, and let the script run in a transaction.",
    },
  ];
}

function commits({ keyword, offset }: Classified): UnlocatedProblem {
  return {
    offset,
    code: "TRANSACTION_COMMIT",
    severity: "warning",
    message: `${keyword} commits what comes before; one transaction is not guaranteed: if a later statement fails, that stays.`,
    remedy: `Take ${keyword} out; or split the script there into two migrations.`,
  };
}

function takesBack({ keyword, transactionControl, offset }: Classified): UnlocatedProblem {
  const what =
    transactionControl === "prepare"
      ? "PREPARE TRANSACTION puts aside what comes before"
      : `${keyword} takes back what comes before`;
  return {
    offset,
    code: "TRANSACTION_ROLLBACK",
    severity: "error",
    message: `${what}, while the history would say that it was done.`,
    remedy:
      "Take it out, with what it takes back; to take back a part, use SAVEPOINT and ROLLBACK TO.",
  };
}

function mixedWith({ keyword, offset }: Classified): UnlocatedProblem {
  return {
    offset,
    code: "TRANSACTION_MIXED",
    severity: "warning",
    message: `${keyword} cannot run in a transaction, other statements of the script should: migrate refuses such a script.`,
    remedy:
      "Move it to a migration of its own; or set mixed=true to run the whole script without a transaction.",
  };
}
