import assert from "node:assert/strict";

import { lintScript } from "../../engine/lint";

/** Problems of a script as "code line:column", warnings with a "?" behind the code. */
async function lint(sql: string, exempt = false): Promise<string[]> {
  const problems = await lintScript({ script: "V1__x.sql", sql, exempt });
  return problems.map(({ code, line, column, severity }) => {
    return `${code}${severity === "warning" ? "?" : ""} ${String(line)}:${String(column)}`;
  });
}

const DATA: [what: string, sql: string, expected: string[]][] = [
  ["INSERT", "CREATE TABLE t (a int);\n  INSERT INTO t VALUES (1);", ["SCHEMA_ONLY_DATA 2:3"]],
  ["UPDATE", "UPDATE t SET a = 1", ["SCHEMA_ONLY_DATA 1:1"]],
  ["DELETE", "DELETE FROM t", ["SCHEMA_ONLY_DATA 1:1"]],
  [
    "MERGE, once",
    "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1)",
    ["SCHEMA_ONLY_DATA 1:1"],
  ],
  [
    "an upsert, once",
    "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2",
    ["SCHEMA_ONLY_DATA 1:1"],
  ],
  ["TRUNCATE", "TRUNCATE t", ["SCHEMA_ONLY_DATA 1:1"]],
  [
    "COPY with rows",
    "SELECT 1;\nCOPY t FROM stdin;\nINSERT;\n\\.\nDELETE FROM t;",
    ["SCHEMA_ONLY_DATA 2:1", "SCHEMA_ONLY_DATA 5:1"],
  ],
  ["COPY from a file", "COPY t FROM '/x'", ["SCHEMA_ONLY_DATA 1:1"]],
  [
    "a statement in a WITH",
    "SELECT 'é😀', 1;\nWITH a AS (SELECT 'é😀'), b AS (INSERT INTO t VALUES (1)) SELECT 1",
    ["SCHEMA_ONLY_DATA 2:26"],
  ],
  [
    "two in one statement",
    "WITH a AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM a",
    ["SCHEMA_ONLY_DATA 1:1", "SCHEMA_ONLY_DATA 1:6"],
  ],
  ["EXPLAIN ANALYZE", "EXPLAIN ANALYZE DELETE FROM t", ["SCHEMA_ONLY_DATA 1:1"]],
  ["PREPARE", "PREPARE p AS DELETE FROM t", ["SCHEMA_ONLY_DATA 1:1"]],
  ["CREATE TABLE AS", "CREATE TABLE t AS SELECT 1", ["SCHEMA_ONLY_FILLED_TABLE? 1:1"]],
  ["SELECT INTO", "SELECT 1 INTO t UNION SELECT 2", ["SCHEMA_ONLY_FILLED_TABLE? 1:1"]],
];

const SCHEMA = [
  "CREATE TABLE t (a int DEFAULT 1, b text REFERENCES u ON DELETE CASCADE ON UPDATE SET NULL)",
  "CREATE TABLE t AS SELECT 1 WITH NO DATA",
  "CREATE TEMP TABLE t AS SELECT 1",
  "CREATE MATERIALIZED VIEW m AS SELECT 1",
  "REFRESH MATERIALIZED VIEW m",
  "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DELETE FROM t; END $$",
  "CREATE PROCEDURE p() BEGIN ATOMIC INSERT INTO t VALUES (1); END",
  "CREATE RULE r AS ON INSERT TO v DO INSTEAD INSERT INTO t VALUES (1)",
  "CREATE TRIGGER g BEFORE INSERT OR UPDATE ON t EXECUTE FUNCTION f()",
  "GRANT INSERT, UPDATE, DELETE, TRUNCATE ON t TO u",
  "COPY t TO '/x'",
  "SELECT * FROM t FOR UPDATE",
  "-- INSERT INTO t VALUES (1)\nCOMMENT ON TABLE t IS 'INSERT INTO t'",
];

