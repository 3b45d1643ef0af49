import assert from "node:assert/strict";

import type { AppliedMigration, ResolvedMigration } from "../../engine/core/migration";
import { planRepair } from "../../engine/core/repair";
import {
  baselineRow,
  deleteRow,
  file,
  history,
  repeatable,
  row,
  schemaRow,
} from "../support/migrations";

const a = file("1", "a");
const c = file("3", "c");

/** Each action in short: `markDeleted 2 b`, with the row's rank. */
function actions(
  files: ResolvedMigration[],
  rows: AppliedMigration[],
  ignoreMigrationPatterns: string[] = ["*:future"],
): string[] {
  return planRepair(files, history(...rows), { ignoreMigrationPatterns }).map(
    ({ kind, applied }) => `${kind} ${applied.installedRank} ${applied.version?.text ?? "R"}`,
  );
}

describe("core/repair", () => {
  it("takes failed rows out, even those without a file", () => {
    const failed = { success: false };
    const rows = [row("1", "a"), row("2", "b", failed), row("3", "c"), row(null, "v", failed)];
    assert.deepEqual(actions([a, c], rows), ["remove 2 2", "remove 4 R"]);
    const edited = row("1", "a", { ...failed, checksum: 7 });
    assert.deepEqual(actions([a, c], [edited, row("3", "c")]), ["remove 1 1"]);
  });

  it("marks missing rows as deleted, repeatables too, unless a pattern ignores them", () => {
    const rows = [row("1", "a"), row("2", "b"), row("3", "c"), row(null, "v")];
    assert.deepEqual(actions([a, c], rows), ["markDeleted 2 2", "markDeleted 4 R"]);
    assert.deepEqual(actions([a, c], rows, ["versioned:missing"]), ["markDeleted 4 R"]);
    assert.deepEqual(actions([a, c], rows, ["*:missing"]), []);
  });

  it("leaves future rows alone by default, and includes them where no pattern is set", () => {
    const rows = [row("1", "a"), row("2", "b")];
    assert.deepEqual(actions([a], rows), []);
    assert.deepEqual(actions([a], rows, []), ["markDeleted 2 2"]);
  });

  it("marks neither marks nor what is deleted already, and of a repeatable only the newest run", () => {
    assert.deepEqual(actions([c], [schemaRow(), baselineRow("1"), row("3", "c")]), []);
    const deleted = [row("1", "a"), row("3", "c"), deleteRow(row("1", "a"))];
    assert.deepEqual(actions([c], deleted), []);
    const runs = [row(null, "v"), row(null, "v")];
    assert.deepEqual(actions([], runs), ["markDeleted 2 R"]);
    assert.deepEqual(actions([], [...runs, deleteRow(row(null, "v"))]), []);
  });

  it("makes rows agree with their files: checksum, NULL included, and description", () => {
    const rows = [
      row("1", "a", { checksum: 7 }),
      row("2", "b", { checksum: null }),
      row("3", "old name"),
      row("4", "d"),
    ];
    const files = [a, file("2", "b"), c, file("4", "d")];
    assert.deepEqual(actions(files, rows), ["align 1 1", "align 2 2", "align 3 3"]);
  });

  it("aligns deleted rows whose file is back and was changed, too, as Flyway does", () => {
    const rows = [row("1", "a", { checksum: 7 }), row("3", "c"), deleteRow(row("1", "a"))];
    assert.deepEqual(actions([a, c], rows), ["align 1 1"]);
  });

  it("does not touch the spelling of a version, nor the script", () => {
    const moved = file("1.0", "a", { script: "elsewhere/V1.0__a.sql" });
    assert.deepEqual(actions([moved], [row("1", "a")]), []);
  });

  it("leaves a description of over 200 characters alone, where Flyway would fail", () => {
    const long = file("1", "x".repeat(201));
    assert.deepEqual(actions([long], [row("1", "x".repeat(197) + "...")]), []);
  });

  it("leaves a changed repeatable outdated, and rewrites one that has the raw checksum", () => {
    const view = repeatable("v", { checksum: 7, equivalentChecksum: 8 });
    assert.deepEqual(actions([view], [row(null, "v", { checksum: 9 })]), []);
    assert.deepEqual(actions([view], [row(null, "v", { checksum: 7 })]), []);
    assert.deepEqual(actions([view], [row(null, "v", { checksum: 8 })]), ["align 1 R"]);
  });

  it("leaves what is pending or late alone", () => {
    assert.deepEqual(actions([a, file("2", "b"), c], [row("1", "a"), row("3", "c")]), []);
    assert.deepEqual(actions([a], []), []);
  });

  it("acts in Flyway's order: failed rows, then missing files, then changed ones", () => {
    const rows = [
      row("1", "a", { checksum: 7 }),
      row("2", "b"),
      row("3", "c"),
      row("4", "d", { success: false }),
    ];
    assert.deepEqual(actions([a, c], rows), ["remove 4 4", "markDeleted 2 2", "align 1 1"]);
  });
});
