import assert from "node:assert/strict";

import {
  assertFails,
  historyOf,
  type MigratorOverrides,
  ranksOf,
  stateOf,
  tablesOf,
  withScenario,
} from "../support/migrator";

/** As a stack configures it: objects of any schema count. */
const BASELINE: MigratorOverrides = {
  baselineOnMigrate: true,
  baselineScope: "database",
  baselineVersion: "3",
  baselineDescription: "Baseline existing agents schema",
};

const AGENTS = {
  "V3__create_agents_schema.sql": "CREATE SCHEMA agents; CREATE TABLE agents.nodes (id text);",
  "V4__add_payload.sql": "ALTER TABLE agents.nodes ADD payload jsonb;",
};

const BY_HAND = "CREATE SCHEMA agents; CREATE TABLE agents.nodes (id text);";

/** What Flyway leaves behind when its first run fails: the table, made in a transaction of its own. */
const EMPTY_HISTORY = `CREATE TABLE flyway_schema_history (
  installed_rank INT NOT NULL, version VARCHAR(50), description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL,
  script VARCHAR(1000) NOT NULL, checksum INTEGER, installed_by VARCHAR(100) NOT NULL,
  installed_on TIMESTAMP NOT NULL DEFAULT now(), execution_time INTEGER NOT NULL, success BOOLEAN NOT NULL);
  ALTER TABLE flyway_schema_history ADD CONSTRAINT flyway_schema_history_pk PRIMARY KEY (installed_rank);
  CREATE INDEX flyway_schema_history_s_idx ON flyway_schema_history (success)`;

describe("engine/adoption: a database without a history", () => {
  it("and without objects gets one and all migrations, from the first", async () => {
    await withScenario(AGENTS, async ({ db, migrator, events }) => {
      const result = await migrator().migrate();
      assert.deepEqual([result.from, result.to], [null, "4"]);
      assert.deepEqual(await ranksOf(db), ["1 SQL 3", "2 SQL 4"]);
      assert.deepEqual(
        events.map((event) => event.kind),
        ["historyCreated", "applying", "applied", "applying", "applied"],
      );
    });
  });

  it("and without objects is migrated from the first migration, although a baseline is configured", async () => {
    await withScenario(AGENTS, async ({ db, migrator }) => {
      await migrator(BASELINE).migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 3", "2 SQL 4"]);
      assert.deepEqual(await tablesOf(db), ["agents.nodes"]);
    });
  });

  it("but with the agents schema is baselined at 3, and migrated from there", async () => {
    await withScenario(AGENTS, async ({ db, migrator, events }) => {
      await db.client.query(BY_HAND);
      const { plan } = await migrator(BASELINE).plan();
      assert.deepEqual(
        plan.steps.map((step) => step.kind),
        ["createHistory", "baseline", "apply"],
      );
      const result = await migrator(BASELINE).migrate();
      assert.equal(result.to, "4");
      const [baseline, applied, ...more] = (await historyOf(db)) ?? [];
      assert.deepEqual(baseline, {
        installed_rank: 1,
        version: "3",
        description: "Baseline existing agents schema",
        type: "BASELINE",
        script: "Baseline existing agents schema",
        checksum: null,
        installed_by: baseline?.installed_by,
        success: true,
      });
      assert.deepEqual([applied?.installed_rank, applied?.version, more], [2, "4", []]);
      const baselined = { kind: "baselined", version: "3", description: baseline.description };
      assert.deepEqual(events[1], baselined);
    });
  });

  it("once baselined is as the files say, and a second run finds nothing to do", async () => {
    await withScenario(AGENTS, async ({ db, migrator }) => {
      await db.client.query(BY_HAND);
      await migrator(BASELINE).migrate();
      const before = await stateOf(db);
      assert.deepEqual((await migrator(BASELINE).migrate()).applied, []);
      assert.deepEqual((await migrator(BASELINE).validate()).problems, []);
      assert.deepEqual((await migrator().validate()).problems, [], "also without the setting");
      assert.deepEqual(await stateOf(db), before);
    });
  });

  it("but with objects, where only V3 is there, is baselined and nothing is run", async () => {
    const files = { "V3__create_agents_schema.sql": AGENTS["V3__create_agents_schema.sql"] };
    await withScenario(files, async ({ db, migrator }) => {
      await db.client.query(BY_HAND);
      const result = await migrator(BASELINE).migrate();
      assert.deepEqual([result.from, result.to, result.applied], [null, "3", []]);
      assert.deepEqual(await ranksOf(db), ["1 BASELINE 3"]);
    });
  });

  it("but with objects in an unmanaged schema is empty in Flyway's eyes: V3 is run, and fails", async () => {
    await withScenario(AGENTS, async ({ db, migrator }) => {
      await db.client.query(BY_HAND);
      const expected = { code: "ERROR", class: "migrations", sqlState: "42P06" } as const;
      await assertFails(migrator({ ...BASELINE, baselineScope: "schemas" }).migrate(), expected);
    });
  });

  it("but with objects and no baseline is refused, with both ways out, and nothing is written", async () => {
    await withScenario({ "V1__a.sql": "SELECT 1;" }, async ({ db, migrator }) => {
      await db.client.query("CREATE TABLE legacy (id int)");
      const before = await stateOf(db);
      await assertFails(migrator().migrate(), {
        code: "NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE",
        class: "migrations",
        message: /"public"/,
        remedy: /baseline.*wrong database.*correct the URL/,
      });
      assert.deepEqual(await stateOf(db), before);
      assert.equal(before.history, null);
    });
  });

  it("takes a baseline description with quotes, semicolons and placeholders literally", async () => {
    await withScenario(AGENTS, async ({ db, migrator }) => {
      await db.client.query(BY_HAND);
      const baselineDescription = "it's ${x}; \\ fine";
      await migrator({ ...BASELINE, baselineDescription }).migrate();
      assert.equal((await historyOf(db))?.[0]?.description, baselineDescription);
    });
  });
});

