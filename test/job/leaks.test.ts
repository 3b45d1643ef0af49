import assert from "node:assert/strict";

import { canariesIn, CANARY } from "../support/canary";
import { type JobOutcome, type JobSetup, runJob } from "../support/job";
import { withTestDatabase } from "../support/postgres";

function assertTight({ stdout, stderr, message }: JobOutcome): void {
  assert.notEqual(stderr, "");
  assert.notEqual(message, "");
  for (const text of [stdout, stderr, message]) assert.deepEqual(canariesIn(text), [], text);
}

const inUrl = encodeURIComponent(CANARY);

describe("tidemark job shows no secret", function () {
  this.timeout(60_000);

  const attempts: Readonly<Record<string, Pick<JobSetup, "databases" | "env">>> = {
    "the URL of a server that is not there": {
      databases: [{}],
      env: { FLYWAY_URL: `postgresql://app:${inUrl}@127.0.0.1:1/db` },
    },
    "a URL that cannot be read": {
      databases: [{}],
      env: { FLYWAY_URL: `postgres:/app:${CANARY}@127.0.0.1/db` },
    },
    "a port that is none": {
      databases: [{}],
      env: { FLYWAY_URL: `postgresql://app:${inUrl}@127.0.0.1:port/db` },
    },
    "a password in a variable of its own": {
      databases: [{ environment: { url: "U", user: "N", password: "P" } }],
      env: { U: "jdbc:postgresql://127.0.0.1:1/db", N: "app", P: CANARY },
    },
    "secret options that cannot be read": {
      databases: [{ environment: { url: "U", secretOptions: "O" } }],
      env: { U: "postgresql://a:b@127.0.0.1:1/db", O: `{"placeholders": {"a": "${CANARY}"` },
    },
  };
  for (const [what, setup] of Object.entries(attempts)) {
    it(`of ${what}`, async () => {
      const outcome = await runJob(setup);
      assert.notEqual(outcome.code, 0);
      assertTight(outcome);
    });
  }

  it("that a placeholder has put into the SQL that fails, nor of a notice", async () => {
    await withTestDatabase(async (db) => {
      const quoted = CANARY.replaceAll("'", "''");
      const outcome = await runJob({
        databases: [{ environment: { url: "U", secretOptions: "O" } }],
        files: {
          "migrations/platform/V1__notice.sql":
            "DO $$ BEGIN RAISE WARNING 'it is %', '${secret}'; END $$;",
          "migrations/platform/V2__role.sql":
            "CREATE TABLE a (id int);\nALTER ROLE nobody_there PASSWORD '${secret}' NONSENSE;",
        },
        env: { U: db.url, O: JSON.stringify({ placeholders: { secret: quoted } }) },
      });
      assert.equal(outcome.code, 65, outcome.stderr);
      assertTight(outcome);
    });
  });

  it("and gives an odd one away neither: log and report are those of any other", async () => {
    const outputs: string[] = [];
    for (const password of ["no-such-thing-in-it", "1", "true", '"', "null", "platform"]) {
      await withTestDatabase(async (db) => {
        const role = await db.createRole();
        const literal = db.client.escapeLiteral(password);
        await db.client.query(`ALTER ROLE ${role.name} PASSWORD ${literal}`);
        await db.client.query(`GRANT CREATE ON SCHEMA public TO ${role.name}`);
        const url = new URL(role.url);
        url.password = encodeURIComponent(password);
        const { stderr, message } = await runJob({
          databases: [{}],
          files: {
            "migrations/platform/V1__true.sql": "CREATE TABLE a (id int DEFAULT 1, x text);",
            "migrations/platform/V2__null.sql": "SELECT 1, true, null, '\"' FROM platform;",
          },
          env: { FLYWAY_URL: url.href },
        });
        assert.match(message, /relation \\"platform\\" does not exist/);
        outputs.push(`${stderr}${message}`.replace(/\d+ ms|sha256:[0-9a-f]+/g, "…"));
      });
    }
    assert.deepEqual(new Set(outputs).size, 1, outputs.join("\n\n"));
  });

  it("that PostgreSQL quotes from initSql", async () => {
    await withTestDatabase(async (db) => {
      const initSql = `SET role = '${CANARY}'`;
      const outcome = await runJob({
        databases: [{ environment: { url: "U", secretOptions: "O" } }],
        env: { U: db.url, O: JSON.stringify({ initSql }) },
      });
      assert.equal(outcome.code, 64, outcome.stderr);
      assertTight(outcome);
    });
  });
});
