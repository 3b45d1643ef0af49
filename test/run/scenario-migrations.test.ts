import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import {
  catalogOf,
  historyOf,
  type MigratorOverrides,
  ranksOf,
  REAL_MIGRATIONS,
  stateOf,
  tablesOf,
  withScenario,
} from "../support/migrator";

const locationsOf = (database: string) => [
  join(REAL_MIGRATIONS, database),
  join(REAL_MIGRATIONS, "repeatable"),
];

const sqlOf = (path: string) => readFileSync(join(REAL_MIGRATIONS, path), "utf8");

const AGENTS_BASELINE: MigratorOverrides = {
  locations: locationsOf("agents"),
  baselineOnMigrate: true,
  baselineScope: "database",
  baselineVersion: "3",
  baselineDescription: "Baseline existing agents schema",
};

describe("engine: the scenario's own migrations", () => {
  const versions = [
    ["platform", ["1", "2", "3", null]],
    ["agents", ["3", null]],
    ["workflows", ["1", null]],
    ["langgraph", ["1", null]],
  ] as const;

  for (const [database, expected] of versions) {
    it(`bring a new ${database} database to ${expected.at(-2)}, and a second run changes nothing`, async () => {
      await withScenario({}, async ({ db, migrator }) => {
        const run = migrator({ locations: locationsOf(database) });
        const { to } = await run.migrate();
        assert.equal(to, expected.at(-2));
        assert.deepEqual(
          (await historyOf(db))?.map((row) => row.version),
          expected,
        );
        assert.notDeepEqual(await tablesOf(db), []);
        assert.deepEqual((await run.validate()).problems, []);
        const before = await stateOf(db);
        assert.deepEqual((await run.migrate()).applied, []);
        assert.deepEqual(await stateOf(db), before);
      });
    });
  }

  it("take over an agents schema made by hand at 3, and make no table of their own", async () => {
    await withScenario({}, async ({ db, migrator }) => {
      await db.client.query("CREATE SCHEMA agents; CREATE TABLE agents.nodes (node_id text)");
      const result = await migrator(AGENTS_BASELINE).migrate();
      assert.equal(result.to, "3");
      assert.deepEqual(await ranksOf(db), ["1 BASELINE 3", "2 SQL null"]);
      assert.deepEqual(await tablesOf(db), ["agents.nodes"]);
      assert.equal((await historyOf(db))?.[0]?.script, "Baseline existing agents schema");
    });
  });

  it("start an empty agents database with V3, though the same baseline is configured", async () => {
    await withScenario({}, async ({ db, migrator }) => {
      await migrator(AGENTS_BASELINE).migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 3", "2 SQL null"]);
    });
  });

  it("make the same agents schema as was made by hand with the statements of V3", async () => {
    const byHand = await withScenario({}, async ({ db, migrator }) => {
      await db.client.query(sqlOf("agents/V3__create_agents_schema.sql"));
      await migrator(AGENTS_BASELINE).migrate();
      assert.deepEqual(await ranksOf(db), ["1 BASELINE 3", "2 SQL null"]);
      return catalogOf(db);
    });
    const migrated = await withScenario({}, async ({ db, migrator }) => {
      await migrator(AGENTS_BASELINE).migrate();
      return catalogOf(db);
    });
    assert.deepEqual(byHand, migrated);
  });

  it("bring a workflows schema bootstrapped by hand, with or without its foreign key, to the same", async () => {
    const fresh = await withScenario({}, async ({ db, migrator }) => {
      await migrator({ locations: locationsOf("workflows") }).migrate();
      return catalogOf(db);
    });
    const drops = [
      "SELECT",
      `ALTER TABLE workflows_service.definitions
         DROP CONSTRAINT fk_workflows_service_definitions_latest_version`,
      "DROP INDEX workflows_service.definitions_organization_id_key_key",
    ];
    for (const drop of drops) {
      await withScenario({}, async ({ db, migrator }) => {
        await db.client.query(sqlOf("workflows/V1__workflows_service_schema.sql"));
        await db.client.query(drop);
        await migrator({
          locations: locationsOf("workflows"),
          baselineScope: "database",
          existingSchemas: ["workflows_service"],
        }).migrate();
        assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL null"]);
        assert.deepEqual(await catalogOf(db), fresh, drop);
      });
    }
  });
});
