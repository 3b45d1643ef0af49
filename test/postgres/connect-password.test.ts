import assert from "node:assert/strict";

import { parseConnectionUrl } from "../../engine/core/connection";
import { connect } from "../../engine/postgres/connect";
import { assertFails } from "../support/migrator";
import { passwordServer, type TestDatabase, withTestDatabase } from "../support/postgres";
import { assertWithoutSecret, SECRET } from "../support/secrets";

const OPTIONS = { applicationName: "tidemark-test", connectTimeout: 5000 };

/** A role with the password, on a server that asks for it. */
async function withSecretRole(
  work: (db: TestDatabase, user: string) => Promise<void>,
): Promise<void> {
  await withTestDatabase(async (db) => {
    const { name } = await db.createRole();
    await db.client.query(`ALTER ROLE ${name} PASSWORD '${SECRET}'`);
    await work(db, name);
  }, passwordServer());
}

describe("postgres/connect: passwords", () => {
  it("a wrong one is an error of the caller, and is in no form of the error", async () => {
    await withSecretRole(async (db, user) => {
      const wrong = `${SECRET}!`;
      const connection = { ...parseConnectionUrl(db.url), user, password: wrong };
      const error = await assertFails(connect(connection, OPTIONS), {
        code: "DB_CONNECTION",
        class: "usage",
        sqlState: "28P01",
        message: new RegExp(`refused the login of "${user}"`),
        remedy: /percent-encode/,
      });
      assertWithoutSecret(error);
    });
  });

  it("a missing one is asked for; the environment's is not taken for it", async () => {
    await withSecretRole(async (db, user) => {
      const saved = process.env.PGPASSWORD;
      process.env.PGPASSWORD = SECRET;
      try {
        for (const password of [undefined, ""]) {
          const connection = { ...parseConnectionUrl(db.url), user, password };
          const error = await assertFails(connect(connection, OPTIONS), {
            code: "DB_CONNECTION",
            class: "usage",
            message: /asks for a password and none was given/,
            remedy: /FLYWAY_PASSWORD/,
          });
          assertWithoutSecret(error);
        }
      } finally {
        if (saved === undefined) delete process.env.PGPASSWORD;
        else process.env.PGPASSWORD = saved;
      }
    });
  });

  it("with @ : / % # blanks and letters beyond ASCII logs in, encoded in a URL", async () => {
    await withSecretRole(async (db, user) => {
      const url = new URL(db.url);
      const secret = encodeURIComponent(SECRET);
      const query = new URLSearchParams({ user, password: SECRET })
        .toString()
        .replaceAll("+", "%20");
      const urls = [
        `postgresql://${user}:${secret}@${url.host}/${db.name}`,
        `jdbc:postgresql://${user}:${secret}@${url.host}/${db.name}`,
        `jdbc:postgresql://${url.host}/${db.name}?${query}`,
      ];
      for (const written of urls) {
        const client = await connect(parseConnectionUrl(written), OPTIONS);
        const { rows } = await client.query("SELECT current_user AS name");
        await client.end();
        assert.deepEqual(rows, [{ name: user }]);
      }
    });
  });

  it("logs in as a field of its own, under the name of the application", async () => {
    await withSecretRole(async (db, user) => {
      const client = await connect(
        { ...parseConnectionUrl(db.url), user, password: SECRET },
        OPTIONS,
      );
      const { rows } = await db.client.query<{ name: string }>(
        "SELECT application_name AS name FROM pg_stat_activity WHERE usename = $1",
        [user],
      );
      await client.end();
      assert.deepEqual(rows, [{ name: "tidemark-test" }]);
    });
  });
});
