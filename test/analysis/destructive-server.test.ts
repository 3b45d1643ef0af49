import assert from "node:assert/strict";

import fc from "fast-check";
import type { Client } from "pg";

import { findDestructive } from "../../engine/analysis/destructive";
import { loadParser } from "../../engine/analysis/parser";
import { splitStatements } from "../../engine/analysis/split";
import { withTestDatabase } from "../support/postgres";

/** Of every kind of object on which a column or a table can depend, one, with something that depends on it. */
const FIXTURE = `
  CREATE SCHEMA app;
  CREATE TYPE app.mood AS ENUM ('a', 'b');
  CREATE TYPE app.pair AS (id int, b int);
  CREATE DOMAIN app.positive AS int CHECK (value > 0);
  CREATE COLLATION app.plain (locale = 'C');
  CREATE FUNCTION app.same(v int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT v';
  CREATE FUNCTION app.distance(a int, b int) RETURNS float8 IMMUTABLE LANGUAGE sql AS 'SELECT 1.0';
  CREATE TYPE app.span AS RANGE (subtype = int, subtype_diff = app.distance);
  CREATE OPERATOR app.## (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl);
  CREATE OPERATOR CLASS app.ints FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =,
    OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int, int);
  CREATE TEXT SEARCH CONFIGURATION app.words (COPY = simple);
  CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;
  CREATE SEQUENCE app.numbers;
  CREATE TABLE app.t (id int PRIMARY KEY, b int DEFAULT 5, identity int, "drop" int, c text COLLATE app.plain,
    m app.mood, p app.positive, s app.span, mood_or_more int);
  INSERT INTO app.t SELECT n, n, n, n, 'x', 'a', 1, '[1,2)', n FROM generate_series(1, 3) n;
  CREATE TABLE app.child (id int REFERENCES app.t ON DELETE CASCADE);
  INSERT INTO app.child VALUES (1), (2);
  CREATE VIEW app.v AS SELECT id, b FROM app.t;
  CREATE MATERIALIZED VIEW app.mv AS SELECT id, b FROM app.t;
  CREATE TABLE app.of_view (id int, v app.v, w app.mv);
  INSERT INTO app.of_view VALUES (1, (1, 2), (1, 2));
  CREATE TABLE app.typed OF app.pair;
  INSERT INTO app.typed VALUES (1, 1);
  CREATE TABLE app.made (id int, g int GENERATED ALWAYS AS (app.same(id)) STORED,
    o int GENERATED ALWAYS AS (id OPERATOR(app.##) 1) STORED,
    x tsvector GENERATED ALWAYS AS (to_tsvector('app.words', 'a')) STORED);
  INSERT INTO app.made VALUES (1);
  CREATE TABLE app.parts (id int) PARTITION BY RANGE (app.same(id) app.ints);
  CREATE TABLE app.part PARTITION OF app.parts FOR VALUES FROM (0) TO (10);
  INSERT INTO app.parts VALUES (1), (2);
  CREATE TABLE app.other (id int) USING heap2;
  INSERT INTO app.other VALUES (1);
  CREATE FOREIGN DATA WRAPPER w;
  CREATE SERVER s FOREIGN DATA WRAPPER w;
  CREATE FOREIGN TABLE app.far (id int, b int) SERVER s;
  CREATE INDEX by_b ON app.t (b);
  CREATE STATISTICS app.st ON id, b FROM app.t;
  CREATE POLICY pol ON app.t USING (true);
  CREATE RULE r AS ON UPDATE TO app.of_view DO ALSO NOTHING;
  CREATE PUBLICATION pub FOR TABLE app.t;
  CREATE FUNCTION app.on_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
  CREATE TRIGGER g BEFORE INSERT ON app.t EXECUTE FUNCTION app.on_change();
  CREATE CAST (app.pair AS int) WITH INOUT;
  SELECT lo_create(4711);
  SET search_path = app, public;
`;

