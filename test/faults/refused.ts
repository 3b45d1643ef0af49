/** Scripts that are refused before anything of the run is executed. */
import type { Migration, Project } from "./project";
import type { Random } from "./random";

interface Poison {
  readonly name: string;
  readonly conf?: string;
  /** What is put behind the script's own statements. */
  readonly statements: string;
}

const OUTSIDE = "executeInTransaction=false\n";

/** By kind; each is what somebody could write in earnest. */
export const POISONS: readonly Poison[] = [
  { name: "rollback", statements: "ROLLBACK;" },
  { name: "rollback work", statements: "/* not so */ rollback\n  work;" },
  { name: "abort", statements: "ABORT TRANSACTION;" },
  { name: "rollback and chain", statements: "ROLLBACK AND CHAIN;" },
  { name: "rollback in the middle", statements: "ROLLBACK; SELECT 1;" },
  { name: "rollback behind a commit", statements: "COMMIT; SELECT 1; ROLLBACK;" },
  { name: "prepare transaction", statements: "PREPARE TRANSACTION 'later';" },
  { name: "open block", conf: OUTSIDE, statements: "BEGIN; CREATE TABLE left_open (id int);" },
  { name: "open block in other words", conf: OUTSIDE, statements: "START TRANSACTION; SELECT 1" },
  { name: "own rollback", conf: OUTSIDE, statements: "BEGIN; SELECT 1; ROLLBACK;" },
  { name: "other encoding", statements: "SET client_encoding = 'LATIN1'; SELECT 'é';" },
  { name: "names", statements: "SET NAMES 'LATIN1'; COMMENT ON SCHEMA public IS 'Größe';" },
];

export interface Refused {
  /** What the folder holds at first; `project` has the same script without the poison. */
  readonly poisoned: Migration;
  readonly name: string;
}

/** Poisons one of the project's scripts; which poison goes round with `turn`. */
export function poison({ migrations }: Project, random: Random, turn: number): Refused {
  const { name, conf, statements } = POISONS[turn % POISONS.length] as Poison;
  const victim = random.pick(migrations.filter(({ kind }) => kind === "whole"));
  // What is absorbed at a script's end would stand in its middle.
  const own = victim.text.replace(/^(?:COMMIT|END);?\n$/m, "");
  return { name, poisoned: { ...victim, conf, text: `${own}${statements}\n` } };
}
