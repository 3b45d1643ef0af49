import assert from "node:assert/strict";

import type { ErrorPlace } from "../../engine/core/errors";
import {
  type ExpectedFailure,
  failedRun,
  type MigratorOverrides,
  ranksOf,
  stateOf,
  withScenario,
} from "../support/migrator";

/** Runs one migration that has to fail, and that must leave neither object nor row. */
async function failureIn(
  sql: string,
  expected: ExpectedFailure,
  overrides: MigratorOverrides = {},
): Promise<ErrorPlace & { message: string; excerpt: string }> {
  return withScenario({ "V1__ok.sql": "CREATE TABLE ok (id int);" }, async (scenario) => {
    const { db, migrator, write } = scenario;
    await migrator().migrate();
    const before = await stateOf(db);
    await write({ "sub/V2__wrong.sql": sql });
    const { error, applied } = await failedRun(migrator(overrides).migrate(), expected);
    assert.deepEqual(applied, []);
    assert.equal(error.place.migration, "sub/V2__wrong.sql");
    assert.deepEqual(await stateOf(db), before);
    return { ...error.place, message: error.message, excerpt: error.place.excerpt ?? "" };
  });
}

const SYNTAX = { code: "ERROR", class: "migrations", sqlState: "42601" } as const;

describe("engine: a statement that fails", () => {
  it("with a syntax error names file, line, column and statement, and points at the place", async () => {
    const sql =
      "CREATE TABLE a (id int);\n-- ; no statement ends here\nCREATE TABLE b (\n  id intt,,\n  x int\n);\nSELECT 1;\n";
    const place = await failureIn(sql, {
      ...SYNTAX,
      message:
        /^sub\/V2__wrong\.sql:4:11: syntax error at or near "," \(SQLSTATE 42601\), statement 2 of 3$/,
      remedy: /^Correct the SQL at this place\.$/,
    });
    assert.deepEqual([place.line, place.column, place.sqlState], [4, 11, "42601"]);
    assert.match(place.excerpt, /^4 \| {3}id intt,,\n {2}\| {11}\^$/m);
  });

  it("with a syntax error: the same place where the script goes piece by piece", async () => {
    const sql =
      "CREATE TABLE a (id int);\nCOPY a FROM STDIN;\n1\n\\.\n\nSELECT 1;\nSELECT 'é🐘', oops oops oops;\n";
    const place = await failureIn(sql, SYNTAX);
    assert.deepEqual([place.line, place.column], [7, 24]);
    assert.match(place.message, /statement 4 of 4$/);
  });

  it("with a syntax error: the same place in a file with line ends of Windows, and a BOM", async () => {
    const place = await failureIn("\ufeffSELECT 1;\r\nSELECT 2;\r\n  SELEC 3;\r\n", SYNTAX);
    assert.deepEqual([place.line, place.column], [3, 3]);
    assert.match(place.excerpt, /^3 \| {3}SELEC 3;\n {2}\| {3}\^$/m);
  });

  it("behind a placeholder names the place in the file, not in what was sent", async () => {
    const sql = "SELECT '${long}';\nSELECT '${long}', ${short} FROM FROM x;\n";
    const placeholders = { long: "line\nline\nline ü".repeat(20), short: "1" };
    const place = await failureIn(sql, SYNTAX, { placeholders });
    assert.deepEqual([place.line, place.column], [2, 33]);
    assert.match(place.excerpt, /^2 \| SELECT '\$\{long\}', \$\{short\} FROM FROM x;$/m);
  });

  it("inside a placeholder's value names where the placeholder stands", async () => {
    const place = await failureIn("SELECT 1;\nSELECT ${value};\n", SYNTAX, {
      placeholders: { value: "1 +\n FROM" },
    });
    assert.deepEqual([place.line, place.column], [2, 8]);
  });

  it("at run time, without a position, names the line its statement begins on", async () => {
    const sql =
      "SELECT 1;\nCREATE TABLE a (id int);\n\n-- the third\nSELECT id\n  FROM generate_series(0, 1) id\n  WHERE 1 / id > 0;\nSELECT 4;\n";
    const place = await failureIn(sql, { code: "ERROR", class: "migrations", sqlState: "22012" });
    assert.deepEqual([place.line, place.column], [5, 1]);
    assert.match(place.message, /^sub\/V2__wrong\.sql:5:1: division by zero .*statement 3 of 4$/);
  });

  it("in a DO block names the block, and the line within it", async () => {
    const sql = "SELECT 1;\nDO $$\nBEGIN\n  PERFORM 1 / 0;\nEND\n$$;\n";
    const place = await failureIn(sql, {
      code: "ERROR",
      class: "migrations",
      sqlState: "22012",
      message: /inline_code_block line 3 at PERFORM/,
    });
    assert.equal(place.line, 2);
  });

  it("for a relation that does not exist names where it is used", async () => {
    const sql =
      "SELECT 1;\nALTER TABLE ok\n  ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES nowhere (id);\n";
    const place = await failureIn(sql, { code: "ERROR", class: "migrations", sqlState: "42P01" });
    assert.equal(place.line, 2);
    const place2 = await failureIn("SELECT 1;\nSELECT 2\n  FROM nowhere;\n", {
      code: "ERROR",
      class: "migrations",
      sqlState: "42P01",
      message: /:3:8: relation "nowhere" does not exist/,
    });
    assert.deepEqual([place2.line, place2.column], [3, 8]);
  });

  it("for an object that exists already says how that can be", async () => {
    await failureIn("CREATE TABLE ok (id int);", {
      code: "ERROR",
      class: "migrations",
      sqlState: "42P07",
      remedy: /made by hand.*baseline/,
    });
  });

  it("with the server's hint, gives it", async () => {
    await failureIn("SELECT lenght('x');\nSELECT id::int FROM ok WHERE idd = 1;", {
      code: "ERROR",
      class: "migrations",
      sqlState: "42883",
      remedy: /^PostgreSQL's hint: No function matches/,
    });
  });

  it("for a lock that is not free in lockTimeout is temporary, and names who holds it", async () => {
    await withScenario({ "V1__a.sql": "ALTER TABLE held ADD x int;" }, async ({ db, migrator }) => {
      await db.client.query("CREATE SCHEMA s; CREATE TABLE s.held (id int)");
      const holder = await db.connect();
      await holder.query("BEGIN; LOCK TABLE s.held IN ACCESS SHARE MODE");
      const { rows } = await holder.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      const options = { lockTimeout: 400, initSql: "SET search_path = public, s" };
      await failedRun(migrator(options).migrate(), {
        code: "ERROR",
        class: "temporary",
        sqlState: "55P03",
        message: new RegExp(`in the way: pid ${rows[0]?.pid}`),
        remedy: /lockTimeout/,
      });
      await holder.query("ROLLBACK");
      assert.equal((await migrator(options).migrate()).to, "1");
    });
  }).timeout(90_000);

  it("that takes longer than statementTimeout says so", async () => {
    await withScenario({ "V1__a.sql": "SELECT pg_sleep(600);" }, async ({ migrator }) => {
      await failedRun(migrator({ statementTimeout: 50 }).migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "57014",
        remedy: /statementTimeout/,
      });
    });
  });
});

