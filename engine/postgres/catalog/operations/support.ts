import { type Branch, FIRST_OWN_OID, notMember } from "../branch";

const NO_DEFINITION = "NULL";

/**
 * NOT NULL is a property of the column; from PostgreSQL 18 on it is a constraint, too, which has a name and may be not
 * valid. Those that a column has by itself are left out, so that an upgrade to 18 is no drift.
 */
const notNullConstraints: Branch = {
  kind: "'not null constraint'",
  path: "r.path || con.conname::text",
  address: ["pg_constraint", "con.oid"],
  definition: `CASE WHEN con.conname !~ '_not_null[0-9]*$' OR con.connoinherit OR NOT con.convalidated
    THEN pg_get_constraintdef(con.oid) END`,
  from: `FROM rel r JOIN pg_constraint con ON con.conrelid = r.oid WHERE con.contype = 'n' AND con.conparentid = 0`,
};

/** It is part of the domain's definition, but for its comment. */
const domainConstraints: Branch = {
  kind: "'domain constraint'",
  path: "ARRAY[n.nspname::text, t.typname::text, con.conname::text]",
  address: ["pg_constraint", "con.oid"],
  definition: NO_DEFINITION,
  from: `FROM ns n JOIN pg_type t ON t.typnamespace = n.oid JOIN pg_constraint con ON con.contypid = t.oid`,
};

/** It is part of the type's definition, but for its comment. */
const attributes: Branch = {
  kind: "'attribute'",
  path: "ARRAY[n.nspname::text, c.relname::text, a.attname::text]",
  address: ["pg_class", "c.oid", "a.attnum"],
  definition: NO_DEFINITION,
  from: `FROM ns n JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind = 'c'
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`,
};

/** `CREATE TYPE name;` */
const shellTypes: Branch = {
  kind: "'shell type'",
  path: "ARRAY[n.nspname::text, t.typname::text]",
  address: ["pg_type", "t.oid"],
  acl: ["'T'", "t.typowner", "t.typacl"],
  definition: "'shell'",
  from: `FROM ns n JOIN pg_type t ON t.typnamespace = n.oid
WHERE NOT t.typisdefined AND ${notMember("pg_type", "t.oid")}`,
};

const FAMILY_OPERATORS = `
  (SELECT string_agg(format('operator %s %s%s', o.amopstrategy, o.amopopr::regoperator,
     ' order by ' || nullif(o.amopsortfamily, 0)), E'\\n'
     ORDER BY o.amoplefttype::regtype::text COLLATE "C", o.amoprighttype::regtype::text COLLATE "C", o.amopstrategy)
   FROM pg_amop o WHERE o.amopfamily = f.oid)`;

const FAMILY_FUNCTIONS = `
  (SELECT string_agg(format('function %s (%s, %s) %s', p.amprocnum, p.amproclefttype::regtype,
     p.amprocrighttype::regtype, p.amproc::regprocedure), E'\\n'
     ORDER BY p.amproclefttype::regtype::text COLLATE "C", p.amprocrighttype::regtype::text COLLATE "C", p.amprocnum)
   FROM pg_amproc p WHERE p.amprocfamily = f.oid)`;

/** What an operator class consists of, its family does. */
const operatorFamilies: Branch = {
  kind: "'operator family'",
  path: "ARRAY[n.nspname::text, f.opfname::text]",
  suffix: "' using ' || m.amname",
  address: ["pg_opfamily", "f.oid"],
  definition: `concat_ws(E'\\n', 'family', ${FAMILY_OPERATORS}, ${FAMILY_FUNCTIONS})`,
  from: `FROM ns n JOIN pg_opfamily f ON f.opfnamespace = n.oid JOIN pg_am m ON m.oid = f.opfmethod
WHERE ${notMember("pg_opfamily", "f.oid")}`,
};

