import assert from "node:assert/strict";

import { assertFails, ranksOf, stateOf, withScenario } from "../support/migrator";

const FORBID = { allowDestructive: false };
const DROPS = {
  "V1__a.sql": "CREATE TABLE a (id int, b int);",
  "V2__b.sql": "CREATE TABLE c (id int);\n  ALTER TABLE a DROP COLUMN b;",
};

describe("engine: migrations that destroy data, where that is not allowed", () => {
  it("are refused by plan and migrate, with file and line, and nothing is written", async () => {
    await withScenario({ "V1__a.sql": DROPS["V1__a.sql"] }, async ({ db, migrator, write }) => {
      await migrator(FORBID).migrate();
      await write(DROPS);
      const before = await stateOf(db);
      for (const work of [migrator(FORBID).plan(), migrator(FORBID).migrate()])
        await assertFails(work, {
          code: "VALIDATE_ERROR",
          class: "migrations",
          message: /V2__b\.sql:2:3: ALTER TABLE … DROP COLUMN destroys data/,
          remedy: /allowDestructive: true/,
        });
      assert.deepEqual(await stateOf(db), before);
      await migrator().migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
      assert.deepEqual(
        (await migrator(FORBID).plan()).plan.steps,
        [],
        "what is applied is not asked",
      );
    });
  });

  it("are refused but for the scripts that may, by name", async () => {
    await withScenario({ "V1__a.sql": DROPS["V1__a.sql"] }, async ({ db, migrator, write }) => {
      await migrator(FORBID).migrate();
      await write({ ...DROPS, "V3__d.sql": "DROP TABLE c;" });
      await assertFails(migrator({ allowDestructive: ["V2__b.sql"] }).migrate(), {
        code: "VALIDATE_ERROR",
        class: "migrations",
        message: /V3__d\.sql:1:1/,
      });
      await migrator({ allowDestructive: ["V2__b.sql", "V3__d.sql"] }).migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2", "3 SQL 3"]);
    });
  });

  it("are no matter in a database that begins with its first migration", async () => {
    await withScenario(DROPS, async ({ db, migrator }) => {
      await migrator(FORBID).migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
    });
  });

  it("are refused where a baseline stands for what is there", async () => {
    await withScenario(DROPS, async ({ db, migrator }) => {
      await db.client.query("CREATE TABLE a (id int, b int)");
      const before = await stateOf(db);
      const adopting = { ...FORBID, baselineOnMigrate: true, baselineVersion: "1" };
      await assertFails(migrator(adopting).migrate(), {
        code: "VALIDATE_ERROR",
        class: "migrations",
        message: /V2__b/,
      });
      assert.deepEqual(await stateOf(db), before);
    });
  });
});
