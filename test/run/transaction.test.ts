import assert from "node:assert/strict";

import {
  assertFails,
  failedRun,
  ranksOf,
  stateOf,
  tablesOf,
  withScenario,
} from "../support/migrator";

const TABLE = (name: string) => `CREATE TABLE ${name} (id int PRIMARY KEY);`;
const THREE = {
  "V1__a.sql": TABLE("a"),
  "V2__b.sql": `${TABLE("b")}\nINSERT INTO b VALUES (1), (1);\n${TABLE("never")}`,
  "V3__c.sql": TABLE("c"),
};

describe("engine: one transaction for a migration and its row", () => {
  it("leaves no object and no row of a migration that fails half way; what came before stays", async () => {
    await withScenario(THREE, async ({ db, migrator, events }) => {
      const { applied, error } = await failedRun(migrator().migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "23505",
      });
      assert.deepEqual(applied, ["V1__a.sql"]);
      assert.equal(error.place.migration, "V2__b.sql");
      assert.deepEqual(await tablesOf(db), ["public.a"]);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
      assert.deepEqual(
        events.map((event) => event.kind),
        ["historyCreated", "applying", "applied", "applying"],
      );
    });
  });

  it("goes on where it stopped once the file is mended", async () => {
    await withScenario(THREE, async ({ db, migrator, write }) => {
      await assert.rejects(migrator().migrate());
      const before = await stateOf(db);
      await assert.rejects(migrator().migrate());
      assert.deepEqual(await stateOf(db), before, "a second failure changes nothing either");
      await write({ "V2__b.sql": TABLE("b") });
      const { applied, from, to } = await migrator().migrate();
      assert.deepEqual([applied.length, from, to], [2, "1", "3"]);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2", "3 SQL 3"]);
    });
  });

  it("holds when the failure comes with the commit: a deferred constraint", async () => {
    const sql = `CREATE TABLE parent (id int PRIMARY KEY);
      CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO child VALUES (1);`;
    await withScenario({ "V1__a.sql": TABLE("a"), "V2__b.sql": sql }, async (scenario) => {
      const { db, migrator, write } = scenario;
      const { applied } = await failedRun(migrator().migrate(), {
        code: "DB_CONNECTION",
        class: "migrations",
        sqlState: "23503",
        message: /^V2__b\.sql: .*recording and committing it$/,
      });
      assert.deepEqual(applied, ["V1__a.sql"]);
      assert.deepEqual(await tablesOf(db), ["public.a"]);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
      await write({ "V2__b.sql": sql.replace("INSERT INTO child VALUES (1);", "") });
      assert.equal((await migrator().migrate()).to, "2");
    });
  });

  it("rolls the migration back when its row cannot be written: a version of over 50 characters", async () => {
    const files = { "V1__a.sql": TABLE("a"), [`V2${"0".repeat(50)}__b.sql`]: TABLE("b") };
    await withScenario(files, async ({ db, migrator }) => {
      const { applied } = await failedRun(migrator().migrate(), {
        code: "DB_CONNECTION",
        class: "migrations",
        sqlState: "22001",
      });
      assert.deepEqual(applied, ["V1__a.sql"]);
      assert.deepEqual(await tablesOf(db), ["public.a"]);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
    });
  });

  it("is one and the same transaction: object and row have one transaction id", async () => {
    await withScenario({ "V1__a.sql": TABLE("a") }, async ({ db, migrator }) => {
      await migrator().migrate();
      const { rows } = await db.client.query<{ same: boolean }>(
        `SELECT c.xmin = h.xmin AS same FROM pg_class c, flyway_schema_history h
         WHERE c.oid = 'a'::regclass`,
      );
      assert.deepEqual(rows, [{ same: true }]);
    });
  });

  it("leaves no notice behind about the rollback itself", async () => {
    await withScenario({ "V1__a.sql": "SELEC 1;" }, async ({ migrator, events }) => {
      await assert.rejects(migrator().migrate());
      assert.deepEqual(
        events.filter((event) => event.kind === "notice"),
        [],
      );
    });
  });

  it("covers a file with comments only, and an empty one: each gets its row", async () => {
    const files = { "V1__empty.sql": "", "V2__comment.sql": "-- nothing to do" };
    await withScenario(files, async ({ db, migrator }) => {
      await migrator().migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
    });
  });

  it("is not begun for a file that changed after the run was planned", async () => {
    await withScenario(THREE, async ({ db, migrator, folder }) => {
      const { writeFileSync } = await import("node:fs");
      const beforeMigration = () => writeFileSync(`${folder}/V1__a.sql`, TABLE("other"));
      await failedRun(migrator({ beforeMigration }).migrate(), {
        code: "ERROR",
        class: "migrations",
        message: /V1__a\.sql was changed while the run was under way/,
      });
      assert.deepEqual(await tablesOf(db), []);
    });
  });
});

describe("engine: option group, one transaction for all", () => {
  it("keeps all migrations of a run or none, and says that none was applied", async () => {
    await withScenario(THREE, async ({ db, migrator, write }) => {
      const expected = { code: "ERROR", class: "migrations", sqlState: "23505" } as const;
      const { applied } = await failedRun(migrator({ group: true }).migrate(), expected);
      assert.deepEqual(applied, []);
      assert.deepEqual([await tablesOf(db), await ranksOf(db)], [[], []]);
      await write({ "V2__b.sql": TABLE("b") });
      assert.equal((await migrator({ group: true }).migrate()).applied.length, 3);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2", "3 SQL 3"]);
    });
  });

  it("keeps none when the failure comes with the commit", async () => {
    const sql = `${TABLE("p")} CREATE TABLE q (id int REFERENCES p DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO q VALUES (1);`;
    await withScenario({ "V1__a.sql": TABLE("a"), "V2__b.sql": sql }, async ({ db, migrator }) => {
      const { applied } = await failedRun(migrator({ group: true }).migrate(), {
        code: "DB_CONNECTION",
        class: "migrations",
        sqlState: "23503",
      });
      assert.deepEqual(applied, []);
      assert.deepEqual([await tablesOf(db), await ranksOf(db)], [[], []]);
    });
  });

  it("refuses a migration that cannot run in a transaction", async () => {
    const files = { "V1__a.sql": TABLE("a"), "V2__b.sql": "VACUUM a;" };
    await withScenario(files, async ({ db, migrator }) => {
      const expected = { code: "ERROR", class: "migrations", message: /V2__b\.sql/ } as const;
      await assertFails(migrator({ group: true }).migrate(), expected);
      assert.deepEqual([await tablesOf(db), await ranksOf(db)], [[], []]);
    });
  });
});