const DO_DATA: [what: string, body: string, column: number][] = [
  ["the first statement", "BEGIN INSERT INTO t VALUES (1); END", 7],
  ["a later statement", "BEGIN NULL; UPDATE t SET a = 1; END", 13],
  ["THEN", "BEGIN IF EXISTS (SELECT 1) THEN DELETE FROM t; END IF; END", 33],
  [
    "ELSE",
    "BEGIN IF a THEN NULL; ELSE MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE; END IF; END",
    28,
  ],
  ["LOOP", "BEGIN LOOP TRUNCATE t; END LOOP; END", 12],
  ["a label", "BEGIN <<a>> INSERT INTO t VALUES (1); END", 13],
  ["FOR … IN", "BEGIN FOR r IN DELETE FROM t RETURNING a LOOP NULL; END LOOP; END", 16],
  ["a WITH query", "BEGIN WITH a AS (INSERT INTO t VALUES (1)) SELECT 1 INTO x FROM a; END", 18],
  ["the statement of a WITH", "BEGIN WITH a AS (SELECT 1) UPDATE t SET b = 1; END", 28],
  ["COPY from a file", "BEGIN COPY t FROM '/x'; END", 7],
  ["EXECUTE", "BEGIN EXECUTE 'INSERT INTO t VALUES (1)'; END", 15],
  ["EXECUTE of format()", "BEGIN EXECUTE format($q$UPDATE %I SET a = 1$q$, t); END", 22],
  ["EXECUTE of a concatenation", "BEGIN EXECUTE 'TRUNCATE ' || t; END", 15],
];

const DO_SCHEMA = [
  "BEGIN CREATE TABLE t (a int REFERENCES u ON DELETE CASCADE); END",
  "BEGIN EXECUTE 'CREATE TABLE t (a int)'; END",
  "BEGIN EXECUTE $q$CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM t'$q$; END",
  "BEGIN CREATE RULE r AS ON INSERT TO v DO INSTEAD (INSERT INTO t VALUES (1); DELETE FROM u); END",
  "BEGIN IF TG_OP = 'INSERT' THEN NULL; END IF; END",
  "BEGIN GRANT INSERT, UPDATE ON t TO u; REVOKE DELETE ON t FROM u; END",
  "BEGIN PERFORM 1 FROM t FOR UPDATE; COPY t TO '/x'; END",
  "BEGIN RAISE NOTICE 'DELETE FROM t'; /* DELETE FROM t; */ END",
  "DECLARE n int; BEGIN SELECT count(*) INTO n FROM pg_namespace; IF n = 0 THEN RETURN; END IF; END",
];

describe("lintScript on schema only", () => {
  for (const [what, sql, expected] of DATA) {
    it(`finds ${what}`, async () => assert.deepEqual(await lint(sql), expected));
  }

  for (const sql of SCHEMA) {
    it(`lets pass: ${sql}`, async () => assert.deepEqual(await lint(sql), []));
  }

  for (const [what, body, column] of DO_DATA) {
    it(`finds data in a DO block: ${what}`, async () => {
      assert.deepEqual(await lint(`SELECT 1;\nDO $é$\n${body}\n$é$;`), [
        `SCHEMA_ONLY_DATA 3:${String(column)}`,
      ]);
    });
  }

  for (const body of DO_SCHEMA) {
    it(`lets pass in a DO block: ${body}`, async () =>
      assert.deepEqual(await lint(`DO $do$ ${body} $do$`), []));
  }

  it("looks into a DO block whose body is in quotes", async () => {
    assert.deepEqual(await lint("DO 'BEGIN EXECUTE ''DELETE FROM t''; END'"), [
      "SCHEMA_ONLY_DATA 1:20",
    ]);
    assert.deepEqual(await lint("DO LANGUAGE plpgsql E'BEGIN DELETE FROM t; END'"), [
      "SCHEMA_ONLY_DATA 1:29",
    ]);
  });

  it("does not look into a DO block in another language", async () => {
    assert.deepEqual(await lint("DO $$ DELETE FROM t; $$ LANGUAGE plperl"), []);
  });

  it("lets an exempt script change rows, but checks its syntax", async () => {
    assert.deepEqual(await lint("INSERT INTO t VALUES (1); INSERT INTO;", true), [
      "SQL_SYNTAX 1:38",
    ]);
  });

  it("still sees what a statement too long to parse does", async () => {
    const sql = `INSERT INTO t VALUES ${"(1, 'abcdefghijklmnop'),".repeat(200_000)}(1, '');`;
    assert.deepEqual(await lint(sql), ["SQL_NOT_CHECKED? 1:1", "SCHEMA_ONLY_DATA 1:1"]);
    assert.deepEqual(await lint(sql, true), ["SQL_NOT_CHECKED? 1:1"]);
  });

  it("says what is wrong and what to do", async () => {
    const [problem] = await lintScript({ script: "V2__b.sql", sql: "TRUNCATE t", exempt: false });
    assert.equal(problem?.script, "V2__b.sql");
    assert.equal(problem?.message, "TRUNCATE changes rows; migrations change the schema only.");
    assert.match(problem?.remedy ?? "", /seed job/);
  });
});

