import assert from "node:assert/strict";

import type { EngineOptions } from "../../engine/core/options";
import { type Plan, planMigrate } from "../../engine/core/plan";
import type { DatabaseSnapshot } from "../../engine/core/snapshot";
import {
  baselineRow,
  bFile,
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
const c = file("3", "c");
const baseline: Partial<EngineOptions> = {
  baselineOnMigrate: true,
  baselineVersion: "2",
  baselineDescription: "Baseline existing schema",
};

const plan = (
  files: Parameters<typeof planMigrate>[0],
  database: Partial<DatabaseSnapshot>,
  more: Partial<EngineOptions> = {},
) => planMigrate(files, snapshot(database), options(more));

/** The steps in short: kind, and what it is about. */
const steps = (it: Plan): string[] =>
  it.steps.map((step) => {
    switch (step.kind) {
      case "apply":
        return step.migration.script + (step.outOfOrder ? " out of order" : "");
      case "baseline":
        return `baseline ${step.version} "${step.description}"`;
      case "createSchemas":
      case "schemaMarker":
        return `${step.kind} ${step.schemas.join(",")}`;
      default:
        return step.kind;
    }
  });

describe("core/plan: adoption", () => {
  const objects = { nonEmptySchemas: ["public"] };

  it("no history table, no objects: creates it and migrates from the first file, baseline or not", () => {
    const all = ["createHistory", "V1__a.sql", "V2__b.sql", "V3__c.sql"];
    assert.deepEqual(steps(plan([a, b, c], {})), all);
    const configured = plan([a, b, c], {}, baseline);
    assert.deepEqual(steps(configured), all);
    assert.deepEqual([configured.from, configured.to], [null, "3"]);
  });

  it("no history table, objects, nothing to be executed: records all as applied, baseline or not", () => {
    const all = ["createHistory", "V1__a.sql", "V2__b.sql", "V3__c.sql"];
    for (const more of [{}, baseline])
      assert.deepEqual(
        steps(plan([a, b, c], objects, { ...more, skipExecutingMigrations: true })),
        all,
      );
  });

  it("no history table, objects, a baseline: baselines, then migrates what is above", () => {
    const made = plan([a, b, c], objects, baseline);
    assert.deepEqual(steps(made), [
      "createHistory",
      'baseline 2 "Baseline existing schema"',
      "V3__c.sql",
    ]);
    assert.deepEqual([made.from, made.to], [null, "3"]);
  });

  it("no history table, objects, no baseline: refuses with Flyway's code and both ways out", () => {
    const error = failureOf(() => plan([a], objects));
    assert.equal(error.code, "NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE");
    assert.equal(error.class, "migrations");
    assert.match(error.message, /"public".*"flyway_schema_history"/);
    assert.match(error.remedy, /baseline.*wrong database/s);
  });

  it("a baseline version is stored with dots, and refused where it is none", () => {
    const [, step] = steps(plan([a], objects, { ...baseline, baselineVersion: "1_0" }));
    assert.equal(step, 'baseline 1.0 "Baseline existing schema"');
    const error = failureOf(() => plan([a], objects, { ...baseline, baselineVersion: "x" }));
    assert.equal(error.class, "usage");
  });

  it("an empty history table: adopts it with the first migration, or with the baseline", () => {
    const empty = { historyExists: true };
    assert.deepEqual(steps(plan([a], empty)), ["adoptHistory", "V1__a.sql"]);
    assert.deepEqual(steps(plan([a], { ...empty, ...objects })), ["adoptHistory", "V1__a.sql"]);
    assert.deepEqual(steps(plan([a, b], { ...empty, ...objects }, baseline)), [
      "adoptHistory",
      'baseline 2 "Baseline existing schema"',
    ]);
  });

  it("an empty history table and nothing to do: plans nothing, now and the next time", () => {
    assert.deepEqual(plan([], { historyExists: true }), { steps: [], from: null, to: null });
  });

  it("a history with rows: goes on from there, whatever baseline is configured", () => {
    const rows = { applied: history(row("1", "a"), row("2", "b")), ...objects };
    const made = plan([a, b, c], rows, baseline);
    assert.deepEqual(steps(made), ["V3__c.sql"]);
    assert.deepEqual([made.from, made.to], ["2", "3"]);
  });

  it("a history that says all is applied: plans nothing", () => {
    const made = plan([a, repeatable("v")], { applied: history(row("1", "a"), row(null, "v")) });
    assert.deepEqual(made, { steps: [], from: "1", to: "1" });
  });

  it("no files: makes the history table, as Flyway does, and stays without a version", () => {
    assert.deepEqual(plan([], {}), { steps: [{ kind: "createHistory" }], from: null, to: null });
  });

  it("absent schemas: makes them, and marks them behind the baseline's place", () => {
    const absent = { missingSchemas: ["app", "audit"] };
    assert.deepEqual(steps(plan([a], absent)), [
      "createSchemas app,audit",
      "createHistory",
      "schemaMarker app,audit",
      "V1__a.sql",
    ]);
    assert.deepEqual(steps(plan([a], absent, { createSchemas: false })), [
      "createHistory",
      "V1__a.sql",
    ]);
    assert.deepEqual(steps(plan([a], { ...absent, applied: history(row("1", "a")) })), [
      "createSchemas app,audit",
      "schemaMarker app,audit",
    ]);
  });

  it("a schema that has to be made hides the objects of another, as in Flyway", () => {
    const made = plan([a], { missingSchemas: ["app"], ...objects });
    assert.equal(steps(made).at(-1), "V1__a.sql");
  });
});

describe("core/plan: refusals", () => {
  const applied = history(row("1", "a"), row("2", "b"));
  const failed = history(row("1", "a"), row("2", "b", { success: false }));

  it("of a changed checksum and a missing file come together, each with its remedy", () => {
    const error = failureOf(() => plan([file("1", "a", { checksum: 7 }), c], { applied }));
    assert.equal(error.code, "VALIDATE_ERROR");
    assert.deepEqual(
      error.problems.map(({ code }) => code),
      ["CHECKSUM_MISMATCH", "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED"],
    );
    for (const { remedy } of error.problems) assert.match(remedy, /repair/);
    assert.match(error.message, /and 1 more/);
  });

  it("of a late lower version say that it is not applied", () => {
    const error = failureOf(() => plan([a, b, file("1.5", "x")], { applied }));
    assert.deepEqual(
      error.problems.map(({ code, version }) => `${version} ${code}`),
      ["1.5 RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED"],
    );
  });

  it("of a failed row come with validation and without it", () => {
    assert.equal(failureOf(() => plan([a, b], { applied: failed })).code, "VALIDATE_ERROR");
    const error = failureOf(() => plan([a, b], { applied: failed }, { validateOnMigrate: false }));
    assert.equal(error.code, "ERROR");
    assert.equal(error.place.migration, "V2__b.sql");
    assert.match(error.remedy, /repair/);
  });

  it("let exactly one failed future row pass, as Flyway does", () => {
    assert.deepEqual(plan([a], { applied: failed }).steps, []);
    const two = history(...failed, row("3", "c", { success: false }));
    assert.equal(failureOf(() => plan([a], { applied: two })).code, "ERROR");
    const strict = { ignoreMigrationPatterns: [], validateOnMigrate: false };
    assert.equal(failureOf(() => plan([a], { applied: failed }, strict)).code, "ERROR");
  });

  it("do not look at changes with validateOnMigrate=false", () => {
    const edited = file("2", "b", { checksum: 7 });
    assert.deepEqual(steps(plan([a, edited, c], { applied }, { validateOnMigrate: false })), [
      "V3__c.sql",
    ]);
  });
});

describe("core/plan: order and options", () => {
  const late = file("1.5", "late");
  const applied = history(row("1", "a"), row("2", "b"));

  it("runs late versions with outOfOrder, says so of them, and then the rest", () => {
    const made = plan([a, late, b, c, repeatable("v")], { applied }, { outOfOrder: true });
    assert.deepEqual(steps(made), ["V1.5__late.sql out of order", "V3__c.sql", "R__v.sql"]);
  });

  it("passes over late versions that a pattern ignores, and does not run them", () => {
    const ignored = { ignoreMigrationPatterns: ["*:ignored"] };
    assert.deepEqual(steps(plan([a, late, b, c], { applied }, ignored)), ["V3__c.sql"]);
  });

  it("never runs what lies below a baseline, even with outOfOrder", () => {
    const rows = history(baselineRow("2"), row("3", "c"));
    assert.deepEqual(steps(plan([a, b, c], { applied: rows }, { outOfOrder: true })), []);
  });

  it("begins an empty history with the highest B file in place of the versions below", () => {
    const made = plan([a, b, bFile("2"), c], {});
    assert.deepEqual(steps(made), ["createHistory", "B2__state.sql", "V3__c.sql"]);
    assert.equal(made.to, "3");
  });

  it("runs a changed repeatable again, behind all versions", () => {
    const rows = history(row("1", "a"), row(null, "v"));
    const made = plan([a, b, repeatable("v", { checksum: 7 })], { applied: rows });
    assert.deepEqual(steps(made), ["V2__b.sql", "R__v.sql"]);
    assert.deepEqual([made.from, made.to], ["1", "2"]);
  });
});
