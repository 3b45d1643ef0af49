import { TidemarkError } from "../core/errors";
import type { EngineOptions } from "../core/options";
import type { DatabaseSnapshot } from "../core/snapshot";
import { HISTORY_COLUMNS } from "./catalog/scope";
import { readHistory } from "./schema-history";
import type { Session } from "./session";

interface IdentityRow {
  database: string;
  user: string;
  version: number;
  schema: string | null;
}

interface SchemaRow {
  name: string;
  managed: boolean;
  exists: boolean;
  filled: boolean;
  history: boolean;
  otherHistory: boolean;
}

const IDENTITY = `SELECT pg_catalog.current_database() AS database, current_user AS user,
  pg_catalog.current_setting('server_version_num')::int AS version, pg_catalog.current_schema() AS schema`;

/** Whether the object of an alias belongs to no extension. */
const ownObject = (catalog: string, alias: string): string =>
  `NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
     WHERE d.classid = 'pg_catalog.${catalog}'::regclass AND d.objid = ${alias}.oid AND d.deptype = 'e')`;

/**
 * For each schema: does it exist, does it hold anything that Flyway counts (relations r, v, S, t; types but arrays and
 * composites; functions; nothing of an extension, not the history itself), does it hold the history table ($2).
 * With $3, the other schemas of the database follow, but for those of extensions; and tables count that Flyway does not
 * see (partitioned and foreign ones), and materialized views.
 */
const SCHEMAS = `SELECT s.name, s.managed, n.oid IS NOT NULL AS exists,
  EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid
      AND (c.relkind IN ('r','v','S','t') OR $3 AND c.relkind IN ('p','f','m'))
      AND c.relname <> $2 AND ${ownObject("pg_class", "c")})
    OR EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.typnamespace = n.oid AND t.typcategory NOT IN ('A','C')
      AND ${ownObject("pg_type", "t")})
    OR EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE p.pronamespace = n.oid AND ${ownObject("pg_proc", "p")}) AS filled,
  EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relkind = 'r' AND c.relname = $2) AS history,
  NOT s.managed AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relkind = 'r'
    AND 10 = (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attname IN (${HISTORY_COLUMNS}))) AS "otherHistory"
  FROM (SELECT name, position, true AS managed FROM unnest($1::text[]) WITH ORDINALITY AS m(name, position)
      UNION ALL SELECT o.nspname, NULL, false FROM pg_catalog.pg_namespace o
        WHERE $3 AND o.nspname <> ALL ($1::text[]) AND o.nspname <> 'information_schema' AND o.nspname !~ '^pg_'
          AND ${ownObject("pg_namespace", "o")}
    ) AS s
  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = s.name ORDER BY s.position NULLS LAST, s.name`;

type SnapshotOptions = Pick<EngineOptions, "schemas" | "defaultSchema" | "table" | "baselineScope">;

/**
 * Reads all that planning needs; never writes, so a role with SELECT on the history is enough.
 * @throws TidemarkError where no schema is configured and the search_path names none, or the history cannot be read.
 */
export async function readSnapshot(
  session: Session,
  options: SnapshotOptions,
): Promise<DatabaseSnapshot> {
  const [identity] = await session.query<IdentityRow>(IDENTITY);
  if (!identity) throw new Error("the server did not say who we are");
  const schemas = managedSchemas(options, identity.schema);
  const rows = await session.query<SchemaRow>(SCHEMAS, [
    schemas,
    options.table,
    options.baselineScope === "database",
  ]);
  const defaultSchema = options.defaultSchema ?? schemas[0];
  const historyExists = rows.some((row) => row.name === defaultSchema && row.history);
  return {
    database: identity.database,
    user: identity.user,
    serverVersion: identity.version,
    defaultSchema,
    table: options.table,
    schemas,
    missingSchemas: rows.filter((row) => row.managed && !row.exists).map((row) => row.name),
    nonEmptySchemas: rows.filter((row) => row.filled).map((row) => row.name),
    otherHistories: rows.filter((row) => row.otherHistory).map((row) => row.name),
    historyExists,
    applied: historyExists
      ? await readHistory(session, { schema: defaultSchema, table: options.table })
      : [],
  };
}

/** The configured schemas, the default schema first where it is not one of them; else the connection's own. */
function managedSchemas(
  options: SnapshotOptions,
  current: string | null,
): readonly [string, ...string[]] {
  const listed = [...options.schemas];
  if (options.defaultSchema && !listed.includes(options.defaultSchema))
    listed.unshift(options.defaultSchema);
  const [first, ...others] = listed;
  if (first !== undefined) return [first, ...others];
  if (current) return [current];
  throw new TidemarkError({
    code: "ERROR",
    class: "usage",
    message:
      "No schema to work in: none is configured, and the connection's search_path names none that exists.",
    remedy: "Name one: schemas or defaultSchema.",
  });
}
