import assert from "node:assert/strict";

import type { AppliedMigration, ResolvedMigration } from "../../engine/core/migration";
import { planMigrate } from "../../engine/core/plan";
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
const b = file("2.0", "b");
const c = file("3", "c");
const all: ResolvedMigration[] = [a, b, c, repeatable("u"), repeatable("v")];

function scripts(
  target: string,
  applied: AppliedMigration[] = [],
  more: { refuseLowerTarget?: boolean; group?: boolean } = {},
) {
  const database = snapshot({ historyExists: true, applied: history(...applied) });
  return planMigrate(all, database, options({ target, ...more })).steps.flatMap((step) =>
    step.kind === "apply" ? [step.migration.script] : [],
  );
}

describe("core/plan: a target that no migration has", () => {
  const refused = { target: "0", createSchemas: true };
  const plan = (database: Parameters<typeof snapshot>[0], more = {}) =>
    planMigrate(all, snapshot(database), options({ ...refused, ...more }));
  const absent = { missingSchemas: ["public"] };

  it("stops the run after the schemas, the history and their mark are made, as in Flyway", () => {
    const { steps, from, to, failure } = plan(absent);
    assert.deepEqual(
      steps.map((step) => step.kind),
      ["createSchemas", "createHistory", "schemaMarker"],
    );
    assert.deepEqual([from, to], [null, null]);
    assert.match(failure?.message ?? "", /target version 0/);
  });

  it("stops it before anything is made where validation looks for the target first", () => {
    const audit = { missingSchemas: ["audit"], schemas: ["public", "audit"] };
    for (const [database, more] of [
      [{}, {}],
      [audit, {}],
      [absent, { createSchemas: false }],
    ] as const) {
      assert.match(failureOf(() => plan(database, more)).message, /target version 0/);
    }
    assert.equal(plan(audit, { validateOnMigrate: false }).steps.length, 3);
  });

  it("is no failure where it is allowed", () => {
    assert.equal(plan(absent, { target: "0?" }).failure, undefined);
  });
});

describe("core/plan: target", () => {
  const repeatables = ["R__u.sql", "R__v.sql"];

  it("latest, the default, runs everything", () => {
    assert.deepEqual(scripts("latest"), ["V1__a.sql", "V2.0__b.sql", "V3__c.sql", ...repeatables]);
    assert.deepEqual(scripts(""), scripts("latest"));
  });

  it("a version runs up to it, however it is spelt, and the repeatables", () => {
    for (const target of ["2", "2.0", "02", "2?"]) {
      assert.deepEqual(scripts(target), ["V1__a.sql", "V2.0__b.sql", ...repeatables], target);
    }
  });

  it("next runs exactly one migration, versioned ones first, then one repeatable at a time", () => {
    const [first, second, third] = [row("1", "a"), row("2.0", "b"), row("3", "c")];
    assert.deepEqual(scripts("next"), ["V1__a.sql"]);
    assert.deepEqual(scripts("NEXT", [first]), ["V2.0__b.sql"]);
    assert.deepEqual(scripts("next", [first, second, third]), ["R__u.sql"]);
    assert.deepEqual(scripts("next", [first, second, third, row(null, "u")]), ["R__v.sql"]);
    assert.deepEqual(scripts("next", [first, second, third, row(null, "u"), row(null, "v")]), []);
  });

  it("next in a group runs one versioned migration, and the repeatables with it", () => {
    assert.deepEqual(scripts("next", [], { group: true }), ["V1__a.sql", ...repeatables]);
  });

  it("current runs repeatables only", () => {
    assert.deepEqual(scripts("current", [row("1", "a")]), repeatables);
    assert.deepEqual(scripts("current"), repeatables);
  });

  it("below the schema version does nothing, or is refused where that is asked for", () => {
    const applied = [row("1", "a"), row("2.0", "b"), row(null, "u"), row(null, "v")];
    assert.deepEqual(scripts("1", applied), []);
    const error = failureOf(() => scripts("1", applied, { refuseLowerTarget: true }));
    assert.equal(error.class, "migrations");
    assert.match(error.message, /target 1 is below the schema version 2\.0/);
    assert.match(error.remedy, /Raise the target/);
    assert.deepEqual(scripts("2", applied, { refuseLowerTarget: true }), []);
    assert.deepEqual(scripts("current", applied, { refuseLowerTarget: true }), []);
  });

  it("that neither a file nor a row has is refused, unless it ends in ?", () => {
    const error = failureOf(() => scripts("2.5"));
    assert.equal(error.code, "ERROR");
    assert.match(error.message, /2\.5/);
    assert.match(error.remedy, /"2\.5\?"/);
    assert.deepEqual(scripts("2.5?"), scripts("2"));
  });

  it("that only a row has is known", () => {
    const applied = [row("1", "a"), row("2.0", "b"), row("3", "c"), row("4", "gone")];
    assert.deepEqual(scripts("4", applied), repeatables);
  });

  it("that is no version is refused with the words that are allowed", () => {
    for (const target of ["abc", "1..2", "nxt?"]) {
      const error = failureOf(() => scripts(target));
      assert.equal(error.class, "usage");
      assert.match(error.message, /is not a version/);
      assert.match(error.remedy, /latest, current, next/);
    }
  });
});
