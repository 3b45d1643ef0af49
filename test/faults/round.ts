/** One round: a database, a random project, a run that a fault strikes, what it left, and the next run. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import type { Client } from "pg";

import {
  majorOf,
  type TestDatabase,
  type TestServer,
  testServer,
  withTestDatabase,
} from "../support/postgres";
import { type Fault, faultOf, FAULTS, nameOf } from "./faults";
import { withFolder, writeScript } from "./files";
import { disagreements, unrecordedCommits, writtenProblems } from "./model";
import { type Ended, type RunningMigrate, startMigrate } from "./process";
import { makeProject, PREPARE, type Project, type Wishes } from "./project";
import { Proxy } from "./proxy";
import { Random } from "./random";
import { recover } from "./recover";
import { poison } from "./refused";
import { assertNone, readState } from "./state";
import { hold, reachAndStrike } from "./strike";
import { Watch } from "./watch";

export interface RoundResult {
  readonly fault: Fault;
  /** Did the fault strike before the run was over? */
  readonly struck: boolean;
  /** How often history and catalog were compared while it ran. */
  readonly looks: number;
}

interface Round {
  readonly random: Random;
  readonly db: TestDatabase;
  readonly project: Project;
  readonly folder: string;
  readonly proxy: Proxy;
  readonly env: Readonly<Record<string, string>>;
  /** Goes round with the seeds of one kind of fault. */
  readonly turn: number;
}

/** @throws Error that names the seed, and the project's files, when the run was not as it must be */
export async function runRound(seed: number): Promise<RoundResult> {
  const random = new Random(seed);
  const fault = faultOf(seed);
  const turn = seed + Math.floor(seed / FAULTS.length); // each kind meets each leak, each poison
  const project = makeProject(random, wishesOf(fault), turn);
  const proxy = await Proxy.open(await testServer());
  try {
    return await withFolder(project, (folder) =>
      withTestDatabase(async (db) => {
        await db.client.query(PREPARE);
        const env = environment(await testServer(), db, project, proxy, fault);
        const round = { random, db, project, folder, proxy, env, turn };
        return fault.point === "refused" ? refuse(round, fault) : strikeAndRecover(round, fault);
      }),
    );
  } catch (error) {
    throw describeFailure(error, seed, fault, project);
  } finally {
    await proxy.close();
  }
}

function wishesOf({ point }: Fault): Wishes {
  switch (point) {
    case "statement":
    case "endless":
    case "row":
      return { gate: "whole" };
    case "commit":
      return { gate: "committing" };
    case "block":
      return { gate: "outside" };
    case "callback":
      return { gate: "callback" };
    case "index":
    case "index-row":
      return { index: true };
    case "lock":
      return { busy: "whole" };
    case "commit-lock":
      return { busy: "committing" };
    default:
      return {};
  }
}

function environment(
  { user, password }: TestServer,
  db: TestDatabase,
  { group }: Project,
  proxy: Proxy,
  { point }: Fault,
): Record<string, string> {
  return {
    FLYWAY_URL: `postgresql://127.0.0.1:${proxy.port}/${db.name}?sslmode=disable`,
    FLYWAY_USER: user,
    FLYWAY_PASSWORD: password,
    FLYWAY_GROUP: String(group),
    // Elsewhere what is held for a test is no contention.
    TIDEMARK_LOCK_TIMEOUT: point.endsWith("lock") ? "50ms" : "20s",
    TIDEMARK_LOCK_WAIT: "60s",
  };
}

async function strikeAndRecover(round: Round, fault: Fault): Promise<RoundResult> {
  const { project, db } = round;
  const attempts = fault.point === "crowd" ? Infinity : 1;
  const watch = new Watch(project, await db.connect(), attempts);
  const struck = fault.point === "crowd" ? await crowd(round) : await alone(round, fault);
  await backendsGone(db.client);
  const looks = await watch.stop();
  assertNone(disagreements(project, await readState(db.client), attempts));
  await recover(round, db.client);
  return { fault, struck, looks };
}

async function alone(round: Round, fault: Fault): Promise<boolean> {
  const { db, folder, env } = round;
  const holder = await db.connect();
  const letGo = await hold(holder, fault);
  const run = startMigrate(folder, env);
  const struck = await reachAndStrike(round, fault, run, holder);
  // Until 13 a server does not look whether anybody still waits for it.
  if (fault.point === "endless" && (await majorOf(testServer())) >= 14)
    await backendsGone(db.client);
  await letGo();
  const ended = await run.ended;
  assertExit(ended, expectedExits(round, fault, struck));
  if (ended.code === 65 && fault.strike === "cancel") assertCancelled(ended);
  const isConnected = fault.strike === "nothing" || fault.strike === "cancel" || !struck;
  if (isConnected && ended.code !== 0) await assertHonest(round, ended);
  await holder.end();
  return struck;
}

