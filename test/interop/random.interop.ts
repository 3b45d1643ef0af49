/** Random projects through both engines, side by side: the same exits, histories, lists, problems and objects. */
import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";

import fc from "fast-check";

import type { CommandOutcome, Config } from "../flyway/command";
import type { DatabaseState } from "../flyway/corpus";
import { readState } from "../flyway/state";
import { differences, type Project, startFlyway, stopFlyway, withTwins } from "./both";
import { type Act, type RandomProject, randomProjects, sqlOf } from "./random-project";

const RUNS = Number(process.env.TIDEMARK_INTEROP_RUNS ?? 25);
const SEED = Number(process.env.TIDEMARK_INTEROP_SEED ?? 1);
const PATH = process.env.TIDEMARK_INTEROP_PATH;
const PATIENCE = 120_000 + RUNS * 15_000;

describe("random projects", function () {
  this.timeout(PATIENCE + 60_000);
  before(startFlyway);
  after(stopFlyway);

  it(`do the same through Flyway and through us: ${RUNS} of seed ${SEED}`, () =>
    withTwins({}, (twins) =>
      fc.assert(
        fc.asyncProperty(randomProjects, (project) => compareEngines(twins, project)),
        {
          numRuns: RUNS,
          seed: SEED,
          path: PATH,
          interruptAfterTimeLimit: PATIENCE, // what has been found by then is told, shrunk or not
        },
      ),
    ));
});

type Twins = readonly [Project, Project];

async function compareEngines(twins: Twins, { config, acts }: RandomProject): Promise<void> {
  for (const { db } of twins) await db.client.query(START_OVER);
  rmSync(twins[0].folder, { recursive: true });
  twins[0].write({ "sub/deep/none.txt": "" });
  const files = new Map<string, string>();
  for (const [index, act] of acts.entries()) {
    if (act.kind === "run") {
      const at = `act ${index + 1} of ${acts.length}, ${act.command}`;
      const verdict = await compareRun(twins, act.command, { ...config, ...act.config }, at);
      if (verdict === "apart") return;
    } else if (act.kind === "sql") {
      const sql = sqlOf(act.sql, config);
      // Where it cannot be done it cannot be done to both.
      for (const { db } of twins) await db.client.query(sql).catch(() => undefined);
    } else {
      change(twins[0], files, act);
    }
  }
}

/** Much quicker than other databases. */
const START_OVER = `DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
  LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP;
  CREATE SCHEMA public;
END $$`;

function change(
  project: Project,
  files: Map<string, string>,
  act: Exclude<Act, { kind: "run" | "sql" }>,
): void {
  const put = (name: string, content: string): void => {
    files.set(name, content);
    project.write({ [name]: content });
  };
  const drop = (name: string): void => {
    files.delete(name);
    project.write({ [name]: null });
  };
  if (act.kind === "write") return put(act.file.name, act.file.content);
  const name = [...files.keys()][act.place % files.size];
  const content = files.get(name ?? "");
  if (name === undefined || content === undefined) return;
  switch (act.kind) {
    case "edit":
      return put(name, act.content);
    case "lineEnds":
      return put(name, content.replaceAll("\n", "\r\n"));
    case "remove":
      return drop(name);
    case "rename":
      drop(name);
      return put(act.name, content);
  }
}

/** @returns "apart": we have refused without a trace, on purpose; the databases go on differently from here. */
async function compareRun(
  [flyway, ours]: Twins,
  command: string,
  config: Config,
  at: string,
): Promise<"alike" | "apart"> {
  const before = await readState(ours.db.client);
  if (isAdoption(command, config, before)) return "alike";
  for (const next of new Set([command, "info", "validate"])) {
    const [answer, outcome] = await Promise.all([
      flyway.flyway(next, config),
      ours.tidemarkHere(next, config),
    ]);
    const [its, our] = await Promise.all([flyway, ours].map(({ db }) => readState(db.client)));
    assert.ok(its && our);
    const found = differences(answer, outcome, { flyway: its, ours: our });
    if (found.length > 0 && isMissedDuplicate(ours, outcome)) return "apart";
    const failed = answer.exit === "failed";
    if (failed && found.length > 0 && isDeepStrictEqual(our, before) && onlyOpened(before, its))
      return "apart";
    const said = `${answer.message ?? ""}\n--- ours: ${JSON.stringify(outcome.report?.error)}`;
    assert.deepEqual(found, [], `${at} (${next}): ${JSON.stringify(found, null, 1)}\n${said}`);
  }
  return "alike";
}

/** An empty history table: Flyway leaves it to a hand to drop it before a baseline; we take it over. */
function isAdoption(command: string, config: Config, { history }: DatabaseState): boolean {
  const tables = Object.values(history as Record<string, readonly unknown[]>);
  if (!tables.some((rows) => rows.length === 0)) return false;
  return command === "baseline" || config.baselineOnMigrate === true;
}

/** Flyway misses that two V files have one version where a B file of that version stands between them. */
function isMissedDuplicate({ folder }: Project, { report }: CommandOutcome): boolean {
  const { code } = (report?.error ?? {}) as { code?: string };
  if (code !== "DUPLICATE_VERSIONED_MIGRATION") return false;
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).some((path) =>
    basename(path).startsWith("B"),
  );
}

/** Flyway may have made schemas and an empty history before it refuses; we refuse first. */
function onlyOpened(before: DatabaseState, after: DatabaseState): boolean {
  const rest = ({ history, ...others }: DatabaseState): unknown => ({
    ...others,
    history: Object.values(history as Record<string, readonly { type: string }[]>)
      .map((rows) => rows.filter(({ type }) => type !== "SCHEMA"))
      .filter((rows) => rows.length > 0),
    historyShape: undefined,
    schemas: undefined,
  });
  return isDeepStrictEqual(rest(after), rest(before));
}
