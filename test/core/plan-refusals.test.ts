/** What a migrate refuses to plan: code, who can mend it, and what is said. */
import assert from "node:assert/strict";

import type { AppliedMigration } from "../../engine/core/migration";
import type { EngineOptions } from "../../engine/core/options";
import { checkTarget, planMigrate, refuseInvalid } from "../../engine/core/plan";
import type { DatabaseSnapshot } from "../../engine/core/snapshot";
import {
  failureOf,
  file,
  history,
  options,
  repeatable,
  row,
  snapshot,
} from "../support/migrations";

const a = file("1", "a");
const b = file("2", "b");
const failed = { success: false };

const plan = (database: Partial<DatabaseSnapshot>, more: Partial<EngineOptions> = {}) =>
  planMigrate([a, b, repeatable("v")], snapshot(database), options(more));
const applied = (...rows: AppliedMigration[]) => ({ applied: history(...rows) });

describe("core/plan: refusals in words", () => {
  it("of one problem say what it is and what to do, and count no more", () => {
    const edited = applied(row("1", "a", { checksum: 7 }));
    const error = failureOf(() => plan(edited));
    assert.deepEqual([error.code, error.class], ["VALIDATE_ERROR", "migrations"]);
    assert.match(
      error.message,
      /^Validation failed: Migration 1 \(V1__a\.sql\) was changed.*file \d+\.$/,
    );
    assert.equal(error.remedy, error.problems[0]?.remedy);
  });

  it("of no problem are none", () => {
    assert.doesNotThrow(() => refuseInvalid([]));
  });

  const unchecked = { validateOnMigrate: false };

  it("of a failed row name it, by version or by description, and its script", () => {
    const versioned = failureOf(() => plan(applied(row("1", "a", failed)), unchecked));
    assert.deepEqual([versioned.code, versioned.class], ["ERROR", "migrations"]);
    assert.equal(versioned.message, "The schema history holds a failed migration: 1 (V1__a.sql).");
    assert.equal(versioned.place.migration, "V1__a.sql");
    const views = failureOf(() => plan(applied(row(null, "v", failed)), unchecked));
    assert.match(views.message, /: v \(R__v\.sql\)\.$/);
  });

  it("of a failed row above all files are lifted by each pattern that covers it for all kinds", () => {
    const future = applied(row("1", "a"), row("2", "b"), row("3", "c", failed));
    const lifted = (...ignoreMigrationPatterns: string[]): boolean => {
      try {
        plan(future, { ...unchecked, ignoreMigrationPatterns });
        return true;
      } catch {
        return false;
      }
    };
    assert.ok(lifted("*:future"));
    assert.ok(lifted("*:*"));
    assert.ok(lifted("versioned:*", "repeatable:future"));
    assert.ok(!lifted("versioned:future"));
    assert.ok(!lifted("repeatable:*"));
    assert.ok(!lifted("*:missing"));
  });

  it("of a baseline version that is none come even where no baseline is needed", () => {
    const wrong = { baselineVersion: "x" };
    const error = failureOf(() => plan({}, { ...wrong, baselineOnMigrate: true }));
    assert.deepEqual([error.code, error.class], ["ERROR", "usage"]);
    assert.doesNotThrow(() => plan({}, wrong));
  });

  it("of objects come for a stack even where a schema has to be made", () => {
    const database = { missingSchemas: ["app"], nonEmptySchemas: ["public"] };
    const error = failureOf(() => plan(database, { baselineScope: "database" }));
    assert.equal(error.code, "NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE");
    assert.doesNotThrow(() => plan(database, { baselineScope: "schemas" }));
  });
});

describe("core/plan: refusals of a target", () => {
  it("come before anything is made, where nothing has to be made", () => {
    const error = failureOf(() => plan({}, { target: "7", validateOnMigrate: false }));
    assert.deepEqual([error.code, error.class], ["ERROR", "usage"]);
    assert.match(error.message, /No migration has the target version 7/);
  });

  it("are the same for commands that only ask", () => {
    assert.match(failureOf(() => checkTarget([a], [], "7")).message, /target version 7/);
    const word = failureOf(() => checkTarget([a], [], "later"));
    assert.deepEqual([word.code, word.class], ["ERROR", "usage"]);
    for (const target of ["1.0", "9", "7?", "latest", "next"])
      assert.doesNotThrow(() => checkTarget([a], history(row("9")), target), target);
  });

  it("of one below the schema version have Flyway's code", () => {
    const database = applied(row("1", "a"), row("2", "b"));
    const lower = { target: "1", refuseLowerTarget: true };
    assert.equal(failureOf(() => plan(database, lower)).code, "ERROR");
    assert.doesNotThrow(() => plan({}, lower));
  });
});

describe("core/plan: the version after it", () => {
  it("is the highest, whatever runs last", () => {
    const late = planMigrate(
      [a, file("1.5", "late"), file("2.0", "b")],
      snapshot(applied(row("1", "a"), row("2.0", "b"))),
      options({ outOfOrder: true }),
    );
    assert.deepEqual([late.steps.length, late.from, late.to], [1, "2.0", "2.0"]);
  });

  it("is the baseline's where nothing lies above it", () => {
    const { steps, to } = plan(
      { nonEmptySchemas: ["public"] },
      { baselineOnMigrate: true, baselineVersion: "2_0" },
    );
    assert.deepEqual(
      steps.map(({ kind }) => kind),
      ["createHistory", "baseline", "apply"],
    );
    assert.equal(to, "2.0");
  });
});
