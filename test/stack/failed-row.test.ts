/** A migration outside a transaction that fails leaves a failed row: it is published as such, and not as the version. */
import { strict as assert } from "node:assert";

import { TestStack } from "../support/stack";

describe("a failed row", function () {
  this.timeout(120_000);
  let stack: TestStack;
  let database: string;

  before(async () => {
    stack = await TestStack.open();
    database = await stack.server.createDatabase();
    await stack.configure({ databases: { shop: { database } } });
    stack.write(
      "migrations/shop/V10__t.sql",
      "CREATE TABLE t (id int);\nINSERT INTO t VALUES (1), (1);",
    );
    const { ok, output } = await stack.up();
    assert.ok(ok, output);
  });

  after(() => stack?.close());

  const published = async () => {
    const { databases, schemaVersions } = await stack.outputs();
    const { schemaVersion, failed } = (databases?.value as Record<string, Record<string, unknown>>)
      .shop as Record<string, unknown>;
    return [schemaVersion, failed, (schemaVersions?.value as Record<string, unknown>).shop];
  };

  it("leaves the version at the newest that has succeeded, and is an output of its own", async () => {
    stack.write(
      "migrations/shop/V11__cic.sql",
      "CREATE UNIQUE INDEX CONCURRENTLY t_id_key ON t (id);",
    );
    const { ok, output } = await stack.up();
    assert.ok(!ok, output);
    assert.match(output, /The schema of shop is at version 10, and its history has a failed row/);
    assert.match(output, /tidemark repair --stack test --database shop|tidemark repair/);
    assert.doesNotMatch(output, /the next up goes on from there\.\n/);
    const { outputs } = stack.recorded("shop");
    assert.equal(outputs.schemaVersion, "10");
    assert.equal(outputs.failed, "V11__cic.sql");
  });

  it("refuses the next preview and the next up, with what to do", async () => {
    for (const { ok, output } of [await stack.preview(), await stack.up()]) {
      assert.ok(!ok, output);
      assert.match(output, /FAILED_VERSIONED_MIGRATION/);
      assert.match(output, /INVALID index/);
    }
    assert.equal(stack.recorded("shop").outputs.schemaVersion, "10");
  });

  it("is over when it is repaired", async () => {
    await stack.server.query(database, "DELETE FROM t; DROP INDEX IF EXISTS t_id_key");
    await stack.server.query(database, "DELETE FROM flyway_schema_history WHERE NOT success");
    const { ok, output } = await stack.up();
    assert.ok(ok, output);
    assert.deepEqual(await published(), ["11", null, "11"]);
  });
});