describe("lintScript on syntax", () => {
  const CASES: [what: string, sql: string, expected: string[]][] = [
    ["nothing wrong in an empty script", "-- nothing\n;;", []],
    [
      "the place of each error",
      "SELECT 'é😀' FROM;\n\nCREATE TABEL t ();\nSELECT 1;",
      ["SQL_SYNTAX 1:17", "SQL_SYNTAX 3:8"],
    ],
    ["an error at the end", "SELECT 1 +", ["SQL_SYNTAX 1:11"]],
    [
      "an error inside a statement with others around",
      "SELECT 1;\r\nSELECT\r\n  1 1;\r\nSELECT 2;",
      ["SQL_SYNTAX 3:5"],
    ],
    [
      "what the splitter finds, once",
      "SELECT 1;\nCREATE TABLE t (a int;\nSELECT 'x",
      ["UNTERMINATED_STRING 3:8"],
    ],
    ["an open parenthesis", "CREATE TABLE t (a int;", ["UNCLOSED_PARENTHESIS 1:16"]],
    [
      "psql commands, and what is after them",
      "\\set x 1\nSELECT 1 1;",
      ["PSQL_COMMAND 1:1", "SQL_SYNTAX 2:10"],
    ],
    ["nothing wrong with what pg_dump writes", "\\restrict x\nSET a = 1;\n\\unrestrict x\n", []],
  ];
  for (const [what, sql, expected] of CASES) {
    it(`finds ${what}`, async () => assert.deepEqual(await lint(sql), expected));
  }
});

