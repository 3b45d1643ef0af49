/** What a run that was interrupted in or behind CREATE INDEX CONCURRENTLY has left, and the next run meets. */
import assert from "node:assert/strict";

import { failedRun, ranksOf, type Scenario, withScenario } from "../support/migrator";

const FILES = {
  "V1__a.sql": "CREATE TABLE a (gone int, id int, name text); ALTER TABLE a DROP COLUMN gone;",
};

/** The table, an index made by hand, and then the migration that makes the index. */
async function meet(
  left: string,
  migration: string,
  work: (scenario: Scenario) => Promise<void>,
): Promise<void> {
  await withScenario(FILES, async (scenario) => {
    await scenario.migrator().migrate();
    await scenario.db.client.query(left);
    await scenario.write({ "V2__index.sql": migration });
    await work(scenario);
  });
}

const warningsOf = ({ events }: Scenario): string[] =>
  events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));

async function indexesOf({ db }: Scenario): Promise<unknown[]> {
  const { rows } = await db.client.query<{ name: string; valid: boolean }>(
    `SELECT c.relname AS name, i.indisvalid AS valid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = 'a'::regclass ORDER BY 1`,
  );
  return rows;
}

const SAME = [
  ["CREATE INDEX i ON a (id)", "CREATE INDEX CONCURRENTLY i ON a (id)"],
  [
    "CREATE UNIQUE INDEX i ON a (id)",
    "create unique index concurrently i on public.a using btree (id ASC)",
  ],
  [
    `CREATE INDEX "I x" ON a (lower(name), id DESC) WHERE name <> ' USING '`,
    `CREATE INDEX CONCURRENTLY "I x" ON a (lower(name), id DESC) WHERE name <> ' USING ' -- why\n;`,
  ],
  [
    "CREATE INDEX i ON a (id) INCLUDE (name) WITH (fillfactor = 70)",
    "CREATE INDEX CONCURRENTLY i ON ONLY a (id) INCLUDE (name) WITH (fillfactor = 70);",
  ],
] as const;

const DIFFERENT = [
  ["CREATE INDEX i ON a (name)", "CREATE INDEX CONCURRENTLY i ON a (id)"],
  ["CREATE INDEX i ON a (id)", "CREATE UNIQUE INDEX CONCURRENTLY i ON a (id)"],
  ["CREATE INDEX i ON a (id)", "CREATE INDEX CONCURRENTLY i ON a (id) WHERE id > 0"],
  ["CREATE TABLE i (id int); CREATE INDEX j ON i (id)", "CREATE INDEX CONCURRENTLY j ON a (id)"],
] as const;

describe("engine: what an interrupted CREATE INDEX CONCURRENTLY has left", () => {
  for (const [left, migration] of SAME) {
    it(`the very index, valid, is taken as built: ${migration}`, () =>
      meet(left, migration, async (scenario) => {
        const before = await indexesOf(scenario);
        assert.equal((await scenario.migrator().migrate()).to, "2");
        assert.deepEqual(await indexesOf(scenario), before);
        assert.deepEqual(await ranksOf(scenario.db), ["1 SQL 1", "2 SQL 2"]);
        assert.match(warningsOf(scenario).join(), /is there already/);
      }));
  }

  for (const [left, migration] of DIFFERENT) {
    it(`another index of its name is an error: ${left} / ${migration}`, () =>
      meet(left, migration, async (scenario) => {
        await failedRun(scenario.migrator().migrate(), {
          code: "ERROR",
          class: "migrations",
          sqlState: "42P07",
        });
        assert.deepEqual(await ranksOf(scenario.db), ["1 SQL 1", "2 SQL 2 failed"]);
      }));
  }

  it("an INVALID one is dropped and built anew", () =>
    meet(
      "CREATE INDEX i ON a (id); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'i'::regclass",
      "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON a (id);",
      async (scenario) => {
        assert.equal((await scenario.migrator().migrate()).to, "2");
        assert.deepEqual(await indexesOf(scenario), [{ name: "i", valid: true }]);
        assert.match(warningsOf(scenario).join(), /Dropped the INVALID index "public"\."i"/);
      },
    ));
});
