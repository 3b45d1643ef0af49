import assert from "node:assert/strict";

import type { Config } from "../flyway/command";
import type { DatabaseState } from "../flyway/corpus";
import { readState } from "../flyway/state";
import { historyOf, ranksOf } from "../support/migrator";
import { assertAgreement, type Engine, type FileChanges, runBy, withTwins } from "./both";

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

const TAKING_TURNS: readonly (readonly [Engine, Engine])[] = [
  ["flyway", "tidemark"],
  ["tidemark", "flyway"],
];

/**
 * Lives the story on two databases, the engines taking turns: on one Flyway begins, on the other we do. After each
 * stage both engines agree on each database, and the two databases are alike.
 */
export async function live(story: Story): Promise<void> {
  await withTwins(story.files ?? {}, async (twins) => {
    for (const [index, stage] of story.stages.entries()) {
      if (stage.files) twins[0].write(stage.files);
      const config = { ...story.config, ...stage.config };
      const states: unknown[] = [];
      for (const [twin, turns] of TAKING_TURNS.entries()) {
        const project = twins[twin as 0 | 1];
        const engine = turns[index % 2 === 0 ? 0 : 1];
        if (stage.sql) await project.db.client.query(stage.sql);
        const outcome = await runBy(engine, project, stage.command, config);
        const at = `stage ${index + 1}, ${stage.command} by ${engine}`;
        assert.equal(outcome, stage.fails ?? "ok", at);
        await assertAgreement(project, config).catch((error: Error) => {
          error.message = `after ${at}: ${error.message}`;
          throw error;
        });
        states.push(await stateOf(project.db, story.table));
      }
      assert.deepEqual(states[1], states[0], `stage ${index + 1}: the databases are alike`);
    }
    assert.deepEqual(await ranksOf(twins[0].db, story.table), story.history);
  });
}

async function stateOf(
  db: Parameters<typeof historyOf>[0],
  table?: string,
): Promise<DatabaseState & { rows: unknown }> {
  return { ...(await readState(db.client)), rows: await historyOf(db, table) };
}
