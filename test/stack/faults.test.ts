/** Faulty databases beside sound ones: a preview shows all, and an update brings the sound ones up. */
import { strict as assert } from "node:assert";

import { TestStack } from "../support/stack";
import { historyOf } from "../support/stack-server";

describe("a faulty database beside others", function () {
  this.timeout(180_000);
  const names = ["apple", "beech", "cedar", "daisy"] as const;
  let stack: TestStack;
  let databases: Record<(typeof names)[number], string>;

  before(async () => {
    stack = await TestStack.open();
    const { server } = stack;
    databases = {
      apple: server.databaseName(),
      beech: server.databaseName(),
      cedar: server.databaseName(),
      daisy: server.databaseName(),
    };
    await stack.configure({
      createDatabase: true,
      databases: Object.fromEntries(names.map((name) => [name, { database: databases[name] }])),
    });
    for (const name of names) stack.write(`migrations/${name}/V1__t.sql`, "CREATE TABLE t ();");
    const { ok, output } = await stack.up();
    assert.ok(ok, output);
  });

  after(() => stack?.close());

  const versions = async (name: (typeof names)[number]) =>
    (await historyOf(stack.server, databases[name]))?.map(({ version }) => version);

  describe("with an edited migration, one that does not parse, and two sound ones", () => {
    before(() => {
      stack.write("migrations/apple/V1__t.sql", "CREATE TABLE t (edited int);");
      stack.write("migrations/cedar/V2__typo.sql", "SELECT 1;\n\n  creat table c ();\n");
      stack.write("migrations/cedar/V3__typo.sql", "SELECT 'never ended;\n");
      for (const name of ["beech", "daisy"])
        stack.write(`migrations/${name}/V2__u.sql`, "CREATE TABLE u ();");
    });

    it("fails the preview, which names every fault and every pending migration", async () => {
      const { ok, output } = await stack.preview();
      assert.ok(!ok, output);
      assert.match(output, /apple: \[CHECKSUM_MISMATCH\] /);
      assert.match(output, /V2__typo\.sql:3:3: syntax error at or near "creat"/);
      assert.match(output, / {2}creat table c \(\);\n.*\^/);
      assert.match(output, /V3__typo\.sql:1:8: /);
      assert.match(output, /beech: 1 -> 2: V2__u\.sql \(live\)/);
      assert.match(output, /daisy: 1 -> 2: V2__u\.sql \(live\)/);
    });

    it("does so each time", async () => {
      for (let i = 0; i < 3; i++) {
        const { ok, output } = await stack.preview();
        assert.ok(!ok);
        for (const said of [/CHECKSUM_MISMATCH/, /"creat"/, /beech: 1 -> 2/, /daisy: 1 -> 2/])
          assert.match(output, said);
      }
    });

    it("lets a plain pulumi up migrate the sound ones, and fails it at the end", async () => {
      const cli = await stack.run(["up", "--yes", "--color", "never"]);
      assert.notEqual(cli.code, 0, cli.output);
      assert.match(cli.output, /apple will fail: \[CHECKSUM_MISMATCH\]/);
      assert.match(cli.output, /cedar will fail: /);
      assert.deepEqual(await versions("beech"), ["1", "2"], cli.output);
      assert.deepEqual(await versions("daisy"), ["1", "2"]);
      assert.deepEqual(await versions("apple"), ["1"]);
      assert.deepEqual(await versions("cedar"), ["1"]);
      for (const name of ["beech", "daisy"])
        assert.equal(stack.recorded(name).outputs.schemaVersion, "2");
      for (const name of ["apple", "cedar"]) {
        const { inputs, outputs } = stack.recorded(name);
        assert.equal(outputs.schemaVersion, "1");
        assert.ok(!("fault" in outputs) && !("fault" in inputs));
      }
    });

    it("is done once they are mended", async () => {
      stack.write("migrations/apple/V1__t.sql", "CREATE TABLE t ();");
      stack.write("migrations/cedar/V2__typo.sql", "CREATE TABLE c ();");
      stack.write("migrations/cedar/V3__typo.sql", "SELECT 'ended';");
      const preview = await stack.preview();
      assert.ok(preview.ok, preview.output);
      const { ok, output } = await stack.up();
      assert.ok(ok, output);
      assert.deepEqual(await versions("cedar"), ["1", "2", "3"]);
      const again = await stack.preview();
      assert.deepEqual(again.operations, {
        apple: "same",
        beech: "same",
        cedar: "same",
        daisy: "same",
      });
    });
  });
});