describe("lintScript on placeholders", () => {
  const CASES: [what: string, sql: string, expected: string[]][] = [
    ["names", 'CREATE TABLE ${schema}.t_${x} ("${column}" int DEFAULT ${n});', []],
    ["strings, comments and bodies", "-- ${a;}\nDO $$ BEGIN RAISE NOTICE '${it''s}'; END $$", []],
    ["an error behind one, in its place", "SELECT '${a}'; SELECT '${é}' 1;", ["SQL_SYNTAX? 1:30"]],
    ["an error elsewhere", "SELECT ${a}; SELECT 1 1;", ["SQL_SYNTAX 1:23"]],
    ["data", "INSERT INTO ${schema}.t VALUES (1);", ["SCHEMA_ONLY_DATA 1:1"]],
    ["a placeholder that is a whole statement", "${statement};", ["SQL_SYNTAX? 1:1"]],
    ["one without an end", "SELECT ${a", ["PLACEHOLDER_WITHOUT_END 1:8"]],
    ["one without an end in a comment", "SELECT ${a};\n-- ${b", ["PLACEHOLDER_WITHOUT_END 2:4"]],
    ["dollars that leave none", "DO $$${a}$$; SELECT '$${b';", []],
    ["a byte order mark between statements", "SELECT 1;\n\uFEFFSELECT 1 1;", ["SQL_SYNTAX 2:11"]],
    ["one over two lines", "SELECT ${a\nb};\nDELETE FROM t", ["SCHEMA_ONLY_DATA 3:1"]],
  ];
  for (const [what, sql, expected] of CASES) {
    it(`knows ${what}`, async () => assert.deepEqual(await lint(sql), expected));
  }

  it("puts the values in that are known, and shows none of them", async () => {
    const values = new Map([
      ["part", "TABLE t (a int)"],
      ["wrong", "hunter2 hunter3"],
    ]);
    const sql = "CREATE ${Part};\nCREATE ${wrong};\nSELECT '${wrong}' 'x';\nDROP ${other} x;";
    const problems = await lintScript({ script: "V1__x.sql", sql, exempt: false, values });
    assert.deepEqual(
      problems.map(({ line, column, severity }) => [line, column, severity]),
      [
        [2, 8, "error"],
        [3, 19, "error"],
        [4, 6, "warning"],
      ],
    );
    assert.ok(!JSON.stringify(problems).includes("hunter"), JSON.stringify(problems));
  });

  it("leaves them as they are where they are not replaced", async () => {
    const sql = "SELECT '${a}', '${b';";
    const placeholders = null;
    assert.deepEqual(
      await lintScript({ script: "V1__x.sql", sql, exempt: false, placeholders }),
      [],
    );
  });

  it("takes the prefix and suffix of the configuration", async () => {
    const sql = "SELECT * FROM #[table]; SELECT 1 1";
    const placeholders = { prefix: "#[", suffix: "]" };
    const problems = await lintScript({ script: "V1__x.sql", sql, exempt: false, placeholders });
    assert.deepEqual(
      problems.map(({ column, severity }) => [column, severity]),
      [[34, "error"]],
    );
  });
});

describe("lintScript on what is newer than its parser", () => {
  const NEWER = [
    "REPACK t",
    "REPACK",
    "REPACK (CONCURRENTLY, VERBOSE) s.t",
    "REPACK (ANALYZE) t (a, b) USING INDEX i",
    "REPACK CONCURRENTLY t",
    "ALTER TABLE t MERGE PARTITIONS (a, b) INTO c",
    "ALTER TABLE t SPLIT PARTITION a INTO (PARTITION b FOR VALUES IN (1), PARTITION c DEFAULT)",
    "CREATE PROPERTY GRAPH g VERTEX TABLES (t)",
    "DROP PROPERTY GRAPH g",
    "SELECT * FROM GRAPH_TABLE (g MATCH (a) COLUMNS (a.x))",
    "SELECT lag(a) IGNORE NULLS OVER (ORDER BY b) FROM t",
    "SELECT a, count(*) FROM t GROUP BY ALL",
    "CHECKPOINT (MODE FAST)",
    "WAIT FOR LSN '0/306EE20'",
    "CREATE PUBLICATION p FOR ALL SEQUENCES",
  ];
  for (const sql of NEWER) {
    it(`knows it by name and goes on: ${sql}`, async () => {
      const found = (await lint(`SELECT 1;\n  ${sql};\nSELECT 1 1;`)).filter(
        (problem) => !problem.startsWith("TRANSACTION_MIXED"),
      );
      assert.deepEqual(found, ["SQL_NOT_CHECKED? 2:3", "SQL_SYNTAX 3:10"]);
    });
  }

  const CHANGES = [
    "UPDATE t FOR PORTION OF valid_at FROM '2026-01-01' TO '2027-01-01' SET a = 1",
    "DELETE FROM t FOR PORTION OF valid_at FROM '2026-01-01' TO NULL",
    "INSERT INTO t VALUES (1) ON CONFLICT (a) DO SELECT RETURNING *",
  ];
  for (const sql of CHANGES) {
    it(`still sees that it changes rows: ${sql}`, async () => {
      assert.deepEqual(await lint(sql), ["SQL_NOT_CHECKED? 1:1", "SCHEMA_ONLY_DATA 1:1"]);
      assert.deepEqual(await lint(sql, true), ["SQL_NOT_CHECKED? 1:1"]);
    });
  }

  const WRONG: [sql: string, column: number][] = [
    ["REPACKK t", 1],
    ["REPACK TABLE t u", 1],
    ["ALTER TABEL t MERGE PARTITIONS (a, b) INTO c", 7],
    ["UPDATE t SETT a = 1 WHERE x FOR PORTION OF y", 15],
    ["SELECT 'REPACK t' FROM FROM", 24],
    ["CREATE PROPERTI GRAPH g", 8],
    ["SELECT a b c, lag(a) IGNORE NULLS OVER () FROM t", 12],
  ];
  for (const [sql, column] of WRONG) {
    it(`takes a real syntax error for one: ${sql}`, async () => {
      assert.deepEqual(await lint(sql), [`SQL_SYNTAX 1:${String(column)}`]);
    });
  }
});

