import assert from "node:assert/strict";

import fc from "fast-check";

import { excerpt } from "../../engine/analysis/excerpt";
import { offsetOfPgPosition, positionAt, PositionTracker } from "../../engine/analysis/position";

describe("positionAt", () => {
  const CASES: [text: string, offset: number, line: number, column: number][] = [
    ["", 0, 1, 1],
    ["abc", 3, 1, 4],
    ["abc", 99, 1, 4],
    ["a\nb", 1, 1, 2],
    ["a\nb", 2, 2, 1],
    ["a\r\nb\r\nc", 6, 3, 1],
    ["a\r\nb", 2, 1, 3],
    ["a\rb\r\nc\n", 2, 2, 1],
    ["a\rb\r\nc\n", 7, 4, 1],
    ["é😀x", 3, 1, 3],
    ["é😀x", 2, 1, 3],
  ];
  for (const [text, offset, line, column] of CASES) {
    it(`is ${String(line)}:${String(column)} for offset ${String(offset)} in ${JSON.stringify(text)}`, () => {
      assert.deepEqual(positionAt(text, offset), { line, column });
    });
  }

  it("is what counting characters says, for any text", () => {
    const text = fc
      .array(fc.constantFrom("a", "é", "😀", "\n", "\r\n", "\r"))
      .map((a) => a.join(""));
    fc.assert(
      fc.property(text, fc.nat(30), (sql, offset) => {
        fc.pre(!/[\ud800-\udbff]$|\r$/.test(sql.slice(0, offset)));
        const lines = sql.slice(0, offset).split(/\r\n|\r|\n/);
        const column = [...(lines.at(-1) ?? "")].length + 1;
        assert.deepEqual(positionAt(sql, offset), { line: lines.length, column });
      }),
    );
  });
});

describe("PositionTracker", () => {
  it("refuses to go back", () => {
    const tracker = new PositionTracker("a\nb");
    assert.deepEqual(tracker.at(2), { line: 2, column: 1 });
    assert.deepEqual(tracker.at(2), { line: 2, column: 1 });
    assert.throws(() => tracker.at(1), RangeError);
  });
});

describe("offsetOfPgPosition", () => {
  it("counts characters from 1, not UTF-16 units", () => {
    assert.equal(offsetOfPgPosition("a😀b", 1), 0);
    assert.equal(offsetOfPgPosition("a😀b", 2), 1);
    assert.equal(offsetOfPgPosition("a😀b", 3), 3);
  });

  it("stays inside the text", () => {
    assert.equal(offsetOfPgPosition("ab", 0), 0);
    assert.equal(offsetOfPgPosition("ab", 9), 2);
  });
});

/** The excerpt's lines, without the gutter. */
function shown(text: string, offset: number, width = 100): string[] {
  return excerpt(text, offset, { context: 0, width })
    .split("\n")
    .map((line) => line.replace(/^ *\d* \| ?/, ""));
}

describe("excerpt", () => {
  it("shows the line, what comes before, and a caret", () => {
    const sql = "a;\nb;\r\nc;\n\nCREATE TABLE t (\n  id intt);\nd;";
    assert.equal(
      excerpt(sql, sql.indexOf("intt")),
      ["4 |", "5 | CREATE TABLE t (", "6 |   id intt);", "  |      ^"].join("\n"),
    );
  });

  it("aligns line numbers", () => {
    const sql = "\n".repeat(8) + "a\nb";
    assert.equal(excerpt(sql, sql.length - 1), [" 8 |", " 9 | a", "10 | b", "   | ^"].join("\n"));
  });

  it("works at the start and at the end of a text, and in an empty one", () => {
    assert.equal(excerpt("abc", 0), "1 | abc\n  | ^");
    assert.equal(excerpt("abc\n", 4), "1 | abc\n2 |\n  | ^");
    assert.equal(excerpt("abc", 3), "1 | abc\n  |    ^");
    assert.equal(excerpt("", 0), "1 |\n  | ^");
  });

  it("puts the caret right under tabs, wide characters and combining marks", () => {
    assert.deepEqual(shown("\tx 1", 3), ["    x 1", "      ^"]);
    assert.deepEqual(shown("'表😀' x", 6), ["'表😀' x", "       ^"]);
    assert.deepEqual(shown("'e\u0301' x", 5), ["'e\u0301' x", "    ^"]);
  });

  it("shows no control characters", () => {
    assert.deepEqual(shown("a\u001b[31m x", 7), ["a·[31m x", "       ^"]);
  });

  it("cuts long lines around the place", () => {
    const sql = `SELECT ${"1, ".repeat(100)}oops${", 2".repeat(100)}`;
    const [line = "", caret = ""] = shown(sql, sql.indexOf("oops"), 40);
    assert.ok(line.length <= 42, line);
    assert.match(line, /^….*oops.*…$/);
    assert.equal(line.slice(caret.indexOf("^")).slice(0, 4), "oops");
  });

  it("puts the caret under the character, for any text and place", () => {
    const text = fc
      .array(fc.constantFrom("a", "\t", "b ", "c\n", "d\r\n"), { minLength: 1 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.nat(), fc.integer({ min: 10, max: 80 }), (sql, n, width) => {
        const offset = n % sql.length;
        fc.pre(/[a-d]/.test(sql.charAt(offset)));
        const [line = "", caret = ""] = shown(sql, offset, width);
        assert.equal(line.charAt(caret.indexOf("^")), sql.charAt(offset));
      }),
    );
  });
});