/** As a stack asks, without a baseline. */
const STACK: MigratorOverrides = { baselineScope: "database" };
const REFUSED = {
  code: "NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE",
  class: "migrations",
} as const;

describe("engine/adoption: in a stack, objects without a history and a baseline", () => {
  const FILES = { "V1__a.sql": "CREATE TABLE a (id int);" };

  const objects: Readonly<Record<string, string>> = {
    "a table": "CREATE TABLE agents.nodes (id text)",
    "a partitioned table": "CREATE TABLE agents.nodes (id int) PARTITION BY LIST (id)",
    "a materialized view": "CREATE MATERIALIZED VIEW agents.nodes AS SELECT 1 AS id",
    "a sequence": "CREATE SEQUENCE agents.ids",
    "a function": "CREATE FUNCTION agents.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "an enum": "CREATE TYPE agents.state AS ENUM ('on')",
  };
  for (const [what, sql] of Object.entries(objects)) {
    it(`are refused in whatever schema, with both ways out, and nothing is written: ${what}`, async () => {
      await withScenario(FILES, async ({ db, migrator }) => {
        await db.client.query(`CREATE SCHEMA agents; ${sql}`);
        const before = await stateOf(db);
        const expected = {
          ...REFUSED,
          message: /in schema "agents" but no schema history/,
          remedy: /<name>\.baseline: .*<name>\.existingSchemas: \["agents"\]/,
        };
        await assertFails(migrator(STACK).plan(), expected);
        await assertFails(migrator(STACK).migrate(), expected);
        assert.deepEqual(await stateOf(db), before);
        assert.equal(before.history, null);
        await migrator().migrate(); // the command has Flyway's rule
        assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
      });
    });
  }

  it("are all named, and a schema that is to be made is no way around", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await db.client.query(`CREATE SCHEMA "it's ""x"""; CREATE TABLE "it's ""x""".t (id int);
        CREATE SCHEMA b; CREATE TABLE b.t (id int)`);
      await assertFails(migrator({ ...STACK, schemas: ["app"] }).migrate(), {
        ...REFUSED,
        message: /in schema "b", "it's \\"x\\"" but/,
      });
      const known = { existingSchemas: ["b", 'it\'s "x"'] };
      await migrator({ ...STACK, ...known, schemas: ["app"] }).migrate();
      assert.deepEqual(await ranksOf(db, "app.flyway_schema_history"), [
        "0 SCHEMA null",
        "1 SQL 1",
      ]);
    });
  });

  it("are let be where existingSchemas names their schema: all migrations run", async () => {
    await withScenario(AGENTS, async ({ db, migrator }) => {
      await db.client.query("CREATE SCHEMA audit; CREATE TABLE audit.log (id int)");
      const options = { ...STACK, existingSchemas: ["audit"] };
      const { plan } = await migrator(options).plan();
      assert.deepEqual(
        plan.steps.map((step) => step.kind),
        ["createHistory", "apply", "apply"],
      );
      await migrator(options).migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 3", "2 SQL 4"]);
    });
  });

  it("of a schema in existingSchemas are no reason for a baseline either; others are", async () => {
    const options = { ...BASELINE, existingSchemas: ["audit"] };
    for (const [sql, ranks] of [
      ["SELECT", ["1 SQL 3", "2 SQL 4"]],
      [BY_HAND, ["1 BASELINE 3", "2 SQL 4"]],
    ] as const) {
      await withScenario(AGENTS, async ({ db, migrator }) => {
        await db.client.query(`CREATE SCHEMA audit; CREATE TABLE audit.log (id int); ${sql}`);
        await migrator(options).migrate();
        assert.deepEqual(await ranksOf(db), ranks);
      });
    }
  });

  it("are baselined though a managed schema is to be made", async () => {
    await withScenario(AGENTS, async ({ db, migrator }) => {
      await db.client.query(BY_HAND);
      await migrator({ ...BASELINE, schemas: ["app"] }).migrate();
      const ranks = await ranksOf(db, "app.flyway_schema_history");
      assert.deepEqual(ranks, ["1 BASELINE 3", "2 SCHEMA null", "3 SQL 4"]);
    });
  });

  it("that belong to an extension do not count", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await db.client.query("CREATE SCHEMA ext; CREATE EXTENSION pg_trgm SCHEMA ext");
      await migrator(STACK).migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
    });
  });

  it("with a history of their own: let be where schemas are configured, else most likely the one that was meant", async () => {
    await withScenario(FILES, async ({ db, migrator }) => {
      await migrator({ ...STACK, schemas: ["one"] }).migrate();
      await migrator({ ...STACK, schemas: ["two"] }).migrate();
      assert.deepEqual(await tablesOf(db), ["one.a", "two.a"]);
      await assertFails(migrator(STACK).migrate(), {
        ...REFUSED,
        remedy: /There is a history in schema "one", "two": to go on from it/,
      });
    });
  });

  it("are nobody's empty database: what destroys data is refused there", async () => {
    await withScenario({ "V1__a.sql": "DROP TABLE audit.log;" }, async ({ db, migrator }) => {
      await db.client.query("CREATE SCHEMA audit; CREATE TABLE audit.log (id int)");
      const options = { ...STACK, existingSchemas: ["audit"], allowDestructive: false };
      await assertFails(migrator(options).migrate(), {
        code: "VALIDATE_ERROR",
        class: "migrations",
        message: /DROP TABLE destroys data/,
      });
      assert.deepEqual(await tablesOf(db), ["audit.log"]);
    });
  });
});

