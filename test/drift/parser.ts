/** What PostgreSQL's own parser knows: the types of its statements, and which of them a text is. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { loadParser } from "../../engine/analysis/parser";

const folder = dirname(require.resolve("@pgsql/types/package.json"));
const declared = (file: string) => readFileSync(join(folder, file), "utf8");

/** Every type of node that is a statement: `CreateStmt`, `AlterTableStmt` … */
export function statementTypes(): string[] {
  const all = [...declared("types.d.ts").matchAll(/interface (\w+Stmt)\b/g)];
  return [...new Set(all.map(([, name = ""]) => name))].sort();
}

/** The values of an enumeration of the parse tree: `AlterTableType` has `AT_AddColumn` … */
export function enumeration(name: string): string[] {
  const line = new RegExp(`^export type ${name} = (.*);$`, "m").exec(declared("enums.d.ts"))?.[1];
  return (line ?? "").split("|").map((value) => value.trim().replaceAll('"', ""));
}

export interface Statement {
  /** `AlterTableStmt` */
  readonly type: string;
  /** Every word of the tree that is a value of an enumeration: `AT_AddColumn`, `OBJECT_TABLE`. */
  readonly words: readonly string[];
}

/** @returns undefined where the parser refuses the text: there is no such statement */
export async function parser(): Promise<(sql: string) => Statement[] | undefined> {
  const parse = await loadParser();
  return (sql) => {
    const parsed = parse(sql);
    if (parsed.kind !== "parsed") return undefined;
    return parsed.nodes.map((node) => {
      const [type = "", tree] = Object.entries(node)[0] ?? [];
      return { type, words: [...wordsIn(tree)] };
    });
  };
}

function* wordsIn(tree: unknown): Generator<string> {
  if (typeof tree === "string" && /^[A-Z]+_\w+$/.test(tree)) yield tree;
  if (typeof tree !== "object" || tree === null) return;
  for (const value of Object.values(tree)) yield* wordsIn(value);
}