/** What is committed of a script that failed has a row, and the error says so. */
async function assertHonest({ db, project }: Round, { stdout, stderr }: Ended): Promise<void> {
  await backendsGone(db.client);
  const state = await readState(db.client);
  assertNone(unrecordedCommits(project, state));
  const stopped = state.history?.find(({ success }) => !success)?.script;
  const wasTorn = project.migrations.some((m) => m.kind === "committing" && m.script === stopped);
  if (wasTorn) assert.match(stdout, /committed/, stderr);
}

/** What failed is what the user sees, whatever a callback for failures has done. */
function assertCancelled({ stdout }: Ended): void {
  const { error } = JSON.parse(stdout) as { error?: { sqlState?: string } };
  assert.equal(error?.sqlState, "57014", stdout);
}

/** A killed migrator's backend may still be at work: its last query goes on. */
async function backendsGone(client: Client): Promise<void> {
  for (let left = 6000; left > 0; left--) {
    const { rowCount } = await client.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'tidemark%'`,
    );
    if (!rowCount) return;
    await sleep(10);
  }
  assert.fail("a backend of the migrator stays");
}

/** null: killed. */
function expectedExits(
  { project }: Round,
  { point, strike }: Fault,
  struck: boolean,
): (number | null)[] {
  if (point === "commit-lock") return [0, 65];
  // Only what is one transaction is tried again, and a group is not: its migrations before have locks of their own.
  const isWhole = project.migrations.every(({ kind }) => kind === "whole");
  const waits = point === "lock" && (project.group || !isWhole) ? [65, 75] : [];
  if (!struck || strike === "nothing") return [0, ...waits];
  if (strike === "kill") return [null, 0, ...waits]; // 0: it was just over
  // What a script has committed does not go away with a retry.
  const isTorn = project.migrations.some(({ kind }) => kind === "committing");
  return strike === "cancel" ? [0, 65] : [0, 75, ...(isTorn ? [65] : [])];
}

function assertExit({ code, stdout, stderr }: Ended, expected: readonly (number | null)[]): void {
  const said = `exit ${code}: ${stderr}${stdout}`;
  assert.ok(expected.includes(code), said);
  if (code === null) return;
  const report = JSON.parse(stdout) as { ok: boolean; error?: { remedy: string } };
  assert.equal(report.ok, code === 0, said);
  if (code !== 0) assert.ok(report.error?.remedy, said);
}

/** Up to 20 migrators, of which some are killed: the others bring the database to its end. */
async function crowd({ random, folder, env, project }: Round): Promise<boolean> {
  const size = random.chance(0.25) ? 20 : random.int(2, 6);
  const runs = Array.from({ length: size }, () => startMigrate(folder, env));
  const victims = runs.filter((_, i) => i > 0 && random.chance(0.4));
  await Promise.all(
    victims.map(async (run) => {
      await sleep(random.int(100, 200 * size));
      run.kill();
    }),
  );
  const all = await Promise.all(runs.map((run) => run.ended));
  // A script that gives the migration lock away lets another migrator in; one of the two fails then.
  // Who dies half way through a script that has committed leaves a failed row, which stops the others.
  const isTorn = project.migrations.some(({ kind }) => kind === "committing");
  const expected = dropsLock(project) ? [0, 65, 75] : isTorn && victims.length > 0 ? [0, 65] : [0];
  const survivors = all.filter((_, i) => !victims.includes(runs[i] as RunningMigrate));
  const failures = survivors.filter(({ code }) => !expected.includes(code ?? -1));
  assert.equal(failures.length, 0, failures.map(({ code, stderr }) => `${code}: ${stderr}`).join());
  for (const ended of survivors) assertExit(ended, expected);
  return all.some(({ code }) => code === null);
}

const dropsLock = ({ migrations, callbacks }: Project): boolean =>
  [...migrations, ...callbacks].some(({ text }) => /unlock_all|DISCARD ALL/.test(text));

/** Refused with the script's name and a remedy, and nothing is written; without what was refused it runs. */
async function refuse(round: Round, fault: Fault): Promise<RoundResult> {
  const { project, folder, db, env, random, turn } = round;
  const { poisoned, name } = poison(project, random, turn);
  writeScript(folder, poisoned);
  const ended = await startMigrate(folder, env).ended;
  assertExit(ended, [65]);
  const { error } = JSON.parse(ended.stdout) as { error: { migration?: string } };
  assert.equal(error.migration, poisoned.script, `${name}: ${ended.stdout}`);
  assertNone(writtenProblems(await readState(db.client)).map((said) => `${name}: ${said}`));
  for (const migration of project.migrations) writeScript(folder, migration);
  await recover(round, db.client);
  return { fault, struck: true, looks: 0 };
}

function describeFailure(error: unknown, seed: number, fault: Fault, project: Project): Error {
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const files = [...project.migrations, ...project.callbacks].map(
    ({ script, text, conf }) =>
      `-- ${script}${conf ? ` (${conf.trim()})` : ""}\n${text.slice(0, 900)}`,
  );
  return new Error(
    `fault "${nameOf(fault)}"; repeat it with TIDEMARK_FAULTS_SEED=${seed} TIDEMARK_FAULTS_ROUNDS=1\n` +
      `${said}\n${project.group ? "group\n" : ""}${files.join("\n")}`,
    { cause: error },
  );
}
