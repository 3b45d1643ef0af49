import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "pg";

import { splitStatements } from "../../engine/analysis/split";
import { majorOf, testServer } from "../support/postgres";
import { type CommandOutcome, runCommand, toCommandLine } from "./command";
import type { Case, DatabaseState, Step } from "./corpus";
import { readState } from "./state";

/** Case 104 copies to it, on the server's machine. */
const WRITTEN_BY_A_CASE = "/tmp/flyway_copy_out.txt";

/** What our command did at one step. */
export interface StepResult extends Partial<CommandOutcome> {
  readonly kind: Step["kind"];
  /** By the case's name of the database. */
  readonly state: Readonly<Record<string, DatabaseState>>;
}

/** The major version of the test server. */
export function serverMajor(): Promise<number> {
  return majorOf(testServer());
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
    rmSync(WRITTEN_BY_A_CASE, { force: true }); // by an earlier run, whose server may have been another user
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

  async #flyway(step: Extract<Step, { kind: "flyway" }>): Promise<CommandOutcome> {
    const { config = {}, command, db = "main", timeoutMs = 30_000 } = step;
    const { args, env } = toCommandLine(config, join(this.#root, "mig"));
    const server = await testServer();
    if (env.FLYWAY_USER) await givePassword(env.FLYWAY_USER, server.password);
    return runCommand([command, ...args], {
      cwd: join(this.#root, "work"),
      env: {
        FLYWAY_URL: `jdbc:postgresql://${server.host}:${server.port}/fwc_${db}`,
        FLYWAY_USER: server.user,
        FLYWAY_PASSWORD: server.password,
        ...env,
      },
      timeoutMs,
    });
  }

  async #state(): Promise<Record<string, DatabaseState>> {
    const states: Record<string, DatabaseState> = {};
    for (const name of this.#databases) {
      const client = await connect(`fwc_${name}`);
      states[name] = await readState(client).finally(() => client.end());
    }
    return states;
  }

  async close(): Promise<void> {
    await this.#held?.end();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

async function connect(database: string): Promise<Client> {
  const client = new Client({ ...(await testServer()), database });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** The cases assume a server that trusts everybody; ours may ask for a password. */
async function givePassword(role: string, password: string): Promise<void> {
  const client = await connect("postgres");
  try {
    await client.query(
      `ALTER ROLE ${client.escapeIdentifier(role)} PASSWORD ${client.escapeLiteral(password)}`,
    );
  } finally {
    await client.end();
  }
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
