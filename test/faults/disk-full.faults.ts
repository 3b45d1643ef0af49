/** The server's disk is full: the tables and the history lie in a tablespace on a file system with almost no room left. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import type { TestDatabase, TestServer } from "../support/postgres";
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

const ROUNDS = 20;
const { seed } = faultSettings({ rounds: 0 });
const SPACE = 16 << 20;

type Running = TestServer & { readonly dataDirectory: string };
interface Library {
  readonly startServer: (options: { home: string }) => Promise<Running>;
  readonly purgeServer: (options: { home: string }) => Promise<void>;
}

// Compiled, this file lies in bin/test/faults.
const LIBRARY = pathToFileURL(resolve(__dirname, "../../../scripts/lib/postgres-server.mjs")).href;

// A file system of one's own takes root; without it these rounds are none of the run's, and the line says so.
if (process.getuid?.() === 0) disksFull();
else
  process.stdout.write("disk full: not among the faults of this run, since a mount needs root\n");

function disksFull(): void {
  describe(`faults: the server's disk is full, ${ROUNDS} rounds from seed ${seed}`, () => {
    let home = "";
    let small = "";
    const results: RoundResult[] = [];
    let failures = 0;
    let library: Library;
    let server: Running;

    before(async function () {
      this.timeout(120_000);
      home = mkdtempSync(join(tmpdir(), "tidemark-full-"));
      chmodSync(home, 0o755); // the server runs as another user, who has to get in
      library = (await import(LIBRARY)) as Library;
      server = await library.startServer({ home });
      small = mkdtempSync(join(tmpdir(), "tidemark-small-"));
      chmodSync(small, 0o755);
      mountSmall(small, server.dataDirectory);
    });

    after(async function () {
      this.timeout(120_000);
      await library.purgeServer({ home });
      run("umount", small);
      rmSync(home, { recursive: true, force: true });
      rmdirSync(small);
      addLines(seed, [line("disk full", results, failures)]);
    });

    for (let i = 0; i < ROUNDS; i++) {
      it(`seed ${seed + i}`, async function () {
        this.timeout(120_000);
        failures++;
        const struck = await fullRound(seed + i, server, small);
        failures--;
        results.push({ fault: { point: "time", strike: "nothing" }, struck, looks: 0 });
      });
    }
  });
}

function mountSmall(folder: string, dataDirectory: string): void {
  run("mount", "-t", "tmpfs", "-o", `size=${SPACE}`, "tmpfs", folder);
  process.once("exit", () => spawnSync("umount", ["-l", folder])); // interrupted tests leave by exit
  const place = join(folder, "tablespace");
  mkdirSync(place);
  const { uid, gid } = statSync(dataDirectory);
  chownSync(place, uid, gid);
}

function run(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  assert.equal(status, 0, `${program} ${args.join(" ")}: ${stderr}`);
}

async function fullRound(seed: number, server: Running, small: string): Promise<boolean> {
  const random = new Random(seed);
  const project = makeProject(random, { index: random.chance(0.3) });
  const filler = join(small, "filler");
  try {
    return await withFolder(project, (folder) =>
      withTestDatabase(async (db) => {
        await db.client.query(PREPARE);
        return inTablespace(db, join(small, "tablespace"), async () => {
          leave(filler, small, random.int(0, 60) * 8192);
          const { code, stdout, stderr } = await migrate(folder, db, project.group);
          const isFull = code === 75;
          assert.ok(
            isFull ? (stderr + stdout).includes("53100") : code === 0,
            `${code}: ${stderr}${stdout}`,
          );
          const client = await db.connect();
          assertNone(disagreements(project, await readState(client), 1));
          rmSync(filler);
          await recover({ db, project, folder }, client);
          return isFull;
        });
      }, Promise.resolve(server)),
    );
  } finally {
    rmSync(filler, { force: true });
  }
}

const migrate = (folder: string, db: TestDatabase, group: boolean) =>
  startMigrate(folder, { FLYWAY_URL: db.url, FLYWAY_GROUP: String(group) }).ended;

/** Whatever the sessions of this database make lies there; afterwards nothing does, so that the tablespace can go. */
async function inTablespace(
  db: TestDatabase,
  place: string,
  work: () => Promise<boolean>,
): Promise<boolean> {
  await db.client.query(`CREATE TABLESPACE small LOCATION '${place}'`);
  await db.client.query(`ALTER DATABASE ${db.name} SET default_tablespace = small`);
  try {
    return await work();
  } finally {
    await db.client.query("DROP SCHEMA public CASCADE; DROP SCHEMA outside CASCADE");
    await db.client.query("CHECKPOINT"); // files of dropped tables go with it
    await db.client.query("DROP TABLESPACE small");
  }
}

/** Fills the file system up to that many bytes. */
function leave(filler: string, folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - bytes)));
}
