import assert from "node:assert/strict";

import { packBundle } from "../../engine/job/bundle";
import { jobDatabase, runJob } from "../support/job";
import { type TestDatabase, withTestDatabase } from "../support/postgres";

const withTwo = <T>(work: (one: TestDatabase, two: TestDatabase) => Promise<T>): Promise<T> =>
  withTestDatabase((one) => withTestDatabase((two) => work(one, two)));

const UNREACHABLE = "postgresql://app:x@127.0.0.1:1/nowhere";
const AGENTS = jobDatabase({
  name: "agents",
  environment: { url: "AGENTS_DATABASE_URL" },
  locations: ["migrations/agents"],
});

describe("tidemark job", function () {
  this.timeout(60_000);

  it("unpacks the bundle, migrates, and reports version, counts and fingerprint", async () => {
    await withTestDatabase(async (db) => {
      const files = {
        "migrations/platform/V1__a.sql": "CREATE TABLE a (id int);",
        "migrations/platform/V2__b.sql": "CREATE TABLE b (id int);",
        "migrations/shared/R__view.sql": "CREATE OR REPLACE VIEW v AS SELECT 1 AS one;",
      };
      const locations = ["migrations/platform", "migrations/shared"];
      const setup = { databases: [{ locations }], files, env: { FLYWAY_URL: db.url } };
      const first = await runJob(setup);
      assert.equal(first.code, 0, first.stderr);
      const { fingerprint, ...others } = first.report.databases.platform ?? {};
      assert.deepEqual(others, {
        state: "done",
        schemaVersion: "2",
        failed: null,
        applied: 3,
        executed: 3,
      });
      assert.match(fingerprint ?? "", /^sha256:[0-9a-f]{32}$/);
      assert.equal(first.stdout, "");
      assert.match(first.stderr, /^platform: Applied V2__b\.sql \(\d+ ms\)$/m);
      assert.match(first.stderr, /\n1 of 1 databases done\n$/);

      const second = await runJob(setup);
      assert.equal(second.code, 0);
      assert.deepEqual(second.report.databases.platform, {
        ...first.report.databases.platform,
        executed: 0,
      });
    });
  });

  it("goes on after a database that fails, and ends with the failure's code", async () => {
    await withTwo(async (one, two) => {
      const { code, report, stderr } = await runJob({
        databases: [{}, AGENTS],
        files: {
          "migrations/platform/V1__a.sql": "CREATE TABLE a (id int);",
          "migrations/platform/V2__b.sql": "SELECT 1;\nCREATE TABL b (id int);",
          "migrations/agents/V1__c.sql": "CREATE TABLE c (id int);",
        },
        env: { FLYWAY_URL: one.url, AGENTS_DATABASE_URL: two.url },
      });
      assert.equal(code, 65, stderr);
      const { platform, agents } = report.databases;
      assert.equal(platform?.state, "failed");
      assert.deepEqual(
        [platform?.schemaVersion, platform?.applied, platform?.executed],
        ["1", 1, 1],
      );
      assert.match(platform?.fingerprint ?? "", /^sha256:/);
      const { message, remedy, ...place } = platform?.error ?? {};
      assert.deepEqual(place, {
        class: "migrations",
        code: "ERROR",
        script: "V2__b.sql",
        line: 2,
        column: 8,
        sqlState: "42601",
      });
      assert.match(message ?? "", /V2__b\.sql:2:8: syntax error/);
      assert.equal(remedy, "Correct the SQL at this place.");
      assert.equal(agents?.state, "done");
      assert.equal(agents?.schemaVersion, "1");
      assert.match(stderr, /^platform: What to do: Correct the SQL/m);
      assert.match(stderr, /1 of 2 databases done; failed: platform\n$/);
    });
  });

  it("ends with 75 where all failures are temporary", async () => {
    await withTestDatabase(async (db) => {
      const { code, report } = await runJob({
        databases: [{}, AGENTS],
        files: {
          "migrations/platform/V1__a.sql": "SELECT 1;",
          "migrations/agents/V1__a.sql": "SELECT 1;",
        },
        env: { FLYWAY_URL: UNREACHABLE, AGENTS_DATABASE_URL: db.url },
      });
      assert.equal(code, 75);
      assert.equal(report.databases.platform?.error?.class, "temporary");
      assert.deepEqual(report.databases.platform?.fingerprint, null);
      assert.equal(report.databases.agents?.state, "done");
    });
  });

  it("ends with the lasting failure's code where one of two is temporary", async () => {
    const { code, report } = await runJob({
      databases: [{}, AGENTS],
      env: { FLYWAY_URL: UNREACHABLE },
    });
    assert.equal(code, 64);
    assert.equal(report.databases.platform?.error?.class, "temporary");
    assert.equal(report.databases.agents?.error?.class, "usage");
  });

  it("is as strict as the provider: a wrong file name and an empty folder are refused", async () => {
    await withTwo(async (one, two) => {
      const { code, report } = await runJob({
        databases: [{}, AGENTS],
        files: { "migrations/platform/V1_a.sql": "SELECT 1;", "migrations/agents/notes.txt": "x" },
        env: { FLYWAY_URL: one.url, AGENTS_DATABASE_URL: two.url },
      });
      assert.notEqual(code, 0);
      assert.match(report.databases.platform?.error?.message ?? "", /V1_a\.sql/);
      assert.equal(report.databases.agents?.state, "failed");
    });
  });

  it("baselines a schema that is there, and migrates what is above", async () => {
    await withTestDatabase(async (db) => {
      await db.client.query("CREATE SCHEMA agents; CREATE TABLE agents.nodes (id int)");
      const { code, report, stderr } = await runJob({
        databases: [{ options: { baseline: { version: "3", description: "Existing schema" } } }],
        files: {
          "migrations/platform/V3__create.sql": "CREATE SCHEMA agents;",
          "migrations/platform/V4__more.sql": "ALTER TABLE agents.nodes ADD COLUMN b int;",
        },
        env: { FLYWAY_URL: db.url },
      });
      assert.equal(code, 0, stderr);
      const { schemaVersion, applied, executed } = report.databases.platform ?? {};
      assert.deepEqual([schemaVersion, applied, executed], ["4", 2, 1]);
    });
  });

  it("takes user and password from variables of their own, and replaces placeholders from a secret", async () => {
    await withTestDatabase(async (db) => {
      const role = await db.createRole();
      await db.client.query(`GRANT CREATE ON SCHEMA public TO ${role.name}`);
      const url = new URL(db.url);
      const { code, report, stderr } = await runJob({
        databases: [
          {
            environment: { url: "U", user: "N", password: "P", secretOptions: "O" },
            options: { table: "history" },
          },
        ],
        files: { "migrations/platform/V1__a.sql": "CREATE TABLE ${what} (id int);" },
        env: {
          U: `jdbc:postgresql://nobody:wrong@${url.host}${url.pathname}`,
          N: role.name,
          P: role.password,
          O: JSON.stringify({ placeholders: { what: "things" }, initSql: "SET work_mem = '8MB'" }),
        },
      });
      assert.equal(code, 0, stderr);
      assert.equal(report.databases.platform?.schemaVersion, "1");
      const { rows } = await db.client.query("SELECT to_regclass('things') IS NOT NULL AS found");
      assert.deepEqual(rows, [{ found: true }]);
    });
  });

  it("creates a database where it may", async () => {
    await withTestDatabase(async (db) => {
      const name = `${db.name}_new`;
      const url = db.url.replace(db.name, name);
      try {
        const { code, report, stderr } = await runJob({
          databases: [{ createDatabase: true, locations: [] }],
          env: { FLYWAY_URL: url },
        });
        assert.equal(code, 0, stderr);
        assert.match(stderr, /^platform: Created the database$/m);
        const { state, schemaVersion, applied, executed } = report.databases.platform ?? {};
        assert.deepEqual([state, schemaVersion, applied, executed], ["done", null, 0, 0]);
      } finally {
        await db.client.query(`DROP DATABASE IF EXISTS ${name}`);
      }
    });
  });

  it("without a bundle finds migrations in its working directory", async () => {
    await withTestDatabase(async (db) => {
      const { code, stderr } = await runJob({
        databases: [{ locations: ["tidemark"], options: { ignoreMigrationPatterns: [] } }],
        env: { FLYWAY_URL: db.url },
        args: [],
      });
      // The folder is there and holds no migration: it was looked into.
      assert.equal(code, 64, stderr);
      assert.match(stderr, /tidemark/);
    });
  });
});

