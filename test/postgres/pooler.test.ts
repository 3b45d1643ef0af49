import assert from "node:assert/strict";

import { parseConnectionUrl } from "../../engine/core/connection";
import { Backend } from "../../engine/postgres/backend";
import { Proxy } from "../faults/proxy";
import { backendsOf } from "../support/backends";
import { assertFails, ranksOf, stateOf, tablesOf, withScenario } from "../support/migrator";
import { hasPgBouncer, type PoolSettings, withPgBouncer } from "../support/pgbouncer";
import { type TestDatabase, withTestDatabase } from "../support/postgres";

const OPTIONS = { applicationName: "tidemark" };

function through(port: number, { url }: TestDatabase, parameters = ""): string {
  const pooled = new URL(url);
  pooled.port = String(port);
  return `${pooled.href}?sslmode=disable${parameters}`;
}

const SHARING: readonly PoolSettings[] = [
  { pool_mode: "transaction", default_pool_size: 1 },
  { pool_mode: "transaction", default_pool_size: 20 },
  { pool_mode: "transaction", default_pool_size: 20, server_round_robin: 1 },
  { pool_mode: "statement", default_pool_size: 20 },
];

const KEEPING: readonly PoolSettings[] = [
  { pool_mode: "session", default_pool_size: 20 },
  { pool_mode: "session", default_pool_size: 1 },
  { pool_mode: "session", default_pool_size: 20, ignore_startup_parameters: "options" },
];

const nameOf = (settings: PoolSettings): string =>
  Object.entries(settings)
    .map((pair) => pair.join("="))
    .join(" ");

describe("postgres/pooler: no pooler", () => {
  it("is taken for what it is, directly and through a proxy or tunnel, by one connection", async () => {
    await withTestDatabase(async (db) => {
      const { hostname: host, port } = new URL(db.url);
      const proxy = await Proxy.open({ host, port: Number(port) });
      for (const url of [db.url, through(proxy.port, db)]) {
        const backend = await Backend.open(parseConnectionUrl(url), OPTIONS);
        const [own] = (
          await backend.client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")
        ).rows;
        assert.equal(own?.pid, backend.pid);
        assert.equal(await backendsOf(db.client, "tidemark (pooler check)"), 0);
        await backend.close();
      }
      await proxy.close();
    });
  });
});

if (hasPgBouncer()) withPoolers();
else process.stdout.write("PgBouncer: not installed here, so the tests with it are left out\n");

function withPoolers(): void {
  describe("postgres/pooler: PgBouncer that shares server connections", () => {
    for (const settings of SHARING)
      it(`${nameOf(settings)}: is refused by each command, with the remedy, and nothing is written`, async () => {
        await withScenario({ "V1__a.sql": "CREATE TABLE a ();" }, async ({ db, migrator }) => {
          const before = await stateOf(db);
          await withPgBouncer(settings, async (port) => {
            await keepBusy(port, db);
            const pooled = migrator({ url: through(port, db) });
            for (const command of ["info", "validate", "plan", "migrate", "baseline"] as const)
              await assertFails(pooled[command](), {
                code: "DB_CONNECTION",
                class: "usage",
                message: /is a connection pooler that gives each transaction, or statement/,
                remedy: /Connect to the PostgreSQL server itself.*session mode/,
              });
          });
          assert.deepEqual(await stateOf(db), before);
        });
      });
  });

  describe("postgres/pooler: PgBouncer that keeps a server connection for each client", () => {
    for (const settings of KEEPING)
      it(`${nameOf(settings)}: everything works, the URL's search_path, too`, async () => {
        const files = {
          "V1__a.sql": "CREATE TABLE a (id int);\nCOPY a FROM STDIN;\n1\n\\.\n",
          "V2__b.sql": "CREATE TABLE b (id int);",
        };
        await withScenario(files, async ({ db, migrator }) => {
          await db.client.query('CREATE SCHEMA "My app"');
          await withPgBouncer(settings, async (port) => {
            const path = encodeURIComponent('"My app", public');
            const pooled = migrator({ url: through(port, db, `&search_path=${path}`) });
            assert.equal((await pooled.migrate()).to, "2");
            assert.deepEqual((await pooled.validate()).problems, []);
          });
          assert.deepEqual(await tablesOf(db), ["My app.a", "My app.b"]);
          assert.deepEqual(await ranksOf(db, '"My app".flyway_schema_history'), [
            "1 SQL 1",
            "2 SQL 2",
          ]);
        });
      });

    it("the watches look at the server's process, not at the pooler's number", async () => {
      await withTestDatabase(async (db) => {
        await withPgBouncer({ pool_mode: "session" }, async (port) => {
          const backend = await Backend.open(parseConnectionUrl(through(port, db)), OPTIONS);
          const rows = await backend.side.query("SELECT pid FROM pg_stat_activity WHERE pid = $1", [
            backend.pid,
          ]);
          assert.deepEqual(rows, [{ pid: backend.pid }]);
          await backend.close();
        });
      });
    });
  });
}

/** Opens several server connections, so that the pool has a choice. */
async function keepBusy(port: number, db: TestDatabase): Promise<void> {
  const { Client } = await import("pg");
  const clients = Array.from(
    { length: 3 },
    () => new Client({ connectionString: through(port, db) }),
  );
  await Promise.all(clients.map((client) => client.connect()));
  await Promise.all(clients.map((client) => client.query("SELECT pg_sleep(0.1)")));
  await Promise.all(clients.map((client) => client.end()));
}
