import assert from "node:assert/strict";

import { assertFails, failedRun, ranksOf, stateOf, withScenario } from "../support/migrator";

const FILLED =
  "CREATE TABLE a (id int, kind int);\nINSERT INTO a SELECT n, n % 3 FROM generate_series(1, 100) n;";
const FILES = { "V1__a.sql": FILLED };

describe("engine: migrations that cannot run in a transaction", () => {
  it("CREATE INDEX CONCURRENTLY alone in a file runs, and leaves a valid index and its row", async () => {
    const files = { ...FILES, "V2__index.sql": "CREATE INDEX CONCURRENTLY a_id ON a (id);" };
    await withScenario(files, async ({ db, migrator }) => {
      await migrator().migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
      const { rows } = await db.client.query(
        "SELECT FROM pg_index WHERE indexrelid = 'a_id'::regclass AND indisvalid",
      );
      assert.equal(rows.length, 1);
    });
  });

  const alone = [
    "VACUUM",
    "VACUUM (ANALYZE) a",
    "REINDEX TABLE CONCURRENTLY a",
    "/* why */ REINDEX (VERBOSE) SCHEMA public",
    "DROP INDEX CONCURRENTLY IF EXISTS nothing",
    "DISCARD ALL",
    "CREATE INDEX CONCURRENTLY a1 ON a (id); CREATE INDEX CONCURRENTLY a2 ON a (kind); VACUUM a",
  ];
  for (const sql of alone) {
    it(`${sql}: runs, with its row, and migrations after it run too`, async () => {
      const files = {
        ...FILES,
        "V2__alone.sql": `${sql};\n`,
        "V3__c.sql": "CREATE TABLE c (id int);",
      };
      await withScenario(files, async ({ db, migrator }) => {
        assert.equal((await migrator().migrate()).to, "3");
        assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2", "3 SQL 3"]);
      });
    });
  }

  it("CREATE DATABASE runs, and so does DROP DATABASE", async () => {
    await withScenario({}, async ({ db, migrator, write }) => {
      const other = `${db.name}_other`;
      const create = `CREATE DATABASE ${other} TEMPLATE template0;`;
      await write({ "V1__make.sql": create, "V2__drop.sql": `DROP DATABASE ${other};` });
      assert.equal((await migrator().migrate()).to, "2");
      const { rows } = await db.client.query("SELECT FROM pg_database WHERE datname = $1", [other]);
      assert.equal(rows.length, 0);
    });
  });

  it("one that fails leaves a failed row; the next run refuses with its code and remedy, repair removes it", async () => {
    const unique = "CREATE UNIQUE INDEX CONCURRENTLY a_kind ON a (kind);";
    await withScenario({ ...FILES, "V2__index.sql": unique }, async ({ db, migrator, write }) => {
      const { applied, error } = await failedRun(migrator().migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "23505",
      });
      assert.deepEqual([applied, error.place.line], [["V1__a.sql"], 1]);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2 failed"]);

      const before = await stateOf(db);
      const refusal = await assertFails(migrator().migrate(), {
        code: "VALIDATE_ERROR",
        class: "migrations",
        remedy: /INVALID index.* by hand .*run repair/,
      });
      assert.deepEqual(
        refusal.problems.map((p) => [p.code, p.version]),
        [["FAILED_VERSIONED_MIGRATION", "2"]],
      );
      assert.deepEqual(await stateOf(db), before);

      const { actions } = await migrator().repair();
      assert.deepEqual(
        actions.map((action) => action.kind),
        ["remove"],
      );
      assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
      await write({
        "V2__index.sql": `DROP INDEX CONCURRENTLY a_kind; ${unique.replace("UNIQUE ", "")}`,
      });
      assert.equal((await migrator().migrate()).to, "2");
    });
  });

  it("what came before the failing statement stays", async () => {
    const sql =
      "CREATE INDEX CONCURRENTLY a_id ON a (id);\nCREATE INDEX CONCURRENTLY b_id ON b (id);\n";
    await withScenario({ ...FILES, "V2__index.sql": sql }, async ({ db, migrator }) => {
      const expected = { code: "ERROR", class: "migrations", sqlState: "42P01" } as const;
      const { error } = await failedRun(migrator().migrate(), expected);
      assert.equal(error.place.line, 2);
      assert.match(error.message, /statement 2 of 2; statement 1 \(line 1\) is committed already$/);
      const { rows } = await db.client.query("SELECT to_regclass('a_id') IS NOT NULL AS kept");
      assert.deepEqual(rows, [{ kept: true }]);
    });
  });
});

