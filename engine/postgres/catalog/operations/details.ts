/**
 * What is said about an object because no definition has it: a SELECT of address, words, role and text, which joins the
 * objects of the catalog query by their address.
 */
import { FIRST_OWN_OID, sortedOptions } from "../branch";

interface Detail {
  readonly about: string;
  /** text: whose word it is; default: nobody's. */
  readonly role?: string;
  /** The object's address: catalog (a SQL text of type oid), oid, column number. */
  readonly address: readonly [classid: string, oid: string, column?: string];
  /** text; where it is null, nothing is said. */
  readonly definition: string;
  readonly from: string;
}

const detailSql = ({ about, role, address, definition, from }: Detail) => `
SELECT ${address[0]} AS classid, ${address[1]} AS objid, (${address[2] ?? "0"})::integer AS objsubid,
  '${about}'::text AS about, (${role ?? "NULL"})::text AS role, (${definition})::text AS definition
${from}`;

const catalog = (name: string) => `'${name}'::regclass::oid`;

/** Of a sequence that a column owns, the owner is the table's; so are those of an index and a toast table. */
const RELATION_OWNERS = `o.relkind IN ('r', 'p', 'v', 'm', 'f') OR o.relkind = 'S' AND NOT EXISTS (
  SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = o.oid AND d.objsubid = 0
    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i'))`;

const OWNERS: Readonly<Record<string, readonly [column: string, condition?: string]>> = {
  pg_namespace: ["nspowner"],
  pg_class: ["relowner", RELATION_OWNERS],
  pg_type: ["typowner"],
  pg_proc: ["proowner"],
  pg_operator: ["oprowner"],
  pg_opclass: ["opcowner"],
  pg_opfamily: ["opfowner"],
  pg_collation: ["collowner"],
  pg_conversion: ["conowner"],
  pg_statistic_ext: ["stxowner"],
  pg_ts_config: ["cfgowner"],
  pg_ts_dict: ["dictowner"],
  pg_extension: ["extowner"],
  pg_language: ["lanowner", `o.oid >= ${FIRST_OWN_OID}`],
  pg_event_trigger: ["evtowner"],
  pg_foreign_data_wrapper: ["fdwowner"],
  pg_foreign_server: ["srvowner"],
  pg_publication: ["pubowner"],
  pg_database: ["datdba"],
};

const owners = (): Detail[] =>
  Object.entries(OWNERS).map(([name, [column, condition]]) => ({
    about: "owner of",
    address: [catalog(name), "o.oid"],
    definition: `pg_get_userbyid(o.${column})`,
    from: `FROM ${name} o${condition === undefined ? "" : ` WHERE ${condition}`}`,
  }));

const subscriptionOwners: Detail = {
  about: "owner of",
  address: [catalog("pg_subscription"), "o.oid"],
  definition: "pg_get_userbyid(o.subowner)",
  from: "FROM pg_subscription o",
};

const extensionVersions: Detail = {
  about: "version of",
  address: [catalog("pg_extension"), "e.oid"],
  definition: "e.extversion",
  from: "FROM pg_extension e",
};

const clusteredIndexes: Detail = {
  about: "clustered index of",
  address: [catalog("pg_class"), "i.indrelid"],
  definition: "quote_ident(c.relname)",
  from: "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indisclustered",
};

/** Only where it is not the database's own. */
const tablespaces: Detail = {
  about: "tablespace of",
  address: [catalog("pg_class"), "c.oid"],
  definition: "t.spcname",
  from: "FROM pg_class c JOIN pg_tablespace t ON t.oid = c.reltablespace",
};

const constraintTablespaces: Detail = {
  about: "tablespace of",
  address: [catalog("pg_constraint"), "con.oid"],
  definition: "t.spcname",
  from: `FROM pg_class c JOIN pg_tablespace t ON t.oid = c.reltablespace
JOIN pg_constraint con ON con.conindid = c.oid AND con.contype IN ('p', 'u', 'x')`,
};

const compression: Detail = {
  about: "compression of",
  address: [catalog("pg_class"), "a.attrelid", "a.attnum"],
  definition:
    "CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' ELSE a.attcompression::text END",
  from: "FROM pg_attribute a WHERE a.attcompression <> ''",
};

const materializedColumns: Detail = {
  about: "settings of",
  address: [catalog("pg_class"), "a.attrelid", "a.attnum"],
  definition: `nullif(concat_ws(' ', CASE WHEN a.attstorage <> t.typstorage THEN 'storage ' || a.attstorage::text END,
    'statistics ' || nullif(a.attstattarget, -1), 'with ' || ${sortedOptions("a.attoptions")}), '')`,
  from: `FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind = 'm'`,
};

