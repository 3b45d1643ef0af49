import assert from "node:assert/strict";

import { isIgnored, parseIgnorePatterns } from "../../engine/core/ignore-patterns";
import { mergeInfos, type MigrationInfo } from "../../engine/core/info";
import type { AppliedMigration, ResolvedMigration } from "../../engine/core/migration";
import { validateInfos } from "../../engine/core/validate";
import {
  baselineRow,
  bFile,
  deleteRow,
  failureOf,
  file,
  history,
  repeatable,
  row,
  schemaRow,
} from "../support/migrations";

const a = file("1", "a");
const b = file("2", "b");
const c = file("3", "c");
const failed = { success: false };

function problemsOf(
  files: ResolvedMigration[],
  rows: AppliedMigration[],
  patterns: string[] = ["*:future"],
  target = "latest",
) {
  const infos = mergeInfos(files, history(...rows), { target, outOfOrder: false });
  return validateInfos(infos, parseIgnorePatterns(patterns));
}

const codes = (...args: Parameters<typeof problemsOf>) =>
  problemsOf(...args).map(({ version, description, code }) => `${version ?? description} ${code}`);

describe("core/validate: codes", () => {
  const NOT_APPLIED = "RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED";
  const NOT_RESOLVED = "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED";
  const cases: [string, ResolvedMigration[], AppliedMigration[], string[]][] = [
    ["nothing where files and history agree", [a, b], [row("1", "a"), row("2", "b")], []],
    ["what is pending", [a, b], [row("1", "a")], [`2 ${NOT_APPLIED}`]],
    ["what is ignored as too low", [a, b, c], [row("1", "a"), row("3", "c")], [`2 ${NOT_APPLIED}`]],
    [
      "a row without a file",
      [a, c],
      [row("1", "a"), row("2", "b"), row("3", "c")],
      [`2 ${NOT_RESOLVED}`],
    ],
    [
      "a row of a repeatable without a file",
      [],
      [row(null, "v")],
      ["v APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED"],
    ],
    ["a new repeatable", [repeatable("v")], [], ["v RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED"]],
    ["a failed row", [a], [row("1", "a", failed)], ["1 FAILED_VERSIONED_MIGRATION"]],
    [
      "a failed repeatable",
      [repeatable("v")],
      [row(null, "v", failed)],
      ["v FAILED_REPEATABLE_MIGRATION"],
    ],
    ["an edited file", [file("1", "a", { checksum: 7 })], [row("1", "a")], ["1 CHECKSUM_MISMATCH"]],
    ["a renamed file", [file("1", "z")], [row("1", "a")], ["1 DESCRIPTION_MISMATCH"]],
    [
      "of an edited and renamed file only the first",
      [file("1", "z", { checksum: 7 })],
      [row("1", "a")],
      ["1 CHECKSUM_MISMATCH"],
    ],
    [
      "a changed repeatable, as outdated and as not applied",
      [repeatable("v", { checksum: 7 })],
      [row(null, "v")],
      ["v OUTDATED_REPEATABLE_MIGRATION", "v RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED"],
    ],
    [
      "a repeatable that another kind of migration has applied",
      [repeatable("v")],
      [row(null, "v", { type: "JDBC" })],
      ["v TYPE_MISMATCH"],
    ],
    [
      "a row of another type as missing, and its file as not applied",
      [a, b],
      [row("1", "a", { type: "JDBC" }), row("2", "b")],
      [`1 ${NOT_RESOLVED}`, `1 ${NOT_APPLIED}`],
    ],
    ["nothing of deleted rows", [b], [row("1", "a"), row("2", "b"), deleteRow(row("1", "a"))], []],
    [
      "nothing of superseded runs and marks",
      [repeatable("v")],
      [schemaRow(), row(null, "v", { checksum: 7 }), row(null, "v")],
      [],
    ],
    ["nothing where the history has no checksum", [a], [row("1", "a", { checksum: null })], []],
    ["nothing of a moved file", [file("1", "a", { script: "sub/V1__a.sql" })], [row("1", "a")], []],
    [
      "nothing at or below the baseline, whatever the files are",
      [file("1", "z", { checksum: 7 }), file("2", "z", { checksum: 7 })],
      [row("1", "a"), baselineRow("2")],
      [],
    ],
    [
      "nothing at the baseline's own version, in any spelling",
      [file("2", "z")],
      [row("2", "a"), baselineRow("2.0")],
      [],
    ],
    ["a B file that is pending", [bFile("2")], [], [`2 ${NOT_APPLIED}`]],
    [
      "nothing of a B file beside a history that began without it",
      [a, bFile("2")],
      [row("1", "a")],
      [],
    ],
    ["nothing with no file at all, since all is in the future then", [], [row("1"), row("2")], []],
    [
      "a description longer than the history's column as the same",
      [file("1", "x".repeat(201))],
      [row("1", "x".repeat(197) + "...")],
      [],
    ],
  ];
  for (const [title, files, rows, expected] of cases) {
    it(`reports ${title}`, () => {
      assert.deepEqual(codes(files, rows), expected);
    });
  }

  it("reports in the order of the list, with fact and remedy for each", () => {
    const problems = problemsOf(
      [file("1", "a", { checksum: 7 }), b, file("4", "d")],
      [row("1", "a"), row("3", "c")],
    );
    assert.deepEqual(
      problems.map(({ version }) => version),
      ["1", "3", "2", "4"],
    );
    for (const { message, remedy } of problems) assert.match(`${message}${remedy}`, /Migration \d/);
    const [edited] = problems;
    assert.match(edited?.message ?? "", /V1__a\.sql.*checksum in the database 1112353363.*file 7/);
    assert.match(edited?.remedy ?? "", /repair/);
    for (const { remedy } of problems) assert.notEqual(remedy, "");
  });

  it("says nothing of what lies above the target, even of rows", () => {
    assert.deepEqual(codes([a, b], [row("1", "a")], [], "1"), []);
  });

  it("says nothing of superseded runs of a repeatable whose file is gone", () => {
    const rows = [row(null, "v"), row(null, "v", { checksum: 7 })];
    assert.deepEqual(codes([], rows, []), ["v APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED"]);
    assert.deepEqual(codes([repeatable("v", { checksum: 7 })], rows, ["*:pending"]), []);
  });

  it("says what differs above the highest of several baselines only", () => {
    const rows = [baselineRow("3"), row("2", "state", { type: "SQL_BASELINE" }), row("3.1", "a")];
    const edited = ["2", "3", "3.1"].map((version) => file(version, "z"));
    assert.deepEqual(codes([...edited, bFile("2", "z")], rows), ["3.1 DESCRIPTION_MISMATCH"]);
  });
});

