import assert from "node:assert/strict";

import type { Client } from "pg";

import { assertFails, failedRun, ranksOf, tablesOf, withScenario } from "../support/migrator";

const LOG = "CREATE TABLE log (id int);";
const countOf = async (db: { client: Client }): Promise<number> => {
  const { rows } = await db.client.query<{ n: number }>("SELECT count(*)::int AS n FROM log");
  return rows[0]?.n ?? -1;
};

describe("engine: a script that commits by itself", () => {
  const HALF = "INSERT INTO log VALUES (1);\nCOMMIT;\nALTER TABLE log ADD x int;\nSELECT 1 / 0;";

  it("runs to its end as its author meant, once", async () => {
    const files = {
      "V1__log.sql": LOG,
      "V2__commit.sql":
        "INSERT INTO log VALUES (1);\nCOMMIT;\nINSERT INTO log VALUES (2);\nCOMMIT;\nINSERT INTO log VALUES (3);",
    };
    await withScenario(files, async ({ db, migrator }) => {
      const { to, warnings } = await migrator().migrate();
      assert.equal(to, "2");
      assert.deepEqual(
        warnings.map((text) => text.slice(0, 18)),
        ["V2__commit.sql:2:1", "V2__commit.sql:4:1"],
      );
      assert.equal(await countOf(db), 3);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
    });
  });

  it("leaves a failed row when it fails later, and says what is committed", async () => {
    await withScenario({ "V1__log.sql": LOG, "V2__half.sql": HALF }, async ({ db, migrator }) => {
      const { error, applied } = await failedRun(migrator().migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "22012",
      });
      assert.deepEqual(applied, ["V1__log.sql"]);
      assert.match(error.message, /statements 1 to 2 \(up to line 2\) are committed already/);
      assert.match(error.remedy, /repair/);
      assert.equal(await countOf(db), 1);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2 failed"]);
      await assert.rejects(migrator().migrate(), /recorded as failed/);
      assert.equal(await countOf(db), 1, "what is committed is not done again");
    });
  });

  it("is never tried again on a lock, however long the table is busy", async () => {
    const sql = "INSERT INTO log VALUES (1);\nCOMMIT;\nALTER TABLE busy ADD x int;";
    const files = { "V1__log.sql": `${LOG} CREATE TABLE busy (id int);`, "V2__busy.sql": sql };
    await withScenario(files, async ({ db, migrator }) => {
      await migrator({ target: "1" }).migrate();
      const other = await db.connect();
      await other.query("BEGIN; SELECT * FROM busy");
      const { error } = await failedRun(migrator({ lockTimeout: 200 }).migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "55P03",
      });
      assert.match(error.message, /committed already/);
      await other.query("COMMIT");
      assert.equal(await countOf(db), 1);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2 failed"]);
    });
  });

  it("has its failed row from the COMMIT on: a migrator that is gone then leaves no success behind", async () => {
    const sql =
      "INSERT INTO log VALUES (1);\nCOMMIT;\nSELECT pg_terminate_backend(pg_backend_pid());";
    await withScenario({ "V1__log.sql": LOG, "V2__gone.sql": sql }, async ({ db, migrator }) => {
      await assert.rejects(migrator().migrate());
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2 failed"]);
      await assert.rejects(migrator().migrate(), /recorded as failed/);
      assert.equal(await countOf(db), 1);
    });
  });

  it("keeps the role that the script took, over its COMMIT", async () => {
    await withScenario({}, async ({ db, migrator, write }) => {
      const role = await db.createRole();
      await write({
        "V1__log.sql": `${LOG} GRANT ALL ON log TO ${role.name};
          CREATE TABLE who (a text, b text);`,
        "V2__role.sql": `INSERT INTO who VALUES (current_user, ''); GRANT ALL ON who TO ${role.name};
          SET ROLE ${role.name}; COMMIT; UPDATE who SET b = current_user;`,
      });
      await migrator().migrate();
      const { rows } = await db.client.query<{ a: string; b: string }>("SELECT a, b FROM who");
      assert.equal(rows[0]?.b, role.name);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
    });
  });

  it("AND CHAIN goes on in the next transaction", async () => {
    const sql =
      "INSERT INTO log VALUES (1); COMMIT AND CHAIN; INSERT INTO log VALUES (2); SELECT 1/0;";
    await withScenario({ "V1__log.sql": LOG, "V2__chain.sql": sql }, async ({ db, migrator }) => {
      await failedRun(migrator().migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "22012",
      });
      assert.equal(await countOf(db), 1);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2 failed"]);
    });
  });

  it("in a group makes what came before it permanent, with its rows, and leaves a failed row of its own", async () => {
    const files = {
      "V1__log.sql": LOG,
      "V2__half.sql": "INSERT INTO log VALUES (1);\nCOMMIT;\nINSERT INTO log VALUES (2);",
      "V3__bad.sql": "SELECT 1 / 0;",
    };
    await withScenario(files, async ({ db, migrator }) => {
      const { applied } = await failedRun(migrator({ group: true }).migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "22012",
      });
      assert.deepEqual(applied, ["V1__log.sql"]);
      assert.equal(await countOf(db), 1);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2 failed"]);
    });
  });
});

