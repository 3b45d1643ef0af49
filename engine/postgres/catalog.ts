/**
 * Reads the live schema: what {@link Catalog} and {@link fingerprint} are made of, and, where it is asked for
 * ({@link CatalogScope.operations}), what is drift, but no schema. docs/drift.md has the list.
 *
 * **Schema is** what a migration makes: schemas, tables (persistence, partitioning, inheritance, row level security,
 * replica identity, storage options), columns (type, collation, not null, default, identity, generated, storage, their
 * order), constraints, indexes, views, functions, procedures, aggregates, triggers, event triggers, policies, rules,
 * sequences, types, extended statistics, collations, operators, casts, text search objects, foreign data wrappers,
 * servers and tables, extensions (that they are there), comments, privileges that are not the default ones, default
 * privileges. An index that is not valid, a trigger that is disabled, a constraint not validated: all of it shows.
 *
 * **Drift, but no schema**, and so no part of the fingerprint:
 * - owners: they differ from one environment to the next (pg_dump --no-owner);
 * - versions of extensions: updated with the server (pg_dump likewise);
 * - tablespaces, the index a table is clustered on, column compression: where and how data lies;
 * - settings of the database and of roles, the database's own privileges and comment, publications, subscriptions, that
 *   there is a user mapping, security labels: operated, not migrated;
 * - rare kinds of objects (operator families, text search parsers, languages, …), which earlier versions did not read:
 *   the fingerprint of a schema stays what it is.
 *
 * **Neither**, and never read:
 * - data, where sequences stand, what ANALYZE found out, whether a materialized view is populated;
 * - the schema history, by name and by shape;
 * - who granted a privilege; extension members, schemas of extensions, the system's own objects;
 * - roles, and what else belongs to the whole server; what holds passwords;
 * - what comes with another object: row, array and multirange types, a partition's copies of its parent's indexes,
 *   constraints and triggers.
 */
import type { Catalog } from "../core/catalog";
import { identityOf, quoteName } from "../core/catalog/identity";
import { normaliseView } from "../core/catalog/view-definition";
import { type CatalogRow, catalogSql } from "./catalog/query";
import type { CatalogScope } from "./catalog/scope";
import { withPrintSettings } from "./catalog/settings";

export type { CatalogScope };

/** A connection, as far as reading the catalog needs one: a pg.Client is one. */
export interface CatalogClient {
  query(sql: string): Promise<unknown>;
}

/**
 * Reads the catalog in one round trip and one snapshot. Writes nothing, works with a role that may only connect, inside
 * and outside a transaction, and leaves the session's settings as they were. It waits for a table or view that somebody
 * holds an ACCESS EXCLUSIVE lock on: the session's lock_timeout applies.
 */
export async function readCatalog(client: CatalogClient, scope: CatalogScope): Promise<Catalog> {
  const results = (await client.query(withPrintSettings(catalogSql(scope)))) as ResultSet[];
  const rows = results.flatMap((result) => result.rows.filter(isCatalogRow));
  const entries = rows.map((row) => [nameOf(row), definitionOf(row)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface ResultSet {
  readonly rows: readonly object[];
}

/** The settings around the query return rows too. */
const isCatalogRow = (row: object): row is CatalogRow => "definition" in row;

function nameOf(row: CatalogRow): string {
  const identity = identityOf(row);
  if (row.about === null) return identity;
  if (row.about.endsWith(" of")) return `${row.about} ${identity}`;
  return `${row.about}${row.role === null ? "" : ` ${quoteName(row.role)}`} on ${identity}`;
}

/** A file checked out with other line ends makes the same function. */
function definitionOf({ about, kind, definition }: CatalogRow): string {
  const text = definition.replaceAll("\r\n", "\n");
  return about === null && kind.endsWith("view") ? normaliseView(text) : text;
}
