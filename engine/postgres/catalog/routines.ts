import type { Branch } from "./branch";

const AGGREGATE = `
  (SELECT concat_ws(' ', 'returns', format_type(p.prorettype, NULL), 'kind', g.aggkind, g.aggnumdirectargs,
     'sfunc', g.aggtransfn, 'stype', format_type(g.aggtranstype, NULL), 'sspace', g.aggtransspace,
     'finalfunc', g.aggfinalfn, g.aggfinalextra, g.aggfinalmodify,
     'combinefunc', g.aggcombinefn, 'serialfunc', g.aggserialfn,
     'deserialfunc', g.aggdeserialfn, 'initcond', quote_nullable(g.agginitval),
     'msfunc', g.aggmtransfn, 'minvfunc', g.aggminvtransfn,
     'mstype', CASE WHEN g.aggmtranstype <> 0 THEN format_type(g.aggmtranstype, NULL) END,
     'mfinalfunc', g.aggmfinalfn, g.aggmfinalextra, g.aggmfinalmodify,
     'minitcond', quote_nullable(g.aggminitval), 'sortop', g.aggsortop::regoperator,
     'parallel', p.proparallel)
   FROM pg_aggregate g WHERE g.aggfnoid = p.oid)`;

/**
 * Named by argument types only, as PostgreSQL tells overloads apart. Left out: members of extensions, and the
 * constructors that come with a range type (dependency "i"; PostgreSQL 13 makes fewer of them than 14).
 */
const routines: Branch = {
  kind: "CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END",
  path: "ARRAY[n.nspname::text, p.proname::text]",
  suffix: "'(' || oidvectortypes(p.proargtypes) || ')'",
  address: ["pg_proc", "p.oid"],
  acl: ["'f'", "p.proowner", "p.proacl"],
  definition: `CASE p.prokind WHEN 'a' THEN ${AGGREGATE} ELSE pg_get_functiondef(p.oid) END`,
  from: `FROM ns n JOIN pg_proc p ON p.pronamespace = n.oid
WHERE NOT EXISTS (
  SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i'))`,
};

/** Functions, procedures, aggregates. */
export const ROUTINE_BRANCHES: readonly Branch[] = [routines];
