import assert from "node:assert/strict";

import fc from "fast-check";

import { compareVersions, type Plan, type PlanStep } from "../../engine/index";
import { describePending, migrationKey, migrationMap } from "../../provider/pending";
import { bFile, file, repeatable, v } from "../support/migrations";

const apply = (version: string, outOfOrder = false): PlanStep => ({
  kind: "apply",
  migration: file(version, "a"),
  outOfOrder,
});
const describeSteps = (steps: PlanStep[], more: Partial<Plan> = {}) =>
  describePending({ from: "3", to: "4", ...more, steps }, "live");

describe("provider/pending: the line of a preview", () => {
  it("says from which version to which, by which file, and where that is known from", () => {
    const plan = { steps: [apply("4")], from: "3", to: "4" };
    assert.equal(describePending(plan, "live"), "3 -> 4: V4__a.sql (live)");
    assert.equal(describePending(plan, "remembered"), "3 -> 4: V4__a.sql (remembered)");
  });

  it("is absent where an update would do nothing", () => {
    assert.equal(describeSteps([]), undefined);
  });

  it("begins at none where nothing is applied, and names baseline and adoption", () => {
    const steps: PlanStep[] = [
      { kind: "adoptHistory" },
      { kind: "baseline", version: "3", description: "Baseline existing agents schema" },
      apply("4"),
    ];
    assert.equal(
      describeSteps(steps, { from: null }),
      'none -> 4: adopt the empty history table, baseline at 3 "Baseline existing agents schema", V4__a.sql (live)',
    );
  });

  it("names schemas that are made, but neither the history table nor its mark", () => {
    const steps: PlanStep[] = [
      { kind: "createSchemas", schemas: ["app", "audit"] },
      { kind: "createHistory" },
      { kind: "schemaMarker", schemas: ["app", "audit"] },
      apply("4"),
    ];
    assert.equal(
      describeSteps(steps, { from: null }),
      "none -> 4: create schema app, audit, V4__a.sql (live)",
    );
  });

  it("says so where the version stays, and where a file runs out of order", () => {
    const views: PlanStep = { kind: "apply", migration: repeatable("views"), outOfOrder: false };
    assert.equal(
      describeSteps([apply("2", true), views], { to: "3" }),
      "stays at 3: V2__a.sql (out of order), R__views.sql (live)",
    );
    const nowhere = describeSteps([views], { from: null, to: null });
    assert.equal(nowhere, "stays at no version: R__views.sql (live)");
  });

  it("names twelve files at most, and counts the others", () => {
    const steps = Array.from({ length: 15 }, (_, i) => apply(String(i + 4)));
    const line = describeSteps(steps, { to: "18" }) ?? "";
    assert.match(line, /V15__a\.sql, and 3 more \(live\)$/);
    assert.ok(!line.includes("V16__a.sql"));
    assert.match(describeSteps(steps.slice(0, 12)) ?? "", /V15__a\.sql \(live\)$/);
  });
});

describe("provider/pending: files as inputs", () => {
  it("keep each script with its checksum", () => {
    const files = [file("4", "add_email", { checksum: 7 }), repeatable("views", { checksum: -8 })];
    assert.deepEqual(migrationMap(files), {
      "0004 V4__add_email.sql": 7,
      "R R__views.sql": -8,
    });
  });

  it("keep a V and a B file of one version apart", () => {
    assert.equal(Object.keys(migrationMap([file("2"), bFile("2")])).length, 2);
  });

  const number = fc.integer({ min: 0, max: 9999 });
  const version = fc
    .array(number, { minLength: 1, maxLength: 3 })
    .map((numbers) => file(numbers.join(".")));
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

  it("have keys that sort as text in the order of versions, with repeatables behind", () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        const byVersion = a.version && b.version ? compareVersions(a.version, b.version) : 0;
        if (byVersion !== 0) {
          assert.equal(order(migrationKey(a), migrationKey(b)), byVersion);
        }
        assert.ok(migrationKey(a) < migrationKey(repeatable("a")));
      }),
    );
  });

  it("sort versions that are timestamps, too", () => {
    const keys = ["20240101120000", "20231231235959", "1"].map((text) =>
      migrationKey({ ...file("1"), version: v(text), script: `V${text}__a.sql` }),
    );
    assert.deepEqual([...keys].sort(order), [keys[2], keys[1], keys[0]]);
  });
});