/** Statements on their own; what they do, the server says. */
const PLAIN = [
  ...["t", "app.child", "app.part", "parts", '"typed"', "nowhere"].map(
    (t) => `DROP TABLE IF EXISTS ${t} CASCADE`,
  ),
  "DROP FOREIGN TABLE far",
  "DROP SCHEMA app CASCADE",
  "DROP SEQUENCE numbers",
  "DROP SERVER s CASCADE",
  "DROP FOREIGN DATA WRAPPER w CASCADE",
  "DROP ACCESS METHOD heap2 CASCADE",
  ...["mood", "pair", "span"].flatMap((t) => [`DROP TYPE ${t} CASCADE`, `DROP TYPE ${t}`]),
  "DROP DOMAIN app.positive CASCADE",
  "DROP COLLATION plain CASCADE",
  "DROP FUNCTION same CASCADE",
  "DROP ROUTINE distance CASCADE",
  "DROP OPERATOR ## (int, int) CASCADE",
  "DROP OPERATOR CLASS ints USING btree CASCADE",
  "DROP OPERATOR FAMILY ints USING btree CASCADE",
  "DROP TEXT SEARCH CONFIGURATION words CASCADE",
  "DROP VIEW v CASCADE",
  "DROP MATERIALIZED VIEW mv CASCADE",
  "DROP MATERIALIZED VIEW IF EXISTS nowhere",
  "DROP OWNED BY CURRENT_USER CASCADE",
  "DROP INDEX by_b CASCADE",
  "DROP INDEX t_pkey CASCADE",
  "DROP STATISTICS st CASCADE",
  "DROP POLICY pol ON t CASCADE",
  "DROP RULE r ON of_view CASCADE",
  'DROP RULE "_RETURN" ON v CASCADE',
  "DROP PUBLICATION pub CASCADE",
  "DROP TRIGGER g ON t CASCADE",
  "DROP FUNCTION on_change CASCADE",
  "DROP CAST (pair AS int) CASCADE",
  "DROP LANGUAGE plpgsql CASCADE",
  ...[
    "identity",
    '"drop"',
    "drop",
    "COLUMN b",
    "IF EXISTS c",
    "mood_or_more",
    "CONSTRAINT t_pkey CASCADE",
  ].map((what) => `ALTER TABLE t DROP ${what} CASCADE`.replace("CASCADE CASCADE", "CASCADE")),
  "ALTER TABLE t ALTER b DROP DEFAULT",
  "ALTER TABLE made ALTER g DROP EXPRESSION",
  "ALTER TABLE child ADD x int, DROP id",
  "ALTER FOREIGN TABLE far DROP b",
  "ALTER TYPE pair DROP ATTRIBUTE b CASCADE",
  "ALTER TYPE pair ADD ATTRIBUTE c int CASCADE",
  "ALTER TABLE t ALTER identity TYPE text USING NULL",
  "ALTER TABLE t ALTER identity TYPE bigint",
  "ALTER TABLE t ALTER identity TYPE text USING identity::text",
  "ALTER TABLE t RENAME identity TO other",
  "ALTER TABLE t RENAME TO u",
  "ALTER TABLE t SET SCHEMA public",
  "ALTER TABLE parts DETACH PARTITION part",
  "ALTER SEQUENCE numbers RESTART",
  "TRUNCATE child",
  "TRUNCATE TABLE ONLY t CASCADE",
  "REFRESH MATERIALIZED VIEW mv WITH NO DATA",
  "CREATE RULE gone AS ON INSERT TO child DO ALSO DELETE FROM t",
  "CREATE OR REPLACE VIEW v AS SELECT id, b FROM t",
  "REASSIGN OWNED BY CURRENT_USER TO CURRENT_USER",
  "COMMENT ON TABLE t IS 'DROP TABLE t'",
  "ANALYZE t",
];

/** Statements that can also stand in others. */
const ROWS = [
  "DELETE FROM t",
  "DELETE FROM ONLY app.t AS x USING child WHERE x.id = child.id",
  "DELETE FROM child WHERE false",
  "UPDATE t SET b = 7",
  "INSERT INTO child SELECT 3",
  "MERGE INTO child USING t ON child.id = t.id WHEN MATCHED THEN DELETE",
  "MERGE INTO child USING t ON child.id = t.id WHEN MATCHED THEN DO NOTHING",
];
const RETURNING = ROWS.filter((sql) => !sql.startsWith("MERGE")).map((sql) => `${sql} RETURNING 1`);
const READING = [
  "SELECT lo_unlink(4711)",
  "SELECT 'DELETE FROM t'",
  "SELECT 1 AS delete FROM t truncate",
];

