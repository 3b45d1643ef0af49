/** The server itself goes down at once, as in a crash (an immediate shutdown), in the middle of a run, and comes back. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

import type { TestServer } from "../support/postgres";
import { withTestDatabase } from "../support/postgres";
import { withFolder } from "./files";
import { disagreements } from "./model";
import { startMigrate } from "./process";
import { makeProject, PREPARE } from "./project";
import { Random } from "./random";
import { recover } from "./recover";
import type { RoundResult } from "./round";
import { faultSettings } from "./settings";
import { assertNone, readState } from "./state";
import { addLines, line } from "./table";

const ROUNDS = 15;
const { seed } = faultSettings({ rounds: 0 });

type Running = TestServer & { readonly dataDirectory: string };
interface Library {
  readonly startServer: (options: { home: string }) => Promise<Running>;
  readonly purgeServer: (options: { home: string }) => Promise<void>;
}

// Compiled, this file lies in bin/test/faults.
const LIBRARY = pathToFileURL(resolve(__dirname, "../../../scripts/lib/postgres-server.mjs")).href;

describe(`faults: the server crashes and comes back, ${ROUNDS} rounds from seed ${seed}`, () => {
  let home = "";
  const results: RoundResult[] = [];
  let failures = 0;
  let library: Library;

  before(async function () {
    this.timeout(120_000);
    home = mkdtempSync(join(tmpdir(), "tidemark-restart-"));
    chmodSync(home, 0o755); // as root, the server runs as another user, who has to get in
    library = (await import(LIBRARY)) as Library;
    await library.startServer({ home });
  });

  after(async function () {
    this.timeout(120_000);
    await library.purgeServer({ home });
    rmSync(home, { recursive: true, force: true });
    addLines(seed, [line("server crash", results, failures)]);
  });

  for (let i = 0; i < ROUNDS; i++) {
    it(`seed ${seed + i}`, async function () {
      this.timeout(120_000);
      failures++;
      const struck = await restartRound(seed + i, library, home);
      failures--;
      results.push({ fault: { point: "time", strike: "nothing" }, struck, looks: 0 });
    });
  }
});

async function restartRound(seed: number, library: Library, home: string): Promise<boolean> {
  const random = new Random(seed);
  const project = makeProject(random, { index: random.chance(0.4) });
  return withFolder(project, (folder) =>
    withTestDatabase(async (db) => {
      await db.client.query(PREPARE);
      const run = startMigrate(folder, {
        FLYWAY_URL: db.url,
        FLYWAY_GROUP: String(project.group),
      });
      await connected(db.client, run.isRunning);
      await sleep(random.int(0, 60));
      const struck = run.isRunning();
      const server = await crash(library, home);
      const { code, stdout, stderr } = await run.ended;
      assert.ok(code === 0 || code === 75, `exit ${code}: ${stderr}${stdout}`);
      assert.ok(db.url.includes(`:${server.port}/`), "the server is back at its port");
      const client = await db.connect();
      assertNone(disagreements(project, await readState(client), 1));
      await recover({ db, project, folder }, client);
      return struck;
    }, library.startServer({ home })),
  );
}

async function connected(
  client: { query: (sql: string) => Promise<{ rowCount: number | null }> },
  isRunning: () => boolean,
): Promise<void> {
  const sql = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tidemark'`;
  while (isRunning() && !(await client.query(sql)).rowCount) await sleep(5);
}

/** SIGQUIT is PostgreSQL's immediate shutdown: nothing is written any more, the next start recovers from the log. */
async function crash(library: Library, home: string): Promise<Running> {
  const { dataDirectory } = await library.startServer({ home });
  const [pid] = readFileSync(join(dataDirectory, "postmaster.pid"), "utf8").split("\n");
  process.kill(Number(pid), "SIGQUIT");
  while (isAlive(Number(pid))) await sleep(20);
  return library.startServer({ home });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
