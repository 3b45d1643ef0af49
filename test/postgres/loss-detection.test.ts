import assert from "node:assert/strict";

import { parseConnectionUrl } from "../../engine/core/connection";
import { type Session, withSession } from "../../engine/postgres/session";
import { type TestDatabase, withTestDatabase } from "../support/postgres";

const OPTIONS = { applicationName: "tidemark", lockTimeout: 0, statementTimeout: 0 };

const SETTINGS = `SELECT name, setting::int AS value FROM pg_settings
  WHERE name LIKE 'tcp_%' OR name = 'client_connection_check_interval' ORDER BY name`;

async function settingsOf(session: Session): Promise<Record<string, number>> {
  const rows = await session.query<{ name: string; value: number }>(SETTINGS);
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/** Compares those settings that this server has: PostgreSQL 13 cannot look whether the client hung up. */
async function assertSettings(
  session: Session,
  { client_connection_check_interval, ...expected }: Record<string, number>,
): Promise<void> {
  const actual = await settingsOf(session);
  const [row] = await session.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  const isOld = row !== undefined && row.version < 140_000;
  assert.deepEqual(actual, isOld ? expected : { client_connection_check_interval, ...expected });
}

const DEFAULTS = {
  client_connection_check_interval: 2000,
  tcp_keepalives_count: 6,
  tcp_keepalives_idle: 60,
  tcp_keepalives_interval: 10,
  tcp_user_timeout: 180_000,
};

async function withSettings(
  work: (session: Session, db: TestDatabase) => Promise<void>,
  parameters = "",
  prepare: (db: TestDatabase) => Promise<unknown> = async () => undefined,
): Promise<void> {
  await withTestDatabase(async (db) => {
    await prepare(db);
    await withSession(parseConnectionUrl(db.url + parameters), OPTIONS, (s) => work(s, db));
  });
}

describe("postgres/loss-detection: the server notices that its client is gone", () => {
  it("by keep-alive in two minutes, and by looking every two seconds", async () => {
    await withSettings(async (session) => {
      await assertSettings(session, DEFAULTS);
    });
  });

  it("as soon as the URL says", async () => {
    await withSettings(async (session) => {
      await assertSettings(session, {
        ...DEFAULTS,
        tcp_keepalives_idle: 20,
        tcp_keepalives_interval: 3,
        tcp_user_timeout: 30_000,
      });
    }, "?keepalives_idle=20&tcp_user_timeout=30000");
  });

  it("sooner, where the server is stricter", async () => {
    const stricter = { tcp_user_timeout: 9000, tcp_keepalives_idle: 7 };
    await withSettings(
      async (session) => {
        await assertSettings(session, { ...DEFAULTS, ...stricter });
      },
      "",
      async ({ client, name }) => {
        for (const [setting, value] of Object.entries(stricter))
          await client.query(`ALTER DATABASE ${name} SET ${setting} = ${value}`);
      },
    );
  });

  it("in a database without plpgsql, too", async () => {
    await withSettings(
      async (session) => {
        await assert.rejects(session.query("DO $$ BEGIN END $$"), /plpgsql/);
        await assertSettings(session, DEFAULTS);
      },
      "",
      ({ client }) => client.query("DROP EXTENSION plpgsql"),
    );
  });
});
