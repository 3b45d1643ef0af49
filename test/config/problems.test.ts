import assert from "node:assert/strict";

import { parseStackConfig } from "../../config/parse";
import { ConfigError } from "../../config/problem";
import { asPulumiGivesIt, GOOD, problemsOf } from "../support/stack-file";

const withDatabase = (entry: unknown, more: Record<string, unknown> = {}) =>
  problemsOf({ ...GOOD, databases: { platform: entry }, ...more });

describe("config: one mistake each, with its path", () => {
  const cases: [string, Record<string, unknown>, string, RegExp][] = [
    ["an unknown key", { servr: {} }, "servr", /not a known key.*Known here: .*server/],
    [
      "an unknown key of the server",
      { server: { hots: "x", host: "h", user: "u" } },
      "server.hots",
      /Known here: host/,
    ],
    ["a server that is a text", { server: "db.example" }, "server", /./],
    [
      "a port in quotes",
      { server: { ...GOOD.server, port: "5432" } },
      "server.port",
      /whole number/,
    ],
    ["a port out of range", { server: { ...GOOD.server, port: 65536 } }, "server.port", /65535/],
    [
      "an unknown sslmode",
      { server: { ...GOOD.server, sslmode: "on" } },
      "server.sslmode",
      /verify-full/,
    ],
    [
      "a password that is a number",
      { server: { ...GOOD.server, password: 12 } },
      "server.password",
      /text/,
    ],
    ["a missing host", { server: { user: "app" } }, "server.host", /missing.*platform/],
    ["a missing user", { server: { host: "h" } }, "server.user", /missing/],
    [
      "an unknown secret store",
      { secretStore: { kind: "vault" } },
      "secretStore.kind",
      /azureKeyVault.*plain/,
    ],
    [
      "no vault",
      { secretStore: { kind: "azureKeyVault", resourceGroup: "g" } },
      "secretStore.vaultName",
      /missing/,
    ],
    [
      "no resource group",
      { secretStore: { kind: "azureKeyVault", vaultName: "abc" } },
      "secretStore.resourceGroup",
      /missing/,
    ],
    [
      "a vault name of Azure's rules",
      { secretStore: { kind: "azureKeyVault", vaultName: "a_b", resourceGroup: "g" } },
      "secretStore.vaultName",
      /3 to 24/,
    ],
    ["an unknown runner", { runner: "jobs" }, "runner", /provider or job/],
    ["an unknown reach", { reach: "tunnel" }, "reach", /direct, portForward or none/],
    [
      "a namespace that Kubernetes refuses",
      { namespace: "My_Space" },
      "namespace",
      /Kubernetes name/,
    ],
    ["a text for true or false", { createDatabase: "yes" }, "createDatabase", /true or false/],
    ["databases that are a list", { databases: ["platform"] }, "databases", /map/],
    ["no databases", { databases: {} }, "databases", /at least one/],
    [
      "a database's name with capitals",
      { databases: { Platform: {} } },
      "databases.Platform",
      /lower-case/,
    ],
    ["a runner without a way", { reach: "none" }, "reach", /portForward.*runner: job/],
    [
      "a Job without a namespace",
      { runner: "job", job: { image: "tidemark:1" } },
      "namespace",
      /missing.*Job/,
    ],
  ];
  for (const [title, more, path, message] of cases) {
    it(`${title}: ${path}`, () => {
      const found = problemsOf({ ...GOOD, ...more });
      assert.deepEqual(Object.keys(found), [path]);
      assert.match(found[path] ?? "", message);
    });
  }

  const entries: [string, unknown, string, RegExp][] = [
    ["an unknown key", { migration: "x" }, "migration", /Known here: .*migrations/],
    ["a version that is a number", { baseline: { version: 3 } }, "baseline.version", /quotes.*"3"/],
    ["a version that is none", { baseline: { version: "v3" } }, "baseline.version", /"3\.1"/],
    ["a baseline without a version", { baseline: {} }, "baseline.version", /quotes/],
    ["a target that is a word", { target: "newest" }, "target", /version/],
    ["a folder outside the project", { migrations: "../sql" }, "migrations", /inside the project/],
    ["an absolute folder", { migrations: "/sql" }, "migrations", /inside the project/],
    ["no folder at all", { migrations: [] }, "migrations", /at least one/],
    ["a duration without a unit", { lockTimeout: "5" }, "lockTimeout", /"5s"/],
    ["a duration that is a number", { lockTimeout: 5 }, "lockTimeout", /quotes/],
    ["a placeholder that is a number", { placeholders: { a: 1 } }, "placeholders.a", /text/],
    ["a server file of its own", { server: { file: "x" } }, "server.file", /not a known key/],
    ["an entry that is a text", "x", "", /./],
    ["a text for a script", { allowDestructive: "V7__x.sql" }, "allowDestructive", /list/],
    ["no script at all", { allowDestructive: [] }, "allowDestructive", /at least one script/],
    ["an option of the command's own", { locations: ["x"] }, "locations", /not a known key/],
    ["a table's name that is too long", { table: "x".repeat(64) }, "table", /63 characters/],
    ["schemas that are a text", { schemas: "app" }, "schemas", /list of texts/],
    [
      "a baseline without migrations",
      { migrations: "none", baseline: { version: "3" } },
      "baseline",
      /Remove one/,
    ],
    [
      "a default schema that is not managed",
      { schemas: ["a"], defaultSchema: "b" },
      "defaultSchema",
      /schemas \(a\)/,
    ],
    ["a runner without a way", { reach: "none" }, "reach", /runner: job/],
  ];
  for (const [title, entry, key, message] of entries) {
    it(`of a database, ${title}: ${key}`, () => {
      const found = withDatabase(entry);
      const path = ["databases.platform", key].filter((part) => part !== "").join(".");
      assert.deepEqual(Object.keys(found), [path]);
      assert.match(found[path] ?? "", message);
    });
  }

  it("a value that looks like a map and is not", () => {
    try {
      parseStackConfig("dev", { ...asPulumiGivesIt(GOOD), server: "{host: x" });
      assert.fail();
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      const [problem] = error.problems;
      assert.equal(problem?.path, "tidemark:server");
      assert.match(problem?.message ?? "", /not valid JSON/);
    }
  });

  it("secretStore and databases that are missing altogether", () => {
    assert.deepEqual(Object.keys(problemsOf({})).sort(), ["databases", "secretStore"]);
  });
});

describe("config: two databases with one name", () => {
  const twice = (second: object, first: object = {}) =>
    problemsOf({
      ...GOOD,
      databases: { one: { database: "x", ...first }, two: { database: "x", ...second } },
    });

  it("on one server are refused, each by the other's name", () => {
    const found = twice({});
    assert.deepEqual(Object.keys(found), ["databases.two"]);
    assert.match(
      found["databases.two"] ?? "",
      /same database as one \("x" on db\.example:5432\).*table/,
    );
  });

  it("are the same whether defaults are written out or not", () => {
    const spelt = { table: "flyway_schema_history", schemas: ["public"], server: { port: 5432 } };
    assert.deepEqual(Object.keys(twice(spelt)), ["databases.two"]);
    assert.deepEqual(Object.keys(twice({ server: { host: "DB.example" } })), ["databases.two"]);
  });
});
