import assert from "node:assert/strict";

import {
  CONFIG_MAP,
  EXTERNAL_SECRET,
  find,
  JOB,
  LOCAL,
  ofType,
  READY,
  recordedStack,
  type Registration,
  SCHEMA,
  SECRET,
  STAGING,
  SYNCED,
  VAULT_SECRET,
} from "./record";

const AGENTS = "db-migrations-agents-database-url";
const ANALYTICS = "db-migrations-analytics-database-url";

describe("components: order", () => {
  const dependsOn = (each: Registration, type: string, name: string): void =>
    assert.ok(each.dependsOn.includes(`${type}::${name}`), `${each.type} ${each.name}: ${name}`);

  it("cluster, vault, ExternalSecrets, Secret, Job, schema version", async () => {
    const all = await recordedStack(STAGING);
    dependsOn(find(all, VAULT_SECRET, AGENTS), READY, "cluster");
    const external = find(all, EXTERNAL_SECRET, "db-migrations");
    for (const name of [AGENTS, ANALYTICS]) dependsOn(external, VAULT_SECRET, name);
    dependsOn(find(all, SYNCED, "db-migrations"), EXTERNAL_SECRET, "db-migrations");
    dependsOn(find(all, CONFIG_MAP), SYNCED, "db-migrations");
    dependsOn(find(all, JOB), SYNCED, "db-migrations");
    dependsOn(find(all, JOB), CONFIG_MAP, "db-migrations");
    dependsOn(find(all, SCHEMA, "agents"), JOB, "db-migrations");
    dependsOn(find(all, EXTERNAL_SECRET, "agents-db-secret"), READY, "cluster");
    dependsOn(find(all, EXTERNAL_SECRET, "agents-db-secret"), VAULT_SECRET, AGENTS);
  });

  it("secrets of one vault come one after the other", async () => {
    const all = await recordedStack(STAGING);
    dependsOn(find(all, VAULT_SECRET, ANALYTICS), VAULT_SECRET, AGENTS);
  });

  it("without a vault: cluster, Secret, Job", async () => {
    const all = await recordedStack(LOCAL);
    const secret = find(all, SECRET, "db-migrations-local");
    dependsOn(secret, READY, "cluster");
    dependsOn(find(all, SYNCED, "db-migrations-local"), SECRET, "db-migrations-local");
    dependsOn(find(all, JOB), SYNCED, "db-migrations-local");
    assert.deepEqual(ofType(all, VAULT_SECRET), []);
    assert.deepEqual(ofType(all, EXTERNAL_SECRET), []);
  });

  it("a database without migrations has its Secret all the same, and no schema version", async () => {
    const all = await recordedStack(STAGING);
    find(all, SYNCED, "analytics-db-secret");
    assert.deepEqual(
      ofType(all, SCHEMA).map(({ name }) => name),
      ["agents"],
    );
  });

  it("an application waits for a component's Secret and schema version", async () => {
    const pulumi = await import("@pulumi/pulumi");
    const { migrateDatabases } = await import("../../components/index.js");
    const { parseStackConfig } = await import("../../config/parse.js");
    const { asPulumiGivesIt } = await import("../support/stack-file.js");
    const { recorded } = await import("./record.js");
    const all = await recorded(() => {
      const databases = migrateDatabases(parseStackConfig("test", asPulumiGivesIt(STAGING)));
      class Application extends pulumi.CustomResource {}
      new Application("test:index:App", "app", {}, { dependsOn: [...databases.values()] });
    });
    const app = find(all, "test:index:App");
    dependsOn(app, SCHEMA, "agents");
    dependsOn(app, SYNCED, "agents-db-secret");
    dependsOn(app, SYNCED, "analytics-db-secret");
  });
});

describe("components: protection", () => {
  it("of vault secrets, ExternalSecrets and schema versions, and not of what is replaced", async () => {
    const all = await recordedStack({ ...STAGING, protect: true });
    const types = new Set(all.filter((each) => each.protect).map(({ type }) => type));
    assert.deepEqual([...types].sort(), [VAULT_SECRET, EXTERNAL_SECRET, SCHEMA].sort());
  });

  it("is off by default; the vault's secrets stay when the stack is destroyed", async () => {
    const all = await recordedStack(STAGING);
    assert.ok(all.every((each) => !each.protect));
    for (const secret of ofType(all, VAULT_SECRET)) assert.equal(secret.retainOnDelete, true);
  });
});

describe("components: modes", () => {
  it("a Job for each database, each with its own keys alone", async () => {
    const values = {
      ...STAGING,
      job: { ...STAGING.job, mode: "perDatabase" },
      databases: { agents: {}, platform: {} },
    };
    const all = await recordedStack(values);
    const jobs = ofType(all, JOB);
    assert.deepEqual(jobs.map(({ name }) => name).sort(), [
      "db-migrations-agents",
      "db-migrations-platform",
    ]);
    for (const job of jobs) {
      const key = `${job.name.split("-").at(-1)?.toUpperCase()}_DATABASE_URL`;
      const text = JSON.stringify(job.inputs);
      assert.ok(text.includes(key));
      assert.equal(text.match(/_DATABASE_URL"/g)?.length, 2); // name and key of one variable
    }
  });

  it("runner provider makes the Secrets, and no Job", async () => {
    const all = await recordedStack({ ...STAGING, runner: "provider", reach: "direct" });
    assert.deepEqual(ofType(all, JOB), []);
    find(all, EXTERNAL_SECRET, "db-migrations");
    assert.equal(find(all, SCHEMA).inputs.job, undefined);
  });

  it("a store that the stack makes reads the vault by workload identity, for its namespace only", async () => {
    const id = "11111111-2222-3333-4444-555555555555";
    const store = {
      kind: "ClusterSecretStore",
      name: "apps-store",
      tenantId: id,
      serviceAccount: { name: "reader", clientId: id },
    };
    const vault = { kind: "azureKeyVault", vaultName: "apps-kv", resourceGroup: "apps" };
    const all = await recordedStack({ ...STAGING, secretStore: { ...vault, store } });
    const made = find(all, "kubernetes:external-secrets.io/v1:ClusterSecretStore");
    assert.deepEqual(made.inputs.spec, {
      conditions: [{ namespaces: ["apps"] }],
      provider: {
        azurekv: {
          authType: "WorkloadIdentity",
          vaultUrl: "https://apps-kv.vault.azure.net",
          tenantId: id,
          serviceAccountRef: { name: "reader", namespace: "apps" },
        },
      },
    });
    const account = find(all, "kubernetes:core/v1:ServiceAccount").inputs.metadata as {
      annotations: Record<string, string>;
    };
    assert.deepEqual(account.annotations, {
      "azure.workload.identity/client-id": id,
      "azure.workload.identity/tenant-id": id,
    });
    const spec = find(all, EXTERNAL_SECRET, "db-migrations").inputs.spec as {
      secretStoreRef: unknown;
    };
    assert.deepEqual(spec.secretStoreRef, { kind: "ClusterSecretStore", name: "apps-store" });
    const external = ofType(all, EXTERNAL_SECRET);
    assert.ok(external.length > 1, "the migrations' own and each service's");
    for (const { name, dependsOn } of external)
      assert.ok(dependsOn.includes(`${made.type}::${made.name}`), `${name} comes after the store`);
  });
});
