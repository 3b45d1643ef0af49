import type { SqlProblemCode } from "../analysis/problem";

export type LintCode =
  | SqlProblemCode
  /** PostgreSQL's parser refuses the statement. */
  | "SQL_SYNTAX"
  /** Too long for the parser as WebAssembly, or of a later PostgreSQL: not looked at. */
  | "SQL_NOT_CHECKED"
  /** A placeholder begins and has no end. */
  | "PLACEHOLDER_WITHOUT_END"
  /** The statement changes rows. */
  | "SCHEMA_ONLY_DATA"
  /** The statement makes a table and fills it from a query. */
  | "SCHEMA_ONLY_FILLED_TABLE"
  /** COMMIT in a script that is meant to be one transaction. */
  | "TRANSACTION_COMMIT"
  /** ROLLBACK, ABORT or PREPARE TRANSACTION: what comes before it is recorded and not done. */
  | "TRANSACTION_ROLLBACK"
  /** BEGIN without an end in a script that runs outside a transaction. */
  | "TRANSACTION_LEFT_OPEN"
  /** A statement that no transaction may hold beside others that need one. */
  | "TRANSACTION_MIXED";

/** What one check has against a text, at an offset in UTF-16 units from its start. */
export interface UnlocatedProblem {
  offset: number;
  code: LintCode;
  message: string;
  remedy: string;
  severity: "error" | "warning";
}

/** The same in its file. */
export interface LintProblem extends Omit<UnlocatedProblem, "offset"> {
  script: string;
  /** From 1; the column in characters. */
  line: number;
  column: number;
}
