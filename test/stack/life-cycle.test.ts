/** One stack from nothing to its end, with the real engine: each test goes on where the one before has stopped. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { createHistorySql } from "../../engine/postgres/schema-history";
import { withoutKeys } from "../../provider/without-keys";
import { TestStack } from "../support/stack";
import { REPOSITORY } from "../support/stack-project";
import { describeDatabase, historyOf } from "../support/stack-server";

const AGENTS = "migrations/agents/V3__create_agents_schema.sql";
const AGENTS_SQL = readFileSync(join(REPOSITORY, AGENTS), "utf8");
const BASELINE = { version: "3", description: "Baseline existing agents schema" };
const ALL = ["orders", "stock", "agents", "healed", "analytics"] as const;

type Name = (typeof ALL)[number];
type Summary = Record<string, { schemaVersion: string | null; applied: number }>;

describe("a stack's life", function () {
  this.timeout(120_000);
  let stack: TestStack;
  let names: Record<Name, string>;

  before(async () => {
    stack = await TestStack.open();
    const { server } = stack;
    names = {
      orders: server.databaseName(),
      stock: server.databaseName(),
      agents: await server.createDatabase(),
      healed: await server.createDatabase(),
      analytics: server.databaseName(),
    };
    await configure();
    stack.write("migrations/orders/V1__orders.sql", "CREATE TABLE orders (id int PRIMARY KEY);");
    stack.write("migrations/orders/V2__note.sql", "ALTER TABLE orders ADD note text;");
    stack.write(
      "migrations/orders/R__open_orders.sql",
      "CREATE OR REPLACE VIEW open_orders AS SELECT id FROM orders;",
    );
    stack.write("migrations/stock/V1.1__stock.sql", "CREATE TABLE stock (id int);");
    stack.write(AGENTS, AGENTS_SQL);
    stack.write(AGENTS.replace("agents/", "healed/"), AGENTS_SQL);
    stack.write("migrations/healed/V4__audit.sql", "CREATE TABLE audit (id int);");
    await server.query(names.agents, AGENTS_SQL);
    const history = createHistorySql({ schema: "public", table: "flyway_schema_history" });
    await server.query(names.healed, `${AGENTS_SQL};\n${history}`);
  });

  after(() => stack?.close());

  const configure = (server = {}) =>
    stack.configure({
      server,
      createDatabase: true,
      databases: {
        orders: { database: names.orders },
        stock: { database: names.stock },
        agents: { database: names.agents, baseline: BASELINE },
        healed: { database: names.healed, baseline: BASELINE },
        analytics: { database: names.analytics, migrations: "none" },
      },
    });

  const describeAll = async () =>
    Object.fromEntries(
      await Promise.all(
        ALL.map(async (name) => [name, await describeDatabase(stack.server, names[name])] as const),
      ),
    );

  /** Ops of databases that are not listed are `same`. */
  const allBut = (others: Record<string, string>) => ({
    ...Object.fromEntries(ALL.map((name) => [name, "same"])),
    ...others,
  });

  const output = async (key: string) => (await stack.outputs())[key]?.value as unknown;

  it("previews a stack that has never been up, and makes nothing", async () => {
    const { ok, output } = await stack.preview();
    assert.ok(ok, output);
    assert.match(
      output,
      /create the database, none -> 2: V1__orders\.sql, V2__note\.sql, R__open_orders\.sql \(live\)/,
    );
    assert.match(output, /none -> 3: baseline at 3 "Baseline existing agents schema" \(live\)/);
    assert.match(
      output,
      /adopt the empty history table, baseline at 3 .*, V4__audit\.sql \(live\)/,
    );
    assert.equal(await stack.server.exists(names.orders), false);
    assert.deepEqual(await historyOf(stack.server, names.agents), undefined);
    assert.deepEqual(await historyOf(stack.server, names.healed), []);
  });

  it("brings all databases up and tells their versions in the outputs of the contract", async () => {
    const { ok, output: said, operations } = await stack.up();
    assert.ok(ok, said);
    assert.deepEqual(operations, allBut(Object.fromEntries(ALL.map((name) => [name, "create"]))));
    const { schemaVersions, databases, ...others } = await stack.outputs();
    assert.deepEqual(others, {});
    assert.deepEqual(schemaVersions, {
      value: { orders: "2", stock: "1.1", agents: "3", healed: "4", analytics: null },
      secret: false,
    });
    assert.equal(databases?.secret, false);
    const fingerprints = Object.fromEntries(
      Object.entries(databases.value as Record<string, { fingerprint: string }>).map(
        ([name, { fingerprint }]) => [name, fingerprint],
      ),
    );
    for (const fingerprint of Object.values(fingerprints))
      assert.match(fingerprint, /^sha256:[0-9a-f]{32}$/);
    const expected = (name: Name, schemaVersion: string | null, applied: number) => ({
      [name]: {
        schemaVersion,
        fingerprint: fingerprints[name],
        applied,
        failed: null,
        secret: null,
      },
    });
    assert.deepEqual(databases.value, {
      ...expected("orders", "2", 3),
      ...expected("stock", "1.1", 1),
      ...expected("agents", "3", 1),
      ...expected("healed", "4", 2),
      ...expected("analytics", null, 0),
    });
  });

  it("keeps each database as a resource of the contract's type", () => {
    for (const name of ALL)
      assert.equal(stack.recorded(name).type, "pulumi-nodejs:tidemark:SchemaVersion");
  });

  it("baselines an existing schema, and heals an empty history table", async () => {
    const rows = async (name: Name) =>
      (await historyOf(stack.server, names[name]))?.map((row) => withoutKeys(row, ["checksum"]));
    const { version, description } = BASELINE;
    const baseline = { rank: 1, version, description, script: description, type: "BASELINE" };
    assert.deepEqual(await rows("agents"), [{ ...baseline, success: true }]);
    const audit = { rank: 2, version: "4", description: "audit", script: "V4__audit.sql" };
    assert.deepEqual(await rows("healed"), [
      { ...baseline, success: true },
      { ...audit, type: "SQL", success: true },
    ]);
  });

  it("changes nothing the second time, and keeps the provider's text, which holds nothing of its own", async () => {
    const texts = () => ALL.map((name) => stack.recorded(name).inputs["__provider"] as string);
    const before = texts();
    const [text = ""] = before;
    assert.deepEqual(new Set(before), new Set([text]));
    assert.ok(text.length < 4000, `${text.length} characters`);
    assert.ok(
      !text.includes(REPOSITORY) && !/["'`](\/\w|[A-Z]:)/.test(text.replace('"/package.json"', "")),
      text,
    );
    assert.doesNotMatch(text, /flyway|SELECT|Migrator|connect/i);
    const databases = await describeAll();
    const { ok, output, operations } = await stack.up();
    assert.ok(ok, output);
    assert.deepEqual(operations, allBut({}));
    assert.deepEqual(texts(), before);
    assert.deepEqual(await describeAll(), databases);
  });

  it("says in a preview which file would change what, and changes nothing", async () => {
    stack.write("migrations/orders/V3__total.sql", "ALTER TABLE orders ADD total numeric;");
    const databases = await describeAll();
    const { ok, output, operations } = await stack.preview();
    assert.ok(ok, output);
    assert.match(output, /orders: 2 -> 3: V3__total\.sql \(live\)/);
    assert.match(output, /stock: at 1\.1, nothing pending \(live\)/);
    assert.deepEqual(operations, allBut({ orders: "update" }));
    assert.deepEqual(await describeAll(), databases);
  });

  it("applies what was previewed, and has nothing left to do", async () => {
    const up = await stack.up();
    assert.ok(up.ok, up.output);
    assert.match(up.output, /orders: applied V3__total\.sql/);
    assert.deepEqual(up.operations, allBut({ orders: "update" }));
    assert.equal(((await output("databases")) as Summary).orders?.applied, 4);
    const preview = await stack.preview({ expectNoChanges: true });
    assert.ok(preview.ok, preview.output);
  });

  it("gives its versions to another stack", async () => {
    const outputs = await stack.upReader(`
      const pulumi = require("@pulumi/pulumi");
      const tidemark = new pulumi.StackReference("organization/tidemark/test");
      exports.versions = tidemark.requireOutput("schemaVersions");
      exports.stock = tidemark.requireOutput("databases").apply(({ stock }) => stock.applied);
    `);
    const versions = { orders: "3", stock: "1.1", agents: "3", healed: "4", analytics: null };
    assert.deepEqual(outputs.versions, { value: versions, secret: false });
    assert.deepEqual(outputs.stock, { value: 1, secret: false });
  });

  it("names in a refresh what was changed by hand, in catalog and history", async () => {
    stack.write("migrations/orders/V4__by_hand.sql", "ALTER TABLE orders ADD by_hand int;");
    await stack.server.query(
      names.orders,
      `ALTER TABLE orders ADD by_hand int;
       INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, installed_by, execution_time, success)
       VALUES (5, '4', 'by hand', 'SQL', 'V4__by_hand.sql', 'somebody', 1, true)`,
    );
    await stack.server.query(names.stock, "CREATE TABLE left_over (id int)");
    const { ok, output } = await stack.refresh();
    assert.ok(ok, output);
    assert.match(output, /column public\.orders\.by_hand added/);
    assert.match(output, /history row 5 added \(4 V4__by_hand\.sql SQL\)/);
    assert.match(output, /table public\.left_over added/);
    assert.deepEqual(stack.recorded("orders").outputs.driftFound, [
      "history row 5 added (4 V4__by_hand.sql SQL)",
      "column public.orders.by_hand added",
    ]);
    assert.deepEqual(stack.recorded("stock").outputs.driftFound, ["table public.left_over added"]);
    assert.deepEqual(stack.recorded("agents").outputs.driftFound, []);
  });

  it("shows the drift in the next preview", async () => {
    const { ok, output, operations } = await stack.preview();
    assert.ok(ok, output);
    assert.match(
      output,
      /orders: drift since the last update: .*column public\.orders\.by_hand added/,
    );
    assert.match(output, /stock: drift since the last update: table public\.left_over added/);
    assert.deepEqual(operations, allBut({ orders: "update", stock: "update" }));
  });

  it("forgets in a refresh what was taken back by hand", async () => {
    await stack.server.query(names.stock, "DROP TABLE left_over");
    const { ok, output } = await stack.refresh();
    assert.ok(ok, output);
    assert.deepEqual(stack.recorded("stock").outputs.driftFound, []);
    assert.notDeepEqual(stack.recorded("orders").outputs.driftFound, []);
  });

  it("accepts the other drift with an update", async () => {
    const { ok, output: said, operations } = await stack.up();
    assert.ok(ok, said);
    assert.deepEqual(operations, allBut({ orders: "update" }));
    assert.deepEqual(stack.recorded("orders").outputs.driftFound, []);
    assert.deepEqual(await output("schemaVersions"), {
      ...{ orders: "4", stock: "1.1", agents: "3", healed: "4", analytics: null },
    });
  });

  it("says nothing in a refresh where nothing has drifted", async () => {
    const { ok, output } = await stack.refresh();
    assert.ok(ok, output);
    assert.doesNotMatch(output, /drift/i);
    for (const name of ALL) assert.deepEqual(stack.recorded(name).outputs.driftFound, []);
  });

  it("previews from what it remembers where no database can be reached", async () => {
    await configure({ port: await closedPort() });
    stack.write("migrations/stock/V2__bin.sql", "ALTER TABLE stock ADD bin text;");
    const { ok, output } = await stack.preview();
    assert.ok(ok, output);
    assert.match(output, /stock: 1\.1 -> 2: V2__bin\.sql \(remembered\)/);
    assert.match(output, /orders: at 4, nothing pending \(remembered\)/);
    assert.match(
      output,
      /orders: from what the stack remembers \(at 4\), .*Cannot reach 127\.0\.0\.1/,
    );
  });

  it("fails an update there, and keeps what the state had", async () => {
    const kept = () =>
      // The password is encrypted anew each time.
      ALL.map((name) => withoutKeys(stack.recorded(name).outputs, ["password"]));
    const before = kept();
    const { ok, output } = await stack.up();
    assert.ok(!ok, output);
    assert.match(output, /\[DB_CONNECTION\] Cannot reach 127\.0\.0\.1:\d+: nothing listens there/);
    assert.match(output, /Remedy: Check host and port/);
    assert.deepEqual(kept(), before);
  });

  it("is destroyed without a connection, and drops nothing", async () => {
    const databases = await describeAll();
    const { ok, output, operations } = await stack.destroy();
    assert.ok(ok, output);
    assert.deepEqual(operations, Object.fromEntries(ALL.map((name) => [name, "delete"])));
    assert.deepEqual(await describeAll(), databases);
    assert.equal((await historyOf(stack.server, names.orders))?.length, 5);
  });
});

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}