describe("lintScript on transaction control", () => {
  const CASES: [what: string, sql: string, expected: string[]][] = [
    ["nothing against a transaction of its own", "-- x\nBEGIN;\nSELECT 1;\nCOMMIT;\n-- y", []],
    ["nor in its other words", "START TRANSACTION; SELECT 1; END;", []],
    ["nor against savepoints", "SAVEPOINT a; SELECT 1; ROLLBACK TO a; RELEASE a;", []],
    ["a COMMIT in the middle", "SELECT 1;\nCOMMIT;\nSELECT 2;", ["TRANSACTION_COMMIT? 2:1"]],
    ["nothing in a COMMIT at the end without a BEGIN", "SELECT 1; COMMIT;", []],
    [
      "several transactions",
      "BEGIN; SELECT 1; COMMIT; BEGIN; SELECT 2; END;",
      ["TRANSACTION_COMMIT? 1:18"],
    ],
    ["ROLLBACK", "SELECT 1; ROLLBACK;", ["TRANSACTION_ROLLBACK 1:11"]],
    ["ABORT", "BEGIN; SELECT 1; ABORT;", ["TRANSACTION_ROLLBACK 1:18"]],
    ["PREPARE TRANSACTION", "SELECT 1; PREPARE TRANSACTION 'x';", ["TRANSACTION_ROLLBACK 1:11"]],
    ["a statement that needs to be alone", "SELECT 1; VACUUM t;", ["TRANSACTION_MIXED? 1:11"]],
    [
      "and REPACK likewise",
      "SELECT 1; REPACK;",
      ["SQL_NOT_CHECKED? 1:11", "TRANSACTION_MIXED? 1:11"],
    ],
    ["nothing against several of them", "VACUUM t; VACUUM u;", []],
  ];
  for (const [what, sql, expected] of CASES) {
    it(`finds ${what}`, async () => assert.deepEqual(await lint(sql), expected));
  }

  const outside = (sql: string) =>
    lintScript({ script: "x", sql, exempt: true, transaction: { mixed: false, forced: false } });

  it("lets a script that runs outside a transaction have its own, but not leave one open", async () => {
    assert.deepEqual(await outside("BEGIN; SELECT 1; COMMIT; VACUUM t;"), []);
    const [taken] = await outside("BEGIN; SELECT 1; ROLLBACK; VACUUM t;");
    assert.equal(taken?.code, "TRANSACTION_ROLLBACK");
    const [problem] = await outside("SELECT 1;\nBEGIN;\nSELECT 2;");
    assert.deepEqual([problem?.code, problem?.line], ["TRANSACTION_LEFT_OPEN", 2]);
    assert.match(problem?.remedy ?? "", /COMMIT/);
  });

  it("says what a COMMIT does, and what to do instead of a ROLLBACK", async () => {
    const sql = "SELECT 1; COMMIT; ROLLBACK;";
    const [commit, rollback] = await lintScript({ script: "x", sql, exempt: false });
    assert.match(
      commit?.message ?? "",
      /makes what stands before it permanent.*not one transaction/,
    );
    assert.match(rollback?.remedy ?? "", /SAVEPOINT/);
  });
});
