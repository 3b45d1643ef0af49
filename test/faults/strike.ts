/** Brings a run to where the fault is to strike, and strikes. */
import { setTimeout as sleep } from "node:timers/promises";

import type { Client } from "pg";

import type { TestDatabase } from "../support/postgres";
import type { Fault } from "./faults";
import type { RunningMigrate } from "./process";
import type { Project } from "./project";
import type { Proxy } from "./proxy";
import type { Random } from "./random";
import { BUSY, GATE } from "./scripts";

export interface Target {
  readonly random: Random;
  readonly db: TestDatabase;
  readonly project: Project;
  readonly proxy: Proxy;
}

const GATED: readonly Fault["point"][] = [
  "statement",
  "endless",
  "row",
  "commit",
  "block",
  "callback",
];

/** Takes what the migrator shall wait for; returns how to let go of it. */
export async function hold(holder: Client, { point }: Fault): Promise<() => Promise<void>> {
  if (GATED.includes(point)) {
    await holder.query(`SELECT pg_advisory_lock(${GATE})`);
  } else if (point.startsWith("index") || point.endsWith("lock")) {
    const mode = point.endsWith("lock") ? "ACCESS EXCLUSIVE" : "ROW EXCLUSIVE";
    await holder.query(`BEGIN; LOCK TABLE ${BUSY} IN ${mode} MODE`);
  }
  return async () => void (await holder.query("ROLLBACK; SELECT pg_advisory_unlock_all()"));
}

/** @returns false when the run was over before the fault could strike */
export async function reachAndStrike(
  target: Target,
  { point, strike }: Fault,
  run: RunningMigrate,
  holder: Client,
): Promise<boolean> {
  if (point === "bytes") return bytesPassed(target, strike, run);
  await PLACES[point]?.(target, run, holder);
  const isRunning = run.isRunning();
  await doStrike(target, strike, run);
  return isRunning;
}

type Reach = (target: Target, run: RunningMigrate, holder: Client) => Promise<void>;

const session =
  (condition: string): Reach =>
  ({ db }, run) =>
    waitFor(db.client, condition, run);

const atGate = session("wait_event = 'advisory'");
const atTable = session("wait_event = 'relation'");

/** How a run gets to the point; where there is none, the fault strikes at once. */
const PLACES: Partial<Record<Fault["point"], Reach>> = {
  time: async (target, run, holder) => {
    await session("true")(target, run, holder);
    await sleep(target.random.int(0, 120));
  },
  statement: atGate,
  endless: atGate,
  commit: atGate,
  block: atGate,
  callback: atGate,
  row: async (target, run, holder) => {
    await atGate(target, run, holder);
    if (!(await lockHistory(target.db))) return;
    await holder.query("SELECT pg_advisory_unlock_all()");
    await atTable(target, run, holder);
  },
  index: session("wait_event_type = 'Lock'"),
  "index-row": async (target, run, holder) => {
    await session("wait_event_type = 'Lock'")(target, run, holder);
    await lockHistory(target.db);
    await holder.query("ROLLBACK");
    await atTable(target, run, holder);
  },
  lock: waitingForTable,
  "commit-lock": waitingForTable,
};

async function waitingForTable(target: Target, run: RunningMigrate, holder: Client): Promise<void> {
  await atTable(target, run, holder);
  await sleep(target.random.int(0, 600));
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
  { db, proxy, random }: Target,
  strike: Fault["strike"],
  run: RunningMigrate,
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
  target: Target,
  strike: Fault["strike"],
  run: RunningMigrate,
): Promise<boolean> {
  const { random, proxy, project } = target;
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
    if (strike === "terminate") void doStrike(target, strike, run);
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
