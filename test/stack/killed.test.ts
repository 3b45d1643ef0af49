/** A Pulumi that is killed leaves its provider behind: it must not go on alone. */
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import { descendantsOf } from "../support/processes";
import { TestStack } from "../support/stack";
import { historyOf } from "../support/stack-server";

describe("a Pulumi that is killed", function () {
  this.timeout(120_000);
  let stack: TestStack;
  let database: string;
  let leftOver: number[] = [];

  before(async () => {
    stack = await TestStack.open();
    database = await stack.server.createDatabase();
    await stack.configure({ databases: { shop: { database, lockTimeout: "2m" } } });
    for (const version of [1, 3, 4])
      stack.write(`migrations/shop/V${version}__t.sql`, `CREATE TABLE t${version} (id int);`);
    stack.write(
      "migrations/shop/V2__slow.sql",
      "CREATE TABLE t2 (id int);\nSELECT pg_advisory_xact_lock(2);",
    );
  });

  after(async () => {
    for (const pid of leftOver) end(pid);
    await stack?.close();
  });

  const sessions = (condition: string) =>
    stack.server.query(
      "postgres",
      `SELECT FROM pg_stat_activity WHERE datname = $1 AND ${condition}`,
      [database],
    );

  it("takes the provider with it before the next migration", async () => {
    // Pulumi's own launcher is a shell between the CLI and the provider, which lives on.
    const path = `${stack.officialLauncher()}:${process.env.PATH}`;
    const holder = await stack.server.connect(database);
    await holder.query("SELECT pg_advisory_lock(2)");
    const cli = await stack.start(["up", "--yes", "--skip-preview"], { PATH: path });
    cli.stdout?.resume();
    cli.stderr?.resume();
    await until(async () => (await sessions("wait_event = 'advisory'")).length > 0, cli);
    leftOver = await descendantsOf(cli.pid ?? 0);
    cli.kill("SIGKILL");
    await once(cli, "exit");
    await sleep(500); // the provider's connection to the CLI breaks
    await stack.server.disconnect(holder); // V2 goes on to its end
    await until(async () => (await sessions("true")).length === 0);
    const history = await historyOf(stack.server, database);
    assert.deepEqual(
      history?.map(({ version, success }) => [version, success]),
      [
        ["1", true],
        ["2", true],
      ],
    );
    assert.deepEqual(await tables(), ["flyway_schema_history", "t1", "t2"]);
  });

  it("is made good by the next update", async () => {
    await stack.cancel();
    const { ok, output } = await stack.up();
    assert.ok(ok, output);
    assert.match(output, /shop: applied V3__t\.sql/);
    assert.deepEqual(await tables(), ["flyway_schema_history", "t1", "t2", "t3", "t4"]);
    assert.equal(stack.recorded("shop").outputs.schemaVersion, "4");
  });

  const tables = async () => {
    const sql = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename";
    const rows = await stack.server.query<{ tablename: string }>(database, sql);
    return rows.map(({ tablename }) => tablename);
  };
});

/** Waits for a condition, for as long as the process that brings it about lives; the test's timeout is the limit. */
async function until(
  condition: () => Promise<boolean>,
  process?: { readonly exitCode: number | null },
): Promise<void> {
  while (!(await condition())) {
    assert.equal(process?.exitCode ?? null, null, "the process has ended before");
    await sleep(50);
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
