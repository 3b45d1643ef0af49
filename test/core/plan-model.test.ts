/** Plans against a small model: random files, of which some ran, in any order that Flyway allows. */
import assert from "node:assert/strict";

import fc from "fast-check";

import type { AppliedMigration, ResolvedMigration } from "../../engine/core/migration";
import { type Plan, planMigrate } from "../../engine/core/plan";
import { compareVersions, versionKey } from "../../engine/core/version";
import {
  baselineRow,
  file,
  history,
  options,
  repeatable,
  rowOf,
  snapshot,
} from "../support/migrations";

const number = fc.integer({ min: 0, max: 30 });
const numbers = fc.uniqueArray(fc.tuple(number, fc.nat(3)), {
  selector: ([major, minor]) => `${major}.${minor}`,
  maxLength: 12,
});
const checksums = fc.integer();
const versioned = numbers.chain((all) =>
  fc.tuple(
    ...all.map(([major, minor]) =>
      checksums.map((checksum) => file(`${major}.${minor}`, "x", { checksum })),
    ),
  ),
);
const repeatables = fc
  .uniqueArray(fc.constantFrom("views", "Grants", "functions", "a b"), { maxLength: 4 })
  .chain((names) =>
    fc.tuple(...names.map((name) => checksums.map((checksum) => repeatable(name, { checksum })))),
  );

const order = (a: ResolvedMigration, b: ResolvedMigration): number =>
  a.version && b.version ? compareVersions(a.version, b.version) : 0;
const scripts = (plan: Plan): string[] =>
  plan.steps.flatMap((step) => (step.kind === "apply" ? [step.migration.script] : []));

/** The history after the plan's steps, as an executor would write it. */
function carryOut(plan: Plan, applied: readonly AppliedMigration[]): AppliedMigration[] {
  const rows = plan.steps.flatMap((step) => {
    if (step.kind === "apply") return [rowOf(step.migration)];
    return step.kind === "baseline" ? [baselineRow(step.version, step.description)] : [];
  });
  return history(...applied, ...rows);
}

describe("core/plan against a model", () => {
  it("runs exactly the files above the highest applied, in order, then the repeatables", () => {
    fc.assert(
      fc.property(versioned, repeatables, fc.nat(12), (files, views, cut) => {
        const sorted = [...files].sort(order);
        const applied = history(...sorted.slice(0, cut).map(rowOf));
        const plan = planMigrate(
          [...files, ...views],
          snapshot({ historyExists: true, applied }),
          options(),
        );
        const names = views.map((each) => each.script);
        names.sort((x, y) => (x.slice(3) < y.slice(3) ? -1 : 1));
        const expected = [...sorted.slice(cut).map((each) => each.script), ...names];
        assert.deepEqual(scripts(plan), expected);
        assert.equal(plan.to, sorted.at(-1)?.version?.text ?? null);
      }),
    );
  });

  const subset = versioned.chain((files) =>
    fc.record({ files: fc.constant(files), ran: fc.subarray(files), late: fc.boolean() }),
  );

  it("runs files below the highest applied only with outOfOrder, and marks just these", () => {
    fc.assert(
      fc.property(subset, ({ files, ran, late }) => {
        const applied = history(...[...ran].sort(order).map(rowOf));
        const database = snapshot({ historyExists: true, applied });
        const ignoreMigrationPatterns = ["*:ignored", "*:future"];
        const plan = planMigrate(
          files,
          database,
          options({ outOfOrder: late, ignoreMigrationPatterns }),
        );
        const highest = [...ran].sort(order).at(-1);
        const open = files.filter((each) => !ran.includes(each)).sort(order);
        const isLower = (each: ResolvedMigration) => !!highest && order(each, highest) < 0;
        const expected = open.filter((each) => late || !isLower(each));
        assert.deepEqual(
          scripts(plan),
          expected.map((each) => each.script),
        );
        for (const step of plan.steps) {
          if (step.kind === "apply") assert.equal(step.outOfOrder, isLower(step.migration));
        }
      }),
    );
  });

  const situation = fc.record({
    files: versioned,
    views: repeatables,
    cut: fc.nat(12),
    historyExists: fc.boolean(),
    hasObjects: fc.boolean(),
    baseline: number,
    late: fc.boolean(),
  });

  it("plans the same twice, and nothing once its steps are carried out", () => {
    fc.assert(
      fc.property(situation, ({ files, views, cut, historyExists, hasObjects, baseline, late }) => {
        const applied = history(...[...files].sort(order).slice(0, cut).map(rowOf));
        const all = [...files, ...views];
        const before = snapshot({
          historyExists: historyExists || applied.length > 0,
          nonEmptySchemas: hasObjects ? ["public"] : [],
          applied,
        });
        const chosen = options({
          baselineOnMigrate: true,
          baselineVersion: String(baseline),
          outOfOrder: late,
        });
        const plan = planMigrate(all, before, chosen);
        assert.deepEqual(planMigrate(all, before, chosen), plan);
        const done = carryOut(plan, applied);
        const after = { ...before, historyExists: true, applied: done };
        const again = planMigrate(all, after, chosen);
        assert.deepEqual(again.steps, []);
        assert.equal(again.from, plan.to);
      }),
    );
  });

  it("does not depend on the order in which files were found", () => {
    const shuffled = versioned.chain((files) =>
      fc.tuple(
        fc.constant(files),
        fc.shuffledSubarray(files, { minLength: files.length, maxLength: files.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([files, others]) => {
        const keys = new Set(files.map((each) => each.version && versionKey(each.version)));
        assert.equal(keys.size, files.length);
        const plan = (of: readonly ResolvedMigration[]) => planMigrate(of, snapshot(), options());
        assert.deepEqual(plan(others), plan(files));
      }),
    );
  });
});
