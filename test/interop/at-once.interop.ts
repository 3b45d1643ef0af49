/** Flyway and we at the same time on one database: the one excludes the other, and nothing runs twice. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { advisoryLockKey } from "../../engine/core/lock-key";
import { historyOf } from "../support/migrator";
import {
  assertAgreement,
  type FileChanges,
  type Project,
  startFlyway,
  stopFlyway,
  withProject,
} from "./both";

const MIGRATIONS = 40;
const ROUNDS = 5;

/** Flyway's two ways of locking: within a transaction of a second connection (its default), or for the session. */
const LOCK_MODES = [true, false].map((transactional) => ({
  title: transactional ? "Flyway's transactional lock" : "Flyway's session lock",
  config: { "postgresql.transactional.lock": transactional },
}));

/** Each migration says that it ran; none of them would fail if it ran again. */
function manyMigrations(): FileChanges {
  const files: Record<string, string> = {
    "V1__runs.sql": "CREATE TABLE IF NOT EXISTS runs (v int);\n",
  };
  for (let v = 2; v <= MIGRATIONS; v++)
    files[`V${v}__run.sql`] = `INSERT INTO runs VALUES (${v});\nSELECT pg_sleep(0.01);\n`;
  return files;
}

interface Run {
  readonly by: string;
  readonly failure: string | undefined;
  readonly applied: number;
}

type Modes = (typeof LOCK_MODES)[number]["config"];

async function runFlyway(project: Project, config: Modes, delay: number): Promise<Run> {
  await sleep(delay); // our own processes have to start first
  const { exit, message, result } = await project.flyway("migrate", config);
  const failure = exit === "ok" ? undefined : message;
  return { by: "flyway", failure, applied: result?.migrationsExecuted ?? 0 };
}

async function runTidemark(project: Project): Promise<Run> {
  const { exitCode, report, stderr } = await project.tidemark("migrate");
  const applied = (report?.applied as unknown[] | undefined)?.length ?? 0;
  return { by: "tidemark", failure: exitCode === 0 ? undefined : stderr, applied };
}

/** Two of each, started together; with a gate, all of them have read the empty database before the first may write. */
async function race(project: Project, config: Modes, round: number): Promise<Run[]> {
  const gated = round % 2 === 0;
  const delay = gated ? 0 : 80 * round; // sometimes Flyway comes first, sometimes we do
  const gate = await project.db.connect();
  const key = advisoryLockKey("public", "flyway_schema_history").toString();
  if (gated) await gate.query("SELECT pg_advisory_lock($1::bigint)", [key]);
  const runs = Promise.all([
    runTidemark(project),
    runFlyway(project, config, delay),
    runTidemark(project),
    runFlyway(project, config, delay + 80),
  ]);
  if (gated) await sleep(1500);
  await gate.end();
  return runs;
}

describe("Flyway and we, at once", () => {
  before(startFlyway);
  after(stopFlyway);

  for (const { title, config } of LOCK_MODES) {
    for (let round = 1; round <= ROUNDS; round++) {
      it(`each of ${MIGRATIONS} migrations runs exactly once: ${title}, round ${round}`, () =>
        withProject(manyMigrations(), async (project) => {
          const runs = await race(project, config, round);
          const failures = runs.filter(({ failure }) => failure !== undefined);
          assert.deepEqual(failures, []);
          const applied = runs.reduce((sum, run) => sum + run.applied, 0);
          assert.equal(applied, MIGRATIONS, JSON.stringify(runs));
          await assertEachOnce(project);
          await assertAgreement(project, {});
        }));
    }
  }
});

async function assertEachOnce(project: Project): Promise<void> {
  const versions = Array.from({ length: MIGRATIONS }, (_, i) => i + 1);
  const rows = (await historyOf(project.db)) ?? [];
  assert.deepEqual(
    rows.map((row) => [row.installed_rank, row.version, row.success]),
    versions.map((version) => [version, String(version), true]),
  );
  const { rows: runs } = await project.db.client.query<{ v: number }>("SELECT v FROM runs");
  assert.deepEqual(
    runs.map(({ v }) => v),
    versions.slice(1),
  );
}

const SLOW: FileChanges = { "V1__slow.sql": "SELECT pg_sleep(4);\n" };

/** Resolves when somebody holds an advisory lock in the project's database. */
async function lockIsHeld({ db }: Project): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(50)) {
    const { rowCount } = await db.client.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    if (rowCount) return;
  }
  assert.fail("nobody took the lock");
}

describe("the lock of the schema history", () => {
  before(startFlyway);
  after(stopFlyway);

  for (const { title, config } of LOCK_MODES) {
    it(`keeps Flyway out while we migrate: ${title}`, () =>
      withProject(SLOW, async (project) => {
        const ours = project.tidemark("migrate");
        await lockIsHeld(project);
        const impatient = await project.flyway("migrate", { ...config, lockRetryCount: 1 });
        assert.equal(impatient.exit, "failed");
        assert.match(impatient.message ?? "", /retries exceeded/i);
        const patient = await project.flyway("migrate", config);
        assert.deepEqual([patient.exit, patient.result?.migrationsExecuted], ["ok", 0]);
        const { exitCode, report } = await ours;
        assert.deepEqual([exitCode, report?.migrationsExecuted], [0, 1]);
      }));

    it(`keeps us out while Flyway migrates, and we name it: ${title}`, () =>
      withProject(SLOW, async (project) => {
        const flyway = project.flyway("migrate", config);
        await lockIsHeld(project);
        const impatient = await project.tidemark("migrate", {}, { TIDEMARK_LOCK_WAIT: "1s" });
        assert.equal(impatient.exitCode, 75, impatient.stderr);
        const { message } = impatient.report?.error as { message: string };
        assert.match(message, /holds the lock.*pid \d+ .*"PostgreSQL JDBC Driver"/);
        const patient = await project.tidemark("migrate");
        assert.deepEqual([patient.exitCode, patient.report?.migrationsExecuted], [0, 0]);
        const { exit, result } = await flyway;
        assert.deepEqual([exit, result?.migrationsExecuted], ["ok", 1]);
      }));
  }

  it("is another one for another history table", () =>
    withProject(SLOW, async (project) => {
      const flyway = project.flyway("migrate");
      await lockIsHeld(project);
      const others = { table: "other_history", baselineOnMigrate: true };
      const ours = await project.tidemark("migrate", others, { TIDEMARK_LOCK_WAIT: "1s" });
      assert.equal(ours.exitCode, 0, ours.stderr);
      assert.equal((await flyway).exit, "ok");
    }));
});
