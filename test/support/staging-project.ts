/** The stack "staging" of this repository, run by the real engine: its own file, and what a test wants otherwise. */
import { strict as assert } from "node:assert";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { OutputMap, Stack } from "@pulumi/pulumi/automation";
import { parse } from "yaml";

import { type AttachedPlugins, attachPlugins } from "../plugins/attach";
import type { KeyVault } from "../plugins/azure/key-vault";
import { canariesIn } from "./canary";
import { listen, type Outcome } from "./outcome";
import { initStack, makeProject, type Project, REPOSITORY } from "./stack-project";

export type StagingConfig = Readonly<Record<string, unknown>>;

/** The databases of the scenario. */
export const DATABASES = ["platform", "agents", "workflows", "langgraph", "analytics"] as const;

export interface StagingPlace {
  /** Path of the kubeconfig that both the plugin and the program use. */
  readonly kubeconfig: string;
  readonly vault: KeyVault;
  /** What differs from Pulumi.staging.yaml in all of the test's configurations; maps are merged. */
  readonly config: StagingConfig;
  readonly password: string;
}

export class StagingProject {
  readonly plugins: AttachedPlugins;
  readonly #place: StagingPlace;
  readonly #project: Project;
  readonly #stack: Stack;

  private constructor(
    place: StagingPlace,
    plugins: AttachedPlugins,
    project: Project,
    stack: Stack,
  ) {
    this.#place = place;
    this.plugins = plugins;
    this.#project = project;
    this.#stack = stack;
  }

  static async open(place: StagingPlace): Promise<StagingProject> {
    const { kubeconfig, vault } = place;
    const plugins = await attachPlugins(kubeconfig, [vault]);
    const project = makeProject();
    Object.assign(project.environment, plugins.environment, { KUBECONFIG: kubeconfig });
    cpSync(join(REPOSITORY, "migrations"), join(project.folder, "migrations"), { recursive: true });
    const made = new StagingProject(place, plugins, project, await initStack(project, "staging"));
    await made.configure({});
    return made;
  }

  /** Writes the whole configuration: the stack's file, the place's, and what this test wants otherwise. */
  async configure(others: StagingConfig): Promise<void> {
    const file = parse(readFileSync(join(REPOSITORY, "Pulumi.staging.yaml"), "utf8")) as {
      readonly config: StagingConfig;
    };
    const wanted = merge(this.#place.config, others) as StagingConfig;
    const named = Object.entries(wanted).map(([key, value]) => [`tidemark:${key}`, value]);
    const settings = await this.#stack.workspace.stackSettings("staging");
    settings.config = merge(file.config, Object.fromEntries(named)) as never;
    await this.#stack.workspace.saveStackSettings("staging", settings);
    await this.setPassword(this.#place.password);
  }

  setPassword(value: string): Promise<void> {
    return this.#stack.setConfig("tidemark:server.password", { value, secret: true }, true);
  }

  /** Writes a file of the project, such as `migrations/agents/V4__x.sql`. */
  write(path: string, content: string): void {
    const target = join(this.#project.folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }

  preview(): Promise<Outcome> {
    return this.#run((ears) => this.#stack.preview({ ...ears, diff: true }));
  }

  up(): Promise<Outcome> {
    return this.#run((ears) => this.#stack.up(ears));
  }

  refresh(): Promise<Outcome> {
    return this.#run((ears) => this.#stack.refresh(ears));
  }

  destroy(): Promise<Outcome> {
    return this.#run((ears) => this.#stack.destroy(ears));
  }

  outputs(): Promise<OutputMap> {
    return this.#stack.outputs();
  }

  /** Database → version, as other stacks read them. */
  async versions(): Promise<Readonly<Record<string, string | null>>> {
    return (await this.outputs()).schemaVersions?.value as Record<string, string | null>;
  }

  async close(): Promise<void> {
    await this.plugins.close();
    rmSync(this.#project.root, { recursive: true, force: true });
  }

  /** Whatever a command leaves behind, the password is not in the state. */
  async #run(command: Parameters<typeof listen>[0]): Promise<Outcome> {
    const outcome = await listen(command);
    const path = [".pulumi", "stacks", "tidemark", "staging.json"];
    const state = readFileSync(join(this.#project.backend, ...path));
    assert.deepEqual(canariesIn(state), [], "the state has the password");
    return outcome;
  }
}

/** @throws AssertionError with all that was said where the command has failed */
export async function succeed(command: Promise<Outcome>): Promise<Outcome> {
  const outcome = await command;
  assert.ok(outcome.ok, outcome.output);
  return outcome;
}

/** @throws AssertionError with all that was said where the command has not failed, or not for this reason */
export async function fail(command: Promise<Outcome>, ...reasons: RegExp[]): Promise<Outcome> {
  const outcome = await command;
  assert.equal(outcome.ok, false, outcome.output);
  for (const reason of reasons) assert.match(outcome.output, reason);
  return outcome;
}

/** Maps are merged, anything else is the second's. */
function merge(one: unknown, other: unknown): unknown {
  if (other === undefined) return one;
  if (!isMap(one) || !isMap(other)) return other;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(one[key], other[key])]));
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
