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
    const job = { image: `tidemark@sha256:${"a".repeat(64)}`, ...(values.job as object) }; // yours to set
    const local = server.file
      ? { ...server, file: `${folder}/server.json` }
      : { ...server, password: "s3cret" }; // set with pulumi config set --secret
    return parseStackConfig(stack, asPulumiGivesIt({ ...values, server: local, job }));
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

  it("production is protected, and refuses to destroy data; staging is not, and does not", async () => {
    for (const [stack, isProduction] of [
      ["staging", false],
      ["production", true],
    ] as const) {
      const { protect, databases } = await load(stack);
      assert.equal(protect, isProduction);
      for (const { options } of databases)
        assert.equal(options.allowDestructive, isProduction ? false : undefined);
    }
  });

  it("platform keeps Flyway's keys, and each service its own Secret", async () => {
    const { databases } = await load("staging");
    assert.deepEqual(databases[0]?.migrationKeys, {
      url: "FLYWAY_URL",
      user: "FLYWAY_USER",
      password: "FLYWAY_PASSWORD",
    });
    assert.deepEqual(databases[1]?.serviceSecret, {
      name: "agents-db-secret",
      key: "DATABASE_URL",
    });
    assert.equal(databases[1]?.vaultSecret, "db-migrations-agents-database-url");
    assert.deepEqual(databases[1]?.forward, {
      namespace: "ameide",
      service: "postgres-ameide-rw",
      port: 5432,
    });
  });

  it("no stack file names an image, and the first command says so", () => {
    for (const stack of ["staging", "production"]) {
      const values = readStackFile(stack);
      const server = { ...(values.server as object), password: "s3cret" };
      assert.throws(
        () => parseStackConfig(stack, asPulumiGivesIt({ ...values, server })),
        /tidemark:job\.image: is missing.*pulumi config set --path tidemark:job\.image/s,
      );
    }
  });

  it("no stack file holds a password", () => {
    for (const stack of ["dev", "staging", "production"]) {
      const server = readStackFile(stack).server as Record<string, unknown>;
      assert.equal(server.password, undefined);
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