describe("core/validate: ignore patterns", () => {
  const missing: [ResolvedMigration[], AppliedMigration[]] = [
    [a, c],
    [row("1", "a"), row("2", "b"), row("3", "c")],
  ];

  it("let their state pass, for their kind of migration", () => {
    assert.equal(codes(...missing, ["*:missing"]).length, 0);
    assert.equal(codes(...missing, ["versioned:missing"]).length, 0);
    assert.equal(codes(...missing, ["repeatable:missing"]).length, 1);
    assert.equal(codes([a], [], ["*:pending"]).length, 0);
    assert.equal(codes([a, b], [row("2", "b")], ["*:ignored"]).length, 0);
    assert.equal(codes([], [row("1")], ["*:future"]).length, 0);
  });

  it("replace the default, so that *:missing alone brings future rows back", () => {
    assert.deepEqual(codes([], [row("1")], ["*:missing"]), [
      "1 APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED",
    ]);
    assert.equal(codes([], [row("1")], []).length, 1);
  });

  it("do not match a failed row by missing, but let a failed future one pass by future", () => {
    const failedMissing: AppliedMigration[] = [row("3", "c"), row("2", "b", failed)];
    assert.deepEqual(codes([c], failedMissing, ["*:missing"]), ["2 FAILED_VERSIONED_MIGRATION"]);
    assert.deepEqual(codes([a], [row("1", "a"), row("2", "b", failed)]), []);
    assert.equal(codes([a], [row("1", "a"), row("2", "b", failed)], []).length, 1);
    // As in Flyway, of one kind only is not enough.
    assert.equal(
      codes([a], [row("1", "a"), row("2", "b", failed)], ["versioned:future"]).length,
      1,
    );
  });

  it("cover an outdated repeatable by pending for all kinds, not by repeatable:pending alone", () => {
    const outdated: [ResolvedMigration[], AppliedMigration[]] = [
      [repeatable("v", { checksum: 7 })],
      [row(null, "v")],
    ];
    assert.deepEqual(codes(...outdated, ["*:pending"]), []);
    assert.deepEqual(codes(...outdated, ["versioned:pending", "repeatable:pending"]), []);
    assert.deepEqual(codes(...outdated, ["repeatable:pending"]), [
      "v OUTDATED_REPEATABLE_MIGRATION",
    ]);
  });

  it("by pending for all kinds, ask repeatables for the very checksum, as migrate does", () => {
    const unreplaced: [ResolvedMigration[], AppliedMigration[]] = [
      [repeatable("v", { checksum: 7, equivalentChecksum: 8 })],
      [row(null, "v", { checksum: 8 })],
    ];
    assert.deepEqual(codes(...unreplaced), []);
    assert.deepEqual(codes(...unreplaced, ["*:pending"]), ["v CHECKSUM_MISMATCH"]);
    assert.deepEqual(codes(...unreplaced, ["repeatable:pending"]), []);
  });

  it("hide checksum mismatches, too, when they are *:*", () => {
    assert.deepEqual(codes([file("1", "a", { checksum: 7 })], [row("1", "a")], ["*:*"]), []);
  });

  it("are read whatever their case and outer blanks, and empty ones passed over", () => {
    assert.deepEqual(parseIgnorePatterns([" Versioned:PENDING ", "", " ", "* : Future"]), [
      { type: "versioned", state: "pending" },
      { type: "*", state: "future" },
    ]);
  });

  for (const pattern of ["*:bogus", "all:missing", "missing", "*:missing:x", ":", "*:success"]) {
    it(`refuse ${pattern}, with what is allowed`, () => {
      const error = failureOf(() => parseIgnorePatterns([pattern]));
      assert.equal(error.code, "ERROR");
      assert.equal(error.class, "usage");
      assert.ok(error.message.includes(`"${pattern}"`));
      assert.match(error.remedy, /type of \*, versioned, repeatable and a state of \*, missing, /);
      assert.match(error.remedy, /for example \*:missing/);
    });
  }

  it("match states by the name that is displayed", () => {
    const info = (state: MigrationInfo["state"], version = a.version): MigrationInfo => ({
      version,
      description: "a",
      state,
    });
    const [any] = parseIgnorePatterns(["*:missing"]);
    assert.ok(any);
    assert.ok(isIgnored(info("Missing"), [any]));
    assert.ok(!isIgnored(info("Failed (Missing)"), [any]));
    assert.ok(!isIgnored(info("Missing"), parseIgnorePatterns(["repeatable:missing"])));
    assert.ok(isIgnored(info("Missing", null), parseIgnorePatterns(["repeatable:missing"])));
  });
});
