import assert from "node:assert/strict";

import { compareUtf16, mergeInfos, pendingInfos, schemaVersion } from "../../engine/core/info";
import type { AppliedMigration } from "../../engine/core/migration";
import {
  baselineRow,
  deleteRow,
  failureOf,
  file,
  history,
  repeatable,
  row,
  schemaRow,
  states,
} from "../support/migrations";

const a = file("1", "a");
const b = file("2", "b");
const c = file("3", "c");
const failed = { success: false };

describe("core/info: target", () => {
  const all = [a, b, c, repeatable("v")];
  const cases: [string, AppliedMigration[], string[]][] = [
    ["latest", [], ["1|a|Pending", "2|b|Pending", "3|c|Pending", "|v|Pending"]],
    ["LATEST", [], ["1|a|Pending", "2|b|Pending", "3|c|Pending", "|v|Pending"]],
    ["2", [], ["1|a|Pending", "2|b|Pending", "3|c|Above Target", "|v|Pending"]],
    ["2.5?", [], ["1|a|Pending", "2|b|Pending", "3|c|Above Target", "|v|Pending"]],
    ["next", [row("1", "a")], ["1|a|Success", "2|b|Pending", "3|c|Above Target", "|v|Pending"]],
    [
      "current",
      [row("1", "a")],
      ["1|a|Success", "2|b|Above Target", "3|c|Above Target", "|v|Pending"],
    ],
    ["current", [], ["1|a|Above Target", "2|b|Above Target", "3|c|Above Target", "|v|Pending"]],
  ];
  for (const [target, rows, expected] of cases) {
    it(`${target} with ${rows.length} applied leaves above it what is not to run`, () => {
      assert.deepEqual(states(all, history(...rows), { target }), expected);
    });
  }

  it("next is the lowest that is pending, whatever order files were found in", () => {
    const next = { target: "next" };
    assert.deepEqual(states([c, b, a], [], next), [
      "1|a|Pending",
      "2|b|Above Target",
      "3|c|Above Target",
    ]);
    const rows = history(row("2", "b"));
    assert.deepEqual(states([c, file("4", "d"), b, a], rows, next), [
      "2|b|Success",
      "1|a|Ignored",
      "3|c|Pending",
      "4|d|Above Target",
    ]);
  });

  it("what is no target leaves all to run: it is refused elsewhere", () => {
    assert.deepEqual(states([a, b], [], { target: "x" }), ["1|a|Pending", "2|b|Pending"]);
  });

  it("current with nothing applied lies below version 0, too", () => {
    assert.deepEqual(states([file("0", "a")], [], { target: "current" }), ["0|a|Above Target"]);
  });
});

describe("core/info: schema version", () => {
  it("is the highest applied version that is not deleted; baseline rows count, failed ones do not", () => {
    const version = (...rows: AppliedMigration[]) => schemaVersion(history(...rows))?.text ?? null;
    assert.equal(version(), null);
    assert.equal(version(row("3"), row("2")), "3");
    assert.equal(version(row("1"), row("2", "b", failed)), "1");
    assert.equal(version(baselineRow("3")), "3");
    assert.equal(version(row("1"), row("2"), deleteRow(row("2"))), "1");
    assert.equal(version(schemaRow(), row(null, "v")), null);
  });

  it("does not let a mark of deletion take a baseline away", () => {
    const rows = history(baselineRow("3"), deleteRow(row("3")));
    assert.equal(schemaVersion(rows)?.text, "3");
  });

  it("is refused for a history that deletes one run of a version twice", () => {
    const rows = history(row("1"), deleteRow(row("1")), deleteRow(row("1")));
    const error = failureOf(() => mergeInfos([a], rows, { target: "latest", outOfOrder: false }));
    assert.equal(error.code, "DUPLICATE_DELETED_MIGRATION");
    assert.equal(error.class, "migrations");
    assert.match(error.message, /version 1 .*row 3/);
    const again = history(row("1"), deleteRow(row("1")), row("1"), deleteRow(row("1")));
    assert.equal(schemaVersion(again), null);
  });
});

describe("core/info: what is pending", () => {
  it("sorts descriptions by UTF-16 units, as Java does", () => {
    const signs = ["a", "B", "ä", "\uffff", "😀"].map((text) => [text, compareUtf16(text, "a")]);
    assert.deepEqual(signs, [
      ["a", 0],
      ["B", -1],
      ["ä", 1],
      ["\uffff", 1],
      ["😀", 1],
    ]);
    assert.equal(compareUtf16("😀", "\uffff"), -1);
  });

  it("is given in the order in which it will run", () => {
    const files = [repeatable("z"), file("10", "x"), repeatable("a"), file("9", "y"), a];
    const infos = mergeInfos(files, history(row("1", "a")), {
      target: "latest",
      outOfOrder: false,
    });
    assert.deepEqual(
      pendingInfos(infos).map((info) => info.resolved?.script),
      ["V9__y.sql", "V10__x.sql", "R__a.sql", "R__z.sql"],
    );
  });
});
