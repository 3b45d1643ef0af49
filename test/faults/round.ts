/** One round: a database, a random project, a run that a fault strikes, what it left, and the next run. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Client } from "pg";

import { parseConnectionUrl } from "../../engine/core/connection";
import { TidemarkError } from "../../engine/core/errors";
import { DEFAULT_OPTIONS } from "../../engine/core/options";
import { Migrator } from "../../engine/run/migrator";
import {
  type TestDatabase,
  type TestServer,
  testServer,
  withTestDatabase,
} from "../support/postgres";
import { type Fault, faultOf, nameOf } from "./faults";
import { type Ended, type RunningMigrate, startMigrate } from "./process";
import { BUSY, GATE, makeProject, type Project } from "./project";
import { Proxy } from "./proxy";
import { Random } from "./random";
import { assertAgreement, assertComplete, readState } from "./state";

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
}

/** @throws Error that names the seed, and the project's files, when the run was not as it must be */
export async function runRound(seed: number): Promise<RoundResult> {
  const random = new Random(seed);
  const fault = faultOf(seed);
  const { point } = fault;
  const project = makeProject(random, {
    gate: isGated(fault),
    index: point === "index" || point === "index-row",
    busy: point === "lock",
  });
  const folder = mkdtempSync(join(tmpdir(), "tidemark-faults-"));
  for (const { script, text } of project.migrations) writeFileSync(join(folder, script), text);
  const proxy = await Proxy.open(await testServer());
  try {
    return await withTestDatabase(async (db) => {
      await db.client.query(PREPARE);
      const env = environment(await testServer(), db, project, proxy, fault);
      return strikeAndRecover({ random, db, project, folder, proxy, env }, fault);
    });
  } catch (error) {
    throw describeFailure(error, seed, fault, project);
  } finally {
    await proxy.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Not in a managed schema: for the migrator the database is empty. */
export const PREPARE = `CREATE SCHEMA outside; CREATE TABLE ${BUSY} (id int, kind text);
  INSERT INTO ${BUSY} SELECT n, 'k' || n FROM generate_series(1, 2000) n`;

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
    ...(point === "lock" && { TIDEMARK_LOCK_TIMEOUT: "50ms" }),
    ...(point !== "lock" && { TIDEMARK_LOCK_TIMEOUT: "20s" }), // what is held for a test is no contention
    TIDEMARK_LOCK_WAIT: "60s",
  };
}

async function strikeAndRecover(round: Round, fault: Fault): Promise<RoundResult> {
  const watch = new Watch(round.project, await round.db.connect());
  const struck = fault.point === "crowd" ? await crowd(round) : await alone(round, fault);
  await backendsGone(round.db.client);
  const looks = await watch.stop();
  assertAgreement(round.project, await readState(round.db.client));
  await recover(round, round.db.client);
  return { fault, struck, looks };
}

const isGated = ({ point }: Fault): boolean =>
  point === "statement" || point === "endless" || point === "row";

async function alone(round: Round, fault: Fault): Promise<boolean> {
  const { db, folder, env } = round;
  const holder = await db.connect();
  const prepared = await hold(holder, fault);
  const run = startMigrate(folder, env);
  const struck = await reachAndStrike(round, fault, run, holder);
  if (fault.point === "endless") await backendsGone(db.client);
  await prepared();
  assertExit(await run.ended, expectedExits(round, fault, struck));
  await holder.end();
  return struck;
}

/** Takes what the migrator shall wait for; returns how to let go of it. */
async function hold(holder: Client, fault: Fault): Promise<() => Promise<void>> {
  const { point } = fault;
  if (isGated(fault)) {
    await holder.query(`SELECT pg_advisory_lock(${GATE})`);
  } else if (point === "index" || point === "index-row" || point === "lock") {
    const mode = point === "lock" ? "ACCESS EXCLUSIVE" : "ROW EXCLUSIVE";
    await holder.query(`BEGIN; LOCK TABLE ${BUSY} IN ${mode} MODE`);
  }
  return async () => void (await holder.query("ROLLBACK; SELECT pg_advisory_unlock_all()"));
}

/** @returns false when the run was over before the fault could strike */
async function reachAndStrike(
  round: Round,
  { point, strike }: Fault,
  run: RunningMigrate,
  holder: Client,
): Promise<boolean> {
  const { random, db, proxy } = round;
  switch (point) {
    case "time":
      await waitFor(db.client, "true", run);
      await sleep(random.int(0, 120));
      break;
    case "bytes":
      return bytesPassed(round, strike, run);
    case "statement":
    case "endless":
      await waitFor(db.client, "wait_event = 'advisory'", run);
      break;
    case "row":
      await waitFor(db.client, "wait_event = 'advisory'", run);
      if (!(await lockHistory(db))) break;
      await holder.query("SELECT pg_advisory_unlock_all()");
      await waitFor(db.client, "wait_event = 'relation'", run);
      break;
    case "index":
      await waitFor(db.client, "wait_event_type = 'Lock'", run);
      break;
    case "index-row":
      await waitFor(db.client, "wait_event_type = 'Lock'", run);
      await lockHistory(db);
      await holder.query("ROLLBACK");
      await waitFor(db.client, "wait_event = 'relation'", run);
      break;
    case "lock":
      await waitFor(db.client, "wait_event = 'relation'", run);
      await sleep(random.int(0, 600));
      break;
    case "crowd":
      break;
  }
  const isRunning = run.isRunning();
  await doStrike(db, proxy, strike, run, random);
  return isRunning;
}

