import { escapeIdentifier } from "pg";

import { type ConcurrentIndex, indexDefinition } from "../analysis/concurrent-index";
import type { Script } from "../analysis/script";
import type { Statement } from "../analysis/split";
import type { Session } from "../postgres/session";

/**
 * An index of this name beside this table that a failed CREATE INDEX CONCURRENTLY left behind, and that nobody is
 * building right now. IF NOT EXISTS would take it for done, though no query can use it.
 */
const INVALID = `SELECT n.nspname AS schema, c.relname AS name
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE NOT i.indisvalid AND c.relname = $1 AND i.indrelid = pg_catalog.to_regclass($2)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = c.oid)`;

interface SettleContext {
  readonly session: Session;
  readonly warn: (message: string) => void;
}

/**
 * What an interrupted build of the same index left behind is dropped where it is INVALID.
 * @param at the statement of the script
 * @returns whether the index is there as it has to be, and nothing is left to do.
 */
export async function settleIndex(
  script: Script,
  { session, warn }: SettleContext,
  at: number,
): Promise<boolean> {
  const index = script.notable.get(at)?.concurrentIndex;
  if (!index) return false;
  const { start, end } = script.statements[at] as Statement;
  const dropped = await dropInvalidIndex(session, index);
  if (dropped)
    warn(
      `Dropped the INVALID index ${dropped}, which a failed build had left behind: it is built anew.`,
    );
  if (!(await isBuiltAlready(session, index, script.sql.text.slice(start, end)))) return false;
  warn(
    `The index ${index.name} is there already, valid and as this statement defines it: an interrupted run has built it.`,
  );
  return true;
}

/**
 * Drops what a failed build of the very index left behind, so that it is built anew.
 * @returns the name of the dropped index; undefined: there was none.
 */
async function dropInvalidIndex(
  session: Session,
  index: ConcurrentIndex,
): Promise<string | undefined> {
  if (index.action !== "create" || index.name === undefined || index.table === undefined)
    return undefined;
  const table = tableOf(index);
  const [found] = await session.query<{ schema: string; name: string }>(INVALID, [
    index.name,
    table,
  ]);
  if (!found) return undefined;
  const name = `${escapeIdentifier(found.schema)}.${escapeIdentifier(found.name)}`;
  await session.query(`DROP INDEX CONCURRENTLY ${name}`);
  return name;
}

const NAME = '("([^"]|"")+"|[^\\s".]+)';
/** What pg_get_indexdef says of names, which differ. */
const HEAD = `^CREATE (UNIQUE )?INDEX ${NAME} ON (ONLY )?${NAME}([.]${NAME})? `;

/** The index that is there under this name ($1, on table $2) against one that the statement makes on an empty copy. */
const IS_EQUAL = `SELECT count(DISTINCT (
      pg_catalog.regexp_replace(pg_catalog.pg_get_indexdef(c.oid), '${HEAD}', ''),
      i.indisunique, c.reltablespace)) = 1 AND count(*) = 2 AS equal
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  WHERE i.indisvalid AND ((c.relname = $1 AND i.indrelid = pg_catalog.to_regclass($2))
    OR i.indrelid = 'pg_temp.tidemark_probe'::regclass)`;

const EXISTS = `SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  WHERE i.indisvalid AND c.relname = $1 AND i.indrelid = pg_catalog.to_regclass($2)`;

/**
 * Is the very index there already, valid and with this statement's definition? So it is where a run ended after the
 * build and before its history row: a server goes on building when the migrator has been killed.
 */
async function isBuiltAlready(
  session: Session,
  index: ConcurrentIndex,
  statement: string,
): Promise<boolean> {
  if (index.action !== "create" || index.ifNotExists) return false;
  if (index.name === undefined || index.table === undefined) return false;
  const names = [index.name, tableOf(index)];
  if ((await session.query(EXISTS, names)).length === 0) return false;
  const unique = index.unique ? "UNIQUE " : "";
  try {
    await session.runScript(
      `BEGIN; CREATE TEMPORARY TABLE tidemark_probe (LIKE ${tableOf(index)});
       CREATE ${unique}INDEX tidemark_probe_index ON pg_temp.tidemark_probe ${indexDefinition(statement)}`,
    );
    const [row] = await session.query<{ equal: boolean }>(IS_EQUAL, names);
    return row?.equal === true;
  } catch {
    return false; // it cannot be told (no right to make temporary tables): the statement itself says what is wrong
  } finally {
    await session.rollback();
  }
}

function tableOf({ schema, table = "" }: ConcurrentIndex): string {
  const name = escapeIdentifier(table);
  return schema === undefined ? name : `${escapeIdentifier(schema)}.${name}`;
}