const inWith = (sql: string) => `WITH d AS (${sql}) SELECT 1 AS one FROM d`;
const literal = (sql: string) => `'${sql.replaceAll("'", "''")}'`;
let tags = 0;
const dollar = (text: string) => `$q${++tags}$${text}$q${tags}$`;

/** Ways to put a statement into another, that all run it. */
const AROUND_QUERY: ((sql: string) => string)[] = [
  (sql) => `EXPLAIN ANALYZE ${sql}`,
  (sql) => `EXPLAIN (COSTS off, ANALYZE) ${sql}`,
  (sql) => `EXPLAIN ${sql}`,
  (sql) => `PREPARE p${++tags} AS ${sql}; EXECUTE p${tags}`,
  (sql) =>
    `CREATE FUNCTION f${++tags}() RETURNS void LANGUAGE sql AS ${literal(sql)}; SELECT f${tags}()`,
  (sql) => `CREATE FUNCTION f${++tags}() RETURNS void LANGUAGE sql AS ${literal(sql)}`,
];
const AROUND_SELECT: ((sql: string) => string)[] = [
  (sql) => `CREATE TABLE new${++tags} AS ${sql}`,
  (sql) => `COPY (${sql}) TO '/dev/null'`,
  (sql) => sql.replace("SELECT 1 AS one", `SELECT 1 AS one INTO TEMP new${++tags}`),
  (sql) => `DO ${dollar(`DECLARE x int; BEGIN x := (${sql} LIMIT 1); END`)}`,
  (sql) => `DO ${dollar(`DECLARE r record; BEGIN FOR r IN ${sql} LOOP NULL; END LOOP; END`)}`,
  (sql) =>
    `DO ${dollar(`DECLARE c refcursor; r record; BEGIN OPEN c FOR ${sql}; FETCH c INTO r; END`)}`,
];
const AROUND_ANY: ((sql: string) => string)[] = [
  (sql) => `DO ${dollar(`BEGIN ${into(sql)}; END`)}`,
  (sql) => `DO ${literal(`BEGIN IF true THEN ${into(sql)}; END IF; END`)}`,
  (sql) => `DO E${literal(`BEGIN\\n ${into(sql).replaceAll("\\", "\\\\")}; END`)}`,
  (sql) => `DO ${dollar(`BEGIN IF false THEN ${into(sql)}; END IF; END`)}`,
  (sql) => `DO ${dollar(`BEGIN EXECUTE ${literal(sql)}; END`)}`,
  (sql) => `DO ${dollar(`DECLARE x text := ${literal(sql)}; BEGIN EXECUTE x; END`)}`,
  (sql) => `DO ${dollar(`BEGIN EXECUTE ${parts(sql)}; END`)}`,
  (sql) => `DO ${dollar(`BEGIN EXECUTE format('%s', ${literal(sql)}); END`)}`,
  (sql) =>
    `CREATE PROCEDURE g${++tags}() LANGUAGE plpgsql AS ${dollar(`BEGIN ${into(sql)}; END`)}; CALL g${tags - 1}()`,
  (sql) => `/* c */ ${sql.replace(/ /, " -- DROP\n /* x */ ")}`,
  (sql) => sql.replace(/^[A-Z ]+/, (words) => words.toLowerCase()),
  (sql) => `SELECT 'é😀'; ${sql}`,
];

/** PL/pgSQL wants to know where rows go. */
const into = (sql: string) =>
  /^(?:SELECT|WITH|EXPLAIN)/i.test(sql)
    ? `PERFORM 1; EXECUTE ${literal(sql)}`
    : sql.replace(/ RETURNING 1$/, "");
/** The same text in two halves. */
const parts = (sql: string) => `${literal(sql.slice(0, 9))} || ${literal(sql.slice(9))}`;

const query = fc.oneof(
  fc.constantFrom(...ROWS),
  fc.constantFrom(...RETURNING).map(inWith),
  fc.constantFrom(...READING),
);
const wrapped = (base: fc.Arbitrary<string>, around: readonly ((sql: string) => string)[]) =>
  fc.tuple(base, fc.constantFrom(...around)).map(([sql, wrap]) => wrap(sql));