/** Readers may look; nobody may write a row until the connection ends. */
async function lockHistory(db: TestDatabase): Promise<boolean> {
  const { rows } = await db.client.query<{ found: boolean }>(
    "SELECT to_regclass('flyway_schema_history') IS NOT NULL AS found",
  );
  if (!rows[0]?.found) return false;
  const client = await db.connect();
  try {
    await client.query("BEGIN; LOCK TABLE flyway_schema_history IN SHARE MODE NOWAIT");
  } catch {
    return false; // a group has written rows of it already
  }
  releases.set(db, async () => client.end());
  return true;
}

/** What to let go of once the fault has struck. */
const releases = new WeakMap<TestDatabase, () => Promise<void>>();

async function doStrike(
  db: TestDatabase,
  proxy: Proxy,
  strike: Fault["strike"],
  run: RunningMigrate,
  random: Random,
): Promise<void> {
  if (strike === "kill") run.kill();
  if (strike === "cut") proxy.cut(random.pick(["reset", "end"]));
  if (strike === "terminate" || strike === "cancel") {
    await db.client.query(
      `SELECT pg_${strike}_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'tidemark'`,
    );
  }
  await sleep(random.int(0, 20)); // before what it waits for is let go
  await releases.get(db)?.();
  releases.delete(db);
}

async function bytesPassed(
  { random, db, proxy, project }: Round,
  strike: Fault["strike"],
  run: RunningMigrate,
): Promise<boolean> {
  let struck = false;
  const direction = random.pick(["up", "down"] as const);
  const size = project.migrations.reduce((sum, { text }) => sum + text.length + 500, 0);
  const offset = random.int(
    0,
    direction === "up" ? 5000 + size : 5000 + 300 * project.migrations.length,
  );
  const how = random.pick(["reset", "end"] as const);
  proxy.when(direction, offset, () => {
    struck = run.isRunning();
    if (strike === "kill") run.kill();
    if (strike === "cut") proxy.cut(how);
    if (strike === "terminate") void doStrike(db, proxy, strike, run, random);
  });
  await run.ended;
  return struck;
}

/** Waits until the migrator's own session is as asked, or its process has ended. */
async function waitFor(client: Client, condition: string, run: RunningMigrate): Promise<void> {
  while (run.isRunning()) {
    const { rowCount } = await client.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tidemark'
         AND ${condition}`,
    );
    if (rowCount) return;
    await sleep(5);
  }
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
  // A group is not tried again: its migrations before have locks of their own.
  const waits = point === "lock" && project.group ? [75] : [];
  if (!struck || strike === "nothing") return [0, ...waits];
  if (strike === "kill") return [null, 0, ...waits]; // 0: it was just over
  return strike === "cancel" ? [0, 65] : [0, 75];
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
async function crowd({ random, folder, env }: Round): Promise<boolean> {
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
  for (const [i, { code, stdout, stderr }] of all.entries())
    if (!victims.includes(runs[i] as RunningMigrate)) assert.equal(code, 0, stderr + stdout);
  return all.some(({ code }) => code === null);
}

/** The next run completes (after repair where a failed row says so), and one more has nothing to do. */
export async function recover(
  { db, project, folder }: Pick<Round, "db" | "project" | "folder">,
  client: Client,
): Promise<void> {
  const { group } = project;
  const options = { ...DEFAULT_OPTIONS, locations: [folder], group };
  const migrator = new Migrator({ connection: parseConnectionUrl(db.url), options });
  const hasFailed = (await readState(client)).history?.some((row) => !row.success) ?? false;
  if (hasFailed) {
    const refusal = await migrator.migrate().catch((error: unknown) => error);
    assert.ok(
      refusal instanceof TidemarkError && refusal.code === "VALIDATE_ERROR",
      String(refusal),
    );
    assert.match(refusal.remedy, /repair/);
    await migrator.repair();
  }
  await migrator.migrate();
  assertComplete(project, await readState(client));
  assert.deepEqual((await migrator.migrate()).applied, []);
  assert.deepEqual((await migrator.validate()).problems, []);
}

/** Looks at the database again and again while runs are under way. */
class Watch {
  #goesOn = true;
  readonly #done: Promise<number>;

  constructor(project: Project, client: Client) {
    this.#done = this.#look(project, client);
    this.#done.catch(() => undefined); // stop() tells
  }

  stop(): Promise<number> {
    this.#goesOn = false;
    return this.#done;
  }

  async #look(project: Project, client: Client): Promise<number> {
    let looks = 0;
    for (; this.#goesOn; looks++) {
      assertAgreement(project, await readState(client));
      await sleep(20);
    }
    return looks;
  }
}

function describeFailure(error: unknown, seed: number, fault: Fault, project: Project): Error {
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const files = project.migrations.map(({ script, text }) => `-- ${script}\n${text.slice(0, 600)}`);
  return new Error(
    `fault "${nameOf(fault)}"; repeat it with TIDEMARK_FAULTS_SEED=${seed} TIDEMARK_FAULTS_ROUNDS=1\n` +
      `${said}\n${project.group ? "group\n" : ""}${files.join("\n")}`,
    { cause: error },
  );
}
