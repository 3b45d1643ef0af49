/** Databases that are dropped behind the stack's back, renamed in the configuration, and taken out of it. */
import { strict as assert } from "node:assert";

import { TestStack } from "../support/stack";
import { historyOf } from "../support/stack-server";

describe("a database that the stack knows", function () {
  this.timeout(180_000);
  let stack: TestStack;
  let names: { kept: string; lost: string };

  before(async () => {
    stack = await TestStack.open();
    const { server } = stack;
    names = { kept: server.databaseName(), lost: server.databaseName() };
    await configure({});
    stack.write("migrations/kept/V1__t.sql", "CREATE TABLE t ();");
    stack.write("migrations/lost/V1__t.sql", "CREATE TABLE t ();");
    const { ok, output } = await stack.up();
    assert.ok(ok, output);
  });

  after(() => stack?.close());

  const configure = (more: object, databases?: object) =>
    stack.configure({
      createDatabase: true,
      databases: databases ?? {
        kept: { database: names.kept },
        lost: { database: names.lost },
      },
      ...more,
    });

  const exists = async (database: string) =>
    (await stack.server.query("postgres", "SELECT FROM pg_database WHERE datname = $1", [database]))
      .length > 0;

  const versions = async (database: string) =>
    (await historyOf(stack.server, database))?.map(({ version }) => version);

  it("is an error where the server has it no more, and is not made anew unasked", async () => {
    await stack.server.query("postgres", `DROP DATABASE "${names.lost}" WITH (FORCE)`);
    stack.write("migrations/kept/V2__u.sql", "CREATE TABLE u ();");
    const preview = await stack.preview();
    assert.ok(!preview.ok, preview.output);
    assert.match(preview.output, /lost: \[DB_CONNECTION\] The stack knows the database/);
    assert.match(preview.output, /tidemark:recreate: \[lost\]/);
    assert.match(preview.output, /kept: 1 -> 2/);
    assert.doesNotMatch(preview.output, /create the database/);
    const up = await stack.up();
    assert.ok(!up.ok, up.output);
    assert.match(up.output, /knows the database "\w+" at version 1, and 127\.0\.0\.1:\d+ does not/);
    assert.ok(!(await exists(names.lost)));
    assert.deepEqual(await versions(names.kept), ["1", "2"]);
    assert.equal(stack.recorded("lost").outputs.schemaVersion, "1");
    const refresh = await stack.refresh();
    assert.ok(!refresh.ok);
    assert.match(refresh.output, /The stack knows the database/);
  });

  it("is made anew where it is named, and only then", async () => {
    await configure({ recreate: ["lost"] });
    const preview = await stack.preview();
    assert.ok(preview.ok, preview.output);
    assert.match(preview.output, /lost: create the database, none -> 1: V1__t\.sql \(live\)/);
    const { ok, output } = await stack.up();
    assert.ok(ok, output);
    assert.deepEqual(await versions(names.lost), ["1"]);
    await configure({});
    const again = await stack.preview({ expectNoChanges: true });
    assert.ok(again.ok, again.output);
  });

  it("is refused to be recreated under a name that the stack has not", async () => {
    await configure({ recreate: ["lots"] });
    const { ok, output } = await stack.preview();
    assert.ok(!ok);
    assert.match(output, /tidemark:recreate\.0: "lots" is no database of this stack/);
  });

  it("keeps its state under another name in the configuration", async () => {
    const before = stack.recorded("lost").outputs;
    const renamed = { database: names.lost, migrations: "migrations/lost", renamedFrom: "lost" };
    await configure({}, { kept: { database: names.kept }, found: renamed });
    const preview = await stack.preview({ expectNoChanges: true });
    assert.ok(preview.ok, preview.output);
    const { ok, output } = await stack.up();
    assert.ok(ok, output);
    assert.doesNotMatch(output, /forgotten|creat|delet/);
    const after = stack.recorded("found").outputs;
    assert.equal(after.schemaVersion, before.schemaVersion);
    assert.equal(after.fingerprint, before.fingerprint);
    stack.write("migrations/lost/V2__u.sql", "CREATE TABLE u ();");
    const next = await stack.up();
    assert.ok(next.ok, next.output);
    assert.match(next.output, /found: applied V2__u\.sql/);
  });

  it("is forgotten when it is taken out, which is said, and not dropped", async () => {
    await configure({}, { kept: { database: names.kept } });
    const { ok, output } = await stack.up();
    assert.ok(ok, output);
    assert.match(output, /forgotten, nothing is dropped: database "\w+" stays as it is/);
    const destroyed = await stack.destroy();
    assert.ok(destroyed.ok, destroyed.output);
    assert.match(destroyed.output, /kept: forgotten, nothing is dropped/);
    assert.ok((await exists(names.lost)) && (await exists(names.kept)));
  });
});
