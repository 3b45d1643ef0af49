import type { Change } from "./fixture";

/** Objects of the schema: each statement that makes, alters or drops them by itself. */
export const SCHEMA_STATEMENTS: readonly Change[] = [
  { sql: "CREATE SCHEMA extra", drift: ["schema extra added"] },
  {
    sql: "CREATE TABLE extra (id serial PRIMARY KEY, x text UNIQUE)",
    drift: ["table public.extra added"],
  },
  {
    sql: "CREATE TABLE extra (g int GENERATED ALWAYS AS (1) VIRTUAL)",
    drift: ["table public.extra added"],
  },
  { sql: "CREATE TABLE extra AS SELECT 1 AS a", drift: ["table public.extra added"] },
  { sql: "SELECT 1 AS a INTO extra", drift: ["table public.extra added"] },
  {
    sql: "CREATE MATERIALIZED VIEW extra AS SELECT 1 AS a",
    drift: ["materialized view public.extra added"],
  },
  { sql: "CREATE VIEW extra AS SELECT 1 AS a", drift: ["view public.extra added"] },
  {
    sql: "CREATE INDEX slow ON orders (total)",
    drift: ["index public.slow on public.orders added"],
  },
  { sql: "CREATE SEQUENCE extra", drift: ["sequence public.extra added"] },
  { sql: "ALTER SEQUENCE tickets INCREMENT 10", drift: ["sequence public.tickets changed"] },
  {
    sql: "ALTER SEQUENCE tickets OWNED BY loose.a",
    drift: ["sequence public.tickets removed", "sequence public.tickets of public.loose.a added"],
  },
  {
    sql: "CREATE FUNCTION extra() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    drift: ["function public.extra() added"],
  },
  { sql: "ALTER FUNCTION f(int) SECURITY DEFINER", drift: ["function public.f(integer) changed"] },
  {
    sql: "ALTER FUNCTION f(int) SET work_mem = '1MB'",
    drift: ["function public.f(integer) changed"],
  },
  {
    sql: "ALTER FUNCTION f(int) DEPENDS ON EXTENSION citext",
    drift: ["extension dependency of function public.f(integer) added"],
  },
  {
    sql: "ALTER INDEX users_email_idx DEPENDS ON EXTENSION citext",
    drift: ["extension dependency of index public.users_email_idx on public.users added"],
  },
  {
    sql: "ALTER TRIGGER users_touch ON users DEPENDS ON EXTENSION citext",
    drift: ["extension dependency of trigger public.users.users_touch added"],
  },
  {
    sql: "ALTER MATERIALIZED VIEW totals DEPENDS ON EXTENSION citext",
    drift: ["extension dependency of materialized view public.totals added"],
  },
  {
    sql: "CREATE TRIGGER extra BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION touch()",
    drift: ["trigger public.users.extra added"],
  },
  {
    sql: "CREATE EVENT TRIGGER extra ON sql_drop EXECUTE FUNCTION watch()",
    drift: ["event trigger extra added"],
  },
  { sql: "ALTER EVENT TRIGGER watch_ddl DISABLE", drift: ["event trigger watch_ddl changed"] },
  {
    sql: "CREATE RULE extra AS ON UPDATE TO orders DO NOTHING",
    drift: ["rule public.orders.extra added"],
  },
  { sql: "CREATE POLICY extra ON orders", drift: ["policy public.orders.extra added"] },
  {
    sql: "ALTER POLICY own_row ON users TO PUBLIC",
    drift: ["policy public.users.own_row changed"],
  },
  { sql: "CREATE TYPE extra AS ENUM ('a')", drift: ["enum public.extra added"] },
  { sql: "ALTER TYPE mood ADD VALUE 'so so'", drift: ["enum public.mood changed"] },
  {
    sql: "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'",
    drift: ["column public.users.mood changed", "enum public.mood changed"],
  },
  { sql: "CREATE TYPE extra AS (a int)", drift: ["composite type public.extra added"] },
  { sql: "CREATE TYPE extra AS RANGE (subtype = int)", drift: ["range type public.extra added"] },
  {
    sql: "CREATE TYPE extra AS RANGE (subtype = int, multirange_type_name = many)",
    drift: ["range type public.extra added"],
  },
  {
    sql: "ALTER TYPE span_multirange RENAME TO spans",
    drift: ["settings of range type public.span added"],
  },
  { sql: "CREATE TYPE extra", drift: ["shell type public.extra added"] },
  {
    given:
      "CREATE FUNCTION raw_send(raw) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'textsend'",
    sql: "ALTER TYPE raw SET (SEND = raw_send)",
    drift: ["settings of base type public.raw added"],
  },
  { sql: "CREATE DOMAIN extra AS int", drift: ["domain public.extra added"] },
  { sql: "ALTER DOMAIN email SET DEFAULT 'c@d'", drift: ["domain public.email changed"] },
  { sql: "ALTER DOMAIN email DROP NOT NULL", drift: ["domain public.email changed"] },
  {
    sql: "ALTER DOMAIN email ADD CHECK (VALUE <> '') NOT VALID",
    drift: ["domain public.email changed"],
  },
  {
    given: "ALTER DOMAIN email ADD CONSTRAINT filled CHECK (VALUE <> '') NOT VALID",
    sql: "ALTER DOMAIN email VALIDATE CONSTRAINT filled",
    drift: ["domain public.email changed"],
  },
  {
    sql: "ALTER DOMAIN email RENAME CONSTRAINT has_at TO a",
    drift: ["domain public.email changed"],
  },
  { sql: "ALTER DOMAIN email DROP CONSTRAINT has_at", drift: ["domain public.email changed"] },
  {
    sql: "CREATE STATISTICS extra ON id, user_id FROM orders",
    drift: ["statistics public.extra on public.orders added"],
  },
  {
    sql: "ALTER STATISTICS orders_stats SET STATISTICS 50",
    drift: ["statistics public.orders_stats on public.orders changed"],
  },
  {
    sql: "CREATE AGGREGATE extra (int) (SFUNC = int4pl, STYPE = int)",
    drift: ["aggregate public.extra(integer) added"],
  },
  {
    sql: "CREATE OPERATOR !== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4ne)",
    drift: ['operator public."!=="(integer, integer) added'],
  },
  {
    sql: "ALTER OPERATOR === (int, int) SET (RESTRICT = eqsel)",
    drift: ['operator public."==="(integer, integer) changed'],
  },
  {
    sql: "CREATE OPERATOR CLASS extra FOR TYPE int USING btree FAMILY family AS OPERATOR 3 =",
    drift: [
      "operator class public.extra using btree added",
      "operator family public.family using btree changed",
    ],
  },
  {
    sql: "CREATE OPERATOR FAMILY extra USING btree",
    drift: ["operator family public.extra using btree added"],
  },
  {
    sql: "ALTER OPERATOR FAMILY family USING btree ADD OPERATOR 3 = (int, int)",
    drift: ["operator family public.family using btree changed"],
  },
  {
    sql: "CREATE COLLATION extra (provider = libc, locale = 'C')",
    drift: ["collation public.extra added"],
  },
  { sql: "CREATE CAST (text AS mood) WITH INOUT", drift: ["cast (text as public.mood) added"] },
  {
    sql: "CREATE CONVERSION extra FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1",
    drift: ["conversion public.extra added"],
  },
  {
    sql: "CREATE TRANSFORM FOR text LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal))",
    drift: ["transform (text, sql) added"],
  },
  {
    sql: "CREATE LANGUAGE extra HANDLER plpgsql_call_handler",
    drift: ["language extra added"],
  },
  {
    sql: "CREATE ACCESS METHOD extra TYPE INDEX HANDLER bthandler",
    drift: ["access method extra added"],
  },
  {
    sql: "CREATE TEXT SEARCH PARSER extra (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype)",
    drift: ["text search parser public.extra added"],
  },
  {
    sql: "CREATE TEXT SEARCH TEMPLATE extra (LEXIZE = dsimple_lexize)",
    drift: ["text search template public.extra added"],
  },
  {
    sql: "CREATE TEXT SEARCH DICTIONARY extra (TEMPLATE = simple)",
    drift: ["text search dictionary public.extra added"],
  },
  {
    sql: "ALTER TEXT SEARCH DICTIONARY plain_words (ACCEPT = false)",
    drift: ["text search dictionary public.plain_words changed"],
  },
  {
    sql: "CREATE TEXT SEARCH CONFIGURATION extra (COPY = simple)",
    drift: ["text search configuration public.extra added"],
  },
  ...[
    "ALTER MAPPING FOR asciiword WITH plain_words",
    "ALTER MAPPING REPLACE simple WITH plain_words",
    "ALTER MAPPING FOR word REPLACE simple WITH plain_words",
    "DROP MAPPING FOR word",
  ].map((what) => ({
    sql: `ALTER TEXT SEARCH CONFIGURATION words ${what}`,
    drift: ["text search configuration public.words changed"],
  })),
  {
    given: "ALTER TEXT SEARCH CONFIGURATION words DROP MAPPING FOR word",
    sql: "ALTER TEXT SEARCH CONFIGURATION words ADD MAPPING FOR word WITH simple",
    drift: ["text search configuration public.words changed"],
  },
  {
    sql: "CLUSTER orders USING orders_pkey",
    drift: ["clustered index of table public.orders added"],
  },
];