describe("tidemark job: what it cannot use", () => {
  it("a variable that is missing, or empty, is named", async () => {
    const environments: readonly Record<string, string>[] = [{}, { FLYWAY_URL: "" }];
    for (const env of environments) {
      const { code, report, stderr } = await runJob({ databases: [{}], env });
      assert.equal(code, 64);
      const { error, state } = report.databases.platform ?? {};
      assert.equal(state, "failed");
      assert.equal(error?.code, "CONFIGURATION");
      assert.match(error?.message ?? "", /variable FLYWAY_URL is not set/);
      assert.match(stderr, /variable FLYWAY_URL is not set/);
    }
  });

  it("secret options that are no JSON are named, and not shown", async () => {
    const { code, report, stderr } = await runJob({
      databases: [{ environment: { url: "U", secretOptions: "PLATFORM_OPTIONS" } }],
      env: { U: UNREACHABLE, PLATFORM_OPTIONS: '{"placeholders":{"a":"hush-hush"' },
    });
    assert.equal(code, 64);
    assert.match(report.databases.platform?.error?.message ?? "", /PLATFORM_OPTIONS is not JSON/);
    assert.doesNotMatch(stderr, /hush/);
  });

  it("a certificate that is not beside job.json is named", async () => {
    const { code, report } = await runJob({
      databases: [{ sslmode: "verify-full", sslrootcert: "ca.crt" }],
      env: { FLYWAY_URL: UNREACHABLE },
    });
    assert.equal(code, 64);
    assert.match(
      report.databases.platform?.error?.message ?? "",
      /cannot read sslrootcert .*tidemark\/ca\.crt/,
    );
  });

  it("a job.json that is wrong", async () => {
    const { code, report, stderr } = await runJob({ databases: [], spec: '{"formatVersion":7}' });
    assert.equal(code, 64);
    assert.match(stderr, /formatVersion must be 1/);
    assert.match(report.error?.message ?? "", /formatVersion must be 1/);
  });

  it("a bundle that is damaged", async () => {
    const { code, report, stderr } = await runJob({
      databases: [{}, AGENTS],
      bundle: packBundle(new Map()).subarray(0, 15),
    });
    assert.equal(code, 64);
    assert.match(stderr, /migrations\.bundle is damaged/);
    for (const { state, error } of Object.values(report.databases)) {
      assert.equal(state, "failed");
      assert.match(error?.message ?? "", /is damaged/);
    }
  });

  it("flags: no spec, a bundle without a place to unpack it, a grace that is no duration", async () => {
    const cases: readonly [string[], RegExp][] = [
      [["--spec", "absent.json"], /ENOENT.*absent\.json/],
      [["--bundle", "x"], /--bundle needs --work/],
      [["--grace", "soon"], /--grace: "soon" is not a duration/],
    ];
    for (const [args, says] of cases) {
      const { code, stderr } = await runJob({ databases: [], args });
      assert.equal(code, 64);
      assert.match(stderr, says);
    }
  });

  it("a report file that cannot be written is logged, and no reason to fail", async () => {
    await withTestDatabase(async (db) => {
      const { code, stderr } = await runJob({
        databases: [{ locations: [] }],
        env: { FLYWAY_URL: db.url },
        args: ["--report", "/proc/nowhere/report"],
      });
      assert.equal(code, 0);
      assert.equal(stderr.match(/the report cannot be written/g)?.length, 1);
    });
  });
});
