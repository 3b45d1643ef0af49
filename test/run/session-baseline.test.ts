import assert from "node:assert/strict";

import { ranksOf, type Scenario, withScenario } from "../support/migrator";

/** Writes down what a script finds in its session. */
const LOOK = `INSERT INTO public.seen SELECT pg_catalog.jsonb_build_object(
  'path', pg_catalog.current_setting('search_path'), 'role', current_user, 'login', session_user,
  'lock', pg_catalog.current_setting('lock_timeout'), 'statement', pg_catalog.current_setting('statement_timeout'),
  'strings', pg_catalog.current_setting('standard_conforming_strings'),
  'encoding', pg_catalog.current_setting('client_encoding'),
  'replication', pg_catalog.current_setting('session_replication_role'),
  'zone', pg_catalog.current_setting('TimeZone'), 'own', NULLIF(pg_catalog.current_setting('app.tenant', true), ''),
  'prepared', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_prepared_statements),
  'cursors', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_cursors WHERE name <> ''),
  'channels', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_listening_channels()),
  'temporary', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_class WHERE relnamespace = pg_catalog.pg_my_temp_schema()),
  'locks', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_catalog.pg_backend_pid()));`;

const SEEN = "CREATE TABLE public.seen (what jsonb);";

const OUTSIDE = "executeInTransaction=false";

async function seen({ db }: Pick<Scenario, "db">): Promise<unknown[]> {
  const { rows } = await db.client.query<{ what: unknown }>("SELECT what FROM public.seen");
  return rows.map(({ what }) => what);
}

describe("engine: what a script leaves in its session", () => {
  const LEAVES: Readonly<Record<string, string>> = {
    "SET standard_conforming_strings":
      "SET standard_conforming_strings = off; SELECT 'it\\'s; COMMIT; --';",
    "SET client_encoding": "SET client_encoding = 'LATIN1'; SELECT 1;",
    session_replication_role: "SET session_replication_role = replica;",
    "SET ROLE": "CREATE ROLE %; SET ROLE %;",
    "SET SESSION AUTHORIZATION": "CREATE ROLE %; SET SESSION AUTHORIZATION %;",
    "RESET ALL": "RESET ALL;",
    "RESET ALL in dynamic places": "SET lock_timeout = 1; RESET ALL; SELECT 1;",
    "search_path, timeouts, time zone":
      "SET search_path = pg_catalog; SET lock_timeout = 77; SET statement_timeout = 7777; SET TimeZone = 'Asia/Tokyo';",
    "a setting of the application's": "SET app.tenant = '7';",
    "set_config in a function's call": "SELECT set_config('app.tenant', '7', false);",
    "a prepared statement": "PREPARE one AS SELECT 1;",
    "a cursor": "DECLARE c CURSOR WITH HOLD FOR SELECT 1;",
    LISTEN: "LISTEN here;",
    "a temporary table": "CREATE TEMP TABLE pg_temp.seen (what jsonb);",
    "no advisory lock": "SELECT pg_advisory_unlock_all();",
    "set read only": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;",
  };
  for (const [what, sql] of Object.entries(LEAVES)) {
    for (const outside of [false, true]) {
      it(`is gone before the next: ${what}${outside ? ", outside a transaction" : ""}`, async () => {
        const role = `r_${Math.random().toString(36).slice(2)}`;
        const files = {
          "V1__first.sql": `${SEEN} ${LOOK}`,
          "V2__é.sql": sql.replaceAll("%", role),
          ...(outside && { "V2__é.sql.conf": OUTSIDE }),
          "V3__then.sql": LOOK,
          "V4__outside.sql": LOOK,
          "V4__outside.sql.conf": OUTSIDE,
          "R__again.sql": LOOK,
        };
        await withScenario(files, async (scenario) => {
          const { db, migrator } = scenario;
          await migrator().migrate();
          const [first, ...others] = await seen(scenario);
          for (const other of others) assert.deepEqual(other, first);
          assert.equal(others.length, 3);
          assert.deepEqual(await ranksOf(db), [
            "1 SQL 1",
            "2 SQL 2",
            "3 SQL 3",
            "4 SQL 4",
            "5 SQL null",
          ]);
          const { rows } = await db.client.query(
            "SELECT description FROM flyway_schema_history WHERE installed_rank = 2",
          );
          assert.deepEqual(rows, [{ description: "é" }]);
          await db.client.query(`DROP ROLE IF EXISTS ${role}`);
        });
      });
    }
  }

  it("DISCARD ALL drops the lock too, which is taken again before the next", async () => {
    const files = {
      "V1__first.sql": `${SEEN} ${LOOK}`,
      "V2__discard.sql": "DISCARD ALL;",
      "V3__then.sql": LOOK,
    };
    await withScenario(files, async (scenario) => {
      await scenario.migrator().migrate();
      const [first, then] = await seen(scenario);
      assert.deepEqual(then, first);
    });
  });

  it("does not reach the next in a group either", async () => {
    const files = {
      "V1__first.sql": `${SEEN} ${LOOK}`,
      "V2__sets.sql":
        "SET ROLE pg_monitor; SET search_path = pg_catalog; SET app.tenant = '7'; CREATE TEMP TABLE t (id int);",
      "V3__then.sql": LOOK,
    };
    await withScenario(files, async (scenario) => {
      await scenario.migrator({ group: true }).migrate();
      const [first, then] = await seen(scenario);
      assert.deepEqual(then, first);
    });
  });
});

