/** States and order of migrations beyond the lists that Flyway gave. */
import assert from "node:assert/strict";

import {
  baselineRow,
  bFile,
  deleteRow,
  file,
  history,
  repeatable,
  row,
  states,
} from "../support/migrations";

const a = file("1", "a");
const b = file("2", "b");
const c = file("3", "c");
const failed = { success: false };

describe("core/info: order and states", () => {
  it("keeps the order of ranks, gaps or not, and puts what is pending behind, repeatables last", () => {
    const rows = [row("2", "b", { installedRank: 5 }), row("1", "a", { installedRank: 10 })];
    const files = [repeatable("a"), repeatable("B"), a, b, file("10", "x"), file("9", "y")];
    assert.deepEqual(states(files, rows), [
      "2|b|Success",
      "1|a|Out of Order",
      "9|y|Pending",
      "10|x|Pending",
      "|B|Pending",
      "|a|Pending",
    ]);
  });

  it("has the rows by rank, in whatever order they were read", () => {
    const rows = [row("2", "b", { installedRank: 2 }), row("1", "a", { installedRank: 1 })];
    assert.deepEqual(
      states([a, b], rows).map((line) => line.slice(0, 3)),
      ["1|a", "2|b"],
    );
  });

  it("makes a late lower version Pending with outOfOrder, but not what a baseline covers", () => {
    const rows = history(baselineRow("2"), row("5", "e"));
    assert.deepEqual(states([a, b, c, file("5", "e")], rows, { outOfOrder: true }), [
      "1|a|Below Baseline",
      "2|b|Ignored (Baseline)",
      "2|<< Flyway Baseline >>|Baseline",
      "5|e|Success",
      "3|c|Pending",
    ]);
  });

  it("takes the raw checksum of a repeatable for up to date, but never a NULL", () => {
    const files = [repeatable("v", { checksum: 7, equivalentChecksum: 8 })];
    assert.deepEqual(states(files, history(row(null, "v", { checksum: 8 }))), ["|v|Success"]);
    assert.deepEqual(states(files, history(row(null, "v", { checksum: null }))), [
      "|v|Outdated",
      "|v|Pending",
    ]);
  });

  it("knows a file by its description as the history stores it, cut at 200 characters", () => {
    const long = "x".repeat(250);
    const stored = "x".repeat(197) + "...";
    assert.deepEqual(states([repeatable(long)], history(row(null, stored))), [
      `|${stored}|Success`,
    ]);
  });

  it("shows a baseline migration that failed as Failed, and one whose file is gone as Future or Missing", () => {
    const ran = row("2", "state", { type: "SQL_BASELINE" });
    assert.deepEqual(states([bFile("2")], history(ran)), ["2|state|Baseline"]);
    assert.deepEqual(states([bFile("2")], history({ ...ran, ...failed })), ["2|state|Failed"]);
    assert.deepEqual(states([], history({ ...ran, ...failed })), ["2|state|Failed"]);
    assert.deepEqual(states([], history(ran)), ["2|state|Future"]);
    assert.deepEqual(states([c], history(ran)), ["2|state|Missing", "3|c|Pending"]);
  });

  it("takes only a mark of deletion that succeeded for one", () => {
    const rows = history(row("1", "a"), { ...deleteRow(row("1", "a")), ...failed });
    assert.deepEqual(states([a], rows), ["1|a|Success", "1|a|Success"]);
  });

  it("puts nothing above the target next where nothing is next", () => {
    const next = { target: "next" };
    assert.deepEqual(states([a, bFile("2")], history(row("1", "a")), next), [
      "1|a|Success",
      "2|state|Ignored",
    ]);
  });
});