const statement = fc.oneof(
  fc.constantFrom(...PLAIN),
  query,
  wrapped(query, AROUND_QUERY),
  wrapped(fc.constantFrom(...RETURNING).map(inWith), AROUND_SELECT),
);
const anything = fc.oneof(
  statement,
  wrapped(statement, AROUND_ANY),
  wrapped(wrapped(statement, AROUND_ANY), AROUND_ANY),
);

/** All that can vanish: tables, columns, sequences, rows by their key, values of columns, large objects. */
async function holdings(client: Client): Promise<Set<string>> {
  const { rows } = await client.query<{ it: string; read: string | null }>(HOLDINGS);
  const all = new Set(rows.map(({ it }) => it));
  const reads = rows.flatMap(({ read }) => (read === null ? [] : [read]));
  if (reads.length === 0) return all;
  const values = await client.query<{ it: string }>(reads.join(" UNION ALL "));
  for (const { it } of values.rows) all.add(it);
  return all;
}

const HOLDINGS = `
  SELECT 'relation ' || c.oid AS it, NULL AS read FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
   WHERE relkind IN ('r', 'p', 'f', 'S') AND nspname IN ('app', 'public')
  UNION ALL
  SELECT 'column ' || c.oid || ' ' || attnum, CASE WHEN relkind = 'r' THEN
    format('SELECT DISTINCT %L FROM %s WHERE %I IS NOT NULL', 'values ' || c.oid || ' ' || attnum, c.oid::regclass, attname) END
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_attribute ON attrelid = c.oid
   WHERE relkind IN ('r', 'p', 'f') AND nspname IN ('app', 'public') AND attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT 'column', format('SELECT %L || id FROM %s', 'row ' || c.oid || ' ', c.oid::regclass)
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_attribute ON attrelid = c.oid
   WHERE relkind = 'r' AND nspname IN ('app', 'public') AND attname = 'id' AND NOT attisdropped
  UNION ALL
  SELECT 'object ' || oid, NULL FROM pg_largeobject_metadata`;

describe("statements that destroy data, as the server sees it", () => {
  it("whatever a real server destroys has been found", async () => {
    const parse = await loadParser();
    await withTestDatabase(async ({ client }) => {
      await client.query(FIXTURE);
      const before = await holdings(client);
      const seen = { destroyed: 0, kept: 0, refused: 0, lookalikes: 0 };
      const check = async (sql: string) => {
        const found = findDestructive(sql, splitStatements(sql).statements, parse);
        const byWords = findDestructive(sql, splitStatements(sql).statements);
        const lost = await lostBy(client, sql, before);
        if (lost === "refused") return void seen.refused++;
        if (lost.length > 0) {
          seen.destroyed++;
          assert.ok(found.length > 0, `not found: ${sql}\nlost: ${lost.join(", ")}`);
          if (!/f\d+\(\)|g\d+\(\)|USING NULL|_unlink/.test(sql))
            assert.ok(byWords.length > 0, `not found by words: ${sql}`);
        } else {
          seen.kept++;
          if (found.length === 0 && /delete|drop|truncate/i.test(sql)) seen.lookalikes++;
        }
      };
      for (const sql of [...PLAIN, ...ROWS, ...READING]) await check(sql);
      await fc.assert(fc.asyncProperty(anything, check), { numRuns: 400, seed: 20261124 });
      const { destroyed, kept, refused, lookalikes } = seen;
      assert.ok(destroyed > 60 && kept > 60 && lookalikes > 20, JSON.stringify(seen));
      assert.ok(refused < 100, JSON.stringify(seen));
    });
  }).timeout(120_000);
});

async function lostBy(
  client: Client,
  sql: string,
  before: Set<string>,
): Promise<string[] | "refused"> {
  await client.query("BEGIN");
  try {
    await client.query(sql);
    await client.query("SET LOCAL search_path = app, public");
    const after = await holdings(client);
    return [...before].filter((it) => !after.has(it));
  } catch (error) {
    assert.ok(error instanceof Error && "code" in error, String(error));
    if (process.env.SHOW_REFUSED) process.stderr.write(`${error.message}: ${sql}\n`);
    return "refused";
  } finally {
    await client.query("ROLLBACK; DEALLOCATE ALL");
  }
}
