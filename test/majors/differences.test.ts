/** What differs between the majors of PostgreSQL: the rows of docs/postgresql-versions.md, each shown on the test server. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import type { Client } from "pg";

import type { Catalog } from "../../engine/core/catalog";
import { readCatalog } from "../../engine/postgres/catalog";
import { fingerprint } from "../../engine/postgres/fingerprint";
import { readAll } from "../drift/database";
import { startMigrate } from "../faults/process";
import { everyKind } from "../postgres/catalog-fixture";
import { waitForBackend } from "../support/backends";
import {
  assertFails,
  catalogOf,
  failedRun,
  failureOf,
  type Files,
  ranksOf,
  tablesOf,
  withScenario,
} from "../support/migrator";
import {
  currentServer,
  majorOf,
  type TestServer,
  testServer,
  withTestDatabase,
} from "../support/postgres";

describe("majors: what differs", function () {
  this.timeout(60_000);
  let major = 0;
  before(async () => {
    major = await majorOf(testServer());
  });

  it("from 14 on a server notices within seconds that the migrator is gone, also in a long statement", async () => {
    await withScenario({ "V1__a.sql": "SELECT pg_sleep(600);" }, async ({ db, folder }) => {
      const run = startMigrate(folder, { FLYWAY_URL: db.url });
      const pid = await waitForBackend(db.client, "%pg_sleep(600)%");
      run.kill();
      await run.ended;
      assert.equal(await isGoneWithin(db.client, pid, 5000), major >= 14);
      await db.client.query("SELECT pg_terminate_backend($1)", [pid]);
    });
  });

  it("SQL of a newer major is the server's syntax error at its place, and nothing of it is kept", async () => {
    const files = {
      "V1__a.sql": "CREATE TABLE a (id int);",
      "V2__b.sql": `CREATE TABLE b (id int);
CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;
CREATE TABLE c (id int);`,
    };
    await withScenario(files, async ({ db, migrator }) => {
      if (major >= 14) {
        assert.equal((await migrator().migrate()).to, "2");
        return assert.deepEqual(await tablesOf(db), ["public.a", "public.b", "public.c"]);
      }
      const { error, applied } = await failedRun(migrator().migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "42601",
      });
      assert.deepEqual([error.place.migration, error.place.line], ["V2__b.sql", 2]);
      assert.deepEqual(applied, ["V1__a.sql"]);
      assert.deepEqual(await tablesOf(db), ["public.a"]);
    });
  });

  it("DETACH PARTITION CONCURRENTLY runs outside a transaction from 14 on; before, it leaves a failed row", async () => {
    const files = {
      "V1__a.sql": `CREATE TABLE p (id int) PARTITION BY LIST (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);`,
      "V2__b.sql": "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;",
    };
    await withScenario(files, async ({ db, migrator }) => {
      if (major >= 14) {
        assert.equal((await migrator().migrate()).to, "2");
      } else {
        await assertFails(migrator().migrate(), {
          code: "ERROR",
          class: "migrations",
          sqlState: "42601",
        });
        assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2 failed"]);
      }
    });
  });

  it("REINDEX of a partitioned table needs to be outside a transaction from 14 on; before, it does nothing", async () => {
    const files = {
      "V1__a.sql": "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY LIST (id);",
      "V2__b.sql": "REINDEX TABLE p;",
    };
    await withScenario(files, async ({ migrator, write }) => {
      if (major >= 14) {
        const { error } = await failedRun(migrator().migrate(), {
          code: "ERROR",
          class: "migrations",
          sqlState: "25001",
        });
        assert.match(error.remedy, /executeInTransaction=false/);
        await write({ "V2__b.sql.conf": "executeInTransaction=false" });
      }
      assert.equal((await migrator().migrate()).to, "2");
    });
  });

  it("from 15 on a role needs CREATE on the schema public", async () => {
    await withScenario({ "V1__a.sql": "CREATE TABLE a (id int);" }, async ({ db, migrator }) => {
      const { url, name } = await db.createRole();
      if (major >= 15) {
        const error = await assertFails(migrator({ url }).migrate(), {
          code: "DB_CONNECTION",
          class: "usage",
          sqlState: "42501",
        });
        assert.match(error.remedy, /GRANT|CREATE/);
        await db.client.query(`GRANT CREATE ON SCHEMA public TO ${name}`);
      }
      assert.equal((await migrator({ url }).migrate()).to, "1");
    });
  });

  it("from 17 on CREATE INDEX runs functions with a search_path of its own", async () => {
    const sql = `CREATE TABLE rates (id int); INSERT INTO rates VALUES (2);
CREATE TABLE t (id int); INSERT INTO t VALUES (1);
CREATE FUNCTION rate(x int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN x * (SELECT id FROM rates); END $$;
CREATE INDEX i ON t (rate(id));`;
    await withScenario({ "V1__a.sql": sql }, async ({ db, migrator, write }) => {
      if (major >= 17) {
        const { error } = await failedRun(migrator().migrate(), {
          code: "ERROR",
          class: "migrations",
          sqlState: "42P01",
        });
        assert.equal(error.place.line, 4);
        assert.deepEqual(await tablesOf(db), []);
        await write({ "V1__a.sql": sql.replace("FROM rates", "FROM public.rates") });
      }
      assert.equal((await migrator().migrate()).to, "1");
    });
  });

  it("from 17 on transaction_timeout ends a migration that takes longer: it is named, and nothing is kept", async () => {
    const sql = "CREATE TABLE a (id int); SELECT pg_sleep(2);";
    await withScenario({ "V1__a.sql": sql }, async ({ db, migrator }) => {
      const { url, name } = await db.createRole("SUPERUSER");
      if (major < 17) {
        const unknown = db.client.query(`ALTER ROLE ${name} SET transaction_timeout = '1s'`);
        return assert.rejects(unknown, { code: "42704" });
      }
      await db.client.query(`ALTER ROLE ${name} SET transaction_timeout = '1s'`);
      const { error } = await failedRun(migrator({ url }).migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "25P04",
      });
      assert.match(error.remedy, /transaction_timeout/);
      assert.deepEqual(await tablesOf(db), []);
      assert.deepEqual(await ranksOf(db), []);
    });
  });
});

describe("majors: what does not differ", function () {
  this.timeout(60_000);

  it("the catalog and the fingerprint of a schema with an object of every kind are those of 18", async () => {
    const [here, current] = [await readOn(testServer()), await readOn(currentServer())];
    assert.deepEqual(here, current);
    assert.equal(fingerprint(here), fingerprint(current));
  });

  it("what is drift only is the same, too, but for versions of extensions and the owner of a new schema public", async () => {
    const [here, current] = [
      await readOn(testServer(), readAll),
      await readOn(currentServer(), readAll),
    ];
    const others = /^(?:version|comment on extension|owner of schema public)/;
    const names = [...new Set([...Object.keys(here), ...Object.keys(current)])];
    const differs = names.filter((name) => here[name] !== current[name] && !others.test(name));
    assert.deepEqual(differs, []);
    assert.ok(names.some((name) => name.startsWith("owner of table ")));
  });

  it("baseline, callbacks, a failure, repair, a repeatable and a group give the same history and schema", async () => {
    assert.deepEqual(await storyOn(testServer()), await storyOn(currentServer()));
  });
});

async function isGoneWithin(client: Client, pid: number, milliseconds: number): Promise<boolean> {
  for (const until = Date.now() + milliseconds; Date.now() < until; await sleep(50)) {
    const { rowCount } = await client.query("SELECT FROM pg_stat_activity WHERE pid = $1", [pid]);
    if (!rowCount) return true;
  }
  return false;
}

/** But for the grant that a new database has (see "from 15 on"), and with one name for the test's own role. */
async function readOn(
  server: Promise<TestServer>,
  read = (client: Client) => readCatalog(client, { exclude: [] }),
): Promise<Catalog> {
  return withTestDatabase(async (db) => {
    const { client } = db;
    const { name } = await db.createRole();
    await client.query("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    await client.query(everyKind(name));
    const { user } = await server;
    const text = JSON.stringify(await read(client));
    return JSON.parse(text.replaceAll(name, "fixture").replaceAll(user, "owner")) as Catalog;
  }, server);
}

const STORY: Files = {
  "V1__never.sql": "SELECT 1 / 0;",
  "V2__b.sql": "CREATE TABLE b (id int PRIMARY KEY, t text NOT NULL);",
  "V3__copy.sql": "COPY b FROM STDIN;\n1\tone\n2\t\\N\n\\.\n",
  "V4__index.sql": "CREATE INDEX CONCURRENTLY b_t ON b (t);",
  "R__view.sql": "CREATE OR REPLACE VIEW v AS SELECT id, t FROM b;",
  "beforeMigrate.sql": "CREATE TABLE IF NOT EXISTS legacy_log (event text);",
  "afterEachMigrate.sql": "INSERT INTO legacy_log VALUES ('each');",
  "afterMigrate.sql": "INSERT INTO legacy_log VALUES ('all');",
};

/** What a database went through, step by step. */
async function storyOn(server: Promise<TestServer>): Promise<unknown[]> {
  const steps: unknown[] = [];
  await withScenario(
    STORY,
    async ({ db, migrator, write }) => {
      const note = async (what: unknown) => {
        const events = await db.client
          .query<{ event: string }>("SELECT event FROM legacy_log")
          .then(({ rows }) => rows.map(({ event }) => event).join())
          .catch((error: unknown) => (error as { code: string }).code);
        steps.push({ what, events, ranks: await ranksOf(db), tables: await tablesOf(db) });
      };
      const baseline = { baselineOnMigrate: true, baselineVersion: "1" };
      await db.client.query("CREATE TABLE legacy (id int)");
      await note((await failureOf(migrator(baseline).migrate())).place.sqlState);
      await write({ "V3__copy.sql": "COPY b FROM STDIN;\n1\tone\n2\ttwo\n\\.\n" });
      await note((await migrator(baseline).migrate()).applied.map((m) => m.migration.script));
      await write({
        "V5__bad.sql": "VACUUM b;\nSELECT 1 / 0;",
        "V5__bad.sql.conf": "executeInTransaction=false",
      });
      await note((await failureOf(migrator().migrate())).place.sqlState);
      await migrator().repair();
      await write({
        "V5__bad.sql": "ALTER TABLE b ADD c text;",
        "V5__bad.sql.conf": "executeInTransaction=true",
        "V6__f.sql": "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
        "R__view.sql": "CREATE OR REPLACE VIEW v AS SELECT id, t FROM b WHERE id > 0;",
      });
      await note(
        (await migrator({ group: true }).migrate()).applied.map((m) => m.migration.script),
      );
      await note((await migrator().validate()).problems);
      steps.push(Object.keys(await catalogOf(db)));
    },
    server,
  );
  return steps;
}
