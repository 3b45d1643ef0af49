import assert from "node:assert/strict";
import { join } from "node:path";

import {
  assertFails,
  type ExpectedFailure,
  type Files,
  type MigratorOverrides,
  stateOf,
  withScenario,
} from "../support/migrator";

interface BadFiles {
  readonly files: Files;
  readonly overrides?: MigratorOverrides;
  readonly expected: ExpectedFailure;
}

const STRICT = { failOnMissingLocations: true, failOnEmptyLocations: true };

/** What a stack refuses before it has written anything, though a good migration comes first. */
const CASES: Readonly<Record<string, BadFiles>> = {
  "a version without a second _": {
    files: { "V2_x.sql": "SELECT 1;" },
    overrides: { validateMigrationNaming: true },
    expected: { code: "ERROR", class: "migrations", message: /V2_x\.sql/, remedy: /V\d/ },
  },
  "a prefix in lower case": {
    files: { "v2__x.sql": "SELECT 1;" },
    overrides: { validateMigrationNaming: true },
    expected: { code: "ERROR", class: "migrations", message: /v2__x\.sql/, remedy: /V\d/ },
  },
  "a file that is not UTF-8": {
    files: { "V2__x.sql": Buffer.from("SELECT 1;\n-- gr\xfc\xdfe\n", "latin1") },
    expected: { code: "ERROR", class: "migrations", message: /V2__x\.sql.*2/, remedy: /encoding/ },
  },
  "two repeatables of one name": {
    files: { "R__x.sql": "SELECT 1;", "sub/R__x.sql": "SELECT 2;" },
    expected: { code: "DUPLICATE_REPEATABLE_MIGRATION", class: "migrations", message: /R__x\.sql/ },
  },
  "a repeatable with an unknown placeholder": {
    files: { "R__x.sql": "SELECT 1;\nSELECT '${who}';\n" },
    expected: { code: "ERROR", class: "migrations", message: /R__x\.sql:2: .*\$\{who\}/ },
  },
};

describe("engine: files that are wrong in themselves", () => {
  for (const [what, { files, overrides, expected }] of Object.entries(CASES)) {
    it(`${what}: is refused before anything is written`, async () => {
      await withScenario(
        { "V1__a.sql": "CREATE TABLE a (id int);", ...files },
        async (scenario) => {
          const before = await stateOf(scenario.db);
          await assertFails(scenario.migrator({ ...STRICT, ...overrides }).migrate(), expected);
          assert.deepEqual(await stateOf(scenario.db), before);
          assert.equal(before.history, null);
        },
      );
    });
  }

  it("a folder that does not exist is refused where the stack asks for it, by its name", async () => {
    await withScenario({}, async ({ db, folder, migrator }) => {
      const before = await stateOf(db);
      const locations = [join(folder, "nowhere")];
      await assertFails(migrator({ ...STRICT, locations }).migrate(), {
        code: "ERROR",
        class: "usage",
        message: /nowhere does not exist/,
        remedy: /migrations: none/,
      });
      assert.deepEqual(await stateOf(db), before);
    });
  });

  it("an empty folder likewise; to Flyway it is a run with nothing to do but the history", async () => {
    await withScenario({ "readme.txt": "none yet" }, async ({ db, migrator }) => {
      const before = await stateOf(db);
      await assertFails(migrator(STRICT).migrate(), {
        code: "ERROR",
        class: "usage",
        remedy: /migrations: none/,
      });
      assert.deepEqual(await stateOf(db), before);
      await migrator().migrate();
      assert.deepEqual((await stateOf(db)).history, []);
    });
  });

  it("an unknown placeholder in a versioned file stops the run there, with its line", async () => {
    const files = { "V1__a.sql": "SELECT 1;", "V2__b.sql": "SELECT 1;\n-- ${who}\n" };
    await withScenario(files, async ({ db, migrator }) => {
      const error = await assertFails(migrator().migrate(), {
        code: "ERROR",
        class: "migrations",
        message: /^V2__b\.sql:2: the placeholder \$\{who\} has no value/,
        remedy: /placeholders\.who=/,
      });
      assert.equal(error.place.line, 2);
      assert.equal((await stateOf(db)).history?.length, 1);
    });
  });
});
