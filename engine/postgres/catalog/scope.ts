import { escapeLiteral } from "pg";

/** What part of a database a catalog is read of. */
export interface CatalogScope {
  /** Tables that are not part of the schema, with all that belongs to them: the schema history. */
  readonly exclude: readonly { readonly schema: string; readonly table: string }[];
  /** Only these schemas, and of the database's own objects only what lies in them; default: all but the system's. */
  readonly schemas?: readonly string[];
  /** Also what is drift, but no schema (engine/core/catalog/format.ts), of the whole database; default: the schema alone. */
  readonly operations?: Operations;
}

/** What the catalogs differ in from one release to the next has to be known before they are asked. */
export interface Operations {
  /** As `server_version_num` has it: 180004. */
  readonly serverVersion: number;
}

/** @returns a SQL list that is never empty; names are values here, and so never folded or quoted as identifiers */
const list = (values: readonly string[]) => [...values.map(escapeLiteral), "NULL"].join(", ");

/** Schemas of an extension hold what the extension makes as it goes (chunks, jobs): its business, not the schema's. */
const ALL_SCHEMAS = `
  NOT EXISTS (
    SELECT FROM member m WHERE m.classid = 'pg_namespace'::regclass AND m.objid = n.oid
  )`;

const historyTables = (scope: CatalogScope) =>
  scope.exclude
    .map(({ schema, table }) => `(${escapeLiteral(schema)}, ${escapeLiteral(table)})`)
    .concat("(NULL, NULL)")
    .join(", ");

/** The columns of every version of Flyway's schema history table: a second history, or a copy of one, is none either. */
export const HISTORY_COLUMNS = `'installed_rank', 'version', 'description', 'type', 'script', 'checksum',
  'installed_by', 'installed_on', 'execution_time', 'success'`;

/**
 * The common table expressions that all branches of the catalog query select from.
 * - member: what extensions consist of. It changes when they are updated, and pg_dump leaves it out too.
 * - ns: the schemas in scope
 * - rel: the relations in scope, without the schema history; what belongs to a relation joins it
 */
export const scopeSql = (scope: CatalogScope) => `
member AS MATERIALIZED (
  SELECT classid, objid FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
),
ns AS MATERIALIZED (
  SELECT n.oid, n.nspname, n.nspowner, n.nspacl FROM pg_namespace n
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND ${scope.schemas ? `n.nspname IN (${list(scope.schemas)})` : ALL_SCHEMAS}
),
rel AS MATERIALIZED (
  SELECT c.*, n.nspname, ARRAY[n.nspname::text, c.relname::text] AS path,
    CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
      WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind
  FROM pg_class c JOIN ns n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND NOT EXISTS (
      SELECT FROM member m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid
    )
    AND NOT EXISTS (
      SELECT FROM (VALUES ${historyTables(scope)}) h (schema, "table")
      WHERE h.schema = n.nspname AND h."table" = c.relname
    )
    AND (c.relkind <> 'r' OR c.relnatts < 10 OR 10 > (
      SELECT count(*) FROM pg_attribute a
      WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attname IN (${HISTORY_COLUMNS})
    ))
)`;
