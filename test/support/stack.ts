/**
 * A stack of the real program, run by the real Pulumi engine: a project folder of its own with the compiled program, a
 * file backend, and databases on the test server. All of it goes away with `close`.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

import {
  type EngineEvent,
  LocalWorkspace,
  type OpType,
  type OutputMap,
  PulumiCommand,
  Stack,
} from "@pulumi/pulumi/automation";

import { StackServer } from "./stack-server";

/** Compiled, this file lies in bin/test/support. */
const BIN = resolve(__dirname, "../..");
const REPOSITORY = dirname(BIN);

const PROJECT = "tidemark";
const STACK = "test";

/** What a command of Pulumi has said and done. */
export interface Outcome {
  readonly ok: boolean;
  /** stdout and stderr as they came. */
  readonly output: string;
  readonly events: readonly EngineEvent[];
  /** Logical name of a SchemaVersion → what was done with it. */
  readonly operations: Readonly<Record<string, OpType>>;
}

/** A database's resource as the state file holds it. */
export interface RecordedResource {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly initErrors?: readonly string[];
}

/** The configuration without `tidemark:`; server and secretStore are there already. */
export type TestConfig = Readonly<Record<string, unknown>>;

export class TestStack {
  readonly server: StackServer;
  /** Holds project and backend. */
  readonly folder: string;
  readonly project: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The server's password as the stack file may hold it: `{ secure: … }`. */
  readonly encryptedPassword: unknown;
  readonly #stack: Stack;

  private constructor(
    place: Place,
    server: StackServer,
    stack: Stack,
    encryptedPassword: unknown,
  ) {
    this.folder = place.folder;
    this.project = place.project;
    this.environment = place.environment;
    this.server = server;
    this.encryptedPassword = encryptedPassword;
    this.#stack = stack;
  }

