import assert from "node:assert/strict";

import { parseStackConfig } from "../../config/parse";
import { ConfigError } from "../../config/problem";
import { withFolder } from "../support/folder";
import { asPulumiGivesIt, configErrorOf, GOOD, problemsOf } from "../support/stack-file";

describe("config: all at once", () => {
  it("unknown keys, wrong types, contradictions and an absent file come in one error", () => {
    const error = configErrorOf({
      server: { file: "/nowhere/server.json", hots: "x" },
      secretStore: { kind: "azureKeyVault", vaultName: "a_b" },
      runner: "job",
      crateDatabase: true,
      databases: {
        platform: { target: 4, reech: "none" },
        agents: { migrations: "none", baseline: { version: "3" } },
        Bad: {},
      },
    });
    const paths = error.problems.map(({ path }) => path).sort();
    assert.deepEqual(paths, [
      "tidemark:crateDatabase",
      "tidemark:databases.Bad",
      "tidemark:databases.agents.baseline",
      "tidemark:databases.platform.reech",
      "tidemark:databases.platform.target",
      "tidemark:job.image",
      "tidemark:namespace",
      "tidemark:secretStore.resourceGroup",
      "tidemark:secretStore.vaultName",
      "tidemark:server.file",
      "tidemark:server.hots",
    ]);
    assert.match(
      error.message,
      /^11 problems in the configuration of stack dev \(Pulumi\.dev\.yaml\):\n/,
    );
    for (const { path, message } of error.problems) {
      assert.ok(error.message.includes(`  ${path}: ${message}`));
    }
  });

  it("what may only follow from another mistake is not reported beside it", () => {
    const badRunner = { ...GOOD, runner: "jobs", reach: "none" };
    assert.deepEqual(Object.keys(problemsOf(badRunner)), ["runner"]);
    const badHost = { ...GOOD, server: { host: 5, user: "app" } };
    assert.deepEqual(Object.keys(problemsOf(badHost)), ["server.host"]);
    assert.deepEqual(Object.keys(problemsOf({ ...GOOD, server: 5 })), ["server"]);
  });

  it("no message holds a password, not even one in the wrong place", () => {
    const password = "CANARY";
    for (const values of [
      { ...GOOD, password },
      { ...GOOD, server: { ...GOOD.server, password: [password] } },
      { ...GOOD, server: { pasword: password } },
      { ...GOOD, databases: { platform: { server: { password: { is: password } } } } },
      { ...GOOD, server: `postgresql://app:${password}@h/d` },
    ]) {
      assert.ok(!configErrorOf(values).message.includes(password));
    }
  });
});

describe("config: server.file", () => {
  const read = (content: string, own: object = {}) =>
    withFolder({ "server.json": content }, async (folder) => {
      const server = { file: `${folder}/server.json`, ...own };
      return parseStackConfig("dev", asPulumiGivesIt({ ...GOOD, server })).databases[0]?.server;
    });
  const SERVER = { host: "127.0.0.1", port: 54321, user: "postgres", password: "s3cret" };

  it("gives what is not written beside it", async () => {
    const server = await read(JSON.stringify({ ...SERVER, pid: 7 }), {
      user: "me",
      sslmode: "disable",
    });
    assert.deepEqual(server, { ...SERVER, user: "me", sslmode: "disable", sslrootcert: undefined });
  });

  it("that is absent is reported with the command that makes it, and nothing else is", () => {
    const found = problemsOf({ ...GOOD, server: { file: "nowhere/server.json" } });
    assert.deepEqual(Object.keys(found), ["server.file"]);
    assert.match(found["server.file"] ?? "", /nowhere\/server\.json.*npm run up/);
  });

  for (const content of ["", "{", "[]", '{"host":"h"}', JSON.stringify({ ...SERVER, port: "x" })]) {
    it(`that holds ${content || "nothing"} is refused without a word of what is in it`, async () => {
      await assert.rejects(read(content), (error) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(
          error.problems.map(({ path }) => path),
          ["tidemark:server.file"],
        );
        assert.match(error.message, /npm run up/);
        assert.ok(!error.message.includes("s3cret"));
        return true;
      });
    });
  }
});
