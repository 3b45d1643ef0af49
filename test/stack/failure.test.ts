/** Updates that fail half way, and what of a secret they let out. */
import { strict as assert } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";

import { canariesIn } from "../support/canary";
import { listProcesses } from "../support/processes";
import { TestStack } from "../support/stack";
import { historyOf } from "../support/stack-server";

const FAILING = `CREATE TABLE bins (id int);

ALTER TABLE bins
  ADD shelf nonsense;
`;

describe("a failing update", function () {
  this.timeout(120_000);
  let stack: TestStack;
  let names: Record<"stock" | "ledger" | "vault", string>;

  before(async () => {
    stack = await TestStack.open();
    const { server } = stack;
    names = {
      stock: server.databaseName(),
      ledger: server.databaseName(),
      vault: server.databaseName(),
    };
    await stack.configure({
      createDatabase: true,
      databases: {
        stock: { database: names.stock },
        ledger: { database: names.ledger },
        vault: { database: names.vault, placeholders: { password: stack.encryptedPassword } },
      },
    });
    stack.write("migrations/stock/V4__stock.sql", "CREATE TABLE stock (id int);");
    stack.write("migrations/ledger/V1__ledger.sql", "CREATE TABLE ledger (id int);");
    stack.write("migrations/vault/V1__vault.sql", "CREATE TABLE vault (id int);");
  });

  after(() => stack?.close());

  const versions = async (name: keyof typeof names) =>
    (await historyOf(stack.server, names[name]))?.map(({ version }) => version);

  it("shows the password to no process on the machine while it runs", async () => {
    let running = true;
    const seen = new Set<string>();
    const watch = async () => {
      while (running) {
        for (const { args } of await listProcesses()) seen.add(args);
        await sleep(20);
      }
    };
    const [{ ok, output }] = await Promise.all([
      stack.up().finally(() => (running = false)),
      watch(),
    ]);
    assert.ok(ok, output);
    assert.ok(
      [...seen].some((line) => /dynamic-provider/.test(line)),
      "the provider was not seen",
    );
    assert.deepEqual(canariesIn([...seen].join("\n")), []);
  });

  it("says where and why, keeps what did succeed, and lets the other databases through", async () => {
    stack.write("migrations/stock/V5__shelves.sql", "CREATE TABLE shelves (id int);");
    stack.write("migrations/stock/V6__bins.sql", FAILING);
    stack.write("migrations/stock/V7__labels.sql", "CREATE TABLE labels (id int);");
    stack.write("migrations/ledger/V2__entries.sql", "CREATE TABLE entries (id int);");
    stack.write(
      "migrations/vault/V2__secret.sql",
      "COMMENT ON TABLE vault IS $q$ ${password}$q$;\nSELECT $q$ ${password}$q$::int;\n",
    );
    const { ok, output } = await stack.up({ continueOnError: true });
    assert.ok(!ok, output);
    assert.match(output, /\[ERROR\] V6__bins\.sql:4:13: type "nonsense" does not exist/);
    assert.match(output, /\(SQLSTATE 42704\), statement 2 of 2/);
    assert.match(output, / {2}ADD shelf nonsense;\n.*\^/);
    assert.match(output, /Remedy: Correct the migration and run again/);
    assert.match(output, /Applied before that: V5__shelves\.sql\./);
    assert.match(output, /The schema of stock is at version 5; the next up goes on from there\./);
    assert.match(
      output,
      /V2__secret\.sql:2:8: invalid input syntax for type integer: " \[secret\]"/,
    );
    assert.deepEqual(await versions("stock"), ["4", "5"]);
    assert.deepEqual(await versions("ledger"), ["1", "2"]);
    assert.deepEqual(await versions("vault"), ["1"]);
  });

  it("records in the state how far it got", () => {
    const stock = stack.recorded("stock");
    assert.equal(stock.outputs.schemaVersion, "5");
    assert.equal(stock.outputs.applied, 2);
    assert.match(stock.initErrors?.join("\n") ?? "", /V6__bins\.sql:4:13/);
    assert.equal(stack.recorded("ledger").outputs.schemaVersion, "2");
    assert.equal(stack.recorded("vault").outputs.schemaVersion, "1");
  });

  it("previews what is left", async () => {
    const { ok, output, operations } = await stack.preview({ diff: true });
    assert.ok(ok, output);
    assert.match(output, /stock: 5 -> 7: V6__bins\.sql, V7__labels\.sql \(live\)/);
    assert.deepEqual(operations, { stock: "update", ledger: "same", vault: "update" });
  });

  it("goes on from there once the files are mended", async () => {
    stack.write("migrations/stock/V6__bins.sql", FAILING.replace("nonsense", "text"));
    stack.write("migrations/vault/V2__secret.sql", "COMMENT ON TABLE vault IS $q$ ${password}$q$;");
    const { ok, output } = await stack.up();
    assert.ok(ok, output);
    assert.deepEqual(await versions("stock"), ["4", "5", "6", "7"]);
    assert.deepEqual(await versions("vault"), ["1", "2"]);
    assert.equal(stack.recorded("stock").initErrors, undefined);
    assert.equal(stack.recorded("stock").outputs.schemaVersion, "7");
  });

  it("lets the password out neither in a refresh, nor in an export, nor in the outputs", async () => {
    const { ok, output } = await stack.refresh();
    assert.ok(ok, output);
    const exported = await stack.text("stack", "export");
    assert.match(exported, /"ciphertext"/);
    const outputs = await stack.text("stack", "output", "--json", "--show-secrets");
    assert.match(outputs, /"vault"/);
    assert.deepEqual(canariesIn(exported + outputs + JSON.stringify(await stack.outputs())), []);
  });

  it("lets it out neither when it is destroyed, nor in the history of the stack's states", async () => {
    const { ok, output } = await stack.destroy();
    assert.ok(ok, output);
    assert.deepEqual(canariesIn(Buffer.concat(stack.backendFiles())), []);
  });
});
