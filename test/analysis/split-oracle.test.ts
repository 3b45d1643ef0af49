import assert from "node:assert/strict";
import { Buffer } from "node:buffer";

import fc from "fast-check";
import { loadModule, parseSync } from "libpg-query";

import { SqlLexer } from "../../engine/analysis/lexer";
import { splitStatements } from "../../engine/analysis/split";

interface Raw {
  stmt_location?: number;
  stmt_len?: number;
}

/** Where PostgreSQL's own parser sees the statements, in UTF-16 units; `end` is before the `;`. */
function parserRanges(sql: string): { start: number; end: number }[] {
  const bytes = Buffer.from(sql);
  const units = (byte: number): number => bytes.subarray(0, byte).toString().length;
  const { stmts } = parseSync(sql) as { stmts?: Raw[] };
  return (stmts ?? []).map(({ stmt_location: start = 0, stmt_len: length }) => ({
    start: units(start),
    end: length === undefined ? sql.length : units(start + length),
  }));
}

function isBlank(sql: string): boolean {
  return !new SqlLexer(sql).next();
}

/** Same statements, and nothing but comments between our end of a statement and the parser's. */
function assertSameAsParser(sql: string): void {
  const { statements, problems } = splitStatements(sql);
  const expected = isBlank(sql.replaceAll(";", "")) ? [] : parserRanges(sql);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    statements.map(({ start }) => sql.slice(start, start + 30)),
    expected.map(({ start }) => sql.slice(skipBlanks(sql, start), skipBlanks(sql, start) + 30)),
  );
  statements.forEach(({ end }, i) => {
    const rest = sql.slice(end, expected[i]?.end);
    assert.ok(isBlank(rest), `left over: ${rest}`);
  });
}

/** The parser counts a comment before the first statement as part of it. */
function skipBlanks(sql: string, from: number): number {
  const lexer = new SqlLexer(sql, from);
  lexer.next();
  return lexer.start;
}

const BLANKS = fc.constantFrom(
  " ",
  "\n",
  "\r\n",
  "\t",
  "\f",
  " /* ; ' $$ */ ",
  "/* a /* ; */ b */",
  " -- ; ' /* \n",
  " --\r",
  "\n--$$\r\n",
);

const EXPRESSIONS = fc.constantFrom(
  "1",
  "'a;b'",
  "'it''s;'",
  "'c:\\'",
  "E'\\';'",
  "e'\\\\'",
  "e'x'\n'\\';'",
  "B'10'",
  "x'1F'",
  "N';'",
  "U&'d\\0061;'",
  "$$;'$$",
  "$q$ $$; $Q$ $q$",
  "$é$;$é$",
  "$1",
  "$2 + a$b",
  "(1 + 2)",
  "1.5e-3",
  "a . b",
  '"x;"',
  '"q""; "',
  'U&"z;"',
  "é",
  "'😀;'",
  "CASE WHEN a THEN CASE WHEN b THEN 1 ELSE 2 END END",
  "a-(-1)",
  "@-1",
  "a::text",
  "a[1:2]",
  "x.end",
  "date '2020-01-01'",
  "(SELECT 1)",
  "a ? 'b;'",
  "d #>> '{a;}'",
  "- /*;*/ 1",
);

const SELECTS = fc
  .tuple(BLANKS, fc.array(EXPRESSIONS, { minLength: 1, maxLength: 4 }), BLANKS)
  .map(([blank, expressions, between]) => `SELECT${blank}${expressions.join(`${between},`)}`);

const ROUTINES = fc
  .tuple(
    fc.constantFrom(
      "CREATE FUNCTION begin()",
      "create or replace procedure p(a int)",
      'CREATE FUNCTION "end"()',
    ),
    BLANKS,
    fc.array(SELECTS, { maxLength: 3 }),
    BLANKS,
  )
  .map(
    ([head, blank, body, last]) =>
      `${head} BEGIN${blank}ATOMIC ${body.map((statement) => `${statement} ;`).join(last)}${last}END`,
  );

const OTHERS = fc.constantFrom(
  "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT ';'; )",
  "DO $$ BEGIN x; END $$",
  "BEGIN",
  "END",
  "START TRANSACTION",
  "CREATE TABLE begin (atomic int)",
  "COMMIT",
  "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1;'",
  "CREATE FUNCTION f() RETURNS int RETURN 1",
  "",
  "INSERT INTO t VALUES (1, ';'), ($$;$$, 2)",
  "COPY (SELECT 1) TO STDOUT",
  "CREATE VIEW v AS SELECT 1 AS end",
);

const SCRIPTS = fc
  .array(
    fc.tuple(
      BLANKS,
      fc.oneof(SELECTS, ROUTINES, OTHERS),
      BLANKS,
      fc.constantFrom(";", ";;", "; --x;\n"),
    ),
  )
  .map((parts) => parts.flat().join(""));

describe("splitStatements beside PostgreSQL's parser", () => {
  before(() => loadModule());

  it("finds the same statements in any script of valid ones", () => {
    fc.assert(fc.property(SCRIPTS, assertSameAsParser), { numRuns: 500 });
  });

  it("finds the same when the last semicolon is missing", () => {
    const open = fc.tuple(SCRIPTS, SELECTS).map((parts) => parts.join(" "));
    fc.assert(fc.property(open, assertSameAsParser), { numRuns: 200 });
  });
});

describe("splitStatements on any text", () => {
  const SOUP = fc
    .array(
      fc.oneof(
        BLANKS,
        EXPRESSIONS,
        OTHERS,
        fc.constantFrom(
          ";",
          "'",
          '"',
          "$$",
          "$a$",
          "(",
          ")",
          "/*",
          "*/",
          "--",
          "\\",
          "\\.",
          "\n\\.\n",
          "E'",
          "U&",
        ),
        fc.constantFrom(
          "COPY t FROM STDIN;\n",
          "\\restrict x\n",
          "CREATE FUNCTION",
          "BEGIN ATOMIC",
          "END",
          "\ud83d",
        ),
        fc.string({ unit: "binary", maxLength: 3 }),
      ),
    )
    .map((parts) => parts.join(""));

  it("leaves nothing out: statements, data, and only blanks and semicolons between", () => {
    fc.assert(
      fc.property(SOUP, (sql) => {
        const { statements, problems } = splitStatements(sql);
        let at = 0;
        for (const { start, end, copyData } of statements) {
          assert.ok(at <= start && start < end, "in order, none empty");
          if (problems.length === 0) assertNoTokens(sql.slice(at, start));
          if (copyData) assert.ok(end <= copyData.start && copyData.start <= copyData.end);
          at = copyData ? copyData.end : end;
        }
        if (problems.length === 0) assertNoTokens(sql.slice(at));
      }),
      { numRuns: 2000 },
    );
  });

  it("gives each statement the same when it is split again", () => {
    fc.assert(
      fc.property(SCRIPTS, (sql) => {
        for (const { start, end } of splitStatements(sql).statements) {
          const again = splitStatements(sql.slice(start, end)).statements;
          assert.deepEqual(
            again.map((one) => [one.start, one.end]),
            [[0, end - start]],
          );
        }
      }),
    );
  });

  function assertNoTokens(between: string): void {
    const text = between.replace(/^\\(?:un)?restrict\b.*$/gm, "").replace(/^\\\.$/gm, "");
    const lexer = new SqlLexer(text);
    while (lexer.next()) {
      assert.ok(lexer.isSymbol(";") || lexer.kind === "backslash", `left out: ${lexer.slice()}`);
      if (lexer.kind === "backslash") return;
    }
  }
});
