import assert from "node:assert/strict";

import type { Config } from "../flyway/command";
import { readState } from "../flyway/state";
import { historyOf, ranksOf } from "../support/migrator";
import type { TestDatabase } from "../support/postgres";
import {
  assertAgreement,
  type Engine,
  type FileChanges,
  type Project,
  runBy,
  withTwins,
} from "./both";

/** One step in the life of a database: files and objects change, then one of the engines runs a command. */
export interface Stage {
  readonly command: "migrate" | "baseline" | "repair";
  /** For this stage only, beside the story's own. */
  readonly config?: Config;
  readonly files?: FileChanges;
  /** Run by hand, before the command. */
  readonly sql?: string;
  /** Flyway's code of the failure that is expected. */
  readonly fails?: string;
}

export interface Story {
  readonly title: string;
  readonly config?: Config;
  readonly files?: FileChanges;
  readonly stages: readonly Stage[];
  /** The history table, where it has another name. */
  readonly table?: string;
  /** The history at the end, as `rank type version`. */
  readonly history: readonly string[];
}

const TAKING_TURNS: readonly [readonly [Engine, Engine], readonly [Engine, Engine]] = [
  ["flyway", "tidemark"],
  ["tidemark", "flyway"],
];

/**
 * Lives the story on two databases, the engines taking turns: on one Flyway begins, on the other we do. After each
 * stage both engines agree on each database, and the two databases are alike.
 */
export async function live({ files = {}, stages, config, table, history }: Story): Promise<void> {
  await withTwins(files, async (twins) => {
    for (const [index, stage] of stages.entries()) {
      if (stage.files) twins[0].write(stage.files);
      const all = { ...stage, config: { ...config, ...stage.config } };
      const [first, second] = TAKING_TURNS[index % 2 === 0 ? 0 : 1];
      await Promise.all([
        runStage(twins[0], first, all, index + 1),
        runStage(twins[1], second, all, index + 1),
      ]);
      const [one, other] = await Promise.all(twins.map(({ db }) => stateOf(db, table)));
      assert.deepEqual(one, other, `stage ${index + 1}: the databases are alike`);
    }
    assert.deepEqual(await ranksOf(twins[0].db, table), history);
  });
}

async function runStage(
  project: Project,
  engine: Engine,
  { command, sql, fails = "ok", config = {} }: Stage,
  number: number,
): Promise<void> {
  const at = `stage ${number}, ${command} by ${engine}`;
  if (sql) await project.db.client.query(sql);
  assert.equal(await runBy(engine, project, command, config), fails, at);
  await assertAgreement(project, config).catch((error: Error) => {
    error.message = `after ${at}: ${error.message}`;
    throw error;
  });
}

/** All but the times at which something was written. */
async function stateOf(db: TestDatabase, table?: string): Promise<unknown> {
  const state = { ...(await readState(db.client)), rows: await historyOf(db, table) };
  return JSON.parse(JSON.stringify(state).replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+/g, "<time>"));
}
