import assert from "node:assert/strict";

import { splitStatements } from "../../engine/analysis/split";

/** The statements of a script that has no problems, as text. */
function split(sql: string): string[] {
  const { statements, problems } = splitStatements(sql);
  assert.deepEqual(problems, []);
  return statements.map(({ start, end }) => sql.slice(start, end));
}

function problems(sql: string): string[] {
  return splitStatements(sql).problems.map(
    ({ code, line, column }) => `${code} ${String(line)}:${String(column)}`,
  );
}

const SPLITS: [what: string, sql: string, expected: string[]][] = [
  ["nothing in an empty script", "", []],
  ["nothing in blanks, comments and lone semicolons", " ;;\n-- a;\n/* b; */ ; --", []],
  ["a last statement without its semicolon", "SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]],
  [
    "without the comments around a statement, with those inside",
    "-- a\nSELECT /* b; */ 1 -- c;\n , 2 -- d\n; -- e",
    ["SELECT /* b; */ 1 -- c;\n , 2"],
  ],
  ["comments ended by CR", "SELECT 1 -- a;\r;SELECT 2", ["SELECT 1", "SELECT 2"]],
  ["nested comments", "/* a /* b; */ c; */ SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]],
  ["a comment inside what looks like an operator", "SELECT 1 +/* ; */ 2", ["SELECT 1 +/* ; */ 2"]],
  ["doubled quotes", "SELECT 'it''s;'; SELECT ''''", ["SELECT 'it''s;'", "SELECT ''''"]],
  [
    "a backslash that ends a plain string",
    "SELECT 'c:\\'; SELECT ';'",
    ["SELECT 'c:\\'", "SELECT ';'"],
  ],
  ["escapes in E'' strings", "SELECT E'a\\';b'; SELECT 2", ["SELECT E'a\\';b'", "SELECT 2"]],
  [
    "escapes in e'' strings",
    "SELECT e'\\\\'; SELECT e'\\';'",
    ["SELECT e'\\\\'", "SELECT e'\\';'"],
  ],
  [
    "an escape string continued on the next line",
    "SELECT e'a'\n -- c\n '\\';'; SELECT 2",
    ["SELECT e'a'\n -- c\n '\\';'", "SELECT 2"],
  ],
  [
    "no escapes in a string that merely follows one on its line",
    "SELECT e'a', 'b\\'; SELECT 2",
    ["SELECT e'a', 'b\\'", "SELECT 2"],
  ],
  [
    "a word that ends in e before a quote",
    "SELECT DATE'\\'; SELECT 2",
    ["SELECT DATE'\\'", "SELECT 2"],
  ],
  [
    "bit, national and Unicode strings",
    "SELECT B'1;', x'F;', N';\\', u&';\\'; SELECT 2",
    ["SELECT B'1;', x'F;', N';\\', u&';\\'", "SELECT 2"],
  ],
  [
    "quoted identifiers",
    'SELECT "a"";", U&"b;\\", ";\'"; SELECT 2',
    ['SELECT "a"";", U&"b;\\", ";\'"', "SELECT 2"],
  ],
  ["dollar quotes", "DO $$ a; $a$ b; $$; SELECT 2", ["DO $$ a; $a$ b; $$", "SELECT 2"]],
  [
    "dollar quotes with tags, case and all",
    "SELECT $é1$ $$ ; $É1$ '$é1$; SELECT 2",
    ["SELECT $é1$ $$ ; $É1$ '$é1$", "SELECT 2"],
  ],
  [
    "a dollar quote that closes on the dollar of a false tag",
    "SELECT $a$;$b$a$; SELECT 2",
    ["SELECT $a$;$b$a$", "SELECT 2"],
  ],
  ["parameters", "SELECT $1$ x $1$; SELECT $12;", ["SELECT $1$ x $1$", "SELECT $12"]],
  ["dollars in identifiers", "SELECT a$b$ ; SELECT é$b$ ;", ["SELECT a$b$", "SELECT é$b$"]],
  [
    "a dollar quote right after a number",
    "SELECT 1$a$;$a$; SELECT 2",
    ["SELECT 1$a$;$a$", "SELECT 2"],
  ],
  [
    "dollars that belong to junk after a number",
    "SELECT 1e5$a$; SELECT $1a$a$; SELECT $1$a$;$a$",
    ["SELECT 1e5$a$", "SELECT $1a$a$", "SELECT $1$a$;$a$"],
  ],
  ["no-break spaces as letters", "SELECT\u00a01; SELECT 2", ["SELECT\u00a01", "SELECT 2"]],
  [
    "semicolons in parentheses",
    "CREATE RULE r AS ON INSERT TO t DO (SELECT (1); SELECT 2); SELECT 3",
    ["CREATE RULE r AS ON INSERT TO t DO (SELECT (1); SELECT 2)", "SELECT 3"],
  ],
  ["a closing parenthesis too many", "SELECT 1); SELECT 2", ["SELECT 1)", "SELECT 2"]],
  [
    "COPY to a place, and from a file",
    "COPY t TO STDOUT; COPY t FROM '/stdin'; SELECT 1",
    ["COPY t TO STDOUT", "COPY t FROM '/stdin'", "SELECT 1"],
  ],
];

const BODIES: [what: string, sql: string][] = [
  ["one statement", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END"],
  ["no statement", "create procedure p() begin atomic end"],
  ["CREATE OR REPLACE", "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC SELECT 1; SELECT 2; END"],
  [
    "nested CASE",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN CASE WHEN b THEN 1 END ELSE 2 END; SELECT 3; END",
  ],
  ["CASE in parentheses", "CREATE FUNCTION f() BEGIN ATOMIC SELECT (CASE WHEN a THEN 1 END); END"],
  [
    "labels and columns called end",
    "CREATE FUNCTION f() BEGIN ATOMIC SELECT t.end, 1 AS end, 2 end; SELECT 3; END",
  ],
  [
    "comments between the words",
    "CREATE FUNCTION f() BEGIN/* ; */ATOMIC -- ;\n SELECT 1; /* END */ END",
  ],
  ["a comment after CREATE", "CREATE /* ; */ FUNCTION f() BEGIN ATOMIC SELECT 1; END"],
  ["parameters", "CREATE FUNCTION f(int) BEGIN ATOMIC SELECT $1; SELECT $1 + 1; END"],
  ["a function called begin", "CREATE FUNCTION begin() RETURNS int RETURN 1"],
  ["semicolons in parentheses", "CREATE FUNCTION f() BEGIN ATOMIC SELECT 1 + (2); END"],
  ["a function with its body quoted", "CREATE FUNCTION f() AS $$ BEGIN x; END $$"],
];

describe("splitStatements", () => {
  for (const [what, sql, expected] of SPLITS) {
    it(`finds ${what}`, () => assert.deepEqual(split(sql), expected));
  }

  for (const [what, sql] of BODIES) {
    it(`keeps a SQL body whole: ${what}`, () => {
      assert.deepEqual(split(`${sql}; SELECT 'after';`), [sql, "SELECT 'after'"]);
    });
  }

  it("takes BEGIN for a statement outside of routines", () => {
    assert.deepEqual(split("BEGIN; CREATE TABLE atomic (); END;"), [
      "BEGIN",
      "CREATE TABLE atomic ()",
      "END",
    ]);
  });

  it("gives the line and the column, in characters, of each statement", () => {
    const { statements } = splitStatements("-- é\r\nSELECT '😀'; SELECT 2;\r\n\r\n  SELECT 3");
    assert.deepEqual(
      statements.map(({ line, column }) => [line, column]),
      [
        [2, 1],
        [2, 13],
        [4, 3],
      ],
    );
  });

  it("gives a statement the kind sql and no data", () => {
    assert.deepEqual(splitStatements(" SELECT 1;").statements, [
      { start: 1, end: 9, line: 1, column: 2, kind: "sql" },
    ]);
  });
});

describe("splitStatements on faulty scripts", () => {
  const FAULTS: [what: string, sql: string, expected: string[]][] = [
    ["an open string", "SELECT 1;\nSELECT 'a;", ["UNTERMINATED_STRING 2:8"]],
    ["an open escape string", "SELECT e'a\\'", ["UNTERMINATED_STRING 1:8"]],
    ["an open identifier", 'SELECT "a', ["UNTERMINATED_IDENTIFIER 1:8"]],
    ["an open Unicode identifier", 'SELECT U&"a', ["UNTERMINATED_IDENTIFIER 1:8"]],
    ["an open dollar quote", "DO $a$ $$ $A$;", ["UNTERMINATED_DOLLAR_QUOTE 1:4"]],
    ["an open comment", "SELECT 1; /* /* */", ["UNTERMINATED_COMMENT 1:11"]],
    ["an open parenthesis", "CREATE TABLE a (id int;\nSELECT 1;", ["UNCLOSED_PARENTHESIS 1:16"]],
    [
      "an open body",
      "CREATE FUNCTION f() BEGIN ATOMIC SELECT 1 END; SELECT 2;",
      ["UNCLOSED_BODY 1:21"],
    ],
    [
      "each psql command",
      "\\set x 1; 'a\nSELECT 1;\n  \\gexec\n\\",
      ["PSQL_COMMAND 1:1", "PSQL_COMMAND 3:3", "PSQL_COMMAND 4:1"],
    ],
    ["a psql command that ends a statement", "SELECT 1 \\g\n;SELECT 2;", ["PSQL_COMMAND 1:10"]],
    ["a restrict inside a statement", "SELECT 1\n\\restrict x\n", ["PSQL_COMMAND 2:1"]],
    [
      "problems in the order of the script",
      "CREATE TABLE a (\n\\x\n",
      ["UNCLOSED_PARENTHESIS 1:16", "PSQL_COMMAND 2:1"],
    ],
    ["a stray end of data", "SELECT 1;\n\\.\nSELECT 2;", ["PSQL_COMMAND 2:1"]],
  ];
  for (const [what, sql, expected] of FAULTS) {
    it(`reports ${what}`, () => assert.deepEqual(problems(sql), expected));
  }

  it("says what to do", () => {
    const [problem] = splitStatements("\\i other.sql").problems;
    assert.match(problem?.message ?? "", /^\\i is a command of psql/);
    assert.match(problem?.remedy ?? "", /included file/);
  });

  it("still gives the rest of an unterminated script as a statement", () => {
    const sql = "SELECT 1; SELECT 'a; ";
    const { statements } = splitStatements(sql);
    assert.deepEqual(
      statements.map(({ start, end }) => sql.slice(start, end)),
      ["SELECT 1", "SELECT 'a; "],
    );
  });
});

describe("splitStatements on dumps", () => {
  it("passes over the lines that pg_dump writes", () => {
    const sql = "--\n-- dump\n\\restrict aB3\nSET a = 1;\n\\unrestrict aB3\n";
    assert.deepEqual(split(sql), ["SET a = 1"]);
    assert.deepEqual(splitStatements(sql).problems, []);
  });
});
