/** docs/drift.md, the kinds of objects that are read, and the changes that are tested are one list. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { isDriftOnly } from "../../engine/core/catalog/format";
import { DETAILS, kindOf, OBJECT_KINDS, subjectOf } from "../../engine/core/catalog/identity";
import { ALTER_TABLE } from "./alter-table";
import { DATABASE_STATEMENTS, PRIVILEGE_STATEMENTS } from "./database-statements";
import { EXEMPT } from "./exempt";
import { SUBJECTS } from "./matrix";
import { SCHEMA_STATEMENTS } from "./statements";

/** Compiled, this file lies in bin/test/drift. */
const text = readFileSync(resolve(__dirname, "../../../docs/drift.md"), "utf8");

/** The rows of the table below a heading, without its own. */
function table(heading: string): string[][] {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(2).map((row) =>
    row
      .slice(2, -2)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
}

const code = ([first = ""]: string[]) => first.replaceAll("`", "");
const SAID = ["comment on", "grant to", "revoke from", "security label by"];

/** What drift calls the changes of the tests. */
const changed = [
  ...[ALTER_TABLE, SCHEMA_STATEMENTS, PRIVILEGE_STATEMENTS, DATABASE_STATEMENTS]
    .flat()
    .flatMap(({ drift }) => drift),
  ...SUBJECTS.map(({ identity }) => identity),
].map((line) => line.replace(/\{(\w+)\}/g, "$1"));

describe("drift: docs/drift.md", () => {
  it("has every kind of object, in their order, and whether it is in the fingerprint", () => {
    assert.deepEqual(table("Objects").map(code), [...OBJECT_KINDS]);
    for (const row of table("Objects"))
      assert.equal(row.at(-1), isDriftOnly(`${code(row)} a`) ? "no" : "yes", code(row));
  });

  it("has everything that is said about an object", () => {
    const words = [...SAID, ...DETAILS.map((detail) => `${detail} of`)];
    assert.deepEqual(table("What is said about an object").map(code).sort(), words.sort());
    for (const row of table("What is said about an object")) {
      const role = /to$|from$|by$/.test(code(row)) ? " app on" : "";
      const isOnly = isDriftOnly(`${code(row)}${role} table a`);
      assert.equal(row.at(-1), isOnly ? "no" : "yes", code(row));
    }
  });

  it("has a change of each kind in the tests", () => {
    const kinds = new Set(changed.map(kindOf));
    const missing = OBJECT_KINDS.filter((kind) => !kinds.has(kind));
    assert.deepEqual(missing, []);
    const details = changed.filter((line) => subjectOf(line) !== undefined);
    const unseen = DETAILS.filter(
      (detail) => !details.some((line) => line.startsWith(`${detail} of `)),
    );
    assert.deepEqual(unseen, []);
  });

  it("says what is no drift, and why, as the tests have it", () => {
    const rows = table("What is no drift").map(([what, why]) => `${what} | ${why}`);
    assert.deepEqual(
      rows.slice(0, EXEMPT.length),
      EXEMPT.map(({ what, why }) => `${what} | ${why}`),
    );
  });
});
