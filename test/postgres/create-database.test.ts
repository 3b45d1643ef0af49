import assert from "node:assert/strict";

import { type Connection, parseConnectionUrl } from "../../engine/core/connection";
import { connect } from "../../engine/postgres/connect";
import { ensureDatabase } from "../../engine/postgres/create-database";
import { assertFails } from "../support/migrator";
import { type TestDatabase, type TestRole, withTestDatabase } from "../support/postgres";

/** A name that has to be quoted, of a database that is dropped behind the test. */
async function withAbsentDatabase(
  work: (connection: Connection, db: TestDatabase) => Promise<void>,
): Promise<void> {
  await withTestDatabase(async (db) => {
    const connection = { ...parseConnectionUrl(db.url), database: `New "${db.name}"` };
    try {
      await work(connection, db);
    } finally {
      await db.client.query(`DROP DATABASE IF EXISTS "New ""${db.name}""" WITH (FORCE)`);
    }
  });
}

const asRole = (connection: Connection, role: TestRole): Connection => ({
  ...connection,
  user: role.name,
  password: role.password,
});

describe("postgres/create-database", () => {
  it("makes the database where it does not exist, and says so; a second time it does nothing", async () => {
    await withAbsentDatabase(async (connection) => {
      assert.equal(await ensureDatabase(connection), true);
      const client = await connect(connection, { applicationName: "test" });
      await client.end();
      assert.equal(await ensureDatabase(connection), false);
    });
  });

  it("makes it once when several ask at the same time", async () => {
    await withAbsentDatabase(async (connection) => {
      const made = await Promise.all(Array.from({ length: 4 }, () => ensureDatabase(connection)));
      assert.equal(made.filter((now) => now).length, 1);
    });
  });

  it("makes it by a role that may, which then owns it", async () => {
    await withAbsentDatabase(async (connection, db) => {
      const role = await db.createRole("CREATEDB");
      assert.equal(await ensureDatabase(asRole(connection, role)), true);
      await db.client.query(`DROP DATABASE "New ""${db.name}"""`);
    });
  });

  it("of a role that may not create one says what to grant, and makes nothing", async () => {
    await withAbsentDatabase(async (connection, db) => {
      const role = await db.createRole();
      await assertFails(ensureDatabase(asRole(connection, role)), {
        code: "DB_CONNECTION",
        class: "usage",
        sqlState: "42501",
        message: /cannot be created: permission denied/,
        remedy: new RegExp(`ALTER ROLE "${role.name}" CREATEDB`),
      });
    });
  });

  it("of a role that may not create one leaves an existing database alone", async () => {
    await withTestDatabase(async (db) => {
      const role = await db.createRole();
      assert.equal(await ensureDatabase(parseConnectionUrl(role.url)), false);
    });
  });

  it("does not take a server that cannot be reached for a database that is missing", async () => {
    const nowhere = parseConnectionUrl("postgresql://me@no-such-host.invalid/app");
    await assertFails(ensureDatabase(nowhere), { code: "DB_CONNECTION", class: "temporary" });
  });
});