describe("engine: privileges that are not enough", () => {
  it("for a statement: its place, what to grant, and nothing is kept", async () => {
    const files = { "V1__a.sql": "CREATE TABLE mine (id int);\nALTER TABLE s.theirs ADD x int;" };
    await withScenario(files, async ({ db, migrator }) => {
      const role = await db.createRole();
      await db.client.query(`CREATE SCHEMA s; CREATE TABLE s.theirs (id int);
        GRANT CREATE, USAGE ON SCHEMA public, s TO ${role.name}`);
      const { error } = await failedRun(migrator({ url: role.url }).migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "42501",
        message: /:2:1: must be owner of table theirs/,
        remedy: /Grant the role/,
      });
      assert.equal(error.place.line, 2);
      assert.deepEqual(await ranksOf(db), []);
      await db.client.query(`ALTER TABLE s.theirs OWNER TO ${role.name}`);
      await migrator({ url: role.url }).migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
    });
  });

  it("to make the history: what to grant, and nothing is written", async () => {
    await withScenario({ "V1__a.sql": "SELECT 1;" }, async ({ db, migrator }) => {
      const role = await db.createRole();
      await db.client.query("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
      const before = await stateOf(db);
      await failedRun(migrator({ url: role.url }).migrate(), {
        code: "DB_CONNECTION",
        class: "usage",
        sqlState: "42501",
        message: /"public"\."flyway_schema_history" cannot be set up/,
        remedy: /GRANT CREATE, USAGE ON SCHEMA "public"/,
      });
      assert.deepEqual(await stateOf(db), before);
    });
  });
});
