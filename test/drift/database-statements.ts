import type { Change } from "./fixture";

/** Who may do what: grants, owners, labels, and what takes several objects at once. */
export const PRIVILEGE_STATEMENTS: readonly Change[] = [
  {
    sql: "GRANT SELECT (name) ON users TO {admin}",
    drift: ["grant to {admin} on column public.users.name added"],
  },
  {
    sql: "REVOKE ALL ON orders FROM {role}",
    drift: ["grant to {role} on table public.orders removed"],
  },
  {
    sql: "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {admin}",
    drift: [
      "grant to {admin} on sequence public.orders_id_seq of public.orders.id added",
      "grant to {admin} on sequence public.tickets added",
      "grant to {admin} on sequence public.users_id_seq of public.users.id added",
    ],
  },
  {
    sql: "REVOKE CONNECT ON DATABASE {database} FROM PUBLIC",
    drift: ["revoke from PUBLIC on the database added"],
  },
  {
    sql: "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC",
    drift: ["revoke from PUBLIC on language plpgsql added"],
  },
  {
    sql: "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {role}",
    drift: ["grant to {role} on future tables of {me} added"],
  },
  ...[
    ["SEQUENCES", "SELECT"],
    ["FUNCTIONS", "EXECUTE", "routines"],
    ["TYPES", "USAGE"],
    ["SCHEMAS", "USAGE"],
    ["LARGE OBJECTS", "SELECT"],
  ].map(([objects = "", privilege, kind = objects.toLowerCase()]) => ({
    sql: `ALTER DEFAULT PRIVILEGES GRANT ${privilege} ON ${objects} TO {admin}`,
    drift: [`grant to {admin} on future ${kind} of {me} added`],
  })),
  {
    given: "ALTER TABLE loose OWNER TO {role}",
    sql: "REASSIGN OWNED BY {role} TO {admin}",
    drift: ["owner of table public.loose changed"],
  },
  {
    given: "ALTER TABLE loose OWNER TO {role}",
    sql: "DROP OWNED BY {role} CASCADE",
    drift: [
      "table public.loose removed",
      "policy public.users.own_row removed",
      "user mapping of {role} on far removed",
      "grant to {role} on table public.orders removed",
      "grant to {role} on table public.users removed",
      "grant to {role} on column public.users.name removed",
      "grant to {role} on future tables of {me} in audit removed",
    ],
  },
];

