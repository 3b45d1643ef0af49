import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

import type { Scenario } from "../support/migrator";
import {
  assertFails,
  failureOf,
  type Files,
  ranksOf,
  stateOf,
  withScenario,
} from "../support/migrator";

const FORBID = { allowDestructive: false };
const REFUSED = { code: "VALIDATE_ERROR", class: "migrations" } as const;
const V1 = { "V1__a.sql": "CREATE TABLE a (id int, b int); INSERT INTO a VALUES (1, 2);" };
const DROPS = {
  ...V1,
  "V2__b.sql": "CREATE TABLE c (id int);\n  ALTER TABLE a DROP COLUMN b;",
};

/** A database at version 1, and then these files too. */
async function atVersion1(files: Files, work: (scenario: Scenario) => Promise<void>) {
  await withScenario(V1, async (scenario) => {
    await scenario.migrator(FORBID).migrate();
    await scenario.write(files);
    await work(scenario);
  });
}

const everything = async ({ db }: Pick<Scenario, "db">) => ({
  ...(await stateOf(db)),
  rows: (await db.client.query<object>("SELECT * FROM a")).rows,
});

/** Refuses in plan and migrate, with this, and leaves all as it was. */
async function assertRefused(
  scenario: Scenario,
  message: RegExp,
  options: Parameters<Scenario["migrator"]>[0] = FORBID,
) {
  const before = await everything(scenario);
  await assertFails(scenario.migrator(options).plan(), { ...REFUSED, message });
  await assertFails(scenario.migrator(options).migrate(), { ...REFUSED, message });
  assert.deepEqual(await everything(scenario), before);
}

