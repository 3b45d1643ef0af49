/** What was changed behind the stack's back, with the real engine: named, refused, accepted. */
import { strict as assert } from "node:assert";

import { TestStack } from "../support/stack";

describe("a stack's drift", function () {
  this.timeout(120_000);
  let stack: TestStack;
  let database: string;

  before(async () => {
    stack = await TestStack.open();
    database = stack.server.databaseName();
    stack.write(
      "migrations/orders/V1__orders.sql",
      "CREATE TABLE orders (id int, mail varchar(9));",
    );
    await configure();
    const { ok, output } = await stack.up();
    assert.ok(ok, output);
  });

  after(() => stack?.close());

  const configure = (more = {}, entry = {}) =>
    stack.configure({
      createDatabase: true,
      databases: { orders: { database, ...entry } },
      ...more,
    });
  const sql = (text: string) => stack.server.query(database, text);

  it("is named by an up for another reason, which accepts it by name", async () => {
    await sql("CREATE TABLE by_hand (id int); ALTER TABLE orders ALTER mail TYPE varchar(12)");
    stack.write("migrations/orders/V2__note.sql", "ALTER TABLE orders ADD note text;");
    const preview = await stack.preview();
    assert.ok(preview.ok, preview.output);
    assert.match(
      preview.output,
      /orders: drift since the last update: table public\.by_hand added/,
    );
    const changed =
      /column public\.orders\.mail changed: character varying\(9\) → character varying\(12\)/;
    assert.match(preview.output, changed);
    const { ok, output } = await stack.up();
    assert.ok(ok, output);
    assert.match(output, /drift since the last update: table public\.by_hand added \(live\)/);
    assert.match(
      output,
      /orders: accepts the drift: table public\.by_hand added; column public\.orders\.mail changed/,
    );
    assert.doesNotMatch(output, /orders\.note/, "what the migration itself does is no drift");
    const again = await stack.preview({ expectNoChanges: true });
    assert.ok(again.ok, again.output);
    assert.doesNotMatch(again.output, /drift/);
  });

  it("is not warned of once it is undone, whatever a refresh remembers", async () => {
    await sql("CREATE TABLE for_a_while (id int)");
    const refresh = await stack.refresh();
    assert.match(refresh.output, /table public\.for_a_while added/);
    await sql("DROP TABLE for_a_while");
    const { ok, output } = await stack.preview({ expectNoChanges: true });
    assert.ok(ok, output);
    assert.doesNotMatch(output, /for_a_while added \(/);
    assert.doesNotMatch(output, /drift since/);
  });

  it("stops an up under fail, before any migration, until its digest is accepted", async () => {
    await configure({ drift: "fail" });
    await sql("CREATE TABLE hidden (id int)");
    stack.write("migrations/orders/V3__more.sql", "ALTER TABLE orders ADD more text;");
    const before = stack.recorded("orders").outputs;
    const refused = await stack.up();
    assert.ok(!refused.ok, refused.output);
    assert.match(refused.output, /table public\.hidden added/);
    const [, digest = ""] =
      /pulumi config set --path tidemark:databases\.orders\.acceptedDrift (drift-[0-9a-f]{12})/.exec(
        refused.output,
      ) ?? assert.fail(refused.output);
    assert.deepEqual(stack.recorded("orders").outputs.catalog, before.catalog);
    const columns = await sql("SELECT FROM information_schema.columns WHERE column_name = 'more'");
    assert.equal(columns.length, 0);

    await sql("ALTER TABLE hidden ADD more_hidden int");
    await configure({ drift: "fail" }, { acceptedDrift: digest });
    const stale = await stack.up();
    assert.ok(!stale.ok, stale.output);
    assert.match(stale.output, new RegExp(`acceptedDrift is ${digest}, which is another`));

    await sql("ALTER TABLE hidden DROP more_hidden");
    const accepted = await stack.up();
    assert.ok(accepted.ok, accepted.output);
    assert.match(accepted.output, /orders: applied V3__more\.sql/);
    assert.match(accepted.output, /accepts the drift: table public\.hidden added/);
  });

  it("is accepted under accept in one line", async () => {
    await configure({}, { drift: "accept" });
    await sql("DROP TABLE hidden");
    const { ok, output } = await stack.up();
    assert.ok(ok, output);
    assert.match(output, /orders: drift, which up accepts: table public\.hidden removed/);
    assert.doesNotMatch(output, /drift since/);
    assert.ok((await stack.preview({ expectNoChanges: true })).ok);
  });

  it("shows no packed catalog in a detailed preview", async () => {
    stack.write("migrations/orders/V4__last.sql", "ALTER TABLE orders ADD last text;");
    const { output } = await stack.preview({ diff: true });
    assert.match(output, /V4__last/);
    assert.doesNotMatch(output, /catalogText/);
  });
});
