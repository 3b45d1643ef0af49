/** Random projects through both engines, side by side: the same exits, histories, lists, problems and objects. */
import assert from "node:assert/strict";

import fc from "fast-check";

import type { Config } from "../flyway/command";
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
    fc.assert(fc.asyncProperty(randomProjects, compareEngines), {
      numRuns: RUNS,
      seed: SEED,
      path: PATH,
      interruptAfterTimeLimit: PATIENCE, // what has been found by then is told, shrunk or not
    }));
});

async function compareEngines({ config, acts }: RandomProject): Promise<void> {
  await withTwins({ "sub/deep/none.txt": "" }, async ([flyway, ours]) => {
    const files = new Map<string, string>();
    for (const [index, act] of acts.entries()) {
      if (act.kind === "run") {
        const at = `act ${index + 1} of ${acts.length}, ${act.command}`;
        await compareRun(flyway, ours, act.command, { ...config, ...act.config }, at);
      } else if (act.kind === "sql") {
        const sql = sqlOf(act.sql, config);
        // Where it cannot be done it cannot be done to both.
        for (const { db } of [flyway, ours]) await db.client.query(sql).catch(() => undefined);
      } else {
        change(flyway, files, act);
      }
    }
  });
}

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

async function compareRun(
  flyway: Project,
  ours: Project,
  command: string,
  config: Config,
  at: string,
): Promise<void> {
  if (isOnPurposeDifferent(command, config, await readState(flyway.db.client))) return;
  for (const next of new Set([command, "info", "validate"])) {
    const [answer, outcome] = await Promise.all([
      flyway.flyway(next, config),
      ours.tidemarkHere(next, config),
    ]);
    const [states, our] = await Promise.all([flyway, ours].map(({ db }) => readState(db.client)));
    assert.ok(states && our);
    const found = differences(answer, outcome, { flyway: states, ours: our });
    const said = `${answer.message ?? ""}\n--- ours: ${JSON.stringify(outcome.report?.error)}`;
    assert.deepEqual(found, [], `${at} (${next}): ${JSON.stringify(found, null, 1)}\n${said}`);
  }
}

/** An empty history table: Flyway cannot baseline it (or leaves the step to a hand); we take it over. */
function isOnPurposeDifferent(command: string, config: Config, { history }: DatabaseState): boolean {
  const rows = Object.values(history as Record<string, readonly unknown[]>);
  if (!rows.some((r) => r.length === 0)) return false;
  return command === "baseline" || config.baselineOnMigrate === true;
}
