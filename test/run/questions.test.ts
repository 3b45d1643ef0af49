import assert from "node:assert/strict";

import { inFormat } from "../../engine/core/catalog";
import { assertFails, stateOf, withScenario } from "../support/migrator";

const FILES = {
  "V1__a.sql": "CREATE TABLE a (id int);",
  "R__view.sql": "CREATE OR REPLACE VIEW v AS SELECT 1 AS one;",
};

describe("engine: questions never write", () => {
  it("info, validate, plan and observe need CONNECT, USAGE and SELECT on the history, no more", async () => {
    await withScenario(FILES, async ({ db, migrator, write }) => {
      await migrator().migrate();
      const role = await db.createRole();
      await db.client
        .query(`REVOKE ALL ON DATABASE ${db.name} FROM PUBLIC; REVOKE ALL ON SCHEMA public FROM PUBLIC;
        GRANT CONNECT ON DATABASE ${db.name} TO ${role.name}; GRANT USAGE ON SCHEMA public TO ${role.name};
        GRANT SELECT ON flyway_schema_history TO ${role.name};
        ALTER ROLE ${role.name} SET default_transaction_read_only = on`);
      await write({ "V2__b.sql": "CREATE TABLE b (id int);" });
      const before = await stateOf(db);
      const reader = migrator({ url: role.url });

      const info = await reader.info();
      assert.deepEqual(
        info.infos.map((i) => [i.version?.text ?? null, i.state]),
        [
          ["1", "Success"],
          [null, "Success"],
          ["2", "Pending"],
        ],
      );
      assert.equal((await reader.validate()).problems.length, 1);
      const { plan } = await reader.plan();
      assert.deepEqual([plan.from, plan.to, plan.steps.length], ["1", "2", 1]);
      const observed = await reader.observe();
      assert.deepEqual(inFormat(observed.catalog, 1), before.catalog);
      assert.equal(observed.snapshot.applied.length, 2);
      assert.deepEqual(await stateOf(db), before);
    });
  });

  it("also of a new database: no history is made", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      const role = await db.createRole();
      await db.client.query(`ALTER ROLE ${role.name} SET default_transaction_read_only = on`);
      const before = await stateOf(db);
      const reader = migrator({ url: role.url });
      assert.equal((await reader.info()).schemaVersion, null);
      assert.deepEqual(
        (await reader.plan()).plan.steps.map((step) => step.kind),
        ["createHistory", "apply", "apply"],
      );
      await reader.validate();
      await reader.observe();
      assert.deepEqual(await stateOf(db), before);
      assert.equal(before.history, null);
    });
  });

  it("a migrate with nothing to do writes nothing, and needs no more either", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await migrator().migrate();
      const role = await db.createRole();
      await db.client.query(`GRANT SELECT ON flyway_schema_history TO ${role.name};
        ALTER ROLE ${role.name} SET default_transaction_read_only = on`);
      const before = await stateOf(db);
      assert.deepEqual((await migrator({ url: role.url }).migrate()).applied, []);
      assert.deepEqual(await stateOf(db), before);
    });
  });

  it("nor do they wait for the lock of another migrator", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await db.client.query("SELECT pg_advisory_lock(77433833903597)");
      const reader = migrator({ lockWait: 0 });
      await reader.info();
      await reader.plan();
      await reader.observe();
    });
  });

  it("of a history that may not be read, they say what to grant", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await migrator().migrate();
      const role = await db.createRole();
      await assertFails(migrator({ url: role.url }).info(), {
        code: "DB_CONNECTION",
        class: "usage",
        sqlState: "42501",
        message: /"public"\."flyway_schema_history" may not be read/,
        remedy: /GRANT SELECT ON "public"\."flyway_schema_history"/,
      });
    });
  });

  it("of a table that somebody has locked for longer than lockTimeout, they give up for now", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await migrator().migrate();
      await db.client.query("BEGIN; LOCK TABLE flyway_schema_history");
      await assertFails(migrator({ lockTimeout: 50 }).info(), {
        code: "DB_CONNECTION",
        class: "temporary",
        sqlState: "55P03",
      });
      await db.client.query("ROLLBACK");
    });
  });

  it("resolve reads the files without a database", async () => {
    await withScenario(FILES, async ({ migrator }) => {
      const url = "postgresql://nobody@127.0.0.1:1/nowhere";
      const { migrations } = await migrator({ url }).resolve();
      assert.deepEqual(
        migrations.map((migration) => migration.script),
        ["V1__a.sql", "R__view.sql"],
      );
    });
  });
});
