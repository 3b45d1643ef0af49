import assert from "node:assert/strict";

import { advisoryLockKey } from "../../engine/core/lock-key";
import { terminate, waitForBackend } from "../support/backends";
import { assertFails, ranksOf, stateOf, withScenario } from "../support/migrator";

/** As a running Flyway holds it for the table flyway_schema_history of schema public. */
const FLYWAYS_KEY = "77433833903597";

const FILES = Object.fromEntries(
  ["a", "b", "c", "d", "e"].map((name, i) => [
    `V${i + 1}__${name}.sql`,
    `CREATE TABLE ${name} (id int);\nSELECT pg_sleep(0.01);\n`,
  ]),
);

const ALL = ["1 SQL 1", "2 SQL 2", "3 SQL 3", "4 SQL 4", "5 SQL 5"];

describe("postgres/schema-lock", () => {
  it("has Flyway's key", () => {
    assert.equal(advisoryLockKey("public", "flyway_schema_history").toString(), FLYWAYS_KEY);
  });

  it("while Flyway holds it, stops a migrate in the end, with who holds it, and nothing is written", async () => {
    await withScenario(FILES, async ({ db, migrator, events }) => {
      const role = await db.createRole();
      const holder = await db.connect(role);
      await holder.query("SET application_name = 'Flyway by JDBC'");
      await holder.query(`SELECT pg_advisory_lock(${FLYWAYS_KEY})`);
      const pid = (await holder.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]
        ?.pid;
      const before = await stateOf(db);
      const error = await assertFails(migrator({ lockWait: 200 }).migrate(), {
        code: "ERROR",
        class: "temporary",
        message: /Another migrator holds the lock of "public"\."flyway_schema_history"/,
        remedy: /lockWait.*pg_terminate_backend/,
      });
      for (const part of [`pid ${pid}`, `user ${role.name}`, 'application "Flyway by JDBC"'])
        assert.ok(error.message.includes(part), `${part}: ${error.message}`);
      assert.deepEqual(await stateOf(db), before);
      const waits = events.filter((event) => event.kind === "waitingForLock");
      assert.ok(waits.length > 0 && waits.every((wait) => wait.holder.includes(`pid ${pid}`)));
    });
  });

  it("excludes Flyway's default lock, which belongs to a transaction, too", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await db.client.query(`BEGIN; SELECT pg_try_advisory_xact_lock(${FLYWAYS_KEY})`);
      await assertFails(migrator({ lockWait: 0 }).migrate(), { code: "ERROR", class: "temporary" });
      await db.client.query("COMMIT");
      assert.equal((await migrator({ lockWait: 0 }).migrate()).to, "5");
    });
  });

  it("keeps Flyway out while migrations run, and is released behind them", async () => {
    const files = { "V1__a.sql": "SELECT pg_sleep(600);" };
    await withScenario(files, async ({ db, migrator, write }) => {
      const tryLock = async () => {
        const sql = `SELECT pg_try_advisory_xact_lock(${FLYWAYS_KEY}) AS free`;
        return (await db.client.query<{ free: boolean }>(sql)).rows[0]?.free;
      };
      const run = migrator().migrate();
      run.catch(() => undefined);
      const pid = await waitForBackend(db.client, "%pg_sleep(600)%");
      assert.equal(await tryLock(), false);
      await terminate(db.client, pid);
      await assert.rejects(run);
      await write({ "V1__a.sql": "SELECT 1;" });
      await migrator().migrate();
      assert.equal(await tryLock(), true);
    });
  });

  it("goes on once it is released, and plans again: what the other one has done is not repeated", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await db.client.query(`SELECT pg_advisory_lock(${FLYWAYS_KEY})`);
      const waiting = migrator({ applicationName: "waiter" }).migrate();
      waiting.catch(() => undefined);
      await waitForBackend(db.client, "%pg_locks%", "waiter");
      await db.client.query(`CREATE TABLE a (id int); CREATE TABLE flyway_schema_history (
        installed_rank INT NOT NULL, version VARCHAR(50), description VARCHAR(200) NOT NULL,
        type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, checksum INTEGER,
        installed_by VARCHAR(100) NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT now(),
        execution_time INTEGER NOT NULL, success BOOLEAN NOT NULL);
        INSERT INTO flyway_schema_history VALUES (1, '1', 'a', 'SQL', 'V1__a.sql', NULL, 'flyway', now(), 1, true)`);
      await db.client.query(`SELECT pg_advisory_unlock(${FLYWAYS_KEY})`);
      const { applied, from } = await waiting;
      assert.deepEqual([from, applied.length], ["1", 4]);
      assert.deepEqual(await ranksOf(db), ALL);
    });
  });

  it("is another one for another table or another schema", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await db.client.query(`SELECT pg_advisory_lock(${FLYWAYS_KEY})`);
      const table = "other_history";
      assert.equal((await migrator({ lockWait: 0, table }).migrate()).to, "5");
      assert.deepEqual(await ranksOf(db, "public.other_history"), ALL);
    });
  });

  it("lets eight migrators that start at once do each migration exactly once, and all succeed", async () => {
    await withScenario(FILES, async ({ db, migrator, events }) => {
      const results = await Promise.all(Array.from({ length: 8 }, () => migrator().migrate()));
      assert.ok(results.every((result) => result.to === "5"));
      const counts = results.map((result) => result.applied.length).sort();
      assert.deepEqual(counts, [0, 0, 0, 0, 0, 0, 0, 5]);
      assert.deepEqual(await ranksOf(db), ALL);
      assert.equal(events.filter((event) => event.kind === "applied").length, 5);
      assert.equal(events.filter((event) => event.kind === "historyCreated").length, 1);
    });
  });

  it("lets eight that start at once on a database with objects write one baseline", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await db.client.query("CREATE TABLE a (id int)");
      const run = () => migrator({ baselineOnMigrate: true }).migrate();
      await Promise.all(Array.from({ length: 8 }, run));
      assert.deepEqual(await ranksOf(db), [
        "1 BASELINE 1",
        "2 SQL 2",
        "3 SQL 3",
        "4 SQL 4",
        "5 SQL 5",
      ]);
    });
  });

  it("is taken again behind DISCARD ALL, which drops it", async () => {
    const files = { "V1__a.sql": "DISCARD ALL;", "V2__b.sql": "SELECT pg_sleep(600);" };
    await withScenario(files, async ({ db, migrator }) => {
      const run = migrator().migrate();
      run.catch(() => undefined);
      const pid = await waitForBackend(db.client, "%pg_sleep(600)%");
      await assertFails(migrator({ lockWait: 0 }).migrate(), { code: "ERROR", class: "temporary" });
      await terminate(db.client, pid);
      await assert.rejects(run);
    });
  });

  it("that another migrator takes behind DISCARD ALL stops the run: what it had planned is stale", async () => {
    const files = {
      "V1__a.sql": "DISCARD ALL; SELECT pg_advisory_xact_lock(1);",
      "V2__b.sql": "SELECT 1;",
    };
    await withScenario(files, async ({ db, migrator }) => {
      await db.client.query("SELECT pg_advisory_lock(1)");
      const run = migrator({ mixed: true }).migrate();
      run.catch(() => undefined);
      await waitForBackend(db.client, "%xact_lock(1)%");
      await db.client.query(`SELECT pg_advisory_lock(${FLYWAYS_KEY}), pg_advisory_unlock(1)`);
      await assertFails(run, {
        code: "ERROR",
        class: "temporary",
        message: /dropped the lock.*another migrator took it: pid/,
      });
      assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
    });
  });
});
