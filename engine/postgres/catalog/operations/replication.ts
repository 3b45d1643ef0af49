import { type Branch, notMember, THIS_DATABASE } from "../branch";

const PUBLISHED = `concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
  CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END)`;

/** A list of columns and a condition for rows: from PostgreSQL 15 on. */
const COLUMNS_AND_ROWS = `
  coalesce((SELECT ' (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')'
    FROM pg_attribute a WHERE a.attrelid = t.prrelid AND a.attnum = ANY (t.prattrs)), '') ||
  coalesce(' where ' || pg_get_expr(t.prqual, t.prrelid), '')`;

const publishedTables = (serverVersion: number) => `
  (SELECT string_agg(x.line, E'\\n' ORDER BY x.line COLLATE "C") FROM (
     SELECT 'table ' || t.prrelid::regclass::text ${serverVersion >= 150000 ? `|| ${COLUMNS_AND_ROWS}` : ""} AS line
     FROM pg_publication_rel t WHERE t.prpubid = p.oid) x)`;

const PUBLISHED_SCHEMAS = `
  (SELECT string_agg('schema ' || s.pnnspid::regnamespace::text, E'\\n'
     ORDER BY s.pnnspid::regnamespace::text COLLATE "C") FROM pg_publication_namespace s WHERE s.pnpubid = p.oid)`;

const publications = (serverVersion: number): Branch => ({
  kind: "'publication'",
  path: "ARRAY[p.pubname::text]",
  address: ["pg_publication", "p.oid"],
  definition: `concat_ws(E'\\n', concat_ws(' ', 'publish', ${PUBLISHED},
      CASE WHEN p.pubviaroot THEN 'via root' END
      ${serverVersion >= 180000 ? ", CASE WHEN p.pubgencols = 's' THEN 'with generated columns' END" : ""}),
    CASE WHEN p.puballtables THEN 'all tables' END,
    ${serverVersion >= 150000 ? PUBLISHED_SCHEMAS : "NULL"},
    ${publishedTables(serverVersion)})`,
  from: `FROM pg_publication p WHERE ${notMember("pg_publication", "p.oid")}`,
});

/** What a role without privileges may read of pg_subscription, which is all but the connection. */
function subscriptionOptions(serverVersion: number): string {
  return [
    "CASE WHEN NOT s.subenabled THEN 'disabled' END",
    "'slot ' || coalesce(s.subslotname::text, 'none')",
    ...(serverVersion >= 140000
      ? [
          "'commit ' || nullif(s.subsynccommit, 'off')",
          "CASE WHEN s.subbinary THEN 'binary' END",
          "'streaming ' || nullif(nullif(s.substream::text, 'f'), 'false')",
        ]
      : []),
    ...(serverVersion >= 150000
      ? [
          // It goes from pending to enabled by itself.
          "CASE WHEN s.subtwophasestate <> 'd' THEN 'two phase' END",
          "CASE WHEN s.subdisableonerr THEN 'disable on error' END",
        ]
      : []),
    ...(serverVersion >= 160000
      ? [
          "'origin ' || nullif(s.suborigin, 'any')",
          "CASE WHEN NOT s.subpasswordrequired THEN 'no password required' END",
          "CASE WHEN s.subrunasowner THEN 'run as owner' END",
        ]
      : []),
    ...(serverVersion >= 170000 ? ["CASE WHEN s.subfailover THEN 'failover' END"] : []),
  ].join(", ");
}

/** Its connection is never read: it holds a password. On PostgreSQL 13 only a superuser may read its oid. */
const subscriptions = (serverVersion: number): Branch => ({
  kind: "'subscription'",
  path: "ARRAY[s.subname::text]",
  address: ["pg_subscription", serverVersion >= 140000 ? "s.oid" : "0::oid"],
  definition: `concat_ws(' ', 'to', (SELECT string_agg(quote_ident(p), ', ' ORDER BY p COLLATE "C")
      FROM unnest(s.subpublications) p), ${subscriptionOptions(serverVersion)})`,
  from: `FROM pg_subscription s
WHERE s.subdbid = ${THIS_DATABASE}`,
});

/** Publications, and subscriptions of this database. */
export const replicationBranches = (serverVersion: number): readonly Branch[] => [
  publications(serverVersion),
  subscriptions(serverVersion),
];
