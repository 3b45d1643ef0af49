import type { SqlProblemCode } from "../analysis/problem";

export type LintCode =
  | SqlProblemCode
  /** PostgreSQL's parser refuses the statement. */
  | "SQL_SYNTAX"
  /** Too long for the parser as WebAssembly: not looked at. */
  | "SQL_NOT_CHECKED"
  /** The statement changes rows. */
  | "SCHEMA_ONLY_DATA"
  /** The statement makes a table and fills it from a query. */
  | "SCHEMA_ONLY_FILLED_TABLE";

export interface LintProblem {
  code: LintCode;
  script: string;
  /** From 1; the column in characters. */
  line: number;
  column: number;
  message: string;
  remedy: string;
  severity: "error" | "warning";
}

/** What one check finds in one statement; `offset` counts UTF-16 units from the statement's start. */
export interface Finding {
  offset: number;
  code: LintCode;
  message: string;
  remedy: string;
  severity: "error" | "warning";
}
