/** Whole folders, run by each engine on a database of its own: history, catalog and data are the same. */
import assert from "node:assert/strict";

import { readState } from "../flyway/state";
import {
  assertAgreement,
  differences,
  type Project,
  startFlyway,
  stopFlyway,
  withProject,
  withTwins,
} from "./both";
import { type Folder, FOLDERS, RESTRICTED } from "./folders";

type Twins = readonly [flyway: Project, ours: Project];

async function migrateBoth([flyway, ours]: Twins, { config = {}, rows }: Folder): Promise<void> {
  const answer = await flyway.flyway("migrate", config);
  const outcome = await ours.tidemark("migrate", config);
  const [its, our] = [await readState(flyway.db.client), await readState(ours.db.client)];
  const said = `${answer.message ?? ""}\n--- ours: ${outcome.stderr}`;
  assert.deepEqual(differences(answer, outcome, { flyway: its, ours: our }), [], said);
  assert.equal(answer.exit, "ok", said);
  assert.equal(await digestOf(ours, rows[0]), await digestOf(flyway, rows[0]));
}

/** All rows, in whatever order they are: the state holds no more than sixty of a table. */
async function digestOf({ db }: Project, table: string): Promise<string | undefined> {
  const { rows } = await db.client.query<{ digest: string }>(
    `SELECT count(*) || ' ' || md5(string_agg(t::text, '|' ORDER BY t::text COLLATE "C")) AS digest FROM ${table} t`,
  );
  return rows[0]?.digest;
}

describe("interop: folders of real projects", function () {
  this.timeout(120_000);
  before(startFlyway);
  after(stopFlyway);

  for (const folder of FOLDERS) {
    it(folder.title, async () => {
      const { files, next, config = {}, rows } = folder;
      await withTwins(files, async (twins) => {
        await migrateBoth(twins, folder);
        if (next) {
          twins[0].write(next);
          await migrateBoth(twins, folder);
        }
        const [table, count] = rows;
        assert.equal((await digestOf(twins[1], table))?.split(" ")[0], String(count));
        for (const twin of twins) await assertAgreement(twin, config);
      });
    });
  }

  it("the \\restrict lines of a newer pg_dump, which Flyway sends to the server, change nothing", async () => {
    const [dump] = FOLDERS as [Folder];
    await withTwins(dump.files, async (twins) => {
      await migrateBoth(twins, dump);
      await withProject({ ...dump.files, "V1__dump.sql": RESTRICTED }, async (restricted) => {
        const { exitCode, stderr } = await restricted.tidemark("migrate");
        assert.equal(exitCode, 0, stderr);
        const { tables, views, functions } = await readState(twins[0].db.client);
        const state = await readState(restricted.db.client);
        assert.deepEqual([state.tables, state.views, state.functions], [tables, views, functions]);
        const answer = await restricted.flyway("validate");
        assert.equal(answer.exit, "ok", answer.message);
      });
    });
  });
});