describe("engine: BEGIN and COMMIT around a whole script", () => {
  it("stand for the engine's own transaction: script and row are one", async () => {
    const files = {
      "V1__a.sql": "BEGIN;\nCREATE TABLE a (id int);\nCOMMIT;\n",
      "V2__b.sql":
        "BEGIN ISOLATION LEVEL SERIALIZABLE; CREATE TABLE b AS SELECT current_setting('transaction_isolation') AS level; END;",
      "V3__c.sql": "START TRANSACTION;\nCREATE TABLE c (id int);\nSELECT 1 / 0;\nCOMMIT;",
    };
    await withScenario(files, async ({ db, migrator, events }) => {
      await failedRun(migrator().migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "22012",
      });
      assert.deepEqual(await tablesOf(db), ["public.a", "public.b"]);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
      const { rows } = await db.client.query("SELECT level FROM b");
      assert.deepEqual(rows, [{ level: "serializable" }]);
      assert.deepEqual(
        events.filter(({ kind }) => kind === "notice" || kind === "warning"),
        [],
      );
    });
  });

  it("SET TRANSACTION as the first statement holds", async () => {
    const sql =
      "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nCREATE TABLE a AS SELECT current_setting('transaction_isolation') AS level;";
    await withScenario({ "V1__a.sql": sql }, async ({ db, migrator }) => {
      await migrator().migrate();
      const { rows } = await db.client.query("SELECT level FROM a");
      assert.deepEqual(rows, [{ level: "serializable" }]);
    });
  });
});

describe("engine: scripts that could not be recorded honestly", () => {
  const CASES: readonly (readonly [string, Record<string, string>, RegExp])[] = [
    [
      "ROLLBACK",
      { "V2__x.sql": "CREATE TABLE b (id int);\nROLLBACK;" },
      /^V2__x\.sql:2:1: ROLLBACK/,
    ],
    ["ABORT", { "V2__x.sql": "ABORT;" }, /^V2__x\.sql:1:1: ROLLBACK/],
    [
      "PREPARE TRANSACTION",
      { "V2__x.sql": "SELECT 1;\n PREPARE TRANSACTION 'x';" },
      /^V2__x\.sql:2:2: PREPARE TRANSACTION/,
    ],
    [
      "a BEGIN that is left open, outside a transaction",
      {
        "V2__x.sql": "BEGIN;\nCREATE TABLE b (id int);",
        "V2__x.sql.conf": "executeInTransaction=false",
      },
      /^V2__x\.sql:1:1: BEGIN opens/,
    ],
    [
      "another client_encoding over characters beyond ASCII",
      { "V2__x.sql": "SET client_encoding = 'LATIN1';\nCREATE TABLE b AS SELECT 'é' AS e;" },
      /^V2__x\.sql:1:1: client_encoding LATIN1/,
    ],
    [
      "SET NAMES",
      { "V2__x.sql": "SET NAMES 'latin1'; SELECT 'é';" },
      /^V2__x\.sql:1:1: client_enc/,
    ],
  ];
  for (const [what, files, message] of CASES) {
    it(`are refused before anything runs, also what comes before them: ${what}`, async () => {
      await withScenario({ "V1__a.sql": LOG, ...files }, async ({ db, migrator }) => {
        await assertFails(migrator().migrate(), { code: "ERROR", class: "migrations", message });
        await assertFails(migrator().plan(), { code: "ERROR", class: "migrations", message });
        assert.deepEqual(await tablesOf(db), []);
        assert.equal((await ranksOf(db)).length, 0);
      });
    });
  }

  it("ROLLBACK TO SAVEPOINT is no such thing", async () => {
    const sql =
      "SAVEPOINT a; INSERT INTO log VALUES (1); ROLLBACK TO a; INSERT INTO log VALUES (2); RELEASE a;";
    await withScenario({ "V1__a.sql": LOG, "V2__s.sql": sql }, async ({ db, migrator }) => {
      await migrator().migrate();
      assert.equal(await countOf(db), 1);
    });
  });

  it("a transaction that dynamic SQL leaves open cannot be: a BEGIN of its own is closed by COMMIT", async () => {
    const files = {
      "V1__a.sql": LOG,
      "V2__x.sql": "BEGIN; INSERT INTO log VALUES (1); COMMIT; INSERT INTO log VALUES (2);",
      "V2__x.sql.conf": "executeInTransaction=false",
    };
    await withScenario(files, async ({ db, migrator }) => {
      await migrator().migrate();
      assert.equal(await countOf(db), 2);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
    });
  });
});
