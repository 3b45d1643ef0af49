import assert from "node:assert/strict";

import { tidemark } from "../support/cli";
import { withFolder } from "../support/folder";
import { withTestDatabase } from "../support/postgres";

const CANARY = "c@n/ry: %#é";

/** Every form in which the password could show up. */
const FORMS = [CANARY, encodeURIComponent(CANARY), JSON.stringify(CANARY).slice(1, -1)];

describe("the command never shows the password", function () {
  this.timeout(60_000);

  const attempts: readonly [string, string[]][] = [
    [
      "an unreachable host",
      ["info", "--url", `postgresql://app:${encodeURIComponent(CANARY)}@127.0.0.1:1/db`],
    ],
    ["a URL that cannot be read", ["info", "--url", `postgres:/app:${CANARY}@127.0.0.1/db`]],
    ["a bad port", ["info", "--url", `postgresql://app:${CANARY}@127.0.0.1:port/db`]],
  ];
  for (const [what, args] of attempts) {
    for (const json of [[], ["--json"]]) {
      it(`in the error of ${what}${json.length > 0 ? ", as JSON" : ""}`, async () => {
        const { code, stdout, stderr } = await tidemark([...args, ...json]);
        assert.notEqual(code, 0);
        for (const form of FORMS) assert.ok(!(stdout + stderr).includes(form), `found ${form}`);
      });
    }
  }

  it("in the excerpt of SQL that a placeholder put it into", async () => {
    await withTestDatabase(async (db) => {
      await db.client.query(`CREATE ROLE ${db.name} LOGIN PASSWORD '${CANARY}'`);
      try {
        await db.client.query(`GRANT CREATE ON SCHEMA public TO ${db.name}`);
        const url = new URL(db.url);
        const files = {
          "V1__x.sql":
            "CREATE TABLE a (id int);\nALTER ROLE nobody_there PASSWORD '${secret}' NONSENSE;",
        };
        const { code, stdout, stderr } = await withFolder(files, (folder) =>
          tidemark(
            [
              "migrate",
              "--json",
              "--url",
              `postgresql://${url.host}${url.pathname}`,
              "--user",
              db.name,
              "--locations",
              folder,
            ],
            { env: { FLYWAY_PASSWORD: CANARY, FLYWAY_PLACEHOLDERS_SECRET: CANARY } },
          ),
        );
        assert.equal(code, 65);
        for (const form of FORMS) assert.ok(!(stdout + stderr).includes(form), `found ${form}`);
      } finally {
        await db.client.query(`DROP OWNED BY ${db.name}`);
        await db.client.query(`DROP ROLE ${db.name}`);
      }
    });
  });

  it("nor the value of a secret placeholder, in log, excerpt and JSON", async () => {
    await withTestDatabase(async (db) => {
      const files = {
        "V1__x.sql": "DO $$ BEGIN RAISE NOTICE 'the key is ${api_key}'; END $$;",
        "V2__y.sql":
          "CREATE TABLE a (id int);\nALTER ROLE nobody_there PASSWORD '${api_key}' NONSENSE;",
      };
      const { code, stdout, stderr } = await withFolder(files, (locations) =>
        tidemark(["migrate", "--json", "--secret-placeholders", "API_KEY"], {
          env: {
            FLYWAY_URL: db.url,
            FLYWAY_LOCATIONS: locations,
            FLYWAY_PLACEHOLDERS_API_KEY: CANARY,
          },
        }),
      );
      assert.equal(code, 65);
      assert.match(stdout + stderr, /the key is/);
      for (const form of FORMS) assert.ok(!(stdout + stderr).includes(form), `found ${form}`);
    });
  });
});
