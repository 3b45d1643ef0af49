/** Folders in which Pulumi runs for a test, and the engine itself. */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation";

/** Compiled, this file lies in bin/test/support. */
const BIN = resolve(__dirname, "../..");
export const REPOSITORY = dirname(BIN);

export interface Project {
  /** Holds all the others. */
  readonly root: string;
  readonly folder: string;
  readonly backend: string;
  readonly environment: Record<string, string>;
}

/** A copy of the repository's project, without its stacks and migrations. */
export function makeProject(): Project {
  const root = mkdtempSync(join(tmpdir(), "tidemark-stack-"));
  const [folder, backend] = [join(root, "project"), join(root, "state")];
  mkdirSync(backend);
  mkdirSync(folder);
  for (const file of ["Pulumi.yaml", "package.json"])
    copyFileSync(join(REPOSITORY, file), join(folder, file));
  symlinkSync(BIN, join(folder, "bin"));
  symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
  const environment = {
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: "a passphrase of the tests",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  return { root, folder, backend, environment };
}

/** Another project of the same backend; `source` is its program in plain JavaScript. */
export function makeReader({ root }: Project, source: string): string {
  const folder = join(root, "reader");
  mkdirSync(folder);
  const runtime = "{ name: nodejs, options: { typescript: false } }";
  writeFileSync(join(folder, "Pulumi.yaml"), `name: reader\nruntime: ${runtime}\n`);
  writeFileSync(join(folder, "package.json"), '{ "main": "index.js" }');
  writeFileSync(join(folder, "index.js"), source);
  symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
  return folder;
}

export async function initStack(project: Project, name: string): Promise<Stack> {
  const workspace = await LocalWorkspace.create({
    workDir: project.folder,
    envVars: project.environment,
    pulumiCommand: await findEngine(),
  });
  return Stack.create(name, workspace);
}

let engine: Promise<PulumiCommand> | undefined;

/** @throws Error that says how to get the engine: where it is missing, tests have failed and are not skipped */
export function findEngine(): Promise<PulumiCommand> {
  engine ??= PulumiCommand.get({ skipVersionCheck: true }).catch((cause: unknown) => {
    throw new Error("The Pulumi engine (`pulumi`) is not in PATH. Run these tests by: npm test", {
      cause,
    });
  });
  return engine;
}

/**
 * A folder for PATH with Pulumi's own launcher of dynamic providers, a shell that stays the provider's parent. That of
 * an engine that was built here may be another.
 */
export function makeLauncher({ root }: Project): string {
  const name = "pulumi-resource-pulumi-nodejs";
  const folder = join(root, "launcher");
  mkdirSync(folder);
  copyFileSync(join(REPOSITORY, "node_modules", "@pulumi", "pulumi", name), join(folder, name));
  chmodSync(join(folder, name), 0o755);
  return folder;
}
