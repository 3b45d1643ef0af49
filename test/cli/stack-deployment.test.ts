import assert from "node:assert/strict";

import { databasesOf, pickDatabase } from "../../engine/cli/stack/deployment";
import { fromHere } from "../../engine/cli/stack/project";
import { settingsOf, stackChoice } from "../../engine/cli/stack/stack-settings";
import { TidemarkError } from "../../engine/core/errors";
import { pasteable } from "../../engine/core/remedy";

const TYPE = "pulumi-nodejs:tidemark:SchemaVersion";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

const resource = (name: string, more: object = {}) => ({
  type: TYPE,
  modified: "2026-11-24T18:08:07Z",
  inputs: { name, host: "old", locations: ["migrations/x"] },
  outputs: { name, host: "new", password: secret("s3cret"), ...more },
});

const exported = (...resources: object[]) => ({ version: 3, deployment: { resources } });

const fails = (work: () => unknown, message: RegExp, remedy: RegExp) =>
  assert.throws(work, (error) => {
    assert.ok(error instanceof TidemarkError);
    assert.equal(error.class, "usage");
    assert.match(error.message, message);
    assert.match(error.remedy, remedy);
    return true;
  });

describe("cli/stack: what an exported state says", () => {
  it("gives the databases by name, outputs over inputs, secrets in the clear", () => {
    const options = { placeholders: secret({ key: "k3y" }), initSql: secret("SET ROLE x") };
    const state = exported(
      { type: "pulumi:pulumi:Stack" },
      resource("b", { options }),
      resource("a"),
      { ...resource("gone"), delete: true },
    );
    const databases = databasesOf(state, "dev");
    assert.deepEqual(
      databases.map(({ name }) => name),
      ["a", "b"],
    );
    const { recorded, modified } = pickDatabase(databases, "b", "dev");
    assert.equal(recorded.host, "new");
    assert.deepEqual(recorded.locations, ["migrations/x"]);
    assert.equal(recorded.password, "s3cret");
    assert.deepEqual(recorded.options, { placeholders: { key: "k3y" }, initSql: "SET ROLE x" });
    assert.equal(modified, "2026-11-24T18:08:07Z");
  });

  it("refuses a stack that has never been up, an unknown database, and one of several", () => {
    for (const state of [exported(), {}, exported({ type: "pulumi:pulumi:Stack" })])
      fails(() => databasesOf(state, "dev"), /dev .*never been up/, /npm run up -- --stack dev/);
    const databases = databasesOf(exported(resource("platform"), resource("agents")), "dev");
    fails(
      () => pickDatabase(databases, "plaform", "dev"),
      /no database plaform\. Did you mean platform\?/,
      /agents, platform/,
    );
    fails(() => pickDatabase(databases, "zzzzzz", "dev"), /no database zzzzzz\.$/, /agents/);
    fails(() => pickDatabase(databases, undefined, "dev"), /2 databases/, /--database/);
    assert.equal(pickDatabase(databases.slice(0, 1), undefined, "dev").name, "agents");
  });

  it("takes no URL beside a stack", () => {
    fails(() => stackChoice({ stack: "dev" }, true), /contradict/, /one of the two/);
    assert.equal(stackChoice({ database: "x" }, true), undefined);
    assert.deepEqual(stackChoice({ stack: "dev", database: "x" }, false), {
      stack: "dev",
      database: "x",
    });
  });

  it("has the provider's connection and options; refuses to connect with reach none", async () => {
    const options = { table: "versions", placeholders: secret({ key: "k3y" }) };
    const more = { options, port: 5432, database: "d", user: "u", sslmode: "disable" };
    const of = (reach: string) =>
      pickDatabase(databasesOf(exported(resource("a", { ...more, reach })), "dev"), "a", "dev");
    const base = await settingsOf(of("direct"), "dev");
    assert.equal(base.connection().password, "s3cret");
    assert.equal(base.options.table, "versions");
    assert.equal(base.options.validateMigrationNaming, true);
    assert.ok(["s3cret", "k3y"].every((text) => base.secrets.includes(text)));
    const hidden = await settingsOf(of("none"), "dev");
    fails(() => hidden.connection(), /a is not to be asked.*reach none/, /--url/);
    const forward = await settingsOf(of("portForward"), "dev");
    fails(() => forward.connection(), /nothing says where to/, /tidemark:portForward/);
  });

  it("names the project's paths from the folder of the command", () => {
    assert.equal(fromHere("migrations/a", "/p", "/p"), "migrations/a");
    assert.equal(fromHere("migrations/a", "/p", "/p/migrations"), "a");
    assert.equal(fromHere("migrations/a", "/p", "/p/docs/x"), "../../migrations/a");
    assert.equal(fromHere("/abs", "/p", "/p/docs"), "/abs");
  });

  it("makes remedies whole commands, quoted for a shell", () => {
    const remedy = "Undo it, run repair, and migrate again.";
    assert.equal(
      pasteable(remedy, { stack: "org/x/dev", database: "a" }),
      "Undo it, run `tidemark repair --stack org/x/dev --database a`, and migrate again.",
    );
    const odd = pasteable(remedy, { stack: "d", database: "a $(b)'" });
    assert.ok(odd.includes("--database 'a $(b)'\\'''"), odd);
    assert.equal(pasteable("Grant it.", { stack: "d", database: "a" }), "Grant it.");
  });
});
