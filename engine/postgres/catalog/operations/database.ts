import { type Branch, THIS_DATABASE } from "../branch";

const database: Branch = {
  kind: "'the database'",
  path: "ARRAY[]::text[]",
  address: ["pg_database", "d.oid"],
  acl: ["'d'", "d.datdba", "d.datacl"],
  definition: `concat_ws(' ', 'tablespace', (SELECT t.spcname FROM pg_tablespace t WHERE t.oid = d.dattablespace),
    CASE WHEN NOT d.datallowconn THEN 'no connections' END,
    CASE WHEN d.datconnlimit >= 0 THEN 'connection limit ' || d.datconnlimit END,
    CASE WHEN d.datistemplate THEN 'template' END)`,
  from: "FROM pg_database d WHERE d.datname = current_database()",
};

/**
 * The value of a setting with a dot in its name is an application's own, and may be a secret: it does not leave the
 * server. 16 bits of a hash tell that it has changed, and are too few to find out what it is.
 */
const VALUE = `CASE WHEN x.name LIKE '%.%'
  THEN 'value not shown, hash ' || left(encode(sha256(convert_to(
    concat(s.setdatabase, ' ', s.setrole, ' ', c), getdatabaseencoding())), 'hex'), 4)
  ELSE substr(c, strpos(c, '=') + 1) END`;

/** ALTER DATABASE … SET, ALTER ROLE … SET, ALTER ROLE … IN DATABASE … SET. */
const settings: Branch = {
  kind: `CASE WHEN s.setdatabase = 0 THEN 'role setting' WHEN s.setrole = 0 THEN 'database setting'
    ELSE 'database role setting' END`,
  path: "string_to_array(x.name, '.')",
  suffix: "CASE WHEN s.setdatabase = 0 AND s.setrole = 0 THEN ' of ALL' END",
  owner: "CASE WHEN s.setrole <> 0 THEN ARRAY[pg_get_userbyid(s.setrole)::text] END",
  address: ["pg_db_role_setting", "0::oid"],
  definition: VALUE,
  from: `FROM pg_db_role_setting s, unnest(s.setconfig) c, LATERAL (SELECT lower(split_part(c, '=', 1)) AS name) x
WHERE s.setdatabase IN (0, ${THIS_DATABASE})`,
};

/** The database itself, and what is set for it and for roles. */
export const wholeDatabaseBranches: readonly Branch[] = [database, settings];
