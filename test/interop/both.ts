/** Our command and real Flyway, on the same databases and files. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { type CommandOutcome, type Config, runCommand, toCommandLine } from "../flyway/command";
import { compareCase, type Difference, GOLDEN_MAJOR } from "../flyway/compare";
import type { DatabaseState } from "../flyway/corpus";
import { readState } from "../flyway/state";
import { type TestDatabase, testServer, withTestDatabase } from "../support/postgres";
import { Flyway, type FlywayAnswer, toProperties } from "./flyway";
import { runHere } from "./here";

/** Path below the folder of migrations → content; null: the file goes. */
export type FileChanges = Readonly<Record<string, string | Uint8Array | null>>;

export type Engine = "tidemark" | "flyway";

/** One database and one folder of migrations, for both engines. */
export interface Project {
  readonly db: TestDatabase;
  readonly folder: string;
  write(changes: FileChanges): void;
  tidemark(
    command: string,
    config?: Config,
    env?: Readonly<Record<string, string>>,
  ): Promise<CommandOutcome>;
  /** The same without a process of its own, for what is asked often. */
  tidemarkHere(command: string, config?: Config): Promise<CommandOutcome>;
  flyway(command: string, config?: Config): Promise<FlywayAnswer>;
}

let flyway: Flyway | undefined;

/** For a `before` and an `after` of each file: all its tests share one Java process. */
export const startFlyway = (): void => void (flyway = Flyway.start());
export const stopFlyway = (): void => flyway?.stop();

export async function withProject<T>(
  files: FileChanges,
  work: (project: Project) => Promise<T>,
): Promise<T> {
  return withFolder((folder) =>
    withTestDatabase((db) => {
      const project = makeProject(db, folder);
      project.write(files);
      return work(project);
    }),
  );
}

/** The same with two databases that see the same files. */
export async function withTwins<T>(
  files: FileChanges,
  work: (twins: readonly [Project, Project]) => Promise<T>,
): Promise<T> {
  return withFolder((folder) =>
    withTestDatabase((a) =>
      withTestDatabase((b) => {
        const twins = [makeProject(a, folder), makeProject(b, folder)] as const;
        twins[0].write(files);
        return work(twins);
      }),
    ),
  );
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), "tidemark-interop-"));
  mkdirSync(join(root, "work"));
  mkdirSync(join(root, "migrations"));
  try {
    return await work(join(root, "migrations"));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function makeProject(db: TestDatabase, folder: string): Project {
  return {
    db,
    folder,
    write: (changes) => writeFiles(folder, changes),
    tidemark: async (command, config = {}, more = {}) => {
      const { args, env } = toCommandLine(config, folder);
      return runCommand([command, ...args], {
        cwd: join(folder, "..", "work"),
        env: { ...env, FLYWAY_URL: db.url, ...more },
        timeoutMs: 60_000,
      });
    },
    tidemarkHere: (command, config = {}) => runHere(command, db.url, toCommandLine(config, folder)),
    flyway: async (command, config = {}) => {
      assert.ok(flyway, "startFlyway comes first");
      const { host, port, user, password } = await testServer();
      const url = `jdbc:postgresql://${host}:${port}/${db.name}`;
      return flyway.run({ command, url, user, password, config: toProperties(config, folder) });
    },
  };
}

function writeFiles(folder: string, changes: FileChanges): void {
  for (const [name, content] of Object.entries(changes)) {
    const path = join(folder, name);
    if (content === null) rmSync(path);
    else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
  }
}

/** Runs a command by either engine: "ok", or the code of the error. */
export async function runBy(
  engine: Engine,
  project: Project,
  command: string,
  config: Config,
): Promise<string> {
  if (engine === "flyway") {
    const { exit, errorCode, message } = await project.flyway(command, config);
    return exit === "ok" ? "ok" : (errorCode ?? message ?? "failed");
  }
  const { exitCode, report, stderr } = await project.tidemark(command, config);
  if (exitCode === 0) return "ok";
  return (report?.error as { code: string } | undefined)?.code ?? stderr;
}

/** Wherein two answers to the same question differ, and two states of a database where they are given. */
export function differences(
  answer: FlywayAnswer,
  outcome: CommandOutcome,
  states?: { readonly flyway: DatabaseState; readonly ours: DatabaseState },
): Difference[] {
  const golden = { kind: "flyway", ...answer, state: states && { db: states.flyway } } as const;
  const state: Record<string, DatabaseState> = states ? { db: states.ours } : {};
  const result = { kind: "flyway", ...outcome, state } as const;
  const steps = { case: "", historyShape: {}, steps: [golden] };
  const found = compareCase(steps, [result], GOLDEN_MAJOR) // both are of one server: compared in full
    // Flyway takes the version of a failed row for the schema version, we do not.
    .filter(({ what }) => what !== "schemaVersion" || !showsFailure(outcome, states?.ours));
  const sources = answer.sources && sourcesOf(outcome.report);
  if (found.length === 0 && sources) assert.deepEqual(sources, answer.sources);
  return found;
}

function showsFailure({ report }: CommandOutcome, state: DatabaseState | undefined): boolean {
  const shown = (report?.migrations ?? []) as readonly { state: string }[];
  const rows = Object.values(
    (state?.history ?? {}) as Record<string, readonly { success: boolean }[]>,
  );
  return (
    shown.some((migration) => migration.state.startsWith("Failed")) ||
    rows.flat().some(({ success }) => !success)
  );
}

function sourcesOf(report: CommandOutcome["report"]): FlywayAnswer["sources"] {
  const migrations = report?.migrations as { script: string; checksum: number | null }[];
  return migrations.map(({ script, checksum }) => ({ script, checksum }));
}

/** Both show the same list and find the same problems; the state is not touched by asking. */
export async function assertAgreement(project: Project, config: Config): Promise<void> {
  const before = await readState(project.db.client);
  for (const question of ["info", "validate"]) {
    const [answer, outcome] = await Promise.all([
      project.flyway(question, config),
      project.tidemarkHere(question, config),
    ]);
    assert.deepEqual(differences(answer, outcome), [], `${question} of both`);
  }
  assert.deepEqual(await readState(project.db.client), before, "a question writes nothing");
}
