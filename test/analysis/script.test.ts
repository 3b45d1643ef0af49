import assert from "node:assert/strict";

import { placeInSource, prepareScript, type ScriptOptions } from "../../engine/analysis/script";
import { DEFAULT_OPTIONS } from "../../engine/core/options";
import { replacePlaceholders } from "../../engine/core/placeholders";
import { failureOf } from "../support/migrations";

const values = new Map([["long", "a_rather\nlong\nvalue"]]);

function prepare(source: string, more: Partial<ScriptOptions> = {}) {
  const sql = replacePlaceholders(source, values, DEFAULT_OPTIONS, "V1__a.sql");
  const options = { mixed: false, executeInTransaction: true, serverVersion: 150018, ...more };
  return prepareScript("V1__a.sql", source, sql, options);
}

const INDEX = "CREATE INDEX CONCURRENTLY i ON t (x);";
const TABLE = "CREATE TABLE t (x int);";

describe("core/script: transaction or not", () => {
  it("runs ordinary statements in a transaction", () => {
    const script = prepare(`${TABLE}\nINSERT INTO t VALUES (';');`);
    assert.equal(script.inTransaction, true);
    assert.equal(script.statements.length, 2);
  });

  it("runs a file without statements in one, too: it gets its row", () => {
    const empty = ["", "-- nothing", ";;"].map((text) => prepare(text).inTransaction);
    assert.deepEqual(empty, [true, true, true]);
  });

  it("runs statements that cannot be in a transaction outside of one, if all are such", () => {
    for (const sql of [
      INDEX,
      `${INDEX}\nVACUUM t;`,
      "-- why\nCREATE DATABASE x",
      "REINDEX DATABASE x",
    ]) {
      assert.equal(prepare(sql).inTransaction, false, sql);
    }
  });

  it("asks the server's version where it matters", () => {
    const sql = "ALTER TYPE mood ADD VALUE 'so-so';";
    assert.equal(prepare(sql, { serverVersion: 110022 }).inTransaction, false);
    assert.equal(prepare(sql, { serverVersion: 120000 }).inTransaction, true);
  });

  it("refuses a mixture before its first statement, at the line of the one that cannot", () => {
    const error = failureOf(() => prepare(`${TABLE}\n\n  ${INDEX}\n`));
    assert.equal(error.code, "ERROR");
    assert.equal(error.class, "migrations");
    assert.equal(error.place.line, 3);
    assert.equal(error.place.migration, "V1__a.sql");
    assert.match(error.message, /^V1__a\.sql:3:3: /);
    assert.match(error.remedy, /migration of its own.*mixed=true/);
    assert.match(error.place.excerpt ?? "", /CREATE INDEX CONCURRENTLY/);
  });

  it("runs a mixture without a transaction if mixed, or if transactions are switched off", () => {
    assert.equal(prepare(`${TABLE}${INDEX}`, { mixed: true }).inTransaction, false);
    assert.equal(prepare(`${TABLE}${INDEX}`, { executeInTransaction: false }).inTransaction, false);
    assert.equal(prepare(TABLE, { executeInTransaction: false }).inTransaction, false);
    assert.equal(prepare(TABLE, { mixed: true }).inTransaction, true);
  });
});

describe("core/script: what is wrong before the server has seen it", () => {
  const cases: [string, string, number][] = [
    ["an unclosed string", `${TABLE}\nSELECT 'abc;\n`, 2],
    ["an unclosed dollar quote", `${TABLE}\n\nSELECT $q$ abc;\n`, 3],
    ["COPY data without an end", "\nCOPY t FROM stdin;\n1\n2\n", 2],
    ["a psql command", `${TABLE}\n\\connect abc\n`, 2],
    ["a NUL character", `${TABLE}\n\0`, 2],
  ];
  for (const [what, source, line] of cases) {
    it(`refuses ${what}, with line and remedy`, () => {
      const error = failureOf(() => prepare(source));
      assert.equal(error.code, "ERROR");
      assert.equal(error.class, "migrations");
      assert.equal(error.place.line, line);
      assert.ok(error.message.startsWith(`V1__a.sql:${line}:`), error.message);
    });
  }

  it("counts lines in the file, not in the text with values of several lines", () => {
    const error = failureOf(() => prepare("SELECT '${long}';\nSELECT '${long}', 'open\n"));
    assert.equal(error.place.line, 2);
    assert.equal(error.place.column, 19);
  });
});

describe("core/script: places", () => {
  it("gives line, column and excerpt in the file of an offset in what was sent", () => {
    const source = "SELECT 1;\nSELECT '${long}', nope FROM t;\n";
    const script = prepare(source);
    const place = placeInSource(script, script.sql.text.indexOf("nope"));
    assert.deepEqual([place.line, place.column], [2, 19]);
    const [line = "", caret = ""] = place.excerpt.split("\n").slice(-2);
    assert.equal(line.slice(caret.indexOf("^")).slice(0, 4), "nope");
  });
});