describe("engine/adoption: an empty history, left by a failed run", () => {
  it("is healed by the baseline, where there are objects", async () => {
    await withScenario(AGENTS, async ({ db, migrator, events }) => {
      await db.client.query(`${BY_HAND}; ${EMPTY_HISTORY}`);
      await migrator(BASELINE).migrate();
      assert.deepEqual(await ranksOf(db), ["1 BASELINE 3", "2 SQL 4"]);
      assert.equal(events[0]?.kind, "historyAdopted");
    });
  });

  it("is healed by the first migration, where there are none, also with a baseline configured", async () => {
    for (const options of [{}, BASELINE]) {
      await withScenario(AGENTS, async ({ db, migrator }) => {
        await db.client.query(EMPTY_HISTORY);
        await migrator(options).migrate();
        assert.deepEqual(await ranksOf(db), ["1 SQL 3", "2 SQL 4"]);
      });
    }
  });

  it("is left empty by a run that fails again, and healed by the next", async () => {
    await withScenario({ "V1__a.sql": "CREATE TABLE a (id int); oops;" }, async (scenario) => {
      const { db, migrator, write } = scenario;
      const expected = { code: "ERROR", class: "migrations", sqlState: "42601" } as const;
      await assertFails(migrator().migrate(), expected);
      assert.deepEqual(await historyOf(db), []);
      await assertFails(migrator().migrate(), expected);
      await write({ "V1__a.sql": "CREATE TABLE a (id int);" });
      await migrator().migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
    });
  });

  it("is healed by the command baseline as well", async () => {
    await withScenario(AGENTS, async ({ db, migrator }) => {
      await db.client.query(`${BY_HAND}; ${EMPTY_HISTORY}`);
      assert.equal((await migrator(BASELINE).baseline()).baselined, true);
      assert.deepEqual(await ranksOf(db), ["1 BASELINE 3"]);
    });
  });
});

describe("engine/adoption: a history that Flyway has written", () => {
  const FLYWAY_ROWS = `INSERT INTO flyway_schema_history VALUES
    (1, '3', 'Baseline existing agents schema', 'BASELINE', 'Baseline existing agents schema', NULL, 'flyway', '2024-05-01 10:00:00', 0, true)`;

  it("is gone on from", async () => {
    await withScenario(AGENTS, async ({ db, migrator }) => {
      await db.client.query(`${BY_HAND}; ${EMPTY_HISTORY}; ${FLYWAY_ROWS}`);
      const result = await migrator().migrate();
      assert.deepEqual([result.from, result.to], ["3", "4"]);
      assert.deepEqual(await ranksOf(db), ["1 BASELINE 3", "2 SQL 4"]);
    });
  });

  it("with a failed row is refused, with the row and what to do, and nothing is written", async () => {
    await withScenario(AGENTS, async ({ db, migrator }) => {
      await db.client.query(`${BY_HAND}; ${EMPTY_HISTORY}; ${FLYWAY_ROWS};
        INSERT INTO flyway_schema_history VALUES
          (2, '4', 'add payload', 'SQL', 'V4__add_payload.sql', 7, 'flyway', now(), 5, false)`);
      const before = await stateOf(db);
      const error = await assertFails(migrator().migrate(), {
        code: "VALIDATE_ERROR",
        class: "migrations",
        remedy: /repair/,
      });
      assert.deepEqual(
        error.problems.map((problem) => problem.code),
        ["FAILED_VERSIONED_MIGRATION"],
      );
      await assertFails(migrator({ validateOnMigrate: false }).migrate(), {
        code: "ERROR",
        class: "migrations",
        message: /failed migration: 4/,
        remedy: /repair/,
      });
      assert.deepEqual(await stateOf(db), before);
    });
  });
});