describe("engine: migrations that destroy data, where that is not allowed", () => {
  it("are refused by plan and migrate, with file and line, and nothing is written", async () => {
    await atVersion1(DROPS, async (scenario) => {
      const { db, migrator } = scenario;
      await assertRefused(
        scenario,
        /V2__b\.sql:2:3: ALTER TABLE … DROP COLUMN destroys data \(a\.b\)/,
      );
      const { place, remedy } = await failureOf(migrator(FORBID).migrate());
      assert.deepEqual([place.migration, place.line, place.column], ["V2__b.sql", 2, 3]);
      assert.match(place.excerpt ?? "", /ALTER TABLE a DROP COLUMN b/);
      assert.match(remedy, /\["V2__b\.sql"\].*allowDestructive: true/);
      await migrator().migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
      const { plan } = await migrator(FORBID).plan();
      assert.deepEqual(plan.steps, [], "what is applied is not asked");
    });
  });

  it("are all named, each with its place", async () => {
    const files = { "V2__b.sql": "DELETE FROM a;\nTRUNCATE a;", "R__c.sql": "DROP TABLE a;" };
    await atVersion1(files, async ({ migrator }) => {
      const { problems } = await failureOf(migrator(FORBID).migrate());
      assert.deepEqual(
        problems.map(({ message, version }) => [/^\S+ [A-Z ]+/.exec(message)?.[0].trim(), version]),
        [
          ["V2__b.sql:1:1: DELETE", "2"],
          ["V2__b.sql:2:1: TRUNCATE", "2"],
          ["R__c.sql:1:1: DROP TABLE", null],
        ],
      );
    });
  });

  it("are let through by name, and no others", async () => {
    const files = { "V2__b.sql": "DELETE FROM a;", "deep/V3__c.sql": "DROP TABLE a;" };
    await atVersion1(files, async (scenario) => {
      const { db, migrator } = scenario;
      await assertRefused(scenario, /V3__c/, { allowDestructive: ["V2__b.sql", "V9__none.sql"] });
      await assertRefused(scenario, /V2__b/, { allowDestructive: ["V3__c.sql"] });
      await assertRefused(scenario, /V2__b/, { allowDestructive: [] });
      await migrator({ allowDestructive: ["V2__b.sql", "V3__c.sql"] }).migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2", "3 SQL 3"]);
    });
  });

  it("are not asked where they are only marked as applied", async () => {
    await atVersion1(DROPS, async ({ db, migrator }) => {
      await migrator({ ...FORBID, skipExecutingMigrations: true }).migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
    });
  });

  it("are refused where the value of a placeholder destroys, which is not shown", async () => {
    const files = {
      "V2__b.sql": "SELECT 1;\nSELECT 2; ${tidy}",
      "V3__c.sql": "DROP TABLE ${what};\nDO $$ BEGIN EXECUTE 'DELETE FROM ${what}'; END $$;",
      "V4__d.sql": "DROP TABLE app.known;",
    };
    await atVersion1(files, async (scenario) => {
      const placeholders = { tidy: "DELETE FROM a WHERE b = 's3cret'", what: "hidden" };
      const options = { ...FORBID, placeholders };
      await assertRefused(
        scenario,
        /^V2__b\.sql:2:11: DELETE in the value of the placeholder tidy destroys data, and/,
        options,
      );
      const error = await failureOf(scenario.migrator(options).migrate());
      const shown = JSON.stringify([error.message, error.place, error.problems]);
      assert.doesNotMatch(shown, /s3cret|hidden/);
      assert.match(shown, /V3__c\.sql:1:1: DROP TABLE destroys data, and/);
      assert.match(shown, /V3__c\.sql:2:21: DELETE destroys data, and/);
      assert.match(shown, /V4__d\.sql:1:1: DROP TABLE destroys data \(app\.known\)/);
    });
  });

  it("are judged by what placeholders make of them", async () => {
    const files = {
      "V2__b.sql": "${remark} DROP TABLE a;",
      "V3__c.sql": "SELECT '${tidy}';",
      "V4__d.sql": "SELECT '${tidy}';",
      "V4__d.sql.conf": "placeholderReplacement=false",
    };
    const placeholders = { remark: "--", tidy: "DROP TABLE a;" };
    await atVersion1(files, async ({ db, migrator }) => {
      await migrator({ ...FORBID, placeholders }).migrate();
      assert.deepEqual((await ranksOf(db)).length, 4);
    });
  });

  it("are refused where they are put together when they run", async () => {
    const loop =
      "DO $$ DECLARE t text; BEGIN\n  FOR t IN SELECT 'a' LOOP EXECUTE 'DROP TABLE ' || t; END LOOP; END $$;";
    const text = "DO $$ DECLARE t text := 'DR' || 'OP TABLE a'; BEGIN\n  EXECUTE t; END $$;";
    await atVersion1({ "V2__b.sql": loop }, (scenario) =>
      assertRefused(scenario, /V2__b\.sql:2:36: DROP TABLE destroys data, and/),
    );
    await atVersion1({ "V2__b.sql": text }, async (scenario) => {
      await assertRefused(
        scenario,
        /V2__b\.sql:2:11: what EXECUTE does cannot be read before it runs/,
      );
      await scenario.migrator({ allowDestructive: ["V2__b.sql"] }).migrate();
      await assert.rejects(scenario.db.client.query("SELECT * FROM a"), /does not exist/);
    });
  });

  it("are refused in a callback, before any callback has run", async () => {
    const files = {
      "beforeConnect.sql": "INSERT INTO a VALUES (7, 7);",
      "afterMigrate__tidy.sql": "\nDELETE FROM a;",
    };
    await atVersion1(files, async (scenario) => {
      await assertRefused(scenario, /afterMigrate__tidy\.sql:2:1: DELETE destroys data \(a\)/);
      await scenario.migrator({ allowDestructive: ["afterMigrate__tidy.sql"] }).migrate();
      const { rows } = await scenario.db.client.query("SELECT * FROM a");
      assert.deepEqual(rows, []);
    });
  });

  it("are refused in callbacks of the other commands, and of no command that does not fire them", async () => {
    const files = {
      "beforeInfo.sql": "DELETE FROM a;",
      "afterRepair.sql": "DELETE FROM a;",
      "beforeClean.sql": "DROP TABLE a;",
    };
    await atVersion1(files, async (scenario) => {
      const { migrator } = scenario;
      const before = await everything(scenario);
      await assertFails(migrator(FORBID).info(), { ...REFUSED, message: /beforeInfo/ });
      await assertFails(migrator(FORBID).repair(), { ...REFUSED, message: /afterRepair/ });
      await migrator(FORBID).validate();
      await migrator(FORBID).migrate();
      assert.deepEqual(await everything(scenario), before);
    });
  });

  it("are refused in initSql, before it has run, whatever the command", async () => {
    await atVersion1({}, async (scenario) => {
      const { migrator } = scenario;
      const options = { ...FORBID, initSql: "SET search_path = public; DELETE FROM a" };
      await assertRefused(scenario, /^initSql:1:27: DELETE destroys data \(a\)/, options);
      const before = await everything(scenario);
      const refused = { ...REFUSED, remedy: /\["initSql"\]/ };
      await assertFails(migrator(options).info(), refused);
      await assertFails(migrator(options).observe(), refused);
      assert.deepEqual(await everything(scenario), before);
      await migrator({ ...options, allowDestructive: ["initSql"] }).info();
      assert.deepEqual((await everything(scenario)).rows, []);
    });
  });

  it("are no matter in a database that begins with its first migration, but what reaches beyond it", async () => {
    await withScenario(DROPS, async ({ db, migrator }) => {
      await migrator(FORBID).migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
    });
    const beyond = { ...DROPS, "V3__c.sql": "DROP TABLE c;\nDROP OWNED BY CURRENT_USER;" };
    await withScenario(beyond, async ({ db, migrator }) => {
      const before = await stateOf(db);
      const { problems } = await assertFails(migrator(FORBID).migrate(), REFUSED);
      assert.deepEqual(problems.length, 1);
      assert.match(problems[0]?.message ?? "", /V3__c\.sql:2:1: DROP OWNED/);
      assert.deepEqual(await stateOf(db), before);
    });
  });

  it("are refused where a baseline stands for what is there", async () => {
    await withScenario(DROPS, async ({ db, migrator }) => {
      await db.client.query("CREATE TABLE a (id int, b int)");
      const before = await stateOf(db);
      const adopting = { ...FORBID, baselineOnMigrate: true, baselineVersion: "1" };
      await assertFails(migrator(adopting).migrate(), { ...REFUSED, message: /V2__b/ });
      assert.deepEqual(await stateOf(db), before);
    });
  });

  it("are refused in a callback where objects are there and no history is", async () => {
    const files = { ...DROPS, "beforeBaseline.sql": "DELETE FROM a;" };
    await withScenario(files, async ({ db, migrator }) => {
      await db.client.query("CREATE TABLE a (id int, b int)");
      await assertFails(migrator(FORBID).baseline(), { ...REFUSED, message: /beforeBaseline/ });
    });
  });

  it("cost no parser where all is allowed", async () => {
    await atVersion1(DROPS, async ({ db, folder }) => {
      const script = `
        const { Migrator } = require(${engine("run/migrator")});
        const { DEFAULT_OPTIONS } = require(${engine("core/options")});
        const { parseConnectionUrl } = require(${engine("core/connection")});
        const [url, folder] = process.argv.slice(1);
        const options = { ...DEFAULT_OPTIONS, locations: [folder] };
        new Migrator({ connection: parseConnectionUrl(url), options }).migrate().then(() => {
          const loaded = Object.keys(require.cache).some((file) => file.includes("libpg-query"));
          process.exit(loaded ? 1 : 0);
        });`;
      const child = spawn(process.execPath, ["-e", script, db.url, folder], { stdio: "inherit" });
      assert.deepEqual(await once(child, "exit"), [0, null]);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
    });
  });
});

const engine = (module: string) => JSON.stringify(resolve(__dirname, "../../engine", module));
