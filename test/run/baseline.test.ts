import assert from "node:assert/strict";

import { assertFails, historyOf, ranksOf, stateOf, withScenario } from "../support/migrator";

const FILES = {
  "V1__a.sql": "CREATE TABLE a (id int);",
  "V2__b.sql": "CREATE TABLE b (id int);",
  "V3__c.sql": "CREATE TABLE c (id int);",
};
const AT_2 = { baselineVersion: "2", baselineDescription: "As found" };

describe("engine: the command baseline", () => {
  it("marks a database with objects, so that migrate runs what is above only", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await db.client.query("CREATE TABLE a (id int); CREATE TABLE b (id int)");
      const result = await migrator(AT_2).baseline();
      assert.deepEqual([result.baselined, result.version], [true, "2"]);
      assert.deepEqual(await ranksOf(db), ["1 BASELINE 2"]);
      const { infos } = await migrator().info();
      assert.deepEqual(
        infos.map((i) => `${i.version?.text} ${i.state}`),
        ["1 Below Baseline", "2 Ignored (Baseline)", "2 Baseline", "3 Pending"],
      );
      assert.equal((await migrator().migrate()).to, "3");
      assert.deepEqual(await ranksOf(db), ["1 BASELINE 2", "2 SQL 3"]);
    });
  });

  it("marks an empty database as well", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await migrator(AT_2).baseline();
      assert.deepEqual(await ranksOf(db), ["1 BASELINE 2"]);
    });
  });

  it("a second time is a no-op, also with the version written in another way", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await migrator(AT_2).baseline();
      const before = await stateOf(db);
      assert.equal((await migrator(AT_2).baseline()).baselined, false);
      const same = await migrator({ ...AT_2, baselineVersion: "2.0" }).baseline();
      assert.equal(same.baselined, false);
      assert.deepEqual(await stateOf(db), before);
    });
  });

  it("with another version or description is refused, and names both", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await migrator(AT_2).baseline();
      const before = await stateOf(db);
      const others = [
        { ...AT_2, baselineVersion: "3" },
        { ...AT_2, baselineDescription: "Other" },
      ];
      for (const other of others) {
        await assertFails(migrator(other).baseline(), {
          code: "ERROR",
          class: "migrations",
          message: /2 "As found".*(3 "As found"|2 "Other")/,
          remedy: /same version and description/,
        });
      }
      assert.deepEqual(await stateOf(db), before);
    });
  });

  it("of a database with applied migrations is refused", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await migrator({ target: "1" }).migrate();
      const before = await stateOf(db);
      await assertFails(migrator(AT_2).baseline(), { code: "ERROR", class: "migrations" });
      assert.deepEqual(await stateOf(db), before);
    });
  });

  it("at something that is not a version is refused, and nothing is written", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await assertFails(migrator({ baselineVersion: "latest" }).baseline(), {
        code: "ERROR",
        class: "usage",
      });
      assert.equal(await historyOf(db), null);
    });
  });

  it("makes the schema where it is missing: the baseline has rank 1, the schema's mark 2", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await migrator({ ...AT_2, schemas: ["app"] }).baseline();
      assert.deepEqual(await ranksOf(db, "app.flyway_schema_history"), [
        "1 BASELINE 2",
        "2 SCHEMA null",
      ]);
    });
  });

  it("waits for the lock of another migrator", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await db.client.query("SELECT pg_advisory_lock(77433833903597)");
      await assertFails(migrator({ ...AT_2, lockWait: 0 }).baseline(), {
        code: "ERROR",
        class: "temporary",
      });
      assert.equal(await historyOf(db), null);
    });
  });
});

describe("engine: baselineOnMigrate with a version that is none", () => {
  it("is refused before anything is written, also where the database is empty", async () => {
    for (const sql of ["SELECT 1", "CREATE TABLE a (id int)"]) {
      await withScenario(FILES, async ({ db, migrator }) => {
        await db.client.query(sql);
        const before = await stateOf(db);
        const options = { baselineOnMigrate: true, baselineVersion: "three" };
        await assertFails(migrator(options).migrate(), { code: "ERROR", class: "usage" });
        assert.deepEqual(await stateOf(db), before);
      });
    }
  });
});

describe("engine: baselineOnMigrate with a version written with _", () => {
  it("stores it with dots, as Flyway does", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await db.client.query("CREATE TABLE old (id int)");
      await migrator({ baselineOnMigrate: true, baselineVersion: "02_0" }).migrate();
      assert.deepEqual(await ranksOf(db), ["1 BASELINE 02.0", "2 SQL 3"]);
    });
  });

  it("asks nothing of the migrations: a faulty folder does not stop it", async () => {
    const faulty = { ...FILES, "V1__again.sql": "SELECT 1;", "V2__open.sql": "SELECT ${no};" };
    await withScenario(faulty, async ({ db, migrator }) => {
      await db.client.query("CREATE TABLE a (id int)");
      assert.equal((await migrator(AT_2).baseline()).baselined, true);
      assert.deepEqual(await ranksOf(db), ["1 BASELINE 2"]);
      await assertFails(migrator().migrate(), {
        code: "DUPLICATE_VERSIONED_MIGRATION",
        class: "migrations",
      });
    });
  });
});