const textSearchParsers: Branch = {
  kind: "'text search parser'",
  path: "ARRAY[n.nspname::text, p.prsname::text]",
  address: ["pg_ts_parser", "p.oid"],
  definition: "concat_ws(' ', p.prsstart, p.prstoken, p.prsend, p.prsheadline, p.prslextype)",
  from: `FROM ns n JOIN pg_ts_parser p ON p.prsnamespace = n.oid WHERE ${notMember("pg_ts_parser", "p.oid")}`,
};

const textSearchTemplates: Branch = {
  kind: "'text search template'",
  path: "ARRAY[n.nspname::text, t.tmplname::text]",
  address: ["pg_ts_template", "t.oid"],
  definition: "concat_ws(' ', t.tmplinit, t.tmpllexize)",
  from: `FROM ns n JOIN pg_ts_template t ON t.tmplnamespace = n.oid WHERE ${notMember("pg_ts_template", "t.oid")}`,
};

const conversions: Branch = {
  kind: "'conversion'",
  path: "ARRAY[n.nspname::text, c.conname::text]",
  address: ["pg_conversion", "c.oid"],
  definition: `concat_ws(' ', CASE WHEN c.condefault THEN 'default' END, pg_encoding_to_char(c.conforencoding), 'to',
    pg_encoding_to_char(c.contoencoding), 'by', c.conproc)`,
  from: `FROM ns n JOIN pg_conversion c ON c.connamespace = n.oid WHERE ${notMember("pg_conversion", "c.oid")}`,
};

const transforms: Branch = {
  kind: "'transform'",
  path: "ARRAY[]::text[]",
  suffix: "format(' (%s, %s)', format_type(t.trftype, NULL), l.lanname)",
  address: ["pg_transform", "t.oid"],
  definition: "concat_ws(' ', 'from', t.trffromsql::regprocedure, 'to', t.trftosql::regprocedure)",
  from: `FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang
WHERE ${notMember("pg_transform", "t.oid")}`,
};

/** Of the languages that come with the server, only who may use them. */
const languages: Branch = {
  kind: "'language'",
  path: "ARRAY[l.lanname::text]",
  address: ["pg_language", "l.oid"],
  acl: ["'l'", "l.lanowner", "l.lanacl"],
  definition: `CASE WHEN l.oid >= ${FIRST_OWN_OID} AND ${notMember("pg_language", "l.oid")} THEN
    concat_ws(' ', CASE WHEN l.lanpltrusted THEN 'trusted' END, 'handler', nullif(l.lanplcallfoid, 0)::regproc,
      'inline', nullif(l.laninline, 0)::regproc, 'validator', nullif(l.lanvalidator, 0)::regproc) END`,
  from: "FROM pg_language l",
};

const accessMethods: Branch = {
  kind: "'access method'",
  path: "ARRAY[a.amname::text]",
  address: ["pg_am", "a.oid"],
  definition: `concat_ws(' ', CASE a.amtype WHEN 't' THEN 'table' ELSE 'index' END, a.amhandler)`,
  from: `FROM pg_am a WHERE a.oid >= ${FIRST_OWN_OID} AND ${notMember("pg_am", "a.oid")}`,
};

/** Only that it is there: its options hold passwords, and show themselves to some roles and not to others. */
const userMappings: Branch = {
  kind: "'user mapping of'",
  path: "ARRAY[coalesce(u.usename::text, 'public')]",
  owner: "ARRAY[u.srvname::text]",
  address: ["pg_user_mapping", "0::oid"],
  definition: "'mapping'",
  from: "FROM pg_user_mappings u",
};

/** Rare kinds of objects, and what belongs to an object but is only commented on. */
export const supportBranches = (serverVersion: number): readonly Branch[] => [
  ...(serverVersion >= 180000 ? [notNullConstraints] : []),
  domainConstraints,
  attributes,
  shellTypes,
  operatorFamilies,
  textSearchParsers,
  textSearchTemplates,
  conversions,
  transforms,
  languages,
  accessMethods,
  userMappings,
];
