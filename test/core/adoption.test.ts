/** Objects that are there before any history: which count, and what is said of them. */
import assert from "node:assert/strict";

import { nonEmptyWithoutHistory, unexpectedSchemas } from "../../engine/core/adoption";
import type { EngineOptions } from "../../engine/core/options";
import type { DatabaseSnapshot } from "../../engine/core/snapshot";
import { options, snapshot } from "../support/migrations";

describe("core/adoption: schemas that a first migration could meet", () => {
  const database = { nonEmptySchemas: ["public", "app", "billing"], otherHistories: ["billing"] };
  const cases: [string, Partial<EngineOptions>, Partial<DatabaseSnapshot>, string[]][] = [
    ["all that hold objects", {}, {}, ["public", "app", "billing"]],
    ["none in an empty database", {}, { nonEmptySchemas: [] }, []],
    [
      "not those that the configuration names",
      { existingSchemas: ["app"] },
      {},
      ["public", "billing"],
    ],
    [
      "with schemas set, not those of another history",
      { schemas: ["public"] },
      {},
      ["public", "app"],
    ],
    [
      "with a default schema set, not those of another history",
      { defaultSchema: "public" },
      {},
      ["public", "app"],
    ],
    ["none where migrations are only recorded", { skipExecutingMigrations: true }, {}, []],
  ];
  for (const [what, more, state, expected] of cases) {
    it(`are ${what}`, () => {
      const found = unexpectedSchemas(snapshot({ ...database, ...state }), options(more));
      assert.deepEqual(found, expected);
    });
  }
});

describe("core/adoption: the refusal", () => {
  const refusal = (baselineScope: "database" | "schemas", otherHistories: string[] = []) =>
    nonEmptyWithoutHistory(
      ["app", "billing"],
      snapshot({ otherHistories }),
      options({ baselineScope }),
    );

  it("has Flyway's code and names every schema and the table", () => {
    const { code, class: errorClass, message } = refusal("schemas");
    assert.deepEqual(
      [code, errorClass],
      ["NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE", "migrations"],
    );
    assert.match(message, /schema "app", "billing" but .*"flyway_schema_history"/);
  });

  it("names the command's settings to a user of the command", () => {
    const { remedy } = refusal("schemas", ["billing"]);
    assert.match(remedy, /baselineOnMigrate with baselineVersion.*up to it.*correct the URL/s);
    assert.doesNotMatch(remedy, /databases\.<name>/);
  });

  it("names the stack's settings to a user of a stack, ready to be copied", () => {
    const { remedy } = refusal("database");
    assert.match(remedy, /databases\.<name>\.baseline: \{ version: "…" \}/);
    assert.match(remedy, /databases\.<name>\.existingSchemas: \["app", "billing"\]/);
    assert.match(remedy, /correct its address/);
    assert.doesNotMatch(remedy, /There is a history/);
  });

  it("names the histories that are there, since one of them may be the one that was meant", () => {
    const { remedy } = refusal("database", ["billing", "elsewhere"]);
    assert.match(remedy, /^There is a history in schema "billing": .*\.schemas: \["billing"\]/);
  });
});
