import assert from "node:assert/strict";

import { baselineSteps, planBaseline } from "../../engine/core/baseline";
import type { AppliedMigration } from "../../engine/core/migration";
import type { EngineOptions } from "../../engine/core/options";
import type { DatabaseSnapshot } from "../../engine/core/snapshot";
import {
  baselineRow,
  deleteRow,
  failureOf,
  history,
  options,
  row,
  schemaRow,
  snapshot,
} from "../support/migrations";

const plan = (database: Partial<DatabaseSnapshot> = {}, more: Partial<EngineOptions> = {}) =>
  planBaseline(snapshot(database), options(more));
const applied = (...rows: AppliedMigration[]) => ({ applied: history(...rows) });

describe("core/baseline", () => {
  it("makes the history with Flyway's default row, in a schema with objects or without", () => {
    const expected = {
      kind: "baseline",
      version: "1",
      description: "<< Flyway Baseline >>",
      createSchemas: [],
      createHistory: true,
    };
    assert.deepEqual(plan(), expected);
    assert.deepEqual(plan({ nonEmptySchemas: ["public"] }), expected);
  });

  it("keeps the version as it is written, with _ as a dot", () => {
    const made = plan({}, { baselineVersion: "01_0", baselineDescription: "it's ${here};" });
    assert.deepEqual(
      [made.version, made.kind === "baseline" && made.description],
      ["01.0", "it's ${here};"],
    );
  });

  it("adopts an empty history table, where Flyway asks for it to be dropped", () => {
    const made = plan({ historyExists: true });
    assert.equal(made.kind === "baseline" && made.createHistory, false);
  });

  it("makes absent schemas, unless that is switched off", () => {
    const database = { missingSchemas: ["app"] };
    const made = (createSchemas: boolean) => plan(database, { createSchemas });
    assert.deepEqual(
      [true, false].map(made).map((it) => it.kind === "baseline" && it.createSchemas),
      [["app"], []],
    );
  });

  it("does nothing where the same baseline stands, 2 being 2.0", () => {
    const rows = applied(baselineRow("2"));
    assert.deepEqual(plan(rows, { baselineVersion: "2.0" }), { kind: "nothing", version: "2.0" });
    const behindSchema = applied(baselineRow("2"), schemaRow(), row("3"));
    assert.equal(plan(behindSchema, { baselineVersion: "2" }).kind, "nothing");
  });

  it("knows a long description by what the history has kept of it, where Flyway does not", () => {
    const rows = applied(baselineRow("2", "x".repeat(197) + "..."));
    const same = { baselineVersion: "2", baselineDescription: "x".repeat(250) };
    assert.equal(plan(rows, same).kind, "nothing");
  });

  it("refuses another baseline than the one that stands, and names both", () => {
    const error = failureOf(() => plan(applied(baselineRow("2")), { baselineVersion: "3" }));
    assert.equal(error.code, "ERROR");
    assert.match(error.message, /2 .*differs from 3/);
    const other = { baselineVersion: "2", baselineDescription: "other" };
    assert.match(failureOf(() => plan(applied(baselineRow("2")), other)).message, /"other"/);
  });

  it("refuses a history with migrations, or with marks only", () => {
    assert.match(failureOf(() => plan(applied(row("1"), row("2")))).message, /2 rows/);
    for (const rows of [applied(schemaRow()), applied(deleteRow(row("1")))]) {
      const error = failureOf(() => plan(rows));
      assert.equal(error.code, "ERROR");
      assert.match(error.message, /marks/);
    }
    const zero = failureOf(() => plan(applied(schemaRow()), { baselineVersion: "0.0" }));
    assert.match(zero.message, /version 0/);
  });

  it("refuses a baseline that is not among the first two rows, be it the same", () => {
    const rows = applied(row("1"), row("2"), baselineRow("3"));
    const error = failureOf(() => plan(rows, { baselineVersion: "3" }));
    assert.deepEqual([error.code, error.class], ["ERROR", "migrations"]);
    assert.match(error.message, /3 rows/);
  });

  it("counts the rows of a history that has marks and migrations", () => {
    const error = failureOf(() => plan(applied(schemaRow(), row("1")), { baselineVersion: "0" }));
    assert.match(error.message, /2 rows of applied migrations/);
  });

  it("says only of version 0 that the mark of schemas stands for it", () => {
    for (const baselineVersion of ["0.1", "1"]) {
      const error = failureOf(() => plan(applied(schemaRow()), { baselineVersion }));
      assert.match(error.message, /marks/, baselineVersion);
    }
  });

  it("is carried out in Flyway's order: schemas, history, baseline, mark of the schemas", () => {
    const made = plan({ missingSchemas: ["app"] }, { baselineVersion: "2" });
    assert.ok(made.kind === "baseline");
    const baseline = { kind: "baseline", version: "2", description: "<< Flyway Baseline >>" };
    assert.deepEqual(baselineSteps(made), [
      { kind: "createSchemas", schemas: ["app"] },
      { kind: "createHistory" },
      baseline,
      { kind: "schemaMarker", schemas: ["app"] },
    ]);
    const adopted = plan({ historyExists: true }, { baselineVersion: "2" });
    assert.ok(adopted.kind === "baseline");
    assert.deepEqual(baselineSteps(adopted), [{ kind: "adoptHistory" }, baseline]);
  });

  for (const baselineVersion of ["latest", "", "1..2", "x"]) {
    it(`refuses the version ${JSON.stringify(baselineVersion)}`, () => {
      const error = failureOf(() => plan({}, { baselineVersion }));
      assert.deepEqual([error.code, error.class], ["ERROR", "usage"]);
      assert.ok(error.message.includes(`"${baselineVersion}"`));
    });
  }
});
