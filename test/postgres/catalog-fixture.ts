/** A schema with an object of every kind that a superuser can make without C. The role is a parameter: it is the server's. */
export const everyKind = (role: string) => `
CREATE EXTENSION citext;
CREATE SCHEMA audit;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN email AS citext NOT NULL DEFAULT 'a@b' CONSTRAINT has_at CHECK (VALUE ~ '@');
CREATE TYPE address AS (street text COLLATE "C", zip varchar(10));
CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE COLLATION plain (provider = libc, locale = 'C');

CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email email,
  name text NOT NULL DEFAULT 'nobody',
  mood mood DEFAULT 'ok',
  seen timestamptz DEFAULT '2020-01-01 12:00+02',
  tags text[] DEFAULT '{}',
  upper_name text GENERATED ALWAYS AS (upper(name)) STORED,
  CONSTRAINT name_short CHECK (length(name) < 100)
);
CREATE TABLE orders (
  id serial PRIMARY KEY,
  user_id bigint CONSTRAINT orders_user_fk REFERENCES users (id) ON DELETE CASCADE,
  total numeric(10, 2)
) WITH (fillfactor = 70);
CREATE TABLE events (id int, at timestamptz NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE parent (a int);
CREATE UNLOGGED TABLE child (b text) INHERITS (parent);
CREATE INDEX users_email_idx ON users (lower(email::text)) WHERE name <> 'x';
CREATE INDEX events_at_idx ON events (at);
CREATE STATISTICS orders_stats (dependencies) ON user_id, total FROM orders;
CREATE SEQUENCE tickets INCREMENT 5;

CREATE VIEW people AS SELECT id, name AS label FROM users WHERE name LIKE 'a%';
CREATE VIEW purchases AS SELECT u.name, o.total FROM users u JOIN orders o ON o.user_id = u.id;
CREATE MATERIALIZED VIEW totals AS SELECT user_id, sum(total) AS total FROM orders GROUP BY user_id;
CREATE UNIQUE INDEX totals_idx ON totals (user_id);

CREATE FUNCTION f(a int, b text DEFAULT 'x') RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT b || a $$;
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$ SELECT a $$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE PROCEDURE p(INOUT x int) LANGUAGE plpgsql AS $$ BEGIN x := 1; END $$;
CREATE AGGREGATE total_of (int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE OPERATOR CLASS ints FOR TYPE int USING btree AS OPERATOR 3 =, FUNCTION 1 btint4cmp(int, int);
CREATE CAST (mood AS int) WITH INOUT AS ASSIGNMENT;
CREATE TEXT SEARCH CONFIGURATION words (COPY = simple);
CREATE TEXT SEARCH DICTIONARY plain_words (TEMPLATE = simple);

CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER events_touch AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION touch();
CREATE EVENT TRIGGER watch_ddl ON ddl_command_end EXECUTE FUNCTION watch();
CREATE RULE no_orders AS ON DELETE TO orders DO INSTEAD NOTHING;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_row ON users FOR SELECT TO ${role} USING (name = current_user);

CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER far FOREIGN DATA WRAPPER nowhere OPTIONS (host 'h');
CREATE FOREIGN TABLE away (id int, t text) SERVER far;

COMMENT ON TABLE users IS 'people';
GRANT SELECT, INSERT ON users TO ${role};
GRANT ALL ON orders TO ${role};
GRANT UPDATE (name) ON users TO ${role};
REVOKE EXECUTE ON FUNCTION f(int) FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA audit GRANT SELECT ON TABLES TO ${role};

CREATE TABLE flyway_schema_history (
  installed_rank int NOT NULL CONSTRAINT flyway_schema_history_pk PRIMARY KEY, version varchar(50),
  description varchar(200) NOT NULL, type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum int,
  installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT now(), execution_time int NOT NULL,
  success boolean NOT NULL
);
CREATE INDEX flyway_schema_history_s_idx ON flyway_schema_history (success);
`;

