/** Runs components under Pulumi's mocks and gives back what they would register. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { migrateDatabases } from "../../components";
import { parseStackConfig } from "../../config/parse";
import { asPulumiGivesIt } from "../support/stack-file";

// Compiled, this file lies in bin/test/components.
export const ROOT = join(__dirname, "../../..");

export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** `type::name` of what has to be there before. */
  readonly dependsOn: readonly string[];
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
}

interface Recorder {
  readonly UNKNOWN: string;
  readonly isSecret: (value: unknown) => value is { readonly value: unknown };
  readonly record: <T>(
    run: {
      stack: string;
      preview?: boolean;
      answer?: (type: string, name: string, inputs: Record<string, unknown>) => object;
    },
    work: () => T,
  ) => Promise<{ result: T; registrations: readonly Registration[] }>;
}

export async function recorder(): Promise<Recorder> {
  const file = join(ROOT, "scripts/lib/render-recorder.mjs");
  return (await import(pathToFileURL(file).href)) as Recorder;
}

const VERSIONS = (type: string, name: string): object => {
  if (type === "azure-native:keyvault:Secret")
    return { properties: { secretUriWithVersion: `https://vault/secrets/${name}/v1` } };
  return type === "pulumi-nodejs:tidemark:SyncedSecret" ? { version: "1000" } : {};
};

/** What a program registers that does `work`; the vault's and the cluster's answers can be changed. */
export async function recorded(
  work: () => unknown,
  answer: (type: string, name: string) => object = VERSIONS,
  preview = false,
): Promise<readonly Registration[]> {
  const { record } = await recorder();
  const { registrations } = await record({ stack: "test", answer, preview }, work);
  return registrations;
}

/** What a stack with this configuration registers. */
export function recordedStack(
  values: Readonly<Record<string, unknown>>,
  answer?: (type: string, name: string) => object,
  preview?: boolean,
): Promise<readonly Registration[]> {
  return recorded(
    () => {
      migrateDatabases(parseStackConfig("test", asPulumiGivesIt(values)));
    },
    answer,
    preview,
  );
}

export function find(all: readonly Registration[], type: string, name?: string): Registration {
  const found = all.filter((each) => each.type === type && (!name || each.name === name));
  assert.equal(found.length, 1, `${type} ${name ?? ""}: ${found.length} of them`);
  return found[0] as Registration;
}

export const ofType = (all: readonly Registration[], type: string): readonly Registration[] =>
  all.filter((each) => each.type === type);

export const JOB = "kubernetes:batch/v1:Job";
export const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";
export const SECRET = "kubernetes:core/v1:Secret";
export const EXTERNAL_SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret";
export const SYNCED = "pulumi-nodejs:tidemark:SyncedSecret";
export const READY = "pulumi-nodejs:tidemark:ClusterReady";
export const SCHEMA = "pulumi-nodejs:tidemark:SchemaVersion";
export const VAULT_SECRET = "azure-native:keyvault:Secret";

export const IMAGE = `registry.example.com/tidemark@sha256:${"a".repeat(64)}`;

/** A stack with vault and Job, as small as one can be. */
export const STAGING = {
  namespace: "apps",
  server: { host: "pg-rw.apps.svc.cluster.local", user: "app", password: "s3cret" },
  secretStore: {
    kind: "azureKeyVault",
    vaultName: "apps-kv",
    resourceGroup: "apps",
    clusterSecretStore: "apps",
  },
  runner: "job",
  reach: "none",
  job: { image: IMAGE },
  databases: { agents: {}, analytics: { migrations: "none" } },
};

/** The same without a vault, on a cluster that nobody can reach. */
export const LOCAL = {
  ...STAGING,
  kubernetes: { kubeconfig: "/nowhere/kubeconfig" },
  secretStore: { kind: "plain" },
};
