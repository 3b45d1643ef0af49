import { escapeIdentifier } from "pg";

import type { ConcurrentIndex } from "../core/sql";
import type { Session } from "./session";

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

/**
 * Drops what a failed build of the very index left behind, so that it is built anew.
 * @returns the name of the dropped index; undefined: there was none.
 */
export async function dropInvalidIndex(
  session: Session,
  index: ConcurrentIndex,
): Promise<string | undefined> {
  if (index.action !== "create" || index.name === undefined || index.table === undefined)
    return undefined;
  const table = index.schema
    ? `${escapeIdentifier(index.schema)}.${escapeIdentifier(index.table)}`
    : escapeIdentifier(index.table);
  const [found] = await session.query<{ schema: string; name: string }>(INVALID, [
    index.name,
    table,
  ]);
  if (!found) return undefined;
  const name = `${escapeIdentifier(found.schema)}.${escapeIdentifier(found.name)}`;
  await session.query(`DROP INDEX CONCURRENTLY ${name}`);
  return name;
}
