import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { Client } from "pg";

import { splitStatements } from "../../engine/core/sql/split";
import { testServer } from "../support/postgres";
import { type Case, CORPUS, type DatabaseState, type Step } from "./corpus";

const COMMAND = resolve(__dirname, "../../engine/cli/main.js");
const SNAPSHOT = readFileSync(join(CORPUS, "snapshot.sql"), "utf8");

/** What our command did at one step. */
export interface StepResult {
  readonly kind: Step["kind"];
  readonly exitCode?: number;
  readonly timedOut?: boolean;
  readonly report?: Readonly<Record<string, unknown>>;
  readonly stderr?: string;
  /** By the case's name of the database. */
  readonly state: Readonly<Record<string, DatabaseState>>;
}

/** Runs all steps of a case on fresh databases, the command line in a process of its own each time. */
export async function runCase(definition: Case, folder: string): Promise<StepResult[]> {
  const runner = await CaseRunner.prepare(definition, folder);
  try {
    const results: StepResult[] = [];
    for (const step of definition.steps) results.push(await runner.run(step));
    return results;
  } finally {
    await runner.close();
  }
}

class CaseRunner {
  readonly #folder: string;
  readonly #root: string;
  readonly #databases: readonly string[];
  #held: Client | undefined;

  private constructor(definition: Case, folder: string) {
    this.#folder = folder;
    this.#root = mkdtempSync(join(tmpdir(), "tidemark-corpus-"));
    this.#databases = definition.databases ?? ["main"];
  }

  static async prepare(definition: Case, folder: string): Promise<CaseRunner> {
    const runner = new CaseRunner(definition, folder);
    await runner.#recreateDatabases();
    mkdirSync(join(runner.#root, "work"));
    runner.#putFiles(definition.files);
    return runner;
  }

  async #recreateDatabases(): Promise<void> {
    const client = await connect("postgres");
    try {
      for (const name of ["extra", ...this.#databases]) {
        await client.query(`DROP DATABASE IF EXISTS fwc_${name} WITH (FORCE)`);
      }
      for (const name of this.#databases) {
        await client.query(
          `CREATE DATABASE fwc_${name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'`,
        );
      }
      for (const role of ["fwc_r", "fwc_ro"]) await client.query(`DROP ROLE IF EXISTS ${role}`);
    } finally {
      await client.end();
    }
  }

  #putFiles(set: string): void {
    const target = join(this.#root, "mig");
    rmSync(target, { recursive: true, force: true });
    cpSync(join(this.#folder, set), target, { recursive: true });
  }

  async run(step: Step): Promise<StepResult> {
    switch (step.kind) {
      case "files":
        this.#putFiles(step.set);
        return { kind: step.kind, state: await this.#state() };
      case "psql":
        await runLikePsql(`fwc_${step.db ?? "main"}`, step.sql);
        return { kind: step.kind, state: await this.#state() };
      case "hold":
        this.#held = await connect(`fwc_${step.db ?? "main"}`);
        await this.#held.query(step.sql);
        return { kind: step.kind, state: {} };
      case "release":
        await this.#held?.end();
        this.#held = undefined;
        return { kind: step.kind, state: {} };
      case "flyway":
        return { kind: step.kind, ...(await this.#flyway(step)), state: await this.#state() };
    }
  }

  async #flyway(
    step: Extract<Step, { kind: "flyway" }>,
  ): Promise<Omit<StepResult, "kind" | "state">> {
    const { config = {}, command, db = "main", timeoutMs = 30_000 } = step;
    const { args, env } = toCommandLine(config, join(this.#root, "mig"));
    const server = await testServer();
    const { user = server.user, ...others } = env;
    const child = spawn(process.execPath, [COMMAND, command, "--json", ...args], {
      cwd: join(this.#root, "work"),
      env: {
        PATH: process.env.PATH,
        TZ: "UTC",
        FLYWAY_URL: `jdbc:postgresql://${server.host}:${server.port}/fwc_${db}`,
        FLYWAY_USER: user,
        FLYWAY_PASSWORD: server.password,
        ...others,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return outcome(child, timeoutMs);
  }

  async #state(): Promise<Record<string, DatabaseState>> {
    const states: Record<string, DatabaseState> = {};
    for (const name of this.#databases) states[name] = await readState(`fwc_${name}`);
    return states;
  }

  async close(): Promise<void> {
    await this.#held?.end();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

function outcome(
  child: ReturnType<typeof spawn>,
  timeoutMs: number,
): Promise<Omit<StepResult, "kind" | "state">> {
  let stdout = "";
  let stderr = "";
  let timedOut = false;
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill("SIGKILL");
  }, timeoutMs);
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code) => {
      clearTimeout(timer);
      const report =
        stdout.trim() === "" ? undefined : (JSON.parse(stdout) as Record<string, unknown>);
      done({ exitCode: code ?? -1, timedOut, report, stderr });
    });
  });
}

type Config = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Flyway's configuration keys as our flags and variables. */
function toCommandLine(
  config: Config,
  files: string,
): { args: string[]; env: Record<string, string> } {
  const args: string[] = [];
  const env: Record<string, string> = { FLYWAY_LOCATIONS: `filesystem:${files}` };
  for (const [key, value] of Object.entries(config)) {
    if (Array.isArray(value))
      env[variable(key)] = value
        .map((folder) => `filesystem:${join(files, String(folder))}`)
        .join(",");
    else if (key === "user") env.user = String(value);
    else if (key.startsWith("placeholders."))
      args.push("--placeholders", `${key.slice("placeholders.".length)}=${String(value)}`);
    else env[variable(key)] = String(value);
  }
  return { args, env };
}

function variable(key: string): string {
  return `FLYWAY_${key
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .replaceAll(".", "_")
    .toUpperCase()}`;
}

async function connect(database: string): Promise<Client> {
  const client = new Client({ ...(await testServer()), database });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** Statement by statement, as psql does. */
async function runLikePsql(database: string, sql: string): Promise<void> {
  const client = await connect(database);
  try {
    for (const { start, end } of splitStatements(sql).statements)
      await client.query(sql.slice(start, end));
  } finally {
    await client.end();
  }
}

async function readState(database: string): Promise<DatabaseState> {
  const client = await connect(database);
  try {
    const results = (await client.query(SNAPSHOT)) as unknown as {
      rows: Record<string, unknown>[];
    }[];
    return results.at(-1)?.rows[0]?.json_build_object as DatabaseState;
  } finally {
    await client.end();
  }
}