/** What somebody may do by hand, and what drift calls it. `{role}` is the fixture's role, `{me}` the superuser. */
export const MANUAL_CHANGES: readonly (readonly [change: string, ...drift: string[]])[] = [
  ["ALTER TABLE users ADD nickname text", "column public.users.nickname added"],
  ["ALTER TABLE users DROP tags", "column public.users.tags removed"],
  [
    "ALTER TABLE users DROP tags, ADD tags text[] DEFAULT '{}'",
    "column order of public.users changed",
  ],
  ["ALTER TABLE users ALTER mood DROP DEFAULT", "column public.users.mood changed"],
  ["ALTER TABLE users ALTER seen SET DEFAULT now()", "column public.users.seen changed"],
  ["ALTER TABLE users ALTER name DROP NOT NULL", "column public.users.name changed"],
  ["ALTER TABLE users ALTER tags SET STORAGE EXTERNAL", "column public.users.tags changed"],
  ["ALTER TABLE users ALTER tags SET STATISTICS 500", "column public.users.tags changed"],
  ["ALTER TABLE users ALTER id SET GENERATED BY DEFAULT", "column public.users.id changed"],
  [
    "ALTER TABLE parent ALTER a TYPE bigint",
    "column public.child.a changed",
    "column public.parent.a changed",
  ],
  [
    "ALTER TABLE events RENAME TO log",
    "table public.events removed",
    "table public.events_2020 changed",
    "table public.log added",
  ],
  [
    "ALTER TABLE parent RENAME a TO b2",
    "column public.child.a removed",
    "column public.child.b2 added",
    "column public.parent.a removed",
    "column public.parent.b2 added",
  ],
  ["DROP TABLE parent CASCADE", "table public.child removed", "table public.parent removed"],
  ["CREATE TABLE extra (id serial PRIMARY KEY, x text UNIQUE)", "table public.extra added"],
  ["CREATE SCHEMA extra CREATE TABLE t (id int) CREATE VIEW v AS SELECT 1", "schema extra added"],
  ["ALTER TABLE child SET LOGGED", "table public.child changed"],
  ["ALTER TABLE child NO INHERIT parent", "table public.child changed"],
  [
    "ALTER TABLE events DETACH PARTITION events_2020",
    "table public.events_2020 changed",
    "constraint public.events_2020.events_2020_pkey added",
    "index public.events_2020_at_idx on public.events_2020 added",
  ],
  ["ALTER TABLE users DISABLE ROW LEVEL SECURITY", "table public.users changed"],
  ["ALTER TABLE users FORCE ROW LEVEL SECURITY", "table public.users changed"],
  ["ALTER TABLE users REPLICA IDENTITY FULL", "table public.users changed"],
  ["ALTER TABLE orders SET (fillfactor = 80)", "table public.orders changed"],
  [
    "ALTER TABLE orders DROP CONSTRAINT orders_user_fk",
    "constraint public.orders.orders_user_fk removed",
  ],
  ["ALTER TABLE orders DISABLE TRIGGER ALL", "constraint public.orders.orders_user_fk changed"],
  [
    "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID",
    "constraint public.orders.positive added",
  ],
  ["DROP INDEX users_email_idx", "index public.users_email_idx on public.users removed"],
  ["CREATE INDEX slow ON orders (total)", "index public.slow on public.orders added"],
  [
    "ALTER INDEX users_email_idx SET (fillfactor = 50)",
    "index public.users_email_idx on public.users changed",
  ],
  [
    "ALTER INDEX users_email_idx RENAME TO e",
    "index public.e on public.users added",
    "index public.users_email_idx on public.users removed",
  ],
  ["ALTER INDEX orders_pkey SET (fillfactor = 50)", "constraint public.orders.orders_pkey changed"],
  [
    "CREATE OR REPLACE VIEW people AS SELECT id, name AS label FROM users",
    "view public.people changed",
  ],
  ["ALTER VIEW people SET (security_barrier)", "view public.people changed"],
  ["DROP MATERIALIZED VIEW totals", "materialized view public.totals removed"],
  ["ALTER SEQUENCE tickets INCREMENT 10", "sequence public.tickets changed"],
  [
    "ALTER SEQUENCE orders_id_seq CYCLE",
    "sequence public.orders_id_seq of public.orders.id changed",
  ],
  [
    "CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$ SELECT a + 1 $$",
    "function public.f(integer) changed",
  ],
  ["ALTER FUNCTION f(int) SECURITY DEFINER", "function public.f(integer) changed"],
  ["DROP FUNCTION f(int, text)", "function public.f(integer, text) removed"],
  ["ALTER TABLE users DISABLE TRIGGER users_touch", "trigger public.users.users_touch changed"],
  ["DROP TRIGGER users_touch ON users", "trigger public.users.users_touch removed"],
  [
    "ALTER TABLE events_2020 DISABLE TRIGGER events_touch",
    "trigger public.events_2020.events_touch added",
  ],
  ["ALTER EVENT TRIGGER watch_ddl DISABLE", "event trigger watch_ddl changed"],
  ["ALTER POLICY own_row ON users USING (true)", "policy public.users.own_row changed"],
  ["ALTER TABLE orders DISABLE RULE no_orders", "rule public.orders.no_orders changed"],
  [
    "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'",
    "column public.users.mood changed",
    "enum public.mood changed",
  ],
  ["ALTER DOMAIN email DROP CONSTRAINT has_at", "domain public.email changed"],
  ["ALTER TYPE address ADD ATTRIBUTE city text", "composite type public.address changed"],
  ["DROP STATISTICS orders_stats", "statistics public.orders_stats on public.orders removed"],
  ["ALTER SERVER far OPTIONS (SET host 'i')", "server far changed"],
  [
    "DROP EXTENSION citext CASCADE",
    "extension citext removed",
    "column public.users.email removed",
    "index public.users_email_idx on public.users removed",
    "domain public.email removed",
  ],
  ["COMMENT ON COLUMN users.name IS 'x'", "comment on column public.users.name added"],
  ["COMMENT ON TABLE users IS 'x'", "comment on table public.users changed"],
  ["GRANT DELETE ON users TO {role}", "grant to {role} on table public.users changed"],
  ["REVOKE ALL ON orders FROM {role}", "grant to {role} on table public.orders removed"],
  ["GRANT SELECT ON orders TO PUBLIC", "grant to PUBLIC on table public.orders added"],
  ["REVOKE DELETE ON orders FROM CURRENT_USER", "revoke from OWNER on table public.orders added"],
  ["GRANT SELECT (name) ON users TO {role}", "grant to {role} on column public.users.name changed"],
  [
    "GRANT EXECUTE ON FUNCTION f(int) TO PUBLIC",
    "revoke from PUBLIC on function public.f(integer) removed",
  ],
  [
    "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    "revoke from PUBLIC on future routines of {me} added",
  ],
];

/** What is no drift. */
export const NO_CHANGES: readonly string[] = [
  "INSERT INTO users (name) VALUES ('x'); ANALYZE users",
  "SELECT nextval('tickets'), setval('orders_id_seq', 100)",
  "REFRESH MATERIALIZED VIEW totals WITH NO DATA",
  "ALTER TABLE parent OWNER TO {role}",
  "CREATE TEMP TABLE users (id int); CREATE TEMP VIEW tv AS SELECT 1",
  "ALTER TABLE flyway_schema_history ADD CONSTRAINT x CHECK (execution_time >= 0)",
  "DROP TABLE flyway_schema_history",
  "CREATE TABLE copied AS TABLE flyway_schema_history",
  "ALTER TABLE orders CLUSTER ON orders_pkey",
  "DROP INDEX users_email_idx; CREATE INDEX users_email_idx ON users (lower(email::text)) WHERE name <> 'x'",
  "CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$ SELECT a $$",
];
