import { type Problem, TidemarkError } from "../core/errors";

/** What is wrong at one place of a script. */
export interface ScriptProblem extends Problem {
  readonly migration: string;
  /** 1-based, and so is the column, in characters. */
  readonly line: number;
  readonly column: number;
}

/** @throws TidemarkError (VALIDATE_ERROR) with all problems, where there is any */
export function refuseScripts(problems: readonly Problem[]): void {
  const [first] = problems;
  if (!first) return;
  throw new TidemarkError({ ...first, code: "VALIDATE_ERROR", class: "migrations" }, problems);
}
