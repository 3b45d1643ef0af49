import assert from "node:assert/strict";

import { waitForBackend } from "../support/backends";
import { jobDatabase, runJob } from "../support/job";
import { withTestDatabase } from "../support/postgres";

const APPLICATION = "tidemark (job)";

async function tables(client: { query(sql: string): Promise<{ rows: { name: string }[] }> }) {
  const { rows } = await client.query(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
  );
  return rows.map(({ name }) => name).filter((name) => name !== "flyway_schema_history");
}

describe("tidemark job, asked to end", function () {
  this.timeout(60_000);

  it("lets a short migration end, begins no other, and says so", async () => {
    await withTestDatabase(async (db) => {
      const agents = jobDatabase({ name: "agents", environment: { url: "A" } });
      const outcome = await runJob(
        {
          databases: [{}, agents],
          files: {
            "migrations/platform/V1__slow.sql": "CREATE TABLE a (id int); SELECT pg_sleep(1);",
            "migrations/platform/V2__next.sql": "CREATE TABLE b (id int);",
          },
          env: { FLYWAY_URL: db.url, A: db.url },
          args: [
            "--bundle",
            "tidemark/migrations.bundle",
            "--work",
            "work",
            "--grace",
            "20s",
          ].concat(["--report", "termination-log"]),
        },
        async ({ said, kill }) => {
          await said("Applying 1 of 2");
          await waitForBackend(db.client, "%pg_sleep(1)%", APPLICATION);
          kill("SIGTERM");
        },
      );
      assert.equal(outcome.code, 75, outcome.stderr);
      const { platform } = outcome.report.databases;
      assert.deepEqual(
        [platform?.state, platform?.schemaVersion, platform?.applied, platform?.executed],
        ["failed", "1", 1, 1],
      );
      assert.match(platform?.error?.message ?? "", /Stopped before the next migration/);
      assert.equal(outcome.report.databases.agents?.state, "notReached");
      assert.match(outcome.stderr, /not reached: agents\n$/);
      assert.deepEqual(await tables(db.client), ["a"]);
    });
  });

  it("gives up a long migration, which is rolled back; the report says which it was", async () => {
    await withTestDatabase(async (db) => {
      const outcome = await runJob(
        {
          databases: [{}],
          files: {
            "migrations/platform/V1__a.sql": "CREATE TABLE a (id int);",
            "migrations/platform/V2__long.sql": "CREATE TABLE b (id int); SELECT pg_sleep(600);",
          },
          env: { FLYWAY_URL: db.url },
        },
        async ({ reportNow, kill }) => {
          await waitForBackend(db.client, "%pg_sleep(600)%", APPLICATION);
          const { state, executed, schemaVersion } = reportNow()?.databases.platform ?? {};
          assert.deepEqual([state, executed, schemaVersion], ["running", 1, "1"]);
          kill("SIGTERM");
        },
      );
      assert.equal(outcome.code, 75, outcome.stderr);
      const { platform } = outcome.report.databases;
      assert.deepEqual(
        [platform?.state, platform?.schemaVersion, platform?.applied, platform?.executed],
        ["failed", "1", 1, 1],
      );
      assert.equal(platform?.error?.script, "V2__long.sql");
      assert.match(platform?.error?.message ?? "", /while V2__long\.sql was running/);
      assert.match(outcome.stderr, /^platform: .*while V2__long\.sql was running/m);

      // The next pod waits for what is left of this one's session, and goes on.
      const again = await runJob({
        databases: [{}],
        files: {
          "migrations/platform/V1__a.sql": "CREATE TABLE a (id int);",
          "migrations/platform/V2__long.sql": "CREATE TABLE b (id int);",
        },
        env: { FLYWAY_URL: db.url },
      });
      assert.equal(again.code, 0, again.stderr);
      assert.deepEqual(await tables(db.client), ["a", "b"]);
    });
  });

  it("counts nothing of a group that is given up: it is one transaction", async () => {
    await withTestDatabase(async (db) => {
      const { code, report, stderr } = await runJob(
        {
          databases: [{ options: { group: true } }],
          files: {
            "migrations/platform/V1__a.sql": "CREATE TABLE a (id int);",
            "migrations/platform/V2__long.sql": "SELECT pg_sleep(600);",
          },
          env: { FLYWAY_URL: db.url },
        },
        async ({ kill }) => {
          await waitForBackend(db.client, "%pg_sleep(600)%", APPLICATION);
          kill("SIGTERM");
        },
      );
      assert.equal(code, 75, stderr);
      const { schemaVersion, applied, executed, error } = report.databases.platform ?? {};
      assert.deepEqual([schemaVersion, applied, executed], [null, 0, 0]);
      assert.equal(error?.script, "V2__long.sql");
    });
  });

  it("a pod that is killed has reported the databases before", async () => {
    await withTestDatabase(async (db) => {
      const sleeper = jobDatabase({ name: "agents", locations: ["migrations/agents"] });
      const outcome = await runJob(
        {
          databases: [{}, { ...sleeper, options: { schemas: ["agents"] } }],
          files: {
            "migrations/platform/V1__a.sql": "CREATE TABLE a (id int);",
            "migrations/agents/V1__long.sql": "SELECT pg_sleep(600);",
          },
          env: { FLYWAY_URL: db.url },
        },
        async ({ kill }) => {
          await waitForBackend(db.client, "%pg_sleep(600)%", APPLICATION);
          kill("SIGKILL");
        },
      );
      assert.equal(outcome.code, null);
      assert.equal(outcome.report.databases.platform?.state, "done");
      assert.equal(outcome.report.databases.platform?.schemaVersion, "1");
      assert.equal(outcome.report.databases.agents?.state, "running");
    });
  });
});
