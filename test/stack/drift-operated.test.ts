/** What was operated behind the stack's back, with the real engine; and the state of a version that did not look at it. */
import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";

import { Client } from "pg";

import { isDriftOnly } from "../../engine/core/catalog/format";
import { testServer } from "../support/postgres";
import { TestStack } from "../support/stack";

const SECRET = "geheim-4711-canary";

describe("a stack's drift beside the schema", function () {
  this.timeout(300_000);
  let stack: TestStack;
  let database: string;
  let other: string;

  before(async () => {
    stack = await TestStack.open();
    database = stack.server.databaseName();
    other = `${database}_owner`;
    await stack.server.administer(`CREATE ROLE ${other}`, `GRANT ${other} TO ${stack.server.user}`);
    stack.write("migrations/orders/V1__orders.sql", "CREATE TABLE orders (id int PRIMARY KEY);");
    await stack.configure({ createDatabase: true, databases: { orders: { database } } });
    const { ok, output } = await stack.up();
    assert.ok(ok, output);
  });

  after(async () => {
    await sql(`DROP OWNED BY ${other} CASCADE`).catch(() => undefined);
    await stack.server.administer(`DROP ROLE ${other}`);
    await stack.close();
  });

  const sql = (text: string) => stack.server.query(database, text);

  it("is named by a refresh and a preview, and accepted by name; no secret is in the state", async () => {
    const fingerprint = stack.recorded("orders").outputs.fingerprint;
    const { user } = stack.server;
    await sql(`GRANT CREATE ON SCHEMA public TO ${other}; ALTER TABLE orders OWNER TO ${other}`);
    await sql(`CREATE PUBLICATION "all ""of"" it" WITH (publish = 'insert')`);
    await sql(`ALTER DATABASE ${database} SET search_path = public, extra`);
    await sql(`ALTER ROLE ${user} SET work_mem = '7MB'`);
    await stack.server.administer(
      `ALTER ROLE ${user} IN DATABASE ${database} SET app.key = '${SECRET}'`,
    );
    await sql(`COMMENT ON DATABASE ${database} IS 'by hand'`);
    await sql(`REVOKE TEMPORARY ON DATABASE ${database} FROM PUBLIC`);
    const names = [
      `owner of table public.orders changed: ${user} → ${other}`,
      'publication "all ""of"" it" added',
      "database setting search_path added",
      `role setting work_mem of ${user} added`,
      `database role setting app.key of ${user} added`,
      "comment on the database added",
      "revoke from PUBLIC on the database added",
    ];
    for (const run of [await stack.refresh(), await stack.preview()]) {
      assert.ok(run.ok, run.output);
      for (const name of names) assert.ok(run.output.includes(name), `${name}\n${run.output}`);
    }
    const { ok, output } = await stack.up();
    assert.ok(ok, output);
    for (const name of names)
      assert.ok(output.includes(name.replace(/ changed: .*/, " changed")), output);
    assert.ok((await stack.preview({ expectNoChanges: true })).ok);
    const grant = `grant to ${other} on schema public`;
    assert.ok(grant in (stack.recorded("orders").outputs.catalog as object));
    assert.ok(!stack.stateFile().includes(SECRET));
    await sql(`REVOKE CREATE ON SCHEMA public FROM ${other}`);
    await stack.up();
    assert.equal(stack.recorded("orders").outputs.fingerprint, fingerprint);
  });

  it("is none after an upgrade: a state of an earlier version is compared as such, and completed by a refresh", async () => {
    await stateOfBefore();
    assert.ok(!("catalogFormat" in stack.recorded("orders").outputs));
    const first = await stack.preview({ expectNoChanges: true });
    assert.ok(first.ok, first.output);
    assert.doesNotMatch(first.output, /drift/);
    const refresh = await stack.refresh();
    assert.ok(refresh.ok, refresh.output);
    assert.doesNotMatch(refresh.output, /drift/);
    assert.equal(stack.recorded("orders").outputs.catalogFormat, 2);
    const second = await stack.preview({ expectNoChanges: true });
    assert.ok(second.ok, second.output);
    await sql(`ALTER DATABASE ${database} RESET search_path`);
    const third = await stack.preview();
    assert.match(third.output, /database setting search_path removed/);
  });

  it("is not looked at where the role may not: a warning says so, and the rest is compared", async () => {
    const administrator = new Client({ ...(await testServer()), database });
    await administrator.connect();
    await administrator.query("REVOKE SELECT ON pg_db_role_setting FROM PUBLIC");
    await administrator.end();
    await sql("ALTER TABLE orders ADD note text");
    for (const run of [await stack.preview(), await stack.refresh()]) {
      assert.ok(run.ok, run.output);
      assert.match(
        run.output,
        /orders: owners, publications and settings are not compared: permission/,
      );
      assert.match(run.output, /column public\.orders\.note added/);
      assert.doesNotMatch(run.output, /owner of .* removed/);
    }
  });

  /** As the version before has left it: without a format, and with the schema alone. */
  async function stateOfBefore(): Promise<void> {
    interface Deployment {
      deployment: { resources: { type: string; outputs?: Record<string, unknown> }[] };
    }
    const state = JSON.parse(await stack.text("stack", "export")) as Deployment;
    for (const { type, outputs } of state.deployment.resources) {
      if (!type.endsWith("SchemaVersion") || !outputs) continue;
      const catalog = Object.entries(outputs.catalog as Record<string, string>);
      outputs.catalog = Object.fromEntries(catalog.filter(([name]) => !isDriftOnly(name)));
      delete outputs.catalogFormat;
      delete outputs.catalogText;
    }
    const file = stack.path("before.json");
    writeFileSync(file, JSON.stringify(state));
    const { code, output } = await stack.run(["stack", "import", "--file", file]);
    assert.equal(code, 0, output);
  }
});