  static async open(): Promise<TestStack> {
    const place = makePlace();
    const server = await StackServer.open();
    try {
      const stack = await initStack(place);
      await stack.setConfig(`${PROJECT}:server.password`, secret(server.password), true);
      const { config } = await stack.workspace.stackSettings(STACK);
      const { password } = config?.[`${PROJECT}:server`] as unknown as { password: unknown };
      return new TestStack(place, server, stack, password);
    } catch (error) {
      await server.close();
      rmSync(place.folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Writes the whole configuration; the server's keys can be given in part. */
  async configure({ server, ...config }: TestConfig): Promise<void> {
    const { host, port, user } = this.server;
    const password = this.encryptedPassword;
    const all = {
      server: { host, port, user, password, sslmode: "disable", ...(server as object) },
      secretStore: { kind: "plain" },
      ...config,
    };
    const settings = await this.#stack.workspace.stackSettings(STACK);
    settings.config = Object.fromEntries(
      Object.entries(all).map(([key, value]) => [`${PROJECT}:${key}`, value as unknown as string]),
    );
    await this.#stack.workspace.saveStackSettings(STACK, settings);
  }

  /** Writes a file of the project, such as `migrations/orders/V1__orders.sql`. */
  write(path: string, content: string | Uint8Array): void {
    const target = join(this.project, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }

  remove(path: string): void {
    rmSync(join(this.project, path));
  }

  preview(options: { diff?: boolean; expectNoChanges?: boolean } = {}): Promise<Outcome> {
    return observe((hear) => this.#stack.preview({ ...hear, ...options }));
  }

  up(): Promise<Outcome> {
    return observe((hear) => this.#stack.up({ ...hear, suppressProgress: true }));
  }

  refresh(): Promise<Outcome> {
    return observe((hear) => this.#stack.refresh({ ...hear, suppressProgress: true }));
  }

  destroy(): Promise<Outcome> {
    return observe((hear) => this.#stack.destroy({ ...hear, suppressProgress: true }));
  }

  /** Gives up the lock that a killed command has left. */
  cancel(): Promise<void> {
    return this.#stack.cancel();
  }

  outputs(): Promise<OutputMap> {
    return this.#stack.outputs();
  }

  /** A command of the CLI that the Automation API does not have; returns what it printed. */
  async run(...args: string[]): Promise<string> {
    const { pulumiCommand } = this.#stack.workspace;
    const all = [...args, "--stack", STACK];
    const { stdout, stderr } = await pulumiCommand.run(all, this.project, { ...this.environment });
    return stdout + stderr;
  }

  /** The file that the backend keeps, as it is. */
  stateFile(): Buffer {
    return readFileSync(
      join(this.folder, "state", ".pulumi", "stacks", PROJECT, `${STACK}.json`),
    );
  }

  /** The resource of one database; undefined: the state has none. */
  recorded(name: string): RecordedResource | undefined {
    const state = JSON.parse(this.stateFile().toString()) as StateFile;
    return state.checkpoint.latest?.resources?.find(
      ({ urn, type }) => type.endsWith(":SchemaVersion") && nameOf(urn) === name,
    );
  }

  async close(): Promise<void> {
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface StateFile {
  readonly checkpoint: {
    readonly latest?: { readonly resources?: readonly (RecordedResource & { urn: string })[] };
  };
}

interface Place {
  readonly folder: string;
  readonly project: string;
  readonly environment: Record<string, string>;
}

function makePlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-stack-"));
  const [project, state] = [join(folder, "project"), join(folder, "state")];
  mkdirSync(project);
  mkdirSync(state);
  for (const file of ["Pulumi.yaml", "package.json"])
    copyFileSync(join(REPOSITORY, file), join(project, file));
  symlinkSync(BIN, join(project, "bin"));
  linkModules(project);
  return { folder, project, environment: environmentOf(state) };
}

/** Gives a folder the modules of the repository. */
export function linkModules(folder: string): void {
  symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
}

function environmentOf(state: string): Record<string, string> {
  return {
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "a passphrase of the tests",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}

async function initStack({ project, environment }: Place): Promise<Stack> {
  const pulumiCommand = await findEngine();
  const workspace = await LocalWorkspace.create({
    workDir: project,
    envVars: environment,
    pulumiCommand,
  });
  return Stack.create(STACK, workspace);
}

let engine: Promise<PulumiCommand> | undefined;

/** @throws Error that says how to get the engine: without it these tests have failed, and are not skipped */
export function findEngine(): Promise<PulumiCommand> {
  engine ??= PulumiCommand.get({ skipVersionCheck: true }).catch((cause: unknown) => {
    throw new Error("The Pulumi engine (`pulumi`) is not in PATH. Run the tests by: npm test", {
      cause,
    });
  });
  return engine;
}

const secret = (value: string) => ({ value, secret: true });

interface Hearing {
  readonly color: "never";
  onOutput(text: string): void;
  onError(text: string): void;
  onEvent(event: EngineEvent): void;
}

async function observe(command: (hear: Hearing) => Promise<unknown>): Promise<Outcome> {
  const heard: string[] = [];
  const events: EngineEvent[] = [];
  const listen = (text: string) => void heard.push(text);
  const onEvent = (event: EngineEvent) => void events.push(event);
  const ok = await command({ color: "never", onOutput: listen, onError: listen, onEvent }).then(
    () => true,
    (error: unknown) => {
      if (heard.length === 0) throw error; // it has not even begun
      return false;
    },
  );
  return { ok, output: heard.join(""), events, operations: operationsOf(events) };
}

function operationsOf(events: readonly EngineEvent[]): Record<string, OpType> {
  const steps = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
  return Object.fromEntries(
    steps
      .filter(({ type }) => type.endsWith(":SchemaVersion"))
      .map(({ urn, op }) => [nameOf(urn), op]),
  );
}

const nameOf = (urn: string) => urn.slice(urn.lastIndexOf("::") + 2);