describe("engine: initSql", () => {
  it("holds for every script, whatever the one before has reset", async () => {
    const files = {
      "V1__first.sql": `${SEEN} ${LOOK}`,
      "V2__reset.sql": "RESET ALL; RESET ROLE;",
      "V3__then.sql": LOOK,
    };
    const initSql =
      "SET app.tenant = '42'; SET TimeZone = 'Asia/Tokyo'; SET lock_timeout = '9s'; SELECT set_config('app.other', 'x', false)";
    await withScenario(files, async (scenario) => {
      await scenario.migrator({ initSql }).migrate();
      const [first, then] = await seen(scenario);
      assert.deepEqual(then, first);
      assert.equal((first as { own: string }).own, "42");
      assert.equal((first as { zone: string }).zone, "Asia/Tokyo");
      assert.equal((first as { lock: string }).lock, "9s");
    });
  });

  it("that changes the database's defaults has effect on the run itself", async () => {
    await withScenario({ "V1__first.sql": `${SEEN} ${LOOK}` }, async (scenario) => {
      const initSql = `ALTER DATABASE ${scenario.db.name} SET TimeZone = 'Asia/Tokyo'`;
      await scenario.migrator({ initSql }).migrate();
      const [first] = await seen(scenario);
      assert.equal((first as { zone: string }).zone, "Asia/Tokyo");
    });
  });

  it("that leaves a transaction open is refused", async () => {
    await withScenario({ "V1__a.sql": "SELECT 1" }, async ({ migrator }) => {
      await assert.rejects(migrator({ initSql: "BEGIN" }).migrate(), /leaves a transaction open/);
    });
  });

  it("that takes a role has history and migrations written by that role", async () => {
    await withScenario({}, async ({ db, migrator, write }) => {
      const owner = await db.createRole();
      await db.client.query(`GRANT CREATE ON DATABASE ${db.name} TO ${owner.name}`);
      await write({
        "V1__a.sql": "CREATE TABLE app.a (id int); SET ROLE NONE;",
        "V2__b.sql": "CREATE TABLE b (id int)",
      });
      await migrator({ initSql: `SET ROLE ${owner.name}`, schemas: ["app"] }).migrate();
      const { rows } = await db.client.query<{ tableowner: string }>(
        "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'app'",
      );
      assert.deepEqual(rows, [{ tableowner: owner.name }]);
      const installed = await db.client.query(
        "SELECT DISTINCT installed_by FROM app.flyway_schema_history",
      );
      assert.deepEqual(installed.rows, [{ installed_by: owner.name }]);
    });
  });
});

describe("engine: a search_path that somebody else has chosen", () => {
  const PATHS: Readonly<Record<string, string>> = {
    "a name with a hyphen": `"my-app", public`,
    "the user's own schema": `"$user", public`,
    "a quote": `"a""b", public`,
    "SQL text": `"x; ALTER ROLE CURRENT_USER SUPERUSER; --", public`,
    "nothing at all": "",
  };
  for (const [what, path] of Object.entries(PATHS)) {
    it(`is a value and nothing else: ${what}`, async () => {
      await withScenario({}, async ({ db, migrator, write }) => {
        await write({ "V1__a.sql": `${SEEN} ${LOOK}` });
        await db.client.query(`SELECT set_config('search_path', $1, false)`, [path]);
        await db.client.query(`ALTER DATABASE ${db.name} SET search_path FROM CURRENT`);
        await migrator({ schemas: ["app"] }).migrate();
        const { rows } = await db.client.query<{ path: string }>(
          "SELECT what->>'path' AS path FROM public.seen",
        );
        const shown = path === "" ? "" : `,${path}`;
        assert.deepEqual(rows, [{ path: `"app"${shown}` }]);
        const roles = await db.client.query(
          "SELECT to_regclass('app.flyway_schema_history') IS NOT NULL AS there",
        );
        assert.deepEqual(roles.rows, [{ there: true }]);
      });
    });
  }
});
