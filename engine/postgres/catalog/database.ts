import { type Branch, notMember, sortedOptions } from "./branch";

/**
 * As schema without its version and its comment: both come from the server's packages, and pg_dump leaves the version out.
 * @param operated whether those are read, too: then it has an address to which they are attached
 */
const extensions = (operated: boolean): Branch => ({
  kind: "'extension'",
  path: "ARRAY[e.extname::text]",
  address: ["pg_extension", operated ? "e.oid" : "0::oid"],
  definition: "'in schema ' || x.nspname",
  from: "FROM pg_extension e JOIN pg_namespace x ON x.oid = e.extnamespace",
});

/** A range type comes with a cast to its multirange type (dependency "i", from PostgreSQL 14 on). */
const casts: Branch = {
  kind: "'cast'",
  path: "ARRAY[]::text[]",
  suffix: "format(' (%s as %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL))",
  address: ["pg_cast", "c.oid"],
  definition: "concat_ws(' ', c.castmethod, c.castcontext, c.castfunc::regprocedure)",
  from: `FROM pg_cast c WHERE c.oid >= 16384 AND NOT EXISTS (
  SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'i'))`,
};

const wrappers: Branch = {
  kind: "'foreign data wrapper'",
  path: "ARRAY[w.fdwname::text]",
  address: ["pg_foreign_data_wrapper", "w.oid"],
  acl: ["'F'", "w.fdwowner", "w.fdwacl"],
  definition: `concat_ws(' ', 'handler', w.fdwhandler::regproc,
    'validator', w.fdwvalidator::regproc, 'options', ${sortedOptions("w.fdwoptions")})`,
  from: `FROM pg_foreign_data_wrapper w WHERE ${notMember("pg_foreign_data_wrapper", "w.oid")}`,
};

const servers: Branch = {
  kind: "'server'",
  path: "ARRAY[s.srvname::text]",
  address: ["pg_foreign_server", "s.oid"],
  acl: ["'S'", "s.srvowner", "s.srvacl"],
  definition: `concat_ws(' ', w.fdwname, 'type', s.srvtype, 'version', s.srvversion,
    'options', ${sortedOptions("s.srvoptions")})`,
  from: `FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
WHERE ${notMember("pg_foreign_server", "s.oid")}`,
};

const eventTriggers: Branch = {
  kind: "'event trigger'",
  path: "ARRAY[t.evtname::text]",
  address: ["pg_event_trigger", "t.oid"],
  definition: `concat_ws(' ', t.evtevent, ${sortedOptions("t.evttags")}, t.evtfoid::regprocedure,
    CASE t.evtenabled WHEN 'O' THEN NULL WHEN 'D' THEN 'DISABLED' ELSE 'ENABLED ' || t.evtenabled::text END)`,
  from: `FROM pg_event_trigger t WHERE ${notMember("pg_event_trigger", "t.oid")}`,
};

/**
 * ALTER DEFAULT PRIVILEGES: not an object, but something grants are made on. Those of one schema add to the default
 * ones (no owning role: nothing to compare with), the others replace them.
 */
const futurePrivileges: Branch = {
  kind: `'future ' || CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'routines'
    WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END || ' of'`,
  path: "ARRAY[pg_get_userbyid(d.defaclrole)::text]",
  owner: "CASE WHEN n.oid IS NOT NULL THEN ARRAY[n.nspname::text] END",
  address: ["pg_default_acl", "d.oid"],
  acl: [
    "CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END",
    "CASE d.defaclnamespace WHEN 0 THEN d.defaclrole END",
    "d.defaclacl",
  ],
  definition: "NULL",
  from: "FROM pg_default_acl d LEFT JOIN ns n ON n.oid = d.defaclnamespace",
};

const inSchemas = (branch: Branch, condition: string): Branch => ({
  ...branch,
  from: `${branch.from} WHERE ${condition}`,
});

/** Objects of the whole database; with a choice of schemas, only those that lie in them. */
export const databaseBranches = (allSchemas: boolean, operated: boolean): readonly Branch[] =>
  allSchemas
    ? [
        extensions(operated),
        inSchemas(futurePrivileges, "d.defaclnamespace = 0 OR n.oid IS NOT NULL"),
        casts,
        wrappers,
        servers,
        eventTriggers,
      ]
    : [
        inSchemas(extensions(operated), "x.oid IN (SELECT oid FROM ns)"),
        inSchemas(futurePrivileges, "n.oid IS NOT NULL"),
      ];
