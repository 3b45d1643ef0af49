import assert from "node:assert/strict";

import { tidemark } from "../support/cli";
import { withFolder } from "../support/folder";
import { type TestDatabase, withTestDatabase } from "../support/postgres";

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

  /** A failing statement beside data of every kind: versions, numbers, true, null, names. */
  const FILES = {
    "V1__a_true_null.sql": "CREATE TABLE a (id int DEFAULT 1, app text, ok boolean DEFAULT true);",
    "V1.1__notice.sql": "DO $$ BEGIN RAISE WARNING '1: true, null, a \\ \" .*'; END $$;",
    "V2__broken.sql":
      "INSERT INTO a VALUES ('1', 'app', 'true');\nSELECT 1, true, null, 'a' FROM app;",
  };
  const ODD = ["1", "true", '"', "\\", "app", "1.1", "[a.*]"];

  it("nor gives an odd one away: the output is that of any other password, byte for byte", async () => {
    const outputs = new Map<string, string>();
    for (const password of ["no-such-thing-in-it", ...ODD, "the name of the database"]) {
      await withTestDatabase(async (db) => {
        const named = password.startsWith("the name") ? db.name : password;
        outputs.set(password, await migrateAs(db, named, FILES));
      });
    }
    const expected = outputs.get("no-such-thing-in-it") ?? "";
    assert.match(expected, /V2__broken.sql:2:32: relation "app" does not exist/);
    for (const [password, output] of outputs) assert.equal(output, expected, password);
  });

  it("of 40 characters in no form, in no place", async () => {
    const password = "Zq7!\"x\\'v%41 &k:@/é.*$1[Tr9]{2}^|t\tw-0Y4";
    assert.equal(password.length, 40);
    const quoted = password.replaceAll("'", "''");
    const files = {
      "V1__notice.sql": "DO $$ BEGIN RAISE WARNING 'it is %', '${secret}'; END $$;",
      "V2__number.sql": "SELECT 1;\nSELECT '${secret}'::int;",
    };
    await withTestDatabase(async (db) => {
      const output = await migrateAs(db, password, files, { FLYWAY_PLACEHOLDERS_SECRET: quoted });
      assert.match(output, /it is \[secret\]/);
      assert.match(output, /invalid input syntax for type integer: "\[secret\]"/);
      const forms = [password, quoted, encodeURIComponent(password), "Zq7!", "w-0Y4", "Tr9"];
      for (const form of [...forms, JSON.stringify(password).slice(1, -1)])
        assert.ok(!output.includes(form), form);
    });
  });
});

/** Runs `migrate`, as text and as JSON, with a role that has this password. @returns all output, without what differs anyway. */
async function migrateAs(
  db: TestDatabase,
  password: string,
  files: Readonly<Record<string, string>>,
  env: Record<string, string> = {},
): Promise<string> {
  const role = await db.createRole();
  await db.client.query(`ALTER ROLE ${role.name} PASSWORD ${db.client.escapeLiteral(password)}`);
  await db.client.query(`GRANT CREATE ON SCHEMA public TO ${role.name}`);
  const url = new URL(db.url);
  const address = `postgresql://${url.host}${url.pathname}`;
  return withFolder(files, async (folder) => {
    const own = ["--url", address, "--user", role.name, "--locations", folder];
    const given = { env: { ...env, FLYWAY_PASSWORD: password } };
    const json = await tidemark(["migrate", "--json", ...own], given);
    assert.equal(json.code, 65, json.stderr);
    json.report(); // is JSON
    const text = await tidemark(["migrate", ...own], given);
    const info = await tidemark(["info", "--json", ...own], given);
    const all = [json, text, info].map(({ stdout, stderr }) => stdout + stderr).join("");
    return all
      .replaceAll(db.name, "NAME")
      .replaceAll(folder, "FOLDER")
      .replace(/\d+ ms|"executionTimeMs":\d+/g, "TIME")
      .replace(/"installedOn":"[^"]*"/g, "ON");
  });
}
