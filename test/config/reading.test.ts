/** Texts of the configuration as Pulumi stores them, and what is said where they cannot be read. */
import assert from "node:assert/strict";

import { parseStackConfig } from "../../config/parse";
import { ConfigError } from "../../config/problem";
import { salvage } from "../../config/salvage";
import { isTracked, usesCluster } from "../../config/stack-config";
import { parse, problemsIn, STAGING, withValues } from "../support/cluster-file";
import { asPulumiGivesIt, configErrorOf, GOOD } from "../support/stack-file";

const read = (more: Record<string, string>) =>
  parseStackConfig("dev", { ...asPulumiGivesIt(GOOD), ...more });

describe("config: texts", () => {
  it("that are true or false may have blanks around them, and so may maps", () => {
    assert.equal(read({ protect: " true\n" }).protect, true);
    assert.equal(read({ protect: "false " }).protect, false);
    assert.equal(read({ server: ' {"host":"x","user":"u"} ' }).databases[0]?.server.host, "x");
  });

  it("that hold a brace further on are texts", () => {
    const { databases } = read({ namespace: "a" });
    assert.equal(databases[0]?.name, "platform");
    const [problem] = problemsIn(withValues(STAGING, { namespace: "a{" }));
    assert.deepEqual(problem, ["namespace", "must be a Kubernetes name"]);
  });

  it("of keys that nobody knows are refused with those that are known, if there are any", () => {
    const hint = (more: Record<string, unknown>) =>
      problemsIn(withValues(STAGING, more)).map(([path, message]) => `${path} ${message}`);
    assert.match(
      hint({ odd: 1 })[0] ?? "",
      /^odd is not a known key\. Known here: databases, server, secretStore, .*allowDestructive\.$/,
    );
    assert.match(
      hint({ "job.odd": 1 })[0] ?? "",
      /^job\.odd is not .* Known here: image, migrations, mode/,
    );
    assert.match(
      hint({ "databases.one.odd": 1 })[0] ?? "",
      /Known here: database, server, migrations/,
    );
    assert.match(hint({ "server.odd": 1 })[0] ?? "", /Known here: host, port, user, password/);
    assert.deepEqual(hint({ "secretStore.odd": 1 }), ["secretStore.odd is not a known key."]);
    assert.deepEqual(hint({ "databases.one": { a: 1, b: 2 } }).length, 2);
  });

  it("that are missing are said to be so", () => {
    const vault = { secretStore: { kind: "azureKeyVault" } };
    const problems = problemsIn(withValues(STAGING, { ...vault, databases: undefined }));
    assert.deepEqual(problems, [
      ["databases", "must be a map of database names"],
      ["secretStore.vaultName", "is missing: the name of the vault"],
      ["secretStore.resourceGroup", "is missing."],
    ]);
    const [port] = problemsIn(withValues(STAGING, { "server.port": null }));
    assert.deepEqual(port, ["server.port", "must be a whole number"]);
  });

  it("are named in one error, which counts them and is told by its name", () => {
    const error = configErrorOf({ ...GOOD, odd: 1 });
    assert.equal(error.name, "ConfigError");
    assert.match(
      error.message,
      /^1 problem in the configuration of stack dev \(Pulumi\.dev\.yaml\):\n {2}tidemark:odd: /,
    );
    const two = new ConfigError("x", [
      { path: "a", message: "b" },
      { path: "c", message: "d" },
    ]);
    assert.equal(
      two.message,
      "2 problems in the configuration of stack x (Pulumi.x.yaml):\n  a: b\n  c: d",
    );
  });
});

describe("config: what is left of a wrong one", () => {
  it("is all that is right, however deep the wrong values lie", () => {
    const left = salvage({
      ...withValues(STAGING, {
        odd: 1,
        runner: "jobs",
        "job.odd": 1,
        "job.hostAliases": [{ ip: "x", hostnames: [] }],
        "databases.one": { odd: 1, even: 2, database: "d", target: 4 },
        "databases.two": "x",
      }),
    });
    assert.equal(left?.runner, "provider");
    assert.equal(left?.namespace, "apps");
    assert.deepEqual(left?.job.hostAliases, []);
    assert.deepEqual(left?.databases, { one: { database: "d" } });
  });

  it("has a plain store in place of one that is none, and is nothing without databases", () => {
    const store = { ...STAGING, secretStore: { kind: "vault" } };
    assert.deepEqual(salvage(store)?.secretStore, { kind: "plain" });
    assert.deepEqual(salvage({ ...STAGING, secretStore: 5 })?.secretStore, { kind: "plain" });
    assert.equal(salvage({ ...STAGING, databases: undefined }), undefined);
    assert.equal(salvage({}), undefined);
  });

  it("leaves the configuration that was given as it was", () => {
    const given = withValues(STAGING, { odd: 1 });
    const copy = structuredClone(given);
    salvage(given);
    assert.deepEqual(given, copy);
  });
});

describe("config: what a database needs", () => {
  it("is a cluster where one of several has a Job", () => {
    const mixed = {
      secretStore: { kind: "plain" },
      runner: "provider",
      "databases.two.runner": "job",
    };
    assert.ok(usesCluster(parse(withValues(STAGING, mixed))));
  });

  it("is to be looked after where it has migrations, or is made by the stack", () => {
    const tracked = (locations: string[], createDatabase: boolean) =>
      isTracked({ locations, createDatabase });
    assert.deepEqual(
      [tracked([], false), tracked([], true), tracked(["a"], false), tracked(["a"], true)],
      [false, true, true, true],
    );
  });
});
