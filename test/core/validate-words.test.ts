/** What validation says of each problem: fact and remedy. */
import assert from "node:assert/strict";

import { parseIgnorePatterns } from "../../engine/core/ignore-patterns";
import { mergeInfos } from "../../engine/core/info";
import type { AppliedMigration, ResolvedMigration } from "../../engine/core/migration";
import { validateInfos } from "../../engine/core/validate";
import { file, history, repeatable, row } from "../support/migrations";

const a = file("1", "a");
const b = file("2", "b");
const failed = { success: false };

function problemsOf(files: ResolvedMigration[], rows: AppliedMigration[]) {
  const infos = mergeInfos(files, history(...rows), { target: "latest", outOfOrder: false });
  return validateInfos(infos, parseIgnorePatterns(["*:future"]));
}

describe("core/validate: in words", () => {
  const said: [string, ResolvedMigration[], AppliedMigration[], RegExp, RegExp][] = [
    [
      "a failed row",
      [a],
      [row("1", "a", failed)],
      /^Migration 1 \(V1__a\.sql\) is recorded as failed\.$/,
      /run repair/,
    ],
    [
      "what is pending",
      [a],
      [],
      /^Migration 1 \(V1__a\.sql\) is not applied yet\.$/,
      /^Run migrate\.$/,
    ],
    [
      "what is too low",
      [a, b],
      [row("2", "b")],
      /^Migration 1 \(V1__a\.sql\) is not applied, and is lower than/,
      /outOfOrder.*\*:ignored/,
    ],
    [
      "a new repeatable",
      [repeatable("v")],
      [],
      /^Repeatable migration "v" \(R__v\.sql\) is not applied yet/,
      /^Run migrate\.$/,
    ],
    [
      "a changed repeatable",
      [repeatable("v", { checksum: 7 })],
      [row(null, "v")],
      /^Repeatable migration "v" has changed since it was last applied\.$/,
      /^Run migrate/,
    ],
    [
      "a row without a file",
      [b],
      [row("1", "a"), row("2", "b")],
      /^Migration 1 was applied .* its file V1__a\.sql is not among/,
      /Put the file back.*run repair/,
    ],
    [
      "a renamed file",
      [file("1", "z")],
      [row("1", "a")],
      /\(V1__z\.sql\) was changed .*: description in the database a, in the file z\.$/,
      /Put the file back/,
    ],
    [
      "another kind of migration",
      [repeatable("v")],
      [row(null, "v", { type: "JDBC" })],
      /: type in the database JDBC, in the file SQL\.$/,
      /Put the file back/,
    ],
  ];
  for (const [what, files, rows, message, remedy] of said) {
    it(`says of ${what} what is the matter and what to do`, () => {
      const [problem] = problemsOf(files, rows);
      assert.match(problem?.message ?? "", message);
      assert.match(problem?.remedy ?? "", remedy);
    });
  }
});
