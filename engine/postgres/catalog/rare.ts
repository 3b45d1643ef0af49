import { type Branch, notMember } from "./branch";

const operators: Branch = {
  kind: "'operator'",
  path: "ARRAY[n.nspname::text, o.oprname::text]",
  suffix:
    "format('(%s, %s)', format_type(nullif(o.oprleft, 0), NULL), format_type(o.oprright, NULL))",
  address: ["pg_operator", "o.oid"],
  definition: `concat_ws(' ', format_type(o.oprresult, NULL), o.oprcode, 'commutator', o.oprcom::regoperator,
    'negator', o.oprnegate::regoperator, 'restrict', o.oprrest, 'join', o.oprjoin, o.oprcanhash, o.oprcanmerge)`,
  from: `FROM ns n JOIN pg_operator o ON o.oprnamespace = n.oid WHERE ${notMember("pg_operator", "o.oid")}`,
};

const operatorClasses: Branch = {
  kind: "'operator class'",
  path: "ARRAY[n.nspname::text, o.opcname::text]",
  suffix: "' using ' || m.amname",
  address: ["pg_opclass", "o.oid"],
  definition: `concat_ws(' ', format_type(o.opcintype, NULL), CASE WHEN o.opcdefault THEN 'default' END,
    'storage', CASE WHEN o.opckeytype <> 0 THEN format_type(o.opckeytype, NULL) END)`,
  from: `FROM ns n JOIN pg_opclass o ON o.opcnamespace = n.oid JOIN pg_am m ON m.oid = o.opcmethod
WHERE ${notMember("pg_opclass", "o.oid")}`,
};

/**
 * The locale of ICU has lain in three columns: collcollate up to PostgreSQL 14, colliculocale, and colllocale from 17 on.
 * Through jsonb one query knows them all.
 */
const collations: Branch = {
  kind: "'collation'",
  path: "ARRAY[n.nspname::text, c.collname::text]",
  address: ["pg_collation", "c.oid"],
  definition: `concat_ws(' ', c.collprovider,
    CASE c.collprovider WHEN 'c' THEN concat_ws(' ', c.collcollate, c.collctype)
      ELSE (SELECT coalesce(j ->> 'colllocale', j ->> 'colliculocale', c.collcollate) FROM to_jsonb(c) j) END,
    CASE WHEN NOT c.collisdeterministic THEN 'not deterministic' END)`,
  from: `FROM ns n JOIN pg_collation c ON c.collnamespace = n.oid WHERE ${notMember("pg_collation", "c.oid")}`,
};

const TOKEN_DICTIONARIES = `
  (SELECT string_agg(format('%s %s %s', m.maptokentype, m.mapseqno, m.mapdict::regdictionary), ', '
     ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = c.oid)`;

const textSearchConfigurations: Branch = {
  kind: "'text search configuration'",
  path: "ARRAY[n.nspname::text, c.cfgname::text]",
  address: ["pg_ts_config", "c.oid"],
  definition: `concat_ws(' ', p.prsname, ${TOKEN_DICTIONARIES})`,
  from: `FROM ns n JOIN pg_ts_config c ON c.cfgnamespace = n.oid JOIN pg_ts_parser p ON p.oid = c.cfgparser
WHERE ${notMember("pg_ts_config", "c.oid")}`,
};

const textSearchDictionaries: Branch = {
  kind: "'text search dictionary'",
  path: "ARRAY[n.nspname::text, d.dictname::text]",
  address: ["pg_ts_dict", "d.oid"],
  definition: "concat_ws(' ', t.tmplname, d.dictinitoption)",
  from: `FROM ns n JOIN pg_ts_dict d ON d.dictnamespace = n.oid JOIN pg_ts_template t ON t.oid = d.dicttemplate
WHERE ${notMember("pg_ts_dict", "d.oid")}`,
};

/** Objects that lie in a schema, and that most databases have none of. */
export const RARE_BRANCHES: readonly Branch[] = [
  operators,
  operatorClasses,
  collations,
  textSearchConfigurations,
  textSearchDictionaries,
];
