import assert from "node:assert/strict";

import { failedRun, ranksOf, type Scenario, tablesOf, withScenario } from "../support/migrator";

const LOG = "CREATE TABLE public.log (no serial, what text, who text, path text);";
const note = (what: string): string =>
  `INSERT INTO public.log (what, who, path) VALUES ('${what}', current_user, pg_catalog.current_setting('search_path'));`;
const OUTSIDE = "executeInTransaction=false";

async function log({ db }: Scenario): Promise<string[]> {
  const { rows } = await db.client.query<{ what: string }>(
    "SELECT what FROM public.log ORDER BY no",
  );
  return rows.map(({ what }) => what);
}

describe("engine: callbacks", () => {
  it("find the session in its original state and the schema set, also where nothing is pending", async () => {
    const files = {
      "V1__a.sql": `${LOG} CREATE TABLE a (id int);`,
      "beforeMigrate.sql": "SET ROLE pg_monitor; SET search_path = pg_catalog;",
      "afterMigrate.sql": `${note("after")} SELECT * FROM a;`,
    };
    await withScenario(files, async (scenario) => {
      const { migrator } = scenario;
      await migrator({ schemas: ["app"] }).migrate();
      await migrator({ schemas: ["app"] }).migrate();
      const { rows } = await scenario.db.client.query("SELECT DISTINCT who, path FROM public.log");
      assert.deepEqual(rows, [{ who: "tidemark", path: '"app","$user", public' }]);
      assert.deepEqual(await log(scenario), ["after", "after"]);
    });
  });

  it("before a migration may set something for it: it holds for this migration and no other", async () => {
    await withScenario({}, async (scenario) => {
      const { db, migrator, write } = scenario;
      const owner = await db.createRole();
      await db.client.query(`${LOG} GRANT ALL ON log, log_no_seq TO ${owner.name};
        GRANT CREATE ON SCHEMA public TO ${owner.name}`);
      await write({
        "V1__a.sql": "CREATE TABLE a (id int);",
        "V2__b.sql": "CREATE INDEX CONCURRENTLY b ON a (id);",
        "R__c.sql": "CREATE VIEW c AS SELECT 1 AS one;",
        "beforeEachMigrate.sql": `SET ROLE ${owner.name};`,
      });
      await migrator({ baselineOnMigrate: true, baselineVersion: "0" }).migrate();
      const { rows } = await db.client.query(
        "SELECT relname, relowner::regrole::text AS owner FROM pg_class WHERE relname IN ('a', 'b', 'c') ORDER BY 1",
      );
      assert.deepEqual(rows, [
        { relname: "a", owner: owner.name },
        { relname: "b", owner: owner.name },
        { relname: "c", owner: owner.name },
      ]);
      const installed = await db.client.query(
        "SELECT DISTINCT installed_by FROM flyway_schema_history",
      );
      assert.deepEqual(installed.rows, [{ installed_by: "tidemark" }]);
    });
  });

  it("around a migration and its statements run for those outside a transaction, too", async () => {
    const files = {
      "V1__log.sql": LOG,
      "V2__outside.sql": `${note("first")}\nVACUUM log;`,
      "V2__outside.sql.conf": OUTSIDE,
      ...Object.fromEntries(
        [
          "beforeEachMigrate",
          "beforeEachMigrateStatement",
          "afterEachMigrateStatement",
          "afterEachMigrate",
        ].map((event) => [
          `${event}.sql`,
          `DO $$ BEGIN IF to_regclass('public.log') IS NOT NULL THEN ${note(event)} END IF; END $$;`,
        ]),
      ),
    };
    await withScenario(files, async (scenario) => {
      await scenario.migrator().migrate();
      assert.deepEqual((await log(scenario)).slice(2), [
        "beforeEachMigrate",
        "beforeEachMigrateStatement",
        "first",
        "afterEachMigrateStatement",
        "beforeEachMigrateStatement",
        "afterEachMigrateStatement",
        "afterEachMigrate",
      ]);
    });
  });

  it("that cannot run in a transaction are sent statement by statement", async () => {
    const files = {
      "V1__log.sql": LOG,
      "afterMigrate.sql": `${note("one")} VACUUM log; ${note("two")}`,
      "afterMigrate.sql.conf": OUTSIDE,
    };
    await withScenario(files, async (scenario) => {
      await scenario.migrator().migrate();
      assert.deepEqual(await log(scenario), ["one", "two"]);
    });
  });

  it("of a failure run, and do not hide it when they fail themselves", async () => {
    const files = {
      "V1__log.sql": LOG,
      "V2__bad.sql": "SELECT 1 / 0;",
      "afterEachMigrateStatementError.sql": note("statement"),
      "afterEachMigrateError.sql": note("migration"),
      "afterMigrateError.sql": "SELECT no_such_column;",
    };
    await withScenario(files, async (scenario) => {
      const { error } = await failedRun(scenario.migrator().migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "22012",
      });
      assert.match(error.message, /^V2__bad\.sql:1:10?: division by zero/);
      assert.deepEqual(await log(scenario), ["statement", "migration"]);
      const warnings = scenario.events.filter(({ kind }) => kind === "warning");
      assert.match(JSON.stringify(warnings), /afterMigrateError.*no_such_column/);
    });
  });

  it("of a migration belong to it: a failure of theirs takes it back", async () => {
    const files = {
      "V1__a.sql": "CREATE TABLE a (id int);",
      "afterEachMigrate.sql": "SELECT 1 / 0;",
    };
    await withScenario(files, async ({ db, migrator }) => {
      await failedRun(migrator().migrate(), {
        code: "DB_CONNECTION",
        class: "migrations",
        sqlState: "22012",
      });
      assert.deepEqual(await tablesOf(db), []);
      assert.deepEqual(await ranksOf(db), []);
    });
  });

  it("within a migration must not commit it", async () => {
    const files = {
      "V1__a.sql": "CREATE TABLE a (id int);",
      "beforeEachMigrate.sql": "SELECT 1; COMMIT; SELECT 2;",
    };
    await withScenario(files, async ({ db, migrator }) => {
      await failedRun(migrator().migrate(), { code: "DB_CONNECTION", class: "migrations" });
      assert.deepEqual(await tablesOf(db), []);
    });
  });

  it("that drop the migration lock do not leave the migrations without it", async () => {
    const locks = `INSERT INTO log (what) SELECT count(*) FROM pg_locks
      WHERE locktype = 'advisory' AND pid = pg_backend_pid();`;
    const files = {
      "V1__log.sql": `${LOG} ${locks}`,
      "V2__next.sql": locks,
      "beforeMigrate.sql": "SELECT pg_advisory_unlock_all();",
    };
    await withScenario(files, async (scenario) => {
      await scenario.migrator().migrate();
      assert.deepEqual(await log(scenario), ["1", "1"]);
    });
  });
});
