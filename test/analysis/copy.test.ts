import assert from "node:assert/strict";

import { splitStatements } from "../../engine/analysis/split";

/** Statements as text, those of COPY with their rows behind " <- ". */
function split(sql: string): string[] {
  return splitStatements(sql).statements.map(({ start, end, kind, copyData }) => {
    const text = sql.slice(start, end);
    assert.equal(kind, copyData ? "copy" : "sql");
    return copyData
      ? `${text} <- ${JSON.stringify(sql.slice(copyData.start, copyData.end))}`
      : text;
  });
}

function codes(sql: string): string[] {
  return splitStatements(sql).problems.map(({ code, line }) => `${code} ${String(line)}`);
}

describe("COPY … FROM STDIN", () => {
  const CASES: [what: string, sql: string, expected: string[]][] = [
    [
      "rows",
      "COPY t FROM stdin;\n1\ta;\n2\t'\n\\.\nSELECT 1;",
      ['COPY t FROM stdin <- "1\\ta;\\n2\\t\'\\n"', "SELECT 1"],
    ],
    ["no rows", "COPY t FROM STDIN;\n\\.\nSELECT 1;", ['COPY t FROM STDIN <- ""', "SELECT 1"]],
    [
      "CRLF",
      "COPY t FROM STDIN;\r\n1\r\n\\.\r\nSELECT 1;",
      ['COPY t FROM STDIN <- "1\\r\\n"', "SELECT 1"],
    ],
    [
      "CR alone",
      "COPY t FROM STDIN;\r1\r\\.\rSELECT 1;",
      ['COPY t FROM STDIN <- "1\\r"', "SELECT 1"],
    ],
    ["an end without a line break", "COPY t FROM STDIN;\n1\n\\.", ['COPY t FROM STDIN <- "1\\n"']],
    [
      "options, columns and quoted names",
      'copy "S;"."t" (a, "b") from stdin with (format csv);\n1\n\\.\n',
      ['copy "S;"."t" (a, "b") from stdin with (format csv) <- "1\\n"'],
    ],
    [
      "a comment before FROM and after the semicolon",
      "COPY t /* ; */ FROM -- x\n STDIN; -- y\n1\n\\.\n",
      ['COPY t /* ; */ FROM -- x\n STDIN <- "1\\n"'],
    ],
    [
      "a marker that is only part of a line",
      "COPY t FROM STDIN;\n\\.x\nx\\.\n\\.\n",
      ['COPY t FROM STDIN <- "\\\\.x\\nx\\\\.\\n"'],
    ],
    [
      "STDOUT, which the grammar takes for STDIN",
      "COPY t FROM STDOUT;\n1\n\\.\n",
      ['COPY t FROM STDOUT <- "1\\n"'],
    ],
    [
      "a table called stdin",
      "COPY stdin FROM STDIN;\n1\n\\.\n",
      ['COPY stdin FROM STDIN <- "1\\n"'],
    ],
    [
      "a query with FROM stdin",
      "COPY (SELECT * FROM stdin) TO STDOUT; SELECT 1",
      ["COPY (SELECT * FROM stdin) TO STDOUT", "SELECT 1"],
    ],
    ["a quoted name", 'COPY t FROM "stdin"; SELECT 1', ['COPY t FROM "stdin"', "SELECT 1"]],
    [
      "several",
      "COPY a FROM STDIN;\n1\n\\.\n\nCOPY b FROM STDIN;\n2\n\\.\n",
      ['COPY a FROM STDIN <- "1\\n"', 'COPY b FROM STDIN <- "2\\n"'],
    ],
  ];
  for (const [what, sql, expected] of CASES) {
    it(`reads ${what}`, () => {
      assert.deepEqual(split(sql), expected);
      assert.deepEqual(codes(sql), []);
    });
  }

  it("is a problem where the rows do not end", () => {
    const sql = "SELECT 1;\nCOPY t FROM STDIN;\n1\n2 \\.\n\\. \n";
    assert.deepEqual(codes(sql), ["COPY_WITHOUT_END 2"]);
    assert.deepEqual(split(sql), ["SELECT 1", 'COPY t FROM STDIN <- "1\\n2 \\\\.\\n\\\\. \\n"']);
  });

  it("is a problem where the script ends without its semicolon", () => {
    assert.deepEqual(codes("COPY t FROM STDIN"), ["COPY_WITHOUT_END 1"]);
  });

  it("is a problem where a statement follows on the same line", () => {
    assert.deepEqual(codes("COPY t FROM STDIN; SELECT 1;\n1\n\\.\n"), [
      "COPY_TEXT_AFTER_STATEMENT 1",
    ]);
  });

  it("counts lines on after the rows", () => {
    const { statements } = splitStatements("COPY t FROM STDIN;\n1\n2\n\\.\nSELECT 1;");
    assert.deepEqual(
      statements.map(({ line }) => line),
      [1, 5],
    );
  });
});
