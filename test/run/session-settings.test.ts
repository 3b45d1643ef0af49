import assert from "node:assert/strict";

import { historyOf, ranksOf, tablesOf, withScenario } from "../support/migrator";
import type { TestDatabase } from "../support/postgres";

const SHOW = `CREATE TABLE seen AS SELECT current_user::text AS role, session_user::text AS login,
  current_setting('search_path') AS path;`;

async function seen({ client }: TestDatabase): Promise<unknown> {
  return (await client.query<object>("SELECT * FROM public.seen")).rows[0];
}

describe("engine: what a migration sets for itself", () => {
  const settings = {
    "SET ROLE": "SET ROLE %;",
    "SET SESSION AUTHORIZATION": "SET SESSION AUTHORIZATION %;",
    "SET search_path": "CREATE SCHEMA elsewhere; SET search_path = elsewhere;",
    "set_config('search_path', '')": "SELECT pg_catalog.set_config('search_path', '', false);",
    "SET ROLE, within a rolled back part":
      "SAVEPOINT s; SET ROLE %; ROLLBACK TO s; SET ROLE %; SET search_path = '';",
  };
  for (const [what, sql] of Object.entries(settings)) {
    it(`${what}: is gone in the next one, and its row is written by the role of the login`, async () => {
      await withScenario({ "V2__next.sql": SHOW }, async ({ db, migrator, write }) => {
        const role = await db.createRole();
        await write({ "V1__sets.sql": sql.replaceAll("%", role.name) });
        await migrator().migrate();
        assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
        const login = (await historyOf(db))?.[0]?.installed_by;
        assert.notEqual(login, role.name);
        assert.deepEqual(await seen(db), { role: login, login, path: '"public","$user", public' });
      });
    });

    it(`${what}: the same outside a transaction`, async () => {
      await withScenario({ "V2__next.sql": SHOW }, async ({ db, migrator, write }) => {
        const role = await db.createRole();
        const plain = sql.replaceAll("%", role.name).replace(/SAVEPOINT s; |ROLLBACK TO s; /g, "");
        await write({ "V1__sets.sql": plain });
        await migrator({ executeInTransaction: false }).migrate();
        assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
        const login = (await historyOf(db))?.[0]?.installed_by;
        assert.deepEqual(await seen(db), { role: login, login, path: '"public","$user", public' });
      });
    });
  }

  it("fails with it: the row of the failure outside a transaction is written all the same", async () => {
    await withScenario({}, async ({ db, migrator, write }) => {
      const role = await db.createRole();
      await write({ "V1__sets.sql": `SET SESSION AUTHORIZATION ${role.name}; SELECT 1 / 0;` });
      await assert.rejects(migrator({ executeInTransaction: false }).migrate());
      assert.deepEqual(await ranksOf(db), ["1 SQL 1 failed"]);
    });
  });

  it("SET standard_conforming_strings = off: a row's text with backslashes is still right", async () => {
    const files = {
      "V1__a.sql": "SET standard_conforming_strings = off; SET escape_string_warning = off;",
    };
    await withScenario(files, async ({ db, migrator }) => {
      await migrator({ installedBy: "a\\b'c" }).migrate();
      assert.equal((await historyOf(db))?.[0]?.installed_by, "a\\b'c");
    });
  });
});

describe("engine: the schema a migration works in", () => {
  const TABLE = { "V1__a.sql": "CREATE TABLE a (id int);" };

  it("is the default schema, whatever the search_path of login or database is", async () => {
    await withScenario(TABLE, async ({ db, migrator }) => {
      await db.client.query(
        `CREATE SCHEMA other; ALTER DATABASE ${db.name} SET search_path = other`,
      );
      await migrator({ defaultSchema: "app" }).migrate();
      assert.deepEqual(await tablesOf(db), ["app.a"]);
      assert.deepEqual(await ranksOf(db, "app.flyway_schema_history"), [
        "0 SCHEMA null",
        "1 SQL 1",
      ]);
    });
  });

  it("is the first of the search_path, where none is configured", async () => {
    await withScenario(TABLE, async ({ db, migrator }) => {
      await db.client.query(
        `CREATE SCHEMA other; ALTER DATABASE ${db.name} SET search_path = other`,
      );
      await migrator().migrate();
      assert.deepEqual(await tablesOf(db), ["other.a"]);
      assert.deepEqual(await ranksOf(db, "other.flyway_schema_history"), ["1 SQL 1"]);
    });
  });

  it("is created where it is missing, and marked with its name, unless createSchemas is off", async () => {
    const options = { schemas: ["app", "audit"] };
    await withScenario(TABLE, async ({ db, migrator }) => {
      await assert.rejects(migrator({ ...options, createSchemas: false }).migrate(), {
        code: "DB_CONNECTION",
        class: "migrations",
      });
      assert.deepEqual(await tablesOf(db), []);
      await migrator(options).migrate();
      const [marker] = (await historyOf(db, "app.flyway_schema_history")) ?? [];
      assert.deepEqual([marker?.installed_rank, marker?.script], [0, '"app","audit"']);
    });
  });

  it("is the one of a role that the connection begins with", async () => {
    await withScenario({ "V1__a.sql": `RESET ROLE; ${SHOW}` }, async ({ db, migrator }) => {
      const owner = await db.createRole();
      await db.client.query(`GRANT CREATE ON SCHEMA public TO ${owner.name}`);
      await migrator({ initSql: `SET ROLE ${owner.name}` }).migrate();
      assert.equal((await historyOf(db))?.[0]?.installed_by, owner.name);
    });
  });
});
