import { searchDestructive } from "./destructive-search";
import type { Parse } from "./parser";
import type { Statement } from "./split";

/** A statement that destroys data, or one that cannot be read and might. */
export interface Destruction {
  /** In UTF-16 units, in the text that was given. */
  readonly offset: number;
  /** The words that decided: `DROP TABLE`, `ALTER TABLE … DROP COLUMN`. */
  readonly keyword: string;
  /** What it destroys, named as the text names it; empty where that cannot be read. A column is `table.column`. */
  readonly objects: readonly string[];
  /** true: SQL that is put together when it runs, and that nobody can read before. */
  readonly dynamic: boolean;
  /** Who has read it: PostgreSQL's parser, or, where that refuses or is not there, the words alone. */
  readonly by: "parser" | "scanner";
}

/**
 * Finds the statements of a script that destroy data (docs/destructive.md says which), wherever they stand: in a WITH, an
 * EXPLAIN ANALYZE, a PREPARE, a COPY, a DO block, a text for EXECUTE, or the body of a function that the same script
 * makes and calls. What other functions do is not seen.
 * @param sql the text that will run, placeholders replaced
 * @param statements of that text
 */
export function findDestructive(
  sql: string,
  statements: readonly Statement[],
  parse?: Parse,
): Destruction[] {
  const found = searchDestructive(sql, statements, parse).sort((a, b) => a.offset - b.offset);
  const seen = new Set<string>();
  return found.filter(({ offset, keyword }) => {
    const key = `${offset} ${keyword}`;
    return !seen.has(key) && seen.add(key);
  });
}
