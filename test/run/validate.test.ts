import assert from "node:assert/strict";

import type { Problem } from "../../engine/core/errors";
import type { Migrator } from "../../engine/run/migrator";
import {
  assertFails,
  historyOf,
  ranksOf,
  type Scenario,
  stateOf,
  withScenario,
} from "../support/migrator";

const FILES = {
  "V1__a.sql": "CREATE TABLE a (id int);\n",
  "V2__b.sql": "CREATE TABLE b (id int);\n",
  "V3__c.sql": "CREATE TABLE c (id int);\n",
  "R__view.sql": "CREATE OR REPLACE VIEW v AS SELECT 1 AS one;\n",
};

const brief = (problems: readonly Problem[]) =>
  problems.map((p) => [p.code, p.version ?? p.description]);

async function statesOf(migrator: Migrator): Promise<string[]> {
  const { infos } = await migrator.info();
  return infos.map((i) => `${i.version?.text ?? i.description} ${i.state}`);
}

/** The fault is reported by validate, and refused by migrate, which changes nothing. */
async function assertRefused(scenario: Scenario, expected: string[][]): Promise<void> {
  const { db, migrator, write } = scenario;
  await write({ "V9__more.sql": "CREATE TABLE more (id int);" });
  const before = await stateOf(db);
  const pendingIsFine = { ignoreMigrationPatterns: ["*:future", "*:pending"] };
  const { problems } = await migrator(pendingIsFine).validate();
  assert.deepEqual(brief(problems), expected);
  for (const problem of problems) assert.match(problem.remedy, /\w+ \w+/);
  for (const refused of [() => migrator().migrate(), () => migrator().plan()]) {
    const error = await assertFails(refused(), { code: "VALIDATE_ERROR", class: "migrations" });
    assert.deepEqual(brief(error.problems), expected);
  }
  assert.deepEqual(await stateOf(db), before);
}

async function migrated(work: (scenario: Scenario) => Promise<void>): Promise<void> {
  await withScenario(FILES, async (scenario) => {
    await scenario.migrator().migrate();
    await work(scenario);
  });
}

describe("engine: files that no longer agree with the history", () => {
  it("an applied file that was edited is refused; another line end is no edit", async () => {
    await migrated(async (scenario) => {
      await scenario.write({ "V2__b.sql": "CREATE TABLE b (id int);\r\n" });
      assert.deepEqual((await scenario.migrator().validate()).problems, []);
      await scenario.write({ "V2__b.sql": "CREATE TABLE b (id bigint);\n" });
      await assertRefused(scenario, [["CHECKSUM_MISMATCH", "2"]]);
    });
  });

  it("an applied file that was deleted is refused", async () => {
    await migrated(async (scenario) => {
      await scenario.remove("V2__b.sql");
      await assertRefused(scenario, [["APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED", "2"]]);
    });
  });

  it("an applied file that was renamed is refused, whether its description or its version changed", async () => {
    await migrated(async (scenario) => {
      await scenario.rename("V2__b.sql", "V2__other.sql");
      await assertRefused(scenario, [["DESCRIPTION_MISMATCH", "2"]]);
    });
    await migrated(async (scenario) => {
      await scenario.rename("V2__b.sql", "V4__b.sql");
      await assertRefused(scenario, [["APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED", "2"]]);
    });
  });

  it("all faults are told at once", async () => {
    await migrated(async (scenario) => {
      await scenario.remove("V1__a.sql");
      await scenario.write({ "V2__b.sql": "SELECT 2;", "V2.5__late.sql": "SELECT 3;" });
      await assertRefused(scenario, [
        ["APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED", "1"],
        ["CHECKSUM_MISMATCH", "2"],
        ["RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED", "2.5"],
      ]);
    });
  });

  it("two files of one version are refused by every command, by both names", async () => {
    await migrated(async ({ db, migrator, write }) => {
      await write({ "V3_0__again.sql": "SELECT 1;" });
      const before = await stateOf(db);
      const expected = {
        code: "DUPLICATE_VERSIONED_MIGRATION",
        class: "migrations",
        message: /V3(_0)?__\w+\.sql.*V3(_0)?__\w+\.sql/s,
      } as const;
      for (const command of ["info", "validate", "plan", "migrate", "repair"] as const)
        await assertFails(migrator()[command](), expected);
      assert.deepEqual(await stateOf(db), before);
    });
  });

  it("a file moved to another folder is the same file", async () => {
    await migrated(async ({ migrator, write, remove }) => {
      await write({ "sub/V2__b.sql": FILES["V2__b.sql"] });
      await remove("V2__b.sql");
      assert.deepEqual((await migrator().validate()).problems, []);
    });
  });

  it("a repeatable that was edited is outdated, and migrate runs it again as a new row", async () => {
    await migrated(async ({ db, migrator, write }) => {
      await write({ "R__view.sql": "CREATE OR REPLACE VIEW v AS SELECT 1 AS one, 2 AS two;\n" });
      assert.deepEqual(await statesOf(migrator()), [
        "1 Success",
        "2 Success",
        "3 Success",
        "view Outdated",
        "view Pending",
      ]);
      assert.deepEqual(brief((await migrator().validate()).problems), [
        ["OUTDATED_REPEATABLE_MIGRATION", "view"],
        ["RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED", "view"],
      ]);
      await migrator().migrate();
      assert.deepEqual(await ranksOf(db), [
        "1 SQL 1",
        "2 SQL 2",
        "3 SQL 3",
        "4 SQL null",
        "5 SQL null",
      ]);
      assert.deepEqual((await migrator().validate()).problems, []);
    });
  });

  it("what is pending fails validate, and only validate", async () => {
    await migrated(async ({ migrator, write }) => {
      await write({ "V4__d.sql": "SELECT 1;" });
      assert.deepEqual(brief((await migrator().validate()).problems), [
        ["RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED", "4"],
      ]);
      assert.equal((await migrator().migrate()).to, "4");
      assert.deepEqual((await migrator().validate()).problems, []);
    });
  });
});