describe("engine: a file that mixes statements of both kinds", () => {
  const MIXED = {
    ...FILES,
    "V2__mixed.sql": "CREATE TABLE b (id int);\n\n-- and then\nVACUUM a;\n",
  };

  it("is refused before any of it runs, with the line of the one that cannot", async () => {
    await withScenario(MIXED, async ({ db, migrator }) => {
      const { error, applied } = await failedRun(migrator().migrate(), {
        code: "ERROR",
        class: "migrations",
        message: /^V2__mixed\.sql:4:1: .*cannot run in a transaction/,
        remedy: /mixed=true/,
      });
      assert.deepEqual([applied, error.place.line], [["V1__a.sql"], 4]);
      assert.match(error.place.excerpt ?? "", /4 \| VACUUM a;\n.*\^/);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
      const { rows } = await db.client.query("SELECT to_regclass('b') IS NULL AS absent");
      assert.deepEqual(rows, [{ absent: true }]);
    });
  });

  it("runs with mixed=true, each statement on its own", async () => {
    await withScenario(MIXED, async ({ db, migrator }) => {
      assert.equal((await migrator({ mixed: true }).migrate()).to, "2");
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
    });
  });

  it("with mixed=true keeps what ran before a failure, and says so by a failed row", async () => {
    const files = { "V1__mixed.sql": "VACUUM;\nCREATE TABLE b (id int);\nSELECT 1 / 0;" };
    await withScenario(files, async ({ db, migrator }) => {
      const { error } = await failedRun(migrator({ mixed: true }).migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "22012",
      });
      assert.equal(error.place.line, 3);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1 failed"]);
      const { rows } = await db.client.query("SELECT to_regclass('b') IS NOT NULL AS kept");
      assert.deepEqual(rows, [{ kept: true }]);
    });
  });

  it("runs with executeInTransaction=false, as every file then does", async () => {
    await withScenario(MIXED, async ({ db, migrator }) => {
      assert.equal((await migrator({ executeInTransaction: false }).migrate()).to, "2");
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
    });
  });
});

describe("engine: plain statements outside a transaction", () => {
  const FILES = {
    "V1__a.sql": "CREATE TABLE a (id int);",
    "V2__plain.sql": "ALTER TABLE a ADD b int;",
    "V2__plain.sql.conf": "executeInTransaction=false",
  };

  it("give way to whoever holds the table, and leave nothing behind: trying again helps", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await migrator({ target: "1" }).migrate();
      const other = await db.connect();
      await other.query("BEGIN; SELECT * FROM a");
      const { error } = await failedRun(migrator({ lockTimeout: 50 }).migrate(), {
        code: "ERROR",
        class: "temporary",
        sqlState: "55P03",
      });
      assert.match(error.message, /in the way: pid \d+/);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
      await other.query("COMMIT");
      assert.equal((await migrator().migrate()).to, "2");
    });
  });

  it("come back until the table is free", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await migrator({ target: "1" }).migrate();
      const other = await db.connect();
      await other.query("BEGIN; SELECT * FROM a");
      const run = migrator({ lockTimeout: 100 }).migrate();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await other.query("COMMIT");
      assert.equal((await run).to, "2");
    });
  });

  it("of a REINDEX CONCURRENTLY wait as long as it takes, whatever the limit is", async () => {
    const files = {
      "V1__a.sql": "CREATE TABLE a (id int PRIMARY KEY);",
      "V2__wait.sql":
        "REINDEX INDEX CONCURRENTLY a_pkey;\nCREATE TABLE seen AS SELECT current_setting('lock_timeout') AS timeout;",
      "V2__wait.sql.conf": "executeInTransaction=false",
    };
    await withScenario(files, async ({ db, migrator }) => {
      await migrator({ target: "1" }).migrate();
      const other = await db.connect();
      await other.query("BEGIN; SELECT * FROM a");
      const run = migrator({ lockTimeout: 100 }).migrate();
      run.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 700));
      await other.query("COMMIT");
      assert.equal((await run).to, "2");
      const { rows } = await db.client.query("SELECT timeout FROM seen");
      assert.deepEqual(rows, [{ timeout: "100ms" }]);
    });
  });
});
