/** A tiny Pulumi program that makes the resources a test names, run by the real engine against the stand-ins. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { LocalWorkspace, type OpType, Stack } from "@pulumi/pulumi/automation";

import { findEngine, REPOSITORY } from "../support/stack-project";
import { type AttachedPlugins, attachPlugins } from "./attach";
import type { KeyVault } from "./azure/key-vault";

/** `$secret` in the arguments, `{ "$secret": value }`, makes the value one; `$output` refers to another resource. */
export interface Declared {
  readonly type: "Secret" | "ConfigMap" | "Job" | "Namespace" | "CustomResource" | "VaultSecret";
  readonly name: string;
  readonly args: object;
}

export interface Result {
  readonly ok: boolean;
  readonly output: string;
  /** Name of a resource → what was done with it, in the order in which it was done. */
  readonly operations: Readonly<Record<string, OpType[]>>;
}

const SOURCE = `
const pulumi = require("@pulumi/pulumi");
const { declared } = JSON.parse(require("fs").readFileSync("declared.json", "utf8"));
const classes = {
  Secret: () => require("@pulumi/kubernetes/core/v1/secret").Secret,
  ConfigMap: () => require("@pulumi/kubernetes/core/v1/configMap").ConfigMap,
  Namespace: () => require("@pulumi/kubernetes/core/v1/namespace").Namespace,
  Job: () => require("@pulumi/kubernetes/batch/v1/job").Job,
  CustomResource: () => require("@pulumi/kubernetes/apiextensions/customResource").CustomResource,
  VaultSecret: () => require("@pulumi/azure-native/keyvault/secret").Secret,
};
const made = {};
const resolve = (value) => {
  if (Array.isArray(value)) return value.map(resolve);
  if (typeof value !== "object" || value === null) return value;
  if ("$secret" in value) return pulumi.secret(value.$secret);
  if ("$output" in value) return value.$output.slice(1).reduce((found, key) => found[key], made[value.$output[0]]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item)]));
};
for (const { type, name, args } of declared) made[name] = new (classes[type]())(name, resolve(args));
`;

export class TinyProgram {
  readonly plugins: AttachedPlugins;
  readonly #root: string;
  readonly #stack: Stack;

  private constructor(root: string, stack: Stack, plugins: AttachedPlugins) {
    this.#root = root;
    this.#stack = stack;
    this.plugins = plugins;
  }

  static async open(kubeconfig: string, vaults: readonly KeyVault[] = []): Promise<TinyProgram> {
    const root = mkdtempSync(join(tmpdir(), "tidemark-plugins-"));
    const [workDir, state] = [join(root, "project"), join(root, "state")];
    for (const folder of [workDir, state]) mkdirSync(folder);
    const runtime = "{ name: nodejs, options: { typescript: false } }";
    writeFileSync(join(workDir, "Pulumi.yaml"), `name: tiny\nruntime: ${runtime}\n`);
    writeFileSync(join(workDir, "package.json"), '{ "main": "index.js" }');
    writeFileSync(join(workDir, "index.js"), SOURCE);
    symlinkSync(join(REPOSITORY, "node_modules"), join(workDir, "node_modules"));
    const plugins = await attachPlugins(kubeconfig, vaults);
    const envVars = {
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase of the tests",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...plugins.environment,
    };
    const pulumiCommand = await findEngine();
    const workspace = await LocalWorkspace.create({ workDir, envVars, pulumiCommand });
    return new TinyProgram(root, await Stack.create("test", workspace), plugins);
  }

  declare(...declared: readonly Declared[]): void {
    writeFileSync(join(this.#root, "project", "declared.json"), JSON.stringify({ declared }));
  }

  preview(): Promise<Result> {
    return this.#run((ears) => this.#stack.preview({ ...ears, diff: true }));
  }

  up(): Promise<Result> {
    return this.#run((ears) => this.#stack.up(ears));
  }

  refresh(): Promise<Result> {
    return this.#run((ears) => this.#stack.refresh(ears));
  }

  destroy(): Promise<Result> {
    return this.#run((ears) => this.#stack.destroy(ears));
  }

  state(): string {
    return readFileSync(join(this.#root, "state", ".pulumi/stacks/tiny/test.json"), "utf8");
  }

  async close(): Promise<void> {
    await this.plugins.close();
    rmSync(this.#root, { recursive: true, force: true });
  }

  async #run(command: (ears: Parameters<Stack["refresh"]>[0] & object) => Promise<unknown>) {
    const heard: string[] = [];
    const operations: Record<string, OpType[]> = {};
    const hear = (text: string) => void heard.push(text);
    const ok = await command({
      color: "never",
      onOutput: hear,
      onError: hear,
      onEvent: ({ resourcePreEvent }) => {
        if (!resourcePreEvent) return;
        const { urn, op, type } = resourcePreEvent.metadata;
        if (!/^(kubernetes|azure-native):/.test(type)) return;
        (operations[urn.slice(urn.lastIndexOf("::") + 2)] ??= []).push(op);
      },
    }).then(
      () => true,
      (error: unknown) => {
        if (heard.length === 0) throw error; // it has not even begun
        return false;
      },
    );
    return { ok, output: heard.join(""), operations };
  }
}
