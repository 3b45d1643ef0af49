import assert from "node:assert/strict";

import type { Migrator } from "../../engine/run/migrator";
import { terminate, waitForBackend } from "../support/backends";
import { failedRun, ranksOf, stateOf, tablesOf, withScenario } from "../support/migrator";
import type { TestDatabase } from "../support/postgres";

/** Runs migrate and ends its backend as soon as it is in the middle of what `query` matches. */
async function killedWhile(db: TestDatabase, migrator: Migrator, query: string) {
  const run = migrator.migrate();
  run.catch(() => undefined); // looked at below
  await terminate(db.client, await waitForBackend(db.client, query));
  return run;
}

const SLEEPS = {
  "in a DO block": `CREATE TABLE b (id int); DO $$ BEGIN CREATE TABLE c (id int); PERFORM pg_sleep(600); END $$;`,
  "between two statements": `CREATE TABLE b (id int); SELECT pg_sleep(600); CREATE TABLE c (id int);`,
  "in a script that is sent piece by piece":
    "CREATE TABLE b (id int);\nCOPY b FROM STDIN;\n1\n\\.\nSELECT pg_sleep(600);",
};

describe("engine: a connection that is lost in the middle", () => {
  for (const [where, sql] of Object.entries(SLEEPS)) {
    it(`${where} is a temporary error, keeps nothing, and the next run completes`, async () => {
      const files = { "V1__a.sql": "CREATE TABLE a (id int);", "V2__b.sql": sql };
      await withScenario(files, async ({ db, migrator, write }) => {
        const { applied, error } = await failedRun(killedWhile(db, migrator(), "%pg_sleep(600)%"), {
          code: "ERROR",
          class: "temporary",
          sqlState: "57P01",
        });
        assert.deepEqual(applied, ["V1__a.sql"]);
        assert.equal(error.place.migration, "V2__b.sql");
        assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
        assert.deepEqual(await tablesOf(db), ["public.a"]);
        await write({ "V2__b.sql": sql.replaceAll("600", "0") });
        assert.equal((await migrator().migrate()).to, "2");
        assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
        assert.ok((await tablesOf(db)).includes("public.b"));
        assert.deepEqual((await migrator().validate()).problems, []);
      });
    });
  }

  it("releases the lock with it: another migrator goes on at once", async () => {
    const files = { "V1__a.sql": "SELECT pg_sleep(600);" };
    await withScenario(files, async ({ db, migrator, write }) => {
      await assert.rejects(killedWhile(db, migrator(), "%pg_sleep(600)%"));
      await write({ "V1__a.sql": "SELECT 1;" });
      assert.equal((await migrator({ lockWait: 0 }).migrate()).to, "1");
    });
  });

  it("outside a transaction is a temporary error; a later run meets what was done, not a row", async () => {
    const sql = "VACUUM; SELECT pg_sleep(600);";
    await withScenario({ "V1__a.sql": sql }, async ({ db, migrator, write }) => {
      const overrides = { mixed: true };
      await failedRun(killedWhile(db, migrator(overrides), "%pg_sleep(600)%"), {
        code: "ERROR",
        class: "temporary",
        sqlState: "57P01",
      });
      assert.deepEqual(await ranksOf(db), []);
      await write({ "V1__a.sql": sql.replace("600", "0") });
      assert.equal((await migrator(overrides).migrate()).to, "1");
    });
  });

  it("while waiting for another migrator is a temporary error, and nothing is written", async () => {
    await withScenario({ "V1__a.sql": "CREATE TABLE a (id int);" }, async ({ db, migrator }) => {
      const before = await stateOf(db);
      await db.client.query("SELECT pg_advisory_lock(77433833903597)");
      const run = migrator({ applicationName: "waiter" }).migrate();
      run.catch(() => undefined);
      await terminate(db.client, await waitForBackend(db.client, "%pg_locks%", "waiter"));
      await assert.rejects(run, { code: "DB_CONNECTION", class: "temporary" });
      assert.deepEqual(await stateOf(db), before);
    });
  });

  it("while the history is made is a temporary error, and nothing is written", async () => {
    await withScenario({ "V1__a.sql": "CREATE TABLE a (id int);" }, async ({ db, migrator }) => {
      const other = await db.connect(); // makes a table of that name, and has not committed it
      await other.query("BEGIN; CREATE TABLE flyway_schema_history (id int)");
      const run = killedWhile(db, migrator(), "BEGIN;%CREATE TABLE%flyway_schema_history%");
      await assert.rejects(run, { code: "DB_CONNECTION", class: "temporary" });
      await other.query("ROLLBACK");
      assert.equal((await migrator().migrate()).to, "1");
    });
  });
});
