/** The command with --stack, on a stack that the real engine has brought up. */
import { strict as assert } from "node:assert";
import { mkdirSync } from "node:fs";

import { canariesIn } from "../support/canary";
import { type CommandResult, tidemark } from "../support/cli";
import { TestStack } from "../support/stack";
import { fail, succeed } from "../support/staging-project";

const PLACEHOLDER = "pl4ceholder-canary";

describe("the command takes all from a stack", function () {
  this.timeout(120_000);
  let stack: TestStack;
  let names: { orders: string; analytics: string };
  const shown: string[] = [];

  before(async () => {
    stack = await TestStack.open();
    names = {
      orders: await stack.server.createDatabase(),
      analytics: stack.server.databaseName(),
    };
    await configure();
    stack.write(
      "migrations/orders/V1__orders.sql",
      "CREATE SCHEMA app; CREATE TABLE app.orders (id int);",
    );
    await succeed(stack.up());
  });

  after(() => stack?.close());

  const configure = () =>
    stack.configure({
      createDatabase: true,
      databases: {
        orders: {
          database: names.orders,
          table: "versions",
          placeholders: { key: PLACEHOLDER },
        },
        analytics: { database: names.analytics, migrations: "none" },
      },
    });

  async function run(
    args: string,
    { cwd = stack.path("."), env = {} }: { cwd?: string; env?: Record<string, string> } = {},
  ): Promise<CommandResult> {
    const given = { cwd, env: { HOME: cwd, ...stack.environment, ...env } };
    const result = await tidemark(args.split(" "), given);
    shown.push(result.stdout, result.stderr);
    return result;
  }

  it("reads history, files and options of the stack, from any folder of the project", async () => {
    const below = stack.path("docs/deep");
    mkdirSync(below, { recursive: true });
    for (const cwd of [stack.path("."), below]) {
      const { code, report, stderr } = await run("info --json --stack test --database orders", {
        cwd,
        env: { DATABASE_URL: "postgresql://nobody@nowhere.invalid/x" },
      });
      assert.equal(code, 0, stderr);
      const { database, schemaVersion, migrations } = report();
      assert.deepEqual(
        [database, schemaVersion, migrations.map((m) => m.script)],
        [names.orders, "1", ["V1__orders.sql"]],
      );
    }
  });

  it("plans and migrates with the stack's placeholders; says which variables it does not use", async () => {
    stack.write(
      "migrations/orders/V2__key.sql",
      "CREATE TABLE app.key AS SELECT '${key}'::text AS key; DO $$ BEGIN RAISE WARNING '${key}'; END $$;",
    );
    const env = { FLYWAY_TARGET: "1" };
    const planned = await run("plan --json --stack test --database orders", { env });
    assert.equal(planned.report().targetSchemaVersion, "2");
    assert.match(planned.stderr, /FLYWAY_TARGET is set and not used/);
    const { code, stderr, report } = await run("migrate --json --stack test --database orders");
    assert.equal(code, 0, stderr);
    assert.equal(report().schemaVersion, "2");
    assert.match(stderr, /\[secret\]/);
    assert.deepEqual(await stack.server.query(names.orders, "SELECT key FROM app.key"), [
      { key: PLACEHOLDER },
    ]);
  });

  it("checks a version", async () => {
    const args = "check --stack test --database orders --at-least";
    assert.equal((await run(`${args} 2`)).code, 0);
    assert.equal((await run(`${args} 2.1`)).code, 75);
  });

  it("prints remedies that can be pasted; so does up", async () => {
    const broken = "CREATE TABLE app.a (id int); VACUUM app.a; SELECT 1/0;";
    stack.write("migrations/orders/V3__broken.sql", broken);
    stack.write("migrations/orders/V3__broken.sql.conf", "executeInTransaction=false\n");
    assert.equal((await run("migrate --stack test --database orders")).code, 65);
    const command = "tidemark repair --stack test --database orders";
    const again = await run("validate --stack test --database orders");
    assert.equal(again.code, 65);
    assert.ok(again.stderr.includes(`run \`${command}\``), again.stderr);
    const check = await run("check --stack test --database orders --at-least 2");
    assert.equal(check.code, 75);
    assert.match(check.stdout, /V3__broken\.sql has failed/);
    await fail(stack.up(), new RegExp(`run \`${command}\``));
    const repaired = await run(`${command.slice("tidemark ".length)} --json`, {
      cwd: stack.path("migrations"),
    });
    assert.equal(repaired.code, 0, repaired.stderr);
    assert.equal((repaired.report().migrationsRemoved as unknown[]).length, 1);
    stack.remove("migrations/orders/V3__broken.sql");
    stack.remove("migrations/orders/V3__broken.sql.conf");
    await stack.server.query(names.orders, "DROP TABLE app.a");
  });

  it("shows how all databases stand, the unreachable as remembered", async () => {
    stack.write("migrations/orders/V3__next.sql", "CREATE TABLE app.next (id int);");
    await stack.server.query(names.orders, "CREATE TABLE app.by_hand (id int)");
    await stack.server.administer(`DROP DATABASE ${names.analytics}`);
    const json = await run("status --stack test --json");
    assert.equal(json.code, 0, json.stderr);
    const databases = json.report().databases as Record<string, unknown>[];
    const [analytics, orders] = databases;
    assert.deepEqual(
      [orders?.name, orders?.knowledge, orders?.schemaVersion, orders?.pending, orders?.failed],
      ["orders", "live", "2", 1, []],
    );
    assert.ok((orders?.drift as string[]).some((text) => text.includes("by_hand")));
    assert.deepEqual([analytics?.knowledge, analytics?.schemaVersion], ["remembered", null]);
    assert.match(String(analytics?.why), /does not exist/);
    const { stdout, code } = await run("status --stack test");
    assert.equal(code, 0);
    const rows = stdout.split("\n").slice(0, 4);
    assert.match(rows[0] ?? "", /^Database +Version +Pending +Failed +Drift +Last run +Known$/);
    assert.match(rows[3] ?? "", /^orders +2 +1 +– +\d+ +\d{4}-\d\d-\d\d \d\d:\d\d +live$/);
    for (const row of rows) assert.ok(row.length <= 80, row);
    stack.write("migrations/orders/V1__orders.sql", "SELECT 1;");
    const changed = await run("status --stack test");
    assert.equal(changed.code, 65);
    assert.match(changed.stdout, /tidemark repair --stack test --database orders/);
    assert.equal((await run("status --json")).code, 64);
  });

  it("flags win; everything that cannot be is refused with a way out", async () => {
    const user = "info --stack test --database orders --user nobody_there";
    assert.match((await run(user)).stderr, /login of "nobody_there"/);
    const cases: readonly [string, RegExp, RegExp][] = [
      ["info --stack test --database order", /Did you mean orders\?/, /analytics, orders/],
      ["info --stack test", /2 databases/, /--database/],
      ["info --stack tset --database orders", /no stack tset.*Did you mean test\?/, /test/],
      ["info --stack=-x --database orders", /no name of a stack/, /--stack dev/],
      ["info --stack test --database orders --url postgresql://h/d", /contradict/, /one of/],
      ["info --database orders", /no stack is named/, /--stack/],
      ["migrate --stack test --database analytics", /no migrations/, /folder/],
    ];
    for (const [args, message, remedy] of cases) {
      const { code, report } = await run(`${args} --json`);
      assert.equal(code, 64, args);
      assert.match(report().error?.message ?? "", message, args);
      assert.match(report().error?.remedy ?? "", remedy, args);
    }
  });

  it("says what it needs of Pulumi: the program, the passphrase, the project", async () => {
    const args = "info --json --stack test --database orders";
    const cases: readonly [object, RegExp, RegExp][] = [
      [{ env: { PATH: "/nowhere" } }, /no pulumi on PATH/, /Install/],
      [{ env: { PULUMI_CONFIG_PASSPHRASE: "another" } }, /passphrase/, /PULUMI_CONFIG_PASSPHRASE/],
      [{ cwd: "/" }, /no Pulumi project/, /--url/],
    ];
    for (const [where, message, remedy] of cases) {
      const { code, report } = await run(args, where);
      assert.equal(code, 64);
      assert.match(report().error?.message ?? "", message);
      assert.match(report().error?.remedy ?? "", remedy);
    }
  });

  it("has shown neither the password nor a placeholder's value", () => {
    assert.ok(shown.length > 20);
    assert.deepEqual(canariesIn(shown.join("\n")), []);
    assert.ok(!shown.join("\n").includes(PLACEHOLDER));
  });
});
