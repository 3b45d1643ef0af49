import { type Branch, collation, notMember } from "./branch";

const ENUM = `
  (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
   FROM pg_enum e WHERE e.enumtypid = t.oid)`;

const DOMAIN = `concat_ws(' ',
  format_type(t.typbasetype, t.typtypmod),
  ${collation("t.typcollation", "(SELECT b.typcollation FROM pg_type b WHERE b.oid = t.typbasetype)")},
  CASE WHEN t.typnotnull THEN 'not null' END,
  'default ' || pg_get_expr(t.typdefaultbin, 0),
  (SELECT string_agg('constraint ' || quote_literal(c.conname) || ' ' || pg_get_constraintdef(c.oid), ' '
     ORDER BY c.conname COLLATE "C")
   FROM pg_constraint c WHERE c.contypid = t.oid AND c.contype <> 'n'))`;

const COMPOSITE = `
  (SELECT string_agg(concat_ws(' ', quote_literal(a.attname), format_type(a.atttypid, a.atttypmod),
     ${collation("a.attcollation", "b.typcollation")}), ', ' ORDER BY a.attnum)
   FROM pg_attribute a JOIN pg_type b ON b.oid = a.atttypid
   WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)`;

const RANGE = `
  (SELECT concat_ws(' ', format_type(g.rngsubtype, NULL), 'operator class', o.opcname,
     CASE WHEN g.rngcollation <> 0 THEN 'collate ' || g.rngcollation::regcollation END,
     'canonical', g.rngcanonical, 'difference', g.rngsubdiff)
   FROM pg_range g JOIN pg_opclass o ON o.oid = g.rngsubopc WHERE g.rngtypid = t.oid)`;

const BASE = `concat_ws(' ', t.typinput, t.typoutput, 'length', t.typlen, 'align', t.typalign,
  'storage', t.typstorage, 'category', t.typcategory, 'default ' || t.typdefault)`;

/**
 * Left out: what comes with another object, that is the row types of relations (the join with pg_class leaves
 * those of composite types), array types and multirange types.
 */
export const types: Branch = {
  kind: `CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite type'
    WHEN 'r' THEN 'range type' ELSE 'base type' END`,
  path: "ARRAY[n.nspname::text, t.typname::text]",
  address: ["pg_type", "t.oid"],
  acl: ["'T'", "t.typowner", "t.typacl"],
  definition: `coalesce(CASE t.typtype WHEN 'e' THEN ${ENUM} WHEN 'd' THEN ${DOMAIN} WHEN 'c' THEN ${COMPOSITE}
    WHEN 'r' THEN ${RANGE} ELSE ${BASE} END, 'empty')`,
  from: `FROM ns n JOIN pg_type t ON t.typnamespace = n.oid
LEFT JOIN pg_class c ON c.oid = t.typrelid
LEFT JOIN pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
WHERE t.typtype IN ('e', 'd', 'c', 'r', 'b') AND (t.typtype <> 'c' OR c.relkind = 'c') AND e.oid IS NULL
  AND ${notMember("pg_type", "t.oid")}`,
};