/** What belongs to the database itself, and to what is beside its schemas. */
export const DATABASE_STATEMENTS: readonly Change[] = [
  { sql: "CREATE EXTENSION hstore", drift: ["extension hstore added"] },
  {
    given: "CREATE EXTENSION hstore VERSION '1.4'",
    sql: "ALTER EXTENSION hstore UPDATE",
    drift: ["version of extension hstore changed"],
  },
  { sql: "ALTER EXTENSION citext ADD TABLE loose", drift: ["table public.loose removed"] },
  { sql: "CREATE FOREIGN DATA WRAPPER extra", drift: ["foreign data wrapper extra added"] },
  {
    sql: "ALTER FOREIGN DATA WRAPPER nowhere OPTIONS (ADD debug 'on')",
    drift: ["foreign data wrapper nowhere changed"],
  },
  { sql: "CREATE SERVER extra FOREIGN DATA WRAPPER nowhere", drift: ["server extra added"] },
  { sql: "ALTER SERVER far OPTIONS (SET host 'i')", drift: ["server far changed"] },
  {
    sql: "CREATE FOREIGN TABLE extra (a int) SERVER far",
    drift: ["foreign table public.extra added"],
  },
  {
    given: `CREATE EXTENSION postgres_fdw;
      CREATE SERVER self FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{host}', port '{port}', dbname '{database}');
      CREATE USER MAPPING FOR CURRENT_USER SERVER self OPTIONS (user '{me}', password '{password}')`,
    sql: "IMPORT FOREIGN SCHEMA public LIMIT TO (loose) FROM SERVER self INTO audit",
    drift: ["foreign table audit.loose added"],
  },
  {
    sql: "CREATE USER MAPPING FOR PUBLIC SERVER far",
    drift: ["user mapping of public on far added"],
  },
  {
    sql: "DROP USER MAPPING FOR {role} SERVER far",
    drift: ["user mapping of {role} on far removed"],
  },
  { sql: "CREATE PUBLICATION extra FOR ALL TABLES", drift: ["publication extra added"] },
  { sql: "ALTER PUBLICATION feed ADD TABLE loose", drift: ["publication feed changed"] },
  { sql: "ALTER PUBLICATION feed SET TABLE users", drift: ["publication feed changed"] },
  { sql: "ALTER PUBLICATION feed DROP TABLE users", drift: ["publication feed changed"] },
  {
    given: "ALTER PUBLICATION feed SET TABLE users",
    sql: "ALTER PUBLICATION feed ADD TABLES IN SCHEMA audit",
    drift: ["publication feed changed"],
  },
  {
    given: "ALTER PUBLICATION feed SET TABLE users",
    sql: "ALTER PUBLICATION feed ADD TABLES IN SCHEMA CURRENT_SCHEMA",
    drift: ["publication feed changed"],
  },
  { sql: "ALTER PUBLICATION feed SET (publish = 'insert')", drift: ["publication feed changed"] },
  {
    sql: "ALTER PUBLICATION feed SET (publish_generated_columns = stored)",
    drift: ["publication feed changed"],
  },
  {
    sql: "CREATE SUBSCRIPTION reader CONNECTION 'host=nowhere' PUBLICATION feed WITH (connect = false, slot_name = NONE, enabled = false)",
    drift: ["subscription reader added"],
  },
  ...[
    "SET (disable_on_error = true)",
    "SET (origin = none)",
    "SET PUBLICATION other WITH (refresh = false)",
    "ADD PUBLICATION other WITH (refresh = false)",
  ].map((what) => ({
    given: "{subscription}",
    sql: `ALTER SUBSCRIPTION reader ${what}`,
    drift: ["subscription reader changed"],
  })),
  {
    given: "{subscription}; ALTER SUBSCRIPTION reader ADD PUBLICATION other WITH (refresh = false)",
    sql: "ALTER SUBSCRIPTION reader DROP PUBLICATION other WITH (refresh = false)",
    drift: ["subscription reader changed"],
  },
  {
    given: "{subscription}; ALTER SUBSCRIPTION reader SET (slot_name = s)",
    sql: "ALTER SUBSCRIPTION reader ENABLE",
    drift: ["subscription reader changed"],
  },
  {
    given: "{subscription}",
    sql: "DROP SUBSCRIPTION reader",
    drift: ["subscription reader removed"],
  },
  { sql: "ALTER DATABASE {database} CONNECTION LIMIT 7", drift: ["the database changed"] },
  {
    sql: "ALTER DATABASE {database} SET work_mem = '7MB'",
    drift: ["database setting work_mem added"],
  },
  {
    given: "ALTER DATABASE {database} SET work_mem = '7MB'",
    sql: "ALTER DATABASE {database} SET work_mem = '8MB'",
    drift: ["database setting work_mem changed"],
  },
  {
    given: "ALTER DATABASE {database} SET work_mem = '7MB'",
    sql: "ALTER DATABASE {database} RESET ALL",
    drift: ["database setting work_mem removed"],
  },
  {
    sql: "ALTER ROLE {role} SET search_path = audit",
    drift: ["role setting search_path of {role} added"],
  },
  {
    sql: "ALTER ROLE {role} IN DATABASE {database} SET app.key = 'geheim'",
    drift: ["database role setting app.key of {role} added"],
  },
  { sql: "ALTER ROLE ALL SET work_mem = '7MB'", drift: ["role setting work_mem of ALL added"] },
];
