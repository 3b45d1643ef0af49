/**
 * A stack of the real program, run by the real Pulumi engine: a project folder with the compiled program, a file
 * backend, and databases on the test server. All of it goes away with `close`.
 */
import { strict as assert } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { LocalWorkspace, type OutputMap, type Stack } from "@pulumi/pulumi/automation";

import { canariesIn } from "./canary";
import { listen, nameOf, type Outcome } from "./outcome";
import {
  findEngine,
  initStack,
  makeLauncher,
  makeProject,
  makeReader,
  type Project,
} from "./stack-project";
import { StackServer } from "./stack-server";

const NAMESPACE = "tidemark";
const STACK = "test";

/** A database's resource as the state file holds it. */
export interface RecordedResource {
  readonly urn: string;
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly initErrors?: readonly string[];
}

/** The configuration without `tidemark:`; server and secretStore are there already. */
export type TestConfig = Readonly<Record<string, unknown>>;

export class TestStack {
  readonly server: StackServer;
  /** The server's password as a stack file may hold it: `{ secure: … }`. */
  readonly encryptedPassword: unknown;
  readonly #project: Project;
  readonly #stack: Stack;

  private constructor(project: Project, server: StackServer, stack: Stack, encrypted: unknown) {
    this.#project = project;
    this.server = server;
    this.#stack = stack;
    this.encryptedPassword = encrypted;
  }

  static async open(): Promise<TestStack> {
    const project = makeProject();
    try {
      const stack = await initStack(project, STACK);
      const server = await StackServer.open();
      const password = { value: server.password, secret: true };
      await stack.setConfig(`${NAMESPACE}:server.password`, password, true);
      const { config } = await stack.workspace.stackSettings(STACK);
      const encrypted = config?.[`${NAMESPACE}:server`] as unknown as { password: unknown };
      return new TestStack(project, server, stack, encrypted.password);
    } catch (error) {
      rmSync(project.root, { recursive: true, force: true });
      throw error;
    }
  }

  /** Writes the whole configuration; of `server`, keys that differ from the test server's. */
  async configure({ server, ...others }: TestConfig): Promise<void> {
    const { host, port, user } = this.server;
    const password = this.encryptedPassword;
    const config = {
      server: { host, port, user, password, sslmode: "disable", ...(server as object) },
      secretStore: { kind: "plain" },
      ...others,
    };
    const settings = await this.#stack.workspace.stackSettings(STACK);
    settings.config = Object.fromEntries(
      Object.entries(config).map(([key, value]) => [`${NAMESPACE}:${key}`, value as never]),
    );
    await this.#stack.workspace.saveStackSettings(STACK, settings);
  }

  /** Writes a file of the project, such as `migrations/orders/V1__orders.sql`. */
  write(path: string, content: string | Uint8Array): void {
    const target = this.path(path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }

  remove(path: string): void {
    rmSync(this.path(path));
  }

  path(path: string): string {
    return join(this.#project.folder, path);
  }

  preview(options: { diff?: boolean; expectNoChanges?: boolean } = {}): Promise<Outcome> {
    return this.#run((ears) => this.#stack.preview({ ...ears, ...options }));
  }

  up(options: { continueOnError?: boolean } = {}): Promise<Outcome> {
    return this.#run((ears) => this.#stack.up({ ...ears, ...options }));
  }

  refresh(): Promise<Outcome> {
    return this.#run((ears) => this.#stack.refresh(ears));
  }

  destroy(): Promise<Outcome> {
    return this.#run((ears) => this.#stack.destroy(ears));
  }

  /** Gives up the lock that a killed command has left. */
  cancel(): Promise<void> {
    return this.#stack.cancel();
  }

  outputs(): Promise<OutputMap> {
    return this.#stack.outputs();
  }

  /** Starts a command of the CLI that the Automation API does not have, or that is to be killed. */
  async start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<ChildProcess> {
    const { command } = await findEngine();
    return spawn(command, [...args, "--stack", STACK, "--non-interactive"], {
      cwd: this.#project.folder,
      env: { ...process.env, ...this.#project.environment, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** The environment in which Pulumi finds the backend and its passphrase. */
  get environment(): Readonly<Record<string, string>> {
    return this.#project.environment;
  }

  /** A folder for PATH with the launcher of providers that Pulumi itself ships. */
  officialLauncher(): string {
    return makeLauncher(this.#project);
  }

  /** What a command of the CLI prints. */
  async text(...args: readonly string[]): Promise<string> {
    const { code, output } = await this.run(args);
    assert.equal(code, 0, output);
    return output;
  }

  /** A command of the CLI that may fail. */
  async run(args: readonly string[]): Promise<{ code: number | null; output: string }> {
    const child = await this.start(args);
    const heard: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => heard.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => heard.push(chunk));
    const [code] = (await once(child, "close")) as [number | null];
    const output = Buffer.concat(heard).toString();
    assert.deepEqual(canariesIn(output), [], "the output has the password");
    return { code, output };
  }

  /** Brings up a stack of another project, whose program is `source`; returns its outputs. */
  async upReader(source: string): Promise<OutputMap> {
    const workDir = makeReader(this.#project, source);
    const envVars = this.#project.environment;
    const pulumiCommand = await findEngine();
    const workspace = { workDir, envVars, pulumiCommand };
    const reader = await LocalWorkspace.createStack({ stackName: STACK, workDir }, workspace);
    return (await reader.up()).outputs;
  }

  /** The file that the backend keeps, as it is. */
  stateFile(): Buffer {
    return readFileSync(
      join(this.#project.backend, ".pulumi", "stacks", NAMESPACE, `${STACK}.json`),
    );
  }

  /** All that the backend keeps: states, backups, histories. */
  backendFiles(): Buffer[] {
    const entries = readdirSync(this.#project.backend, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  }

  /** The resource of one database, as the state has it. */
  recorded(name: string): RecordedResource {
    const { checkpoint } = JSON.parse(this.stateFile().toString()) as StateFile;
    const found = checkpoint.latest?.resources?.find(
      ({ urn, type }) => type.endsWith(":SchemaVersion") && nameOf(urn) === name,
    );
    assert.ok(found, `the state has no SchemaVersion ${name}`);
    return found;
  }

  async close(): Promise<void> {
    rmSync(this.#project.root, { recursive: true, force: true });
    await this.server.close();
  }

  /** Whatever a command leaves behind, the password is not in the state. */
  async #run(command: Parameters<typeof listen>[0]): Promise<Outcome> {
    const outcome = await listen(command);
    assert.deepEqual(canariesIn(this.stateFile()), [], "the state has the password");
    return outcome;
  }
}

interface StateFile {
  readonly checkpoint: { readonly latest?: { readonly resources?: readonly RecordedResource[] } };
}
