import { type Branch, firing, notMember, sortedOptions } from "./branch";

/** `DISABLE TRIGGER ALL`, done for a bulk load and forgotten, leaves foreign keys that nothing enforces. */
const UNENFORCED = `
  CASE WHEN con.contype = 'f' AND EXISTS (
    SELECT FROM pg_trigger t WHERE t.tgconstraint = con.oid AND t.tgenabled <> 'O'
  ) THEN ' TRIGGERS DISABLED' ELSE '' END`;

/**
 * Left out: not null constraints (a property of the column; a constraint only from PostgreSQL 18 on), constraint
 * triggers (listed as triggers), and what a partition has from its parent.
 */
const constraints: Branch = {
  kind: "'constraint'",
  path: "r.path || con.conname::text",
  address: ["pg_constraint", "con.oid"],
  definition: `pg_get_constraintdef(con.oid) ||
    coalesce(' WITH ' || ${sortedOptions("ic.reloptions")}, '') ||
    CASE WHEN NOT i.indisvalid THEN ' INVALID' ELSE '' END || ${UNENFORCED}`,
  from: `FROM pg_constraint con JOIN rel r ON r.oid = con.conrelid
LEFT JOIN pg_index i ON i.indexrelid = con.conindid AND con.contype IN ('p', 'u', 'x')
LEFT JOIN pg_class ic ON ic.oid = i.indexrelid
WHERE con.contype NOT IN ('n', 't') AND con.conparentid = 0`,
};

/** Left out: indexes that are a constraint, and those that a partition has from its parent. */
const indexes: Branch = {
  kind: "'index'",
  path: "ARRAY[r.nspname::text, c.relname::text]",
  owner: "r.path",
  address: ["pg_class", "c.oid"],
  definition: "pg_get_indexdef(c.oid) || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END",
  from: `FROM rel r JOIN pg_index i ON i.indrelid = r.oid JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT c.relispartition AND NOT EXISTS (
  SELECT FROM pg_constraint con WHERE con.conindid = c.oid AND con.contype IN ('p', 'u', 'x'))`,
};

/** A partition's own copy of a trigger is listed where it fires otherwise than the original. */
const triggers: Branch = {
  kind: "'trigger'",
  path: "r.path || t.tgname::text",
  address: ["pg_trigger", "t.oid"],
  definition: `pg_get_triggerdef(t.oid) || ${firing("t.tgenabled")}`,
  from: `FROM rel r JOIN pg_trigger t ON t.tgrelid = r.oid LEFT JOIN pg_trigger p ON p.oid = t.tgparentid
WHERE CASE WHEN t.tgparentid = 0 THEN NOT t.tgisinternal
  ELSE NOT p.tgisinternal AND t.tgenabled <> p.tgenabled END`,
};

const POLICY_ROLES = `
  (SELECT string_agg(n, ', ' ORDER BY n COLLATE "C") FROM (
     SELECT CASE o WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(o)::text END AS n FROM unnest(p.polroles) o) x)`;

const policies: Branch = {
  kind: "'policy'",
  path: "r.path || p.polname::text",
  address: ["pg_policy", "p.oid"],
  definition: `concat_ws(' ', CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END,
    'for', CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update'
      WHEN 'd' THEN 'delete' ELSE 'all' END,
    'to', ${POLICY_ROLES},
    'using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
    'with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')')`,
  from: "FROM rel r JOIN pg_policy p ON p.polrelid = r.oid",
};

/** The rule _RETURN of a view is the view's definition. */
const rules: Branch = {
  kind: "'rule'",
  path: "r.path || w.rulename::text",
  address: ["pg_rewrite", "w.oid"],
  definition: `pg_get_ruledef(w.oid) || ${firing("w.ev_enabled")}`,
  from: "FROM rel r JOIN pg_rewrite w ON w.ev_class = r.oid AND w.rulename <> '_RETURN'",
};

const statistics: Branch = {
  kind: "'statistics'",
  path: "ARRAY[n.nspname::text, s.stxname::text]",
  owner: "r.path",
  address: ["pg_statistic_ext", "s.oid"],
  definition:
    "pg_get_statisticsobjdef(s.oid) || coalesce(' STATISTICS ' || nullif(s.stxstattarget, -1), '')",
  from: `FROM rel r JOIN pg_statistic_ext s ON s.stxrelid = r.oid
JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE ${notMember("pg_statistic_ext", "s.oid")}`,
};

/** What belongs to a relation. */
export const PART_BRANCHES: readonly Branch[] = [
  constraints,
  indexes,
  triggers,
  policies,
  rules,
  statistics,
];
