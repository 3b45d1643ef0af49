import assert from "node:assert/strict";

import type { AppliedMigration, ResolvedMigration } from "../../engine/core/migration";
import {
  baselineRow,
  bFile,
  deleteRow,
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

type Case = [
  title: string,
  files: ResolvedMigration[],
  rows: AppliedMigration[],
  expected: string[],
];

/** The lists that Flyway 13 gave (cases of the corpus of facts; the number is the case's). */
const FLYWAY: Case[] = [
  [
    "a late lower version (163)",
    [a, b, c],
    [row("1", "a"), row("3", "c")],
    ["1|a|Success", "3|c|Success", "2|b|Ignored"],
  ],
  [
    "versions that ran out of order, by rank whatever the option says (165)",
    [a, b, c, file("2.5", "x"), file("4", "d")],
    [row("1", "a"), row("3", "c"), row("2", "b"), row("2.5", "x"), row("4", "d")],
    ["1|a|Success", "3|c|Success", "2|b|Out of Order", "2.5|x|Out of Order", "4|d|Success"],
  ],
  [
    "a row above all files (167)",
    [a, b],
    [row("1", "a"), row("2", "b"), row("3", "c")],
    ["1|a|Success", "2|b|Success", "3|c|Future"],
  ],
  [
    "a row below the highest file (250)",
    [a, c],
    [row("1", "a"), row("2", "b"), row("3", "c")],
    ["1|a|Success", "2|b|Missing", "3|c|Success"],
  ],
  [
    "a failed row without a file (238)",
    [a, c],
    [row("1", "a"), row("3", "c"), row("2.5", "mid", failed)],
    ["1|a|Success", "3|c|Success", "2.5|mid|Failed (Missing)"],
  ],
  [
    "a failed row above all files",
    [a],
    [row("1", "a"), row("2", "b", failed)],
    ["1|a|Success", "2|b|Failed (Future)"],
  ],
  [
    "a failed row (236)",
    [a, b, c],
    [row("1", "a"), row("2", "b", failed), row("3", "c")],
    ["1|a|Success", "2|b|Failed", "3|c|Success"],
  ],
  [
    "no file at all: everything is Future",
    [],
    [row("1", "a"), row("2", "b")],
    ["1|a|Future", "2|b|Future"],
  ],
  [
    "what lies below a baseline, before the rows (193)",
    [b, file("4", "d"), file("5", "e")],
    [baselineRow("3"), row("5", "e"), row("4", "d")],
    ["2|b|Below Baseline", "3|<< Flyway Baseline >>|Baseline", "5|e|Success", "4|d|Out of Order"],
  ],
  [
    "a file of the baseline's own version",
    [a, b, c],
    [baselineRow("2.0")],
    [
      "1|a|Below Baseline",
      "2|b|Ignored (Baseline)",
      "2.0|<< Flyway Baseline >>|Baseline",
      "3|c|Pending",
    ],
  ],
  [
    "the mark of schemas that were created",
    [a],
    [schemaRow(), row("1", "a")],
    ["|<< Flyway Schema Creation >>|Success", "1|a|Success"],
  ],
  [
    "a changed repeatable twice, as Outdated and as Pending (144)",
    [a, b, repeatable("B three"), repeatable("b two", { checksum: 7 })],
    [row("1", "a"), row(null, "B three"), row(null, "b two")],
    ["1|a|Success", "|B three|Success", "|b two|Outdated", "2|b|Pending", "|b two|Pending"],
  ],
  [
    "a repeatable that ran again (144)",
    [repeatable("v", { checksum: 7 })],
    [row(null, "v"), row(null, "v", { checksum: 7 })],
    ["|v|Superseded", "|v|Success"],
  ],
  [
    "a repeatable that went back to its first text: the newest run counts",
    [repeatable("v")],
    [row(null, "v"), row(null, "v", { checksum: 7 })],
    ["|v|Superseded", "|v|Outdated", "|v|Pending"],
  ],
  [
    "a repeatable without a file (146)",
    [a],
    [row("1", "a"), row(null, "v")],
    ["1|a|Success", "|v|Missing"],
  ],
  [
    "a deleted repeatable, whose mark is listed (146)",
    [a, repeatable("v")],
    [row("1", "a"), row(null, "v"), deleteRow(row(null, "v"))],
    ["1|a|Success", "|v|Deleted", "|v|Success", "|v|Pending"],
  ],
  [
    "a repeatable that ran twice and was deleted: no run of it is Missing again",
    [],
    [row(null, "v"), row(null, "v"), deleteRow(row(null, "v"))],
    ["|v|Superseded", "|v|Deleted", "|v|Success"],
  ],
  [
    "a deleted version, whose mark is not listed, and its file that is back (248)",
    [a, b, c],
    [row("1", "a"), row("2", "b"), row("3", "c"), deleteRow(row("2", "b"))],
    ["1|a|Success", "2|b|Deleted", "3|c|Success", "2|b|Ignored"],
  ],
  [
    "a deleted version that ran again (248)",
    [a, b, c],
    [row("1", "a"), row("2", "b"), row("3", "c"), deleteRow(row("2", "b")), row("2", "b")],
    ["1|a|Success", "2|b|Deleted", "3|c|Success", "2|b|Out of Order"],
  ],
  [
    "a version behind one that was deleted, which is in order again",
    [a, b],
    [row("1", "a"), row("3", "c"), deleteRow(row("3", "c")), row("2", "b")],
    ["1|a|Success", "3|c|Deleted", "2|b|Success"],
  ],
  [
    "a deleted repeatable beside a version and a repeatable of other names",
    [file("1", "v"), repeatable("u")],
    [row(null, "v"), row(null, "u"), row("1", "v"), deleteRow(row(null, "v"))],
    ["|v|Deleted", "|u|Success", "1|v|Success", "|v|Success"],
  ],
  [
    "a repeatable with the description of a version that ran later",
    [file("1", "v"), repeatable("v")],
    [row(null, "v"), row("1", "v")],
    ["|v|Success", "1|v|Success"],
  ],
  [
    "a row between files, whatever order these were found in",
    [c, a],
    [row("1", "a"), row("2", "b")],
    ["1|a|Success", "2|b|Missing", "3|c|Pending"],
  ],
  [
    "two marks of schemas that were created",
    [],
    [schemaRow(), schemaRow('"other"')],
    ["|<< Flyway Schema Creation >>|Success", "|<< Flyway Schema Creation >>|Success"],
  ],
  ["a mark of deletion alone (226)", [a], [deleteRow(row("1", "a"))], ["1|a|Pending"]],
  [
    "a row of another type: Missing, and its file Ignored",
    [a, b],
    [row("1", "a", { type: "JDBC" }), row("2", "b")],
    ["1|a|Missing", "2|b|Success", "1|a|Ignored"],
  ],
  [
    "a B file before its time (009)",
    [a, b, bFile("2"), c],
    [],
    ["1|a|Below Baseline", "2|b|Ignored (Baseline)", "2|state|Pending", "3|c|Pending"],
  ],
  [
    "a B file that was applied (009)",
    [a, b, bFile("2"), c],
    [row("2", "state", { type: "SQL_BASELINE" }), row("3", "c")],
    ["1|a|Below Baseline", "2|b|Ignored (Baseline)", "2|state|Baseline", "3|c|Success"],
  ],
  [
    "B files beside a history that began without them",
    [a, bFile("2"), c],
    [row("1", "a")],
    ["1|a|Success", "2|state|Ignored", "3|c|Pending"],
  ],
  [
    "the highest of several B files only",
    [bFile("2"), bFile("3"), a],
    [],
    ["1|a|Below Baseline", "2|state|Below Baseline", "3|state|Pending"],
  ],
  [
    "one version in different spellings as one migration",
    [file("1.0", "a"), file("02", "b")],
    [row("01", "a"), row("2", "b")],
    ["01|a|Success", "2|b|Success"],
  ],
];

describe("core/info: states and order as Flyway lists them", () => {
  for (const [title, files, rows, expected] of FLYWAY) {
    it(`lists ${title}`, () => {
      assert.deepEqual(states(files, history(...rows)), expected);
    });
  }
});