describe("engine: repair", () => {
  it("aligns edited and renamed files and marks deleted ones, and touches no object", async () => {
    await migrated(async (scenario) => {
      const { db, migrator, write, rename, remove } = scenario;
      await remove("V1__a.sql");
      await write({ "V2__b.sql": "CREATE TABLE b (id bigint);\n" });
      await rename("V3__c.sql", "V3__renamed.sql");
      const { catalog } = await stateOf(db);
      const { actions } = await migrator().repair();
      assert.deepEqual(
        actions.map((a) => [a.kind, a.applied.version?.text]),
        [
          ["markDeleted", "1"],
          ["align", "2"],
          ["align", "3"],
        ],
      );
      const rows = (await historyOf(db)) ?? [];
      assert.equal(rows[2]?.description, "renamed");
      assert.deepEqual(rows[4], { ...rows[0], installed_rank: 5, type: "DELETE" });
      assert.deepEqual((await stateOf(db)).catalog, catalog);
      assert.deepEqual((await migrator().validate()).problems, []);
      assert.deepEqual((await migrator().migrate()).applied, []);
    });
  });

  it("finds nothing to do where all is well, or where there is no history", async () => {
    await migrated(async ({ db, migrator }) => {
      const before = await stateOf(db);
      assert.deepEqual((await migrator().repair()).actions, []);
      assert.deepEqual(await stateOf(db), before);
    });
    await withScenario(FILES, async ({ db, migrator }) => {
      assert.deepEqual((await migrator().repair()).actions, []);
      assert.equal(await historyOf(db), null);
    });
  });

  it("by a role that may not write the history fails, and changes nothing", async () => {
    await migrated(async ({ db, migrator, write }) => {
      const role = await db.createRole();
      await db.client.query(`GRANT SELECT ON flyway_schema_history TO ${role.name}`);
      await write({ "V2__b.sql": "SELECT 2;" });
      const before = await stateOf(db);
      await assertFails(migrator({ url: role.url }).repair(), {
        code: "DB_CONNECTION",
        class: "usage",
        sqlState: "42501",
        message: /"public"\."flyway_schema_history" cannot be repaired/,
      });
      assert.deepEqual(await stateOf(db), before);
    });
  });
});

describe("engine: validate without the default schema", () => {
  const absent = { schemas: ["app", "other"], defaultSchema: "app" };

  it("says that the schema is missing, and compares nothing, whatever the target", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      const before = await stateOf(db);
      for (const options of [absent, { ...absent, target: "99" }])
        await assertFails(migrator(options).validate(), {
          code: "SCHEMA_DOES_NOT_EXIST",
          class: "migrations",
          message: /"app" does not exist/,
          remedy: /migrate/,
        });
      assert.deepEqual(await stateOf(db), before);
    });
  });

  it("has nothing to say where there are no migrations, or pending ones are ignored", async () => {
    const callback = { "beforeValidate.sql": "SELECT no_such_function();" };
    await withScenario({ ...FILES, ...callback }, async ({ migrator }) => {
      const ignoring = { ...absent, ignoreMigrationPatterns: ["*:pending"] };
      assert.deepEqual((await migrator(ignoring).validate()).problems, []);
    });
    await withScenario({}, async ({ migrator }) => {
      assert.deepEqual((await migrator(absent).validate()).problems, []);
    });
  });

  it("only the default schema counts: another one may be missing", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await db.client.query("CREATE SCHEMA app");
      const { problems } = await migrator(absent).validate();
      assert.deepEqual(brief(problems), [
        ["RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED", "1"],
        ["RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED", "2"],
        ["RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED", "3"],
        ["RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED", "view"],
      ]);
    });
  });
});
