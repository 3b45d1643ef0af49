import assert from "node:assert/strict";

import { parseStackConfig } from "../../config/parse";
import type { StackConfig } from "../../config/stack-config";
import { withFolder } from "../support/folder";
import { asPulumiGivesIt, readStackFile } from "../support/stack-file";

const SERVER = { host: "127.0.0.1", port: 54321, user: "postgres", password: "s3cret" };
const DATABASES = ["platform", "agents", "workflows", "langgraph", "analytics"];

async function load(stack: string): Promise<StackConfig> {
  return withFolder({ "server.json": JSON.stringify(SERVER) }, async (folder) => {
    const values = readStackFile(stack);
    const server = values.server as Record<string, unknown>;
    const local = server.file ? { ...server, file: `${folder}/server.json` } : server;
    return parseStackConfig(stack, asPulumiGivesIt({ ...values, server: local }));
  });
}

describe("config: the stack files of this repository", () => {
  for (const stack of ["dev", "staging", "production"]) {
    it(`${stack} is accepted, with the same databases and migrations as the others`, async () => {
      const { databases, namespace } = await load(stack);
      assert.equal(namespace, "ameide");
      assert.deepEqual(
        databases.map(({ name }) => name),
        DATABASES,
      );
      assert.deepEqual(
        databases.map(({ locations }) => locations),
        [
          ["migrations/platform"],
          ["migrations/agents"],
          ["migrations/workflows", "migrations/repeatable"],
          ["migrations/langgraph", "migrations/repeatable"],
          [],
        ],
      );
      assert.deepEqual(databases[1]?.options.baseline, {
        version: "3",
        description: "Baseline existing agents schema",
      });
    });
  }

  it("dev runs in the provider, on the server of the file, without vault or cluster", async () => {
    const { databases, secretStore } = await load("dev");
    assert.deepEqual(secretStore, { kind: "plain" });
    for (const { runner, reach, createDatabase, server } of databases) {
      assert.deepEqual([runner, reach, createDatabase], ["provider", "direct", true]);
      assert.deepEqual(server, { ...SERVER, sslmode: "disable", sslrootcert: undefined });
    }
  });

  it("staging and production run as Jobs beside their server, with their own vaults", async () => {
    const vaults: Record<string, string> = {
      staging: "ameide-stg-kv",
      production: "ameide-production-kv",
    };
    for (const [stack, vaultName] of Object.entries(vaults)) {
      const { databases, secretStore } = await load(stack);
      assert.equal(secretStore.kind === "azureKeyVault" && secretStore.vaultName, vaultName);
      for (const { runner, createDatabase, server } of databases) {
        assert.deepEqual([runner, createDatabase], ["job", false]);
        assert.equal(server.host, "postgres-ameide-rw.ameide.svc.cluster.local");
        assert.equal(server.sslmode, "require");
      }
    }
  });
});
