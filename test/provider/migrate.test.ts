import assert from "node:assert/strict";
import { inspect } from "node:util";

import { migrateDatabase } from "../../provider/migrate";
import { check } from "../../provider/operations";
import type { CheckedInputs } from "../../provider/types";
import { canariesIn, CANARY } from "../support/canary";
import { withFolder } from "../support/folder";
import { type TestDatabase, withTestDatabase } from "../support/postgres";

/** All that Pulumi shows of an error, and what it would print of its cause. */
async function shownBy(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => assert.fail("it has to fail"),
    (failure: unknown) => failure,
  );
  assert.ok(error instanceof Error);
  const { reasons = [] } = error as { reasons?: readonly string[] };
  return [error.message, error.stack ?? "", inspect(error.cause), ...reasons].join("\n");
}

const BROKEN = {
  "V1__a.sql": "CREATE TABLE a (id int DEFAULT 1);",
  "V2__broken.sql": "SELECT 1, true, null;\nSELECT '${secret}'::int FROM app;",
};

/** The inputs of a database with these migrations, as a role with this password. */
async function withInputs(
  password: string,
  more: Partial<CheckedInputs>,
  work: (inputs: CheckedInputs, db: TestDatabase) => Promise<void>,
): Promise<void> {
  await withTestDatabase((db) =>
    withFolder(BROKEN, async (folder) => {
      const role = await db.createRole();
      const literal = db.client.escapeLiteral(password);
      await db.client.query(`ALTER ROLE ${role.name} PASSWORD ${literal}`);
      await db.client.query(`GRANT CREATE ON SCHEMA public TO ${role.name}`);
      const { hostname, port } = new URL(db.url);
      const inputs: CheckedInputs = {
        resourceUrn: "urn:pulumi:dev::p::t::platform",
        ...{ name: "platform", host: hostname, port: Number(port), database: db.name },
        ...{ user: role.name, password, sslmode: "disable", createDatabase: false },
        locations: [folder],
        options: { placeholders: { secret: password.replaceAll("'", "''") } },
        ...more,
      };
      await work(inputs, db);
    }),
  );
}

describe("what the provider shows of a failure", function () {
  this.timeout(60_000);

  it("has no secret: neither the password nor what a placeholder has put into SQL", async () => {
    await withInputs(CANARY, {}, async (inputs, db) => {
      await db.client.query(
        "CREATE TABLE app (id int); INSERT INTO app VALUES (1); GRANT ALL ON app TO public",
      );
      const shown = await shownBy(
        migrateDatabase({
          ...inputs,
          options: { ...inputs.options, baseline: { version: "0", description: "b" } },
        }),
      );
      assert.match(
        shown,
        /V2__broken.sql:2:8: invalid input syntax for type integer: "\[secret\]"/,
      );
      assert.deepEqual(canariesIn(shown), []);
    });
  });

  it("has no secret of initSql that the server refuses, in a preview either", async () => {
    const options = { initSql: `SET role = '${CANARY}'` };
    await withInputs("a-pass-word-1", { options }, async (inputs) => {
      assert.deepEqual(canariesIn(await shownBy(migrateDatabase(inputs))), []);
      const { fault } = (await check({}, inputs)).inputs as CheckedInputs;
      assert.match(fault ?? "", /initSql/);
      assert.deepEqual(canariesIn(fault ?? ""), []);
    });
  });

  it("does not give an odd password away: it is that of any other", async () => {
    const all = new Set<string>();
    for (const password of ["no-such-thing-in-it", "1", "true", "app", "platform", ":"])
      await withInputs(password, { options: { placeholders: { secret: "1" } } }, async (inputs) => {
        const shown = await shownBy(migrateDatabase(inputs));
        assert.match(shown, /V2__broken.sql:2:30: relation "app" does not exist/);
        all.add(shown.replace(/^ +at .*$/gm, ""));
      });
    assert.equal(all.size, 1, [...all].join("\n\n"));
  });
});