const indexColumns: Detail = {
  about: "settings of",
  address: [catalog("pg_class"), "c.oid"],
  definition:
    "string_agg(format('column %s statistics %s', a.attnum, a.attstattarget), ', ' ORDER BY a.attnum)",
  from: `FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attstattarget >= 0 AND a.attnum > 0
WHERE c.relkind IN ('i', 'I') AND c.oid >= ${FIRST_OWN_OID} GROUP BY c.oid`,
};

const baseTypes = (serverVersion: number): Detail => ({
  about: "settings of",
  address: [catalog("pg_type"), "t.oid"],
  definition: `nullif(concat_ws(' ', 'receive ' || nullif(t.typreceive, 0)::regproc, 'send ' || nullif(t.typsend, 0)::regproc,
    'typmod_in ' || nullif(t.typmodin, 0)::regproc, 'typmod_out ' || nullif(t.typmodout, 0)::regproc,
    'analyze ' || nullif(t.typanalyze, 0)::regproc
    ${serverVersion >= 140000 ? ", 'subscript ' || nullif(t.typsubscript, 0)::regproc" : ""}), '')`,
  from: `FROM pg_type t WHERE t.typtype = 'b' AND t.typisdefined AND t.oid >= ${FIRST_OWN_OID}`,
});

/** Where its name is not the one that PostgreSQL makes of the range's. */
const multiranges: Detail = {
  about: "settings of",
  address: [catalog("pg_type"), "t.oid"],
  definition: `CASE WHEN m.typname <> CASE WHEN t.typname LIKE '%range%'
      THEN regexp_replace(t.typname, 'range', 'multirange') ELSE t.typname || '_multirange' END
    THEN 'multirange ' || quote_ident(m.typname) END`,
  from: `FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_type m ON m.oid = r.rngmultitypid`,
};

/** DETACH PARTITION CONCURRENTLY that has not ended: the table is a partition no more for its parent's queries. */
const pendingDetach: Detail = {
  about: "settings of",
  address: [catalog("pg_class"), "i.inhrelid"],
  definition: "'detach pending'",
  from: "FROM pg_inherits i WHERE i.inhdetachpending",
};

const viewMethods: Detail = {
  about: "access method of",
  address: [catalog("pg_class"), "c.oid"],
  definition: "m.amname",
  from: "FROM pg_class c JOIN pg_am m ON m.oid = c.relam AND m.amname <> 'heap' WHERE c.relkind = 'm'",
};

const sequencePersistence: Detail = {
  about: "persistence of",
  address: [catalog("pg_class"), "c.oid"],
  definition: "'unlogged'",
  from: "FROM pg_class c WHERE c.relkind = 'S' AND c.relpersistence = 'u'",
};

const extensionDependencies: Detail = {
  about: "extension dependency of",
  address: ["d.classid", "d.objid", "d.objsubid"],
  definition: `string_agg(quote_ident(e.extname), ', ' ORDER BY e.extname COLLATE "C")`,
  from: `FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid
WHERE d.deptype = 'x' GROUP BY d.classid, d.objid, d.objsubid`,
};

const securityLabels: Detail = {
  about: "security label by",
  role: "l.provider",
  address: ["l.classoid", "l.objoid", "l.objsubid"],
  definition: "l.label",
  from: "FROM pg_seclabel l",
};

const databaseLabel: Detail = {
  about: "security label by",
  role: "l.provider",
  address: ["l.classoid", "l.objoid"],
  definition: "l.label",
  from: "FROM pg_shseclabel l WHERE l.classoid = 'pg_database'::regclass",
};

/** Comments on what belongs to the whole server lie in a catalog of their own. */
const databaseComment: Detail = {
  about: "comment",
  address: ["d.classoid", "d.objoid"],
  definition: "d.description",
  from: "FROM pg_shdescription d WHERE d.classoid = 'pg_database'::regclass",
};

/** @returns a SELECT of `classid, objid, objsubid, about, role, definition` */
export function detailsSql(serverVersion: number): string {
  const details = [
    ...owners(),
    ...(serverVersion >= 140000
      ? [subscriptionOwners, compression, multiranges, pendingDetach]
      : []),
    extensionVersions,
    clusteredIndexes,
    tablespaces,
    constraintTablespaces,
    materializedColumns,
    indexColumns,
    baseTypes(serverVersion),
    viewMethods,
    sequencePersistence,
    extensionDependencies,
    securityLabels,
    databaseLabel,
    databaseComment,
  ];
  return details.map(detailSql).join("\nUNION ALL");
}
