import assert from "node:assert/strict";

import { assertFails, ranksOf, stateOf, tablesOf, withScenario } from "../support/migrator";

const SKIP = { skipExecutingMigrations: true };

describe("engine: skipExecutingMigrations", () => {
  it("records the migrations and runs none", async () => {
    const files = { "V1__a.sql": "CREATE TABLE a (id int);", "R__b.sql": "SELECT 1/0;" };
    await withScenario(files, async ({ db, migrator }) => {
      await migrator(SKIP).migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL null"]);
      assert.deepEqual(await tablesOf(db), []);
    });
  });

  it("refuses a script that could never run: it is read all the same", async () => {
    const files = { "V1__a.sql": "CREATE TABLE a (id int DEFAULT ${missing});" };
    await withScenario(files, async ({ db, migrator }) => {
      const before = await stateOf(db);
      await assertFails(migrator(SKIP).migrate(), {
        code: "ERROR",
        class: "migrations",
        message: /missing/,
      });
      assert.deepEqual((await stateOf(db)).catalog, before.catalog);
    });
  });
});
