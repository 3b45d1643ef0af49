import assert from "node:assert/strict";

import type { Connection } from "../../engine/core/connection";
import { parseConnectionUrl } from "../../engine/core/connection";
import { connect } from "../../engine/postgres/connect";
import { connectionOf } from "../../provider/target";
import { withTestDatabase } from "../support/postgres";

const OPTIONS = { applicationName: "tidemark-test", connectTimeout: 5000 };

/** All that the driver itself would follow. */
const VARIABLES: Readonly<Record<string, string>> = {
  PGHOST: "nowhere.invalid",
  PGPORT: "1",
  PGDATABASE: "nowhere",
  PGUSER: "nobody",
  PGPASSWORD: "wrong",
  PGOPTIONS: "-c work_mem=7MB -c search_path=nowhere",
  PGSSLMODE: "verify-full",
  PGSSLNEGOTIATION: "direct",
  PGREPLICATION: "database",
  PGAPPNAME: "another",
  PGCONNECT_TIMEOUT: "1",
  PGCLIENT_ENCODING: "LATIN1",
  PGBINARY: "true",
};

async function withVariables<T>(work: () => Promise<T>): Promise<T> {
  const saved = { ...process.env };
  Object.assign(process.env, VARIABLES);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(VARIABLES)) {
      delete process.env[name];
      if (saved[name] !== undefined) process.env[name] = saved[name];
    }
  }
}

const SESSION = `SELECT current_user AS user, current_database() AS database, current_setting('work_mem') AS memory,
  current_setting('search_path') AS path, current_setting('application_name') AS application,
  current_setting('client_encoding') AS encoding, 1 AS number`;

async function session(connection: Connection): Promise<unknown> {
  const client = await connect(connection, OPTIONS);
  try {
    return (await client.query(SESSION)).rows;
  } finally {
    await client.end();
  }
}

describe("postgres/connect: the environment has no say in a connection", () => {
  it("neither in the engine's nor in the provider's", async () => {
    await withTestDatabase(async (db) => {
      const connection = parseConnectionUrl(db.url);
      const expected = await session(connection);
      const inputs = {
        ...{ resourceUrn: "urn:pulumi:dev::p::t::n", name: "n", createDatabase: false },
        ...{ locations: [], options: {}, sslmode: "disable" },
        ...{ host: connection.host, port: connection.port, database: connection.database },
        ...{ user: connection.user ?? "", password: connection.password ?? "" },
      };
      await withVariables(async () => {
        assert.deepEqual(await session(connection), expected);
        assert.deepEqual(await session(connectionOf(inputs)), expected);
      });
    });
  });
});
