import assert from "node:assert/strict";

import { findDestructive } from "../../engine/analysis/destructive";
import { loadParser, type Parse } from "../../engine/analysis/parser";
import { splitStatements } from "../../engine/analysis/split";

let parse: Parse;

const find = (sql: string, reader?: Parse) =>
  findDestructive(sql, splitStatements(sql).statements, reader);

/** As `offset keyword objects`; dynamic SQL has a `?`. */
const found = (sql: string, reader?: Parse): string[] =>
  find(sql, reader).map(({ offset, keyword, objects, dynamic }) =>
    [offset, keyword + (dynamic ? "?" : ""), objects.join(", ")].join(" ").trim(),
  );

const keywords = (sql: string, reader?: Parse): string[] =>
  find(sql, reader).map(({ keyword, dynamic }) => keyword + (dynamic ? "?" : ""));

/** Of `offset keyword objects`. */
const keywordOf = (line = "") => /^\d+ ([A-Z …]*[A-Z])/.exec(line)?.[1];

const FUNCTION = (body: string) =>
  `CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ${body} END $$`;
const DO = (body: string) => `DO $$ BEGIN ${body} END $$`;

const DESTROYS: [what: string, sql: string, expected: string[]][] = [
  ["tables", "DROP TABLE IF EXISTS a, s.b", ["0 DROP TABLE a, s.b"]],
  ["a table between comments", "/* x */ DROP -- y\n /* z */ TABLE t", ["8 DROP TABLE t"]],
  ["a table with a keyword's name", 'DROP TABLE "delete"', ["0 DROP TABLE delete"]],
  ["a table in quotes", 'DROP TABLE app."User ""x"', ['0 DROP TABLE app."User ""x"']],
  ["a foreign table", "DROP FOREIGN TABLE a.b, c", ["0 DROP FOREIGN TABLE a.b, c"]],
  ["a schema, after another statement", "SELECT 1;\ndrop schema s;", ["10 DROP SCHEMA s"]],
  ["a database", "DROP DATABASE d", ["0 DROP DATABASE d"]],
  ["what a role owns", "DROP OWNED BY old", ["0 DROP OWNED old"]],
  ["a sequence", "DROP SEQUENCE s", ["0 DROP SEQUENCE s"]],
  ["an extension, whose tables go with it", "DROP EXTENSION cron", ["0 DROP EXTENSION cron"]],
  ["a type with CASCADE", "DROP TYPE a.t CASCADE", ["0 DROP TYPE … CASCADE a.t"]],
  ["a domain with CASCADE", "DROP DOMAIN t CASCADE", ["0 DROP DOMAIN … CASCADE t"]],
  ["a view with CASCADE", "DROP VIEW v CASCADE", ["0 DROP VIEW … CASCADE v"]],
  [
    "a materialized view with CASCADE",
    "DROP MATERIALIZED VIEW v CASCADE",
    ["0 DROP MATERIALIZED VIEW … CASCADE v"],
  ],
  ["a function with CASCADE", "DROP FUNCTION f(int) CASCADE", ["0 DROP FUNCTION … CASCADE f"]],
  ["a collation with CASCADE", "DROP COLLATION c CASCADE", ["0 DROP COLLATION … CASCADE c"]],
  ["a server with CASCADE", "DROP SERVER s CASCADE", ["0 DROP SERVER … CASCADE s"]],
  [
    "a wrapper with CASCADE",
    "DROP FOREIGN DATA WRAPPER w CASCADE",
    ["0 DROP FOREIGN DATA WRAPPER … CASCADE w"],
  ],
  [
    "an access method with CASCADE",
    "DROP ACCESS METHOD m CASCADE",
    ["0 DROP ACCESS METHOD … CASCADE m"],
  ],
  ["a column", "ALTER TABLE s.t DROP COLUMN c", ["0 ALTER TABLE … DROP COLUMN s.t.c"]],
  ["a column without the word", "ALTER TABLE t DROP c", ["0 ALTER TABLE … DROP COLUMN t.c"]],
  [
    "a column named identity",
    "ALTER TABLE t DROP identity",
    ["0 ALTER TABLE … DROP COLUMN t.identity"],
  ],
  [
    "a column named expression",
    "ALTER TABLE t DROP expression CASCADE",
    ["0 ALTER TABLE … DROP COLUMN t.expression"],
  ],
  [
    "a column in quotes",
    'ALTER TABLE t DROP COLUMN "identity"',
    ["0 ALTER TABLE … DROP COLUMN t.identity"],
  ],
  [
    "a column named default",
    'ALTER TABLE t DROP "default"',
    ["0 ALTER TABLE … DROP COLUMN t.default"],
  ],
  [
    "a column of a table named drop",
    "ALTER TABLE drop DROP drop",
    ["0 ALTER TABLE … DROP COLUMN drop.drop"],
  ],
  [
    "columns behind other actions",
    "ALTER TABLE ONLY t ADD d int, DROP CONSTRAINT k, ALTER e DROP NOT NULL, DROP IF EXISTS c, DROP d",
    ["0 ALTER TABLE … DROP COLUMN t.c, t.d"],
  ],
  ["a foreign column", "ALTER FOREIGN TABLE t DROP c", ["0 ALTER FOREIGN TABLE … DROP COLUMN t.c"]],
  ["an attribute", "ALTER TYPE t DROP ATTRIBUTE a", ["0 ALTER TYPE … DROP ATTRIBUTE t.a"]],
  [
    "a new type that takes nothing of the old values",
    "ALTER TABLE t ALTER a TYPE int USING NULL, ALTER b TYPE int USING b::int",
    ["0 ALTER TABLE … TYPE … USING t.a"],
  ],
  ["all rows", "TRUNCATE t, ONLY s.u", ["0 TRUNCATE t, s.u"]],
  ["all rows, with the word", "TRUNCATE TABLE t RESTART IDENTITY CASCADE", ["0 TRUNCATE t"]],
  ["rows", "DELETE FROM t WHERE old", ["0 DELETE t"]],
  ["rows of one table only", "DELETE FROM ONLY s.t AS truncate USING u", ["0 DELETE s.t"]],
  ["rows in a WITH", "WITH d AS (DELETE FROM t RETURNING *) SELECT 1", ["11 DELETE t"]],
  [
    "rows in a WITH of an INSERT",
    "WITH d AS MATERIALIZED (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM d",
    ["24 DELETE t"],
  ],
  [
    "rows in a WITH of an UPDATE",
    "WITH d AS (DELETE FROM t RETURNING *) UPDATE u SET a = 1 FROM d",
    ["11 DELETE t"],
  ],
  [
    "rows and what deletes them",
    "WITH d AS (DELETE FROM t RETURNING *) DELETE FROM u USING d",
    ["11 DELETE t", "38 DELETE u"],
  ],
  [
    "rows on the way into a table",
    "CREATE TABLE a AS WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
    ["29 DELETE t"],
  ],
  [
    "rows on the way by SELECT INTO",
    "WITH d AS (DELETE FROM t RETURNING *) SELECT * INTO a FROM d",
    ["11 DELETE t"],
  ],
  ["rows on the way out", "COPY (DELETE FROM t RETURNING *) TO STDOUT", ["6 DELETE t"]],
  [
    "rows behind other letters",
    "SELECT 'é😀'; WITH é AS (DELETE FROM \"é\" RETURNING 'é') SELECT 1",
    ['25 DELETE "é"'],
  ],
  ["rows, explained", "EXPLAIN ANALYZE DELETE FROM t", ["16 DELETE t"]],
  ["rows, explained with options", "EXPLAIN (VERBOSE, ANALYZE on) DELETE FROM t", ["30 DELETE t"]],
  ["rows, explained at last", "EXPLAIN (ANALYZE 0, ANALYZE) DELETE FROM t", ["29 DELETE t"]],
  ["rows, prepared", "PREPARE p (int) AS DELETE FROM t WHERE id = $1", ["19 DELETE t"]],
  [
    "rows by MERGE",
    "MERGE INTO s.t USING s ON t.a = s.a WHEN NOT MATCHED BY SOURCE THEN DELETE",
    ["0 MERGE … DELETE s.t"],
  ],
  [
    "a large object",
    "SELECT lo_unlink(id), pg_catalog.lo_truncate(1, 0) FROM t",
    ["7 lo_unlink", "22 lo_truncate"],
  ],
  ["twice", "DROP TABLE a; /* DROP TABLE b; */ TRUNCATE c;", ["0 DROP TABLE a", "34 TRUNCATE c"]],
  ["in a DO block", "DO $$ BEGIN IF x THEN DROP TABLE t; END IF; END $$", ["22 DROP TABLE t"]],
  [
    "in a DO block with its language first",
    "DO LANGUAGE plpgsql 'BEGIN TRUNCATE t; END'",
    ["27 TRUNCATE t"],
  ],
  [
    "in a DO block with its language in quotes",
    "DO LANGUAGE 'plpgsql' 'BEGIN TRUNCATE t; END'",
    ["29 TRUNCATE t"],
  ],
  ["in a DO block in quotes", "DO 'BEGIN PERFORM ''''; DELETE FROM t; END'", ["24 DELETE t"]],
  ["in a DO block with escapes", "DO E'BEGIN\\n D\\105LETE FROM t; END'", ["13 DELETE t"]],
  ["in a DO block with code points", "DO U&'BEGIN \\0044ROP TABLE t; END'", ["12 DROP TABLE t"]],
  [
    "in a DO block with an escape character of its own",
    "DO U&'BEGIN !0044ROP TABLE t; END' UESCAPE '!'",
    ["3 DROP TABLE t"],
  ],
  [
    "a large object by a name that is spelt out",
    'SELECT U&"\\006Co\\005Funlink"(1)',
    ["7 lo_unlink"],
  ],
  ["in a DO block in two parts", "DO 'BEGIN DROP '\n'TABLE t; END'", ["10 DROP TABLE t"]],
  [
    "in a DO block with tags",
    "DO $a$ BEGIN PERFORM $b$;$b$; DROP TABLE t; END $a$",
    ["30 DROP TABLE t"],
  ],
  [
    "in a row's variable's block",
    "DO $$ DECLARE r s.t%ROWTYPE; BEGIN r.a := 1; DROP TABLE t; END $$",
    ["45 DROP TABLE t"],
  ],
  ["by EXECUTE", DO("EXECUTE 'DROP TABLE t';"), ["20 DROP TABLE t"]],
  ["by EXECUTE of parts", DO("EXECUTE 'DROP' || E'\\n' || 'TABLE ' || x;"), ["20 DROP TABLE"]],
  ["by EXECUTE of a format", DO("EXECUTE format('DROP %s %I.t', 'TABLE', x);"), ["20 DROP TABLE"]],
  [
    "by EXECUTE of a position",
    DO("EXECUTE format('%2$s TABLE %1$I', 'T', 'DROP');"),
    ['20 DROP TABLE "T"'],
  ],
  [
    "by EXECUTE in EXECUTE",
    DO("EXECUTE 'DO ''BEGIN EXECUTE $x$DROP TABLE t$x$; END''';"),
    ["20 DROP TABLE t"],
  ],
  ["by the second of two statements", DO("EXECUTE 'SELECT 1; DROP TABLE t';"), ["20 DROP TABLE t"]],
  [
    "in a BEGIN ATOMIC body that is called",
    "CREATE PROCEDURE p() BEGIN ATOMIC DELETE FROM t; END; CALL p();",
    ["34 DELETE t"],
  ],
  [
    "in an SQL function that is called",
    "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM t'; SELECT f();",
    ["50 DELETE t"],
  ],
  [
    "in a PL/pgSQL function that is called",
    `${FUNCTION("TRUNCATE t;")}; SELECT public.f();`,
    ["62 TRUNCATE t"],
  ],
  [
    "in a function that a function calls",
    `${FUNCTION("TRUNCATE t;")}; ${FUNCTION("PERFORM f();").replace("f()", "g()")}; DO 'BEGIN PERFORM g(); END';`,
    ["62 TRUNCATE t"],
  ],
];

/** What PL/pgSQL has, each with a place where rows can go. */
const W = "(WITH d AS (DELETE FROM t RETURNING 1) SELECT 1 FROM d)";
const PLPGSQL = [
  "DELETE FROM t;",
  "<<here>> DELETE FROM t;",
  "DELETE FROM t RETURNING id INTO STRICT x;",
  `x := ${W};`,
  `a[1] := ${W};`,
  `IF ${W} = 1 THEN NULL; END IF;`,
  `IF a THEN NULL; ELSIF ${W} = 1 THEN NULL; END IF;`,
  "IF a THEN NULL; ELSE DELETE FROM t; END IF;",
  "CASE x WHEN 1 THEN DELETE FROM t; END CASE;",
  `CASE x WHEN ${W} THEN NULL; END CASE;`,
  "LOOP DELETE FROM t; END LOOP;",
  `WHILE ${W} = 1 LOOP NULL; END LOOP;`,
  `FOR i IN 1 .. ${W} LOOP NULL; END LOOP;`,
  "FOR r IN DELETE FROM t RETURNING * LOOP NULL; END LOOP;",
  `FOREACH x IN ARRAY ARRAY[${W}] LOOP NULL; END LOOP;`,
  `RAISE NOTICE '%', ${W};`,
  `ASSERT ${W} = 1;`,
  `PERFORM ${W};`,
  `CALL p(${W});`,
  "OPEN c FOR DELETE FROM t RETURNING *;",
  `EXECUTE 'SELECT $1' USING ${W};`,
  "EXECUTE 'DELETE FROM t' INTO x;",
  "FOR r IN EXECUTE 'DELETE FROM t' LOOP NULL; END LOOP;",
  "OPEN c FOR EXECUTE 'DELETE FROM t';",
  "BEGIN NULL; EXCEPTION WHEN others THEN DELETE FROM t; END;",
  `DECLARE y int := ${W}; BEGIN NULL; END;`,
  "DO 'BEGIN DELETE FROM t; END';",
];

const KEEPS = [
  "CREATE TABLE t (a int REFERENCES u ON DELETE CASCADE)",
  "ALTER TABLE t DROP CONSTRAINT k CASCADE",
  "ALTER TABLE t ALTER COLUMN c DROP DEFAULT, ALTER d DROP EXPRESSION, ALTER e DROP IDENTITY",
  'ALTER TABLE t ALTER identity DROP NOT NULL, ALTER "drop" DROP IDENTITY IF EXISTS',
  "ALTER TABLE t RENAME COLUMN a TO drop_me",
  "ALTER TABLE t RENAME drop TO identity",
  "ALTER TABLE drop ADD truncate int",
  "ALTER TABLE t ALTER a TYPE date USING to_date(a, 'YYYY')",
  "ALTER TABLE t ALTER a TYPE text USING t::text",
  "ALTER TABLE t ALTER a TYPE numeric(10, 2)",
  "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
  "ALTER TABLE t SET SCHEMA s, RENAME TO u".split(",")[0] ?? "",
  "ALTER FOREIGN TABLE t OPTIONS (DROP a), ALTER c OPTIONS (DROP b)",
  "ALTER SERVER s OPTIONS (DROP host)",
  "ALTER VIEW v ALTER c DROP DEFAULT",
  "ALTER DOMAIN d DROP CONSTRAINT k",
  "ALTER EXTENSION e DROP TABLE t",
  "ALTER SEQUENCE s RESTART",
  "ALTER TYPE t ADD VALUE 'drop'",
  "ALTER PUBLICATION p DROP TABLE t",
  "DROP VIEW v",
  "DROP MATERIALIZED VIEW v",
  "DROP INDEX CONCURRENTLY i",
  "DROP INDEX i CASCADE",
  "DROP FUNCTION f()",
  "DROP TRIGGER g ON t CASCADE",
  "DROP TYPE t",
  "DROP DOMAIN t RESTRICT",
  "DROP ROLE r",
  "DROP SERVER s",
  "DROP USER MAPPING FOR u SERVER s",
  "DROP PUBLICATION p",
  "DROP SUBSCRIPTION s",
  "REASSIGN OWNED BY a TO b",
  "IMPORT FOREIGN SCHEMA s FROM SERVER t INTO u",
  "REFRESH MATERIALIZED VIEW v WITH NO DATA",
  "CREATE OR REPLACE VIEW v AS SELECT 1 AS delete",
  "UPDATE t SET a = NULL",
  "EXPLAIN DELETE FROM t",
  "EXPLAIN (ANALYZE false, VERBOSE) DELETE FROM t",
  "MERGE INTO t USING s ON true WHEN MATCHED THEN UPDATE SET a = 1",
  "MERGE INTO t USING delete ON true WHEN MATCHED THEN UPDATE SET delete = delete.delete",
  FUNCTION("DELETE FROM t; EXECUTE x;"),
  `${FUNCTION("DELETE FROM t;")}; CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()`,
  `${FUNCTION("DELETE FROM t;")}; CREATE VIEW v AS SELECT f()`,
  `${FUNCTION("DELETE FROM t;")}; SELECT g()`,
  "CREATE PROCEDURE p() BEGIN ATOMIC DELETE FROM t; END",
  "CREATE TRIGGER g AFTER DELETE OR TRUNCATE ON t EXECUTE FUNCTION f()",
  "CREATE RULE r AS ON DELETE TO t DO INSTEAD DELETE FROM u",
  "CREATE POLICY p ON t FOR DELETE USING (true)",
  "GRANT DELETE, TRUNCATE ON t TO u",
  "REVOKE DELETE, TRUNCATE ON t FROM u",
  "COMMENT ON TABLE t IS 'DROP TABLE t; DELETE FROM t'",
  "-- DROP TABLE t",
  "SELECT truncate, delete FROM t",
  "SELECT 1 AS delete FROM t truncate",
  "SELECT app.lo_unlink(1)",
  "INSERT INTO delete (drop, truncate) VALUES ('DROP TABLE t', $$TRUNCATE t$$)",
  "COPY t FROM stdin;\nDROP TABLE t;\n\\.\n",
  "SET standard_conforming_strings = on; SELECT '\\'",
  "SET standard_conforming_strings = off",
  DO("RAISE NOTICE 'DROP TABLE t'; PERFORM format('DROP TABLE %I', x);"),
  DO("EXECUTE 'ALTER TABLE t ADD c int';"),
  DO("EXECUTE format('ALTER TABLE %I.%I ADD COLUMN c text DEFAULT %L', a, b.c, d || e);"),
  DO("EXECUTE format('ALTER TABLE %s ADD c int', r.oid::regclass);"),
  DO("EXECUTE 'CREATE INDEX ON ' || quote_ident(a) || ' (' || 'b' || ')' || chr(10);"),
  "DO $$ DECLARE r regclass; BEGIN EXECUTE format('ANALYZE %s', r); END $$",
  DO("FOR i IN 1..9 LOOP EXECUTE 'CREATE TABLE p_' || i || ' ()'; END LOOP;"),
  DO("EXECUTE concat('GRANT SELECT ON t TO ', quote_ident(current_user));"),
];

const DYNAMIC: [sql: string, expected: string[]][] = [
  [DO("EXECUTE x;"), ["20 EXECUTE?"]],
  ["DO $$ DECLARE x text := 'DROP TABLE t'; BEGIN EXECUTE x; END $$", ["54 EXECUTE?"]],
  [DO("EXECUTE 'ALTER TABLE t ' || x;"), ["20 EXECUTE?"]],
  [DO("EXECUTE format('SELECT %s', x);"), ["20 EXECUTE?"]],
  [DO("EXECUTE format(x, 'a');"), ["20 EXECUTE?"]],
  [DO("EXECUTE app.format('SELECT 1');"), ["20 EXECUTE?"]],
  [DO("FOR r IN EXECUTE f(x) LOOP NULL; END LOOP;"), ["29 EXECUTE?"]],
  [DO("OPEN c FOR EXECUTE x USING y;"), ["31 EXECUTE?"]],
  [DO("EXECUTE (SELECT string_agg('DROP TABLE ' || n, ';') FROM t);"), ["20 EXECUTE?"]],
  [
    "DO $$ DECLARE r regclass; BEGIN DECLARE r text; BEGIN EXECUTE 'ANALYZE ' || r; END; END $$",
    ["62 EXECUTE?"],
  ],
  ["DO LANGUAGE plpython3u $$ plpy.execute('DROP TABLE t') $$", ["0 DO LANGUAGE plpython3u?"]],
  [
    "CREATE FUNCTION f() RETURNS int LANGUAGE plperl AS $$ $$; SELECT f();",
    ["0 CREATE FUNCTION … LANGUAGE plperl?"],
  ],
  ["COPY t FROM PROGRAM 'dropdb x'", ["0 COPY … PROGRAM?"]],
  [
    "SET standard_conforming_strings = off; SELECT 'a\\''; DROP TABLE t; --'",
    ["0 SET standard_conforming_strings?", "53 DROP TABLE t"],
  ],
  [
    "SELECT set_config('standard_conforming_strings', 'off', true), 'a\\'",
    ["0 SET standard_conforming_strings?"],
  ],
];

const BY_WORDS: [sql: string, expected: string[]][] = [
  ["ALTER TABLE t DROP identity", ["ALTER TABLE … DROP COLUMN"]],
  ["ALTER TABLE t ALTER a DROP IDENTITY, ALTER b DROP NOT NULL, DROP CONSTRAINT c", []],
  [
    "ALTER TABLE IF EXISTS ONLY s.t ADD a int CHECK (a IN (1, 2)), DROP b",
    ["ALTER TABLE … DROP COLUMN"],
  ],
  ["ALTER TABLE drop ADD drop int", []],
  ["ALTER TYPE t DROP ATTRIBUTE a", ["ALTER TYPE … DROP ATTRIBUTE"]],
  ["CREATE UNLOGGED TABLE a AS WITH d AS (DELETE FROM t RETURNING 1) SELECT 1", ["DELETE"]],
  ["EXPLAIN ANALYZE DELETE FROM t", ["DELETE"]],
  ["EXPLAIN (ANALYZE) DELETE FROM t", ["DELETE"]],
  ["PREPARE p AS DELETE FROM t", ["DELETE"]],
  ["SELECT 1 AS delete FROM t", []],
  ["DROP FOREIGN TABLE t", ["DROP FOREIGN TABLE"]],
  ["DROP VIEW v", []],
  ["DROP INDEX i CASCADE", []],
  ["CREATE TABLE t (a int REFERENCES u ON DELETE CASCADE)", []],
  ["MERGE INTO t USING delete ON true WHEN MATCHED THEN UPDATE SET delete = 1", []],
  [DO("RETURN QUERY DELETE FROM t RETURNING *;"), ["DELETE"]],
];

/** PostgreSQL 19, which the parser does not know. */
const NEWER = [
  "REPACK t",
  "REPACK (CONCURRENTLY) delete USING INDEX drop",
  "ALTER TABLE t MERGE PARTITIONS (a, b) INTO drop",
  "ALTER TABLE t SPLIT PARTITION a INTO (PARTITION b FOR VALUES IN (1), PARTITION drop DEFAULT)",
  "UPDATE t FOR PORTION OF valid FROM 1 TO 2 SET a = 1",
  "INSERT INTO t VALUES (1) ON CONFLICT (a) DO SELECT RETURNING *",
];

describe("statements that destroy data", () => {
  before(async () => {
    parse = await loadParser();
  });

  for (const [what, sql, expected] of DESTROYS)
    it(`sees ${what}`, () => {
      assert.deepEqual(found(sql, parse), expected);
      assert.ok(find(sql, parse).every(({ by }) => by === "parser"));
    });

  for (const statement of PLPGSQL)
    it(`sees in PL/pgSQL: ${statement}`, () => {
      const sql = `DO $$ DECLARE x int; a int[]; r record; c refcursor; BEGIN ${statement} END $$`;
      assert.deepEqual(keywords(sql, parse), ["DELETE"]);
      assert.deepEqual(keywords(sql), ["DELETE"], "by the words alone");
    });

  for (const [sql, expected] of DYNAMIC)
    it(`names as dynamic: ${sql}`, () => assert.deepEqual(found(sql, parse), expected));

  for (const sql of KEEPS) it(`lets pass: ${sql}`, () => assert.deepEqual(found(sql, parse), []));

  it("goes by the words where the parser refuses, and says so", () => {
    const newer = "WITH a AS (DELETE FROM t FOR PORTION OF valid FROM 1 TO 2 RETURNING *) SELECT 1";
    assert.deepEqual(find(newer, parse), [
      { offset: 11, keyword: "DELETE", objects: [], dynamic: false, by: "scanner" },
    ]);
    const body =
      "BEGIN REPACK t; EXECUTE 'DROP TABLE t'; EXECUTE 'VACUUM t'; EXECUTE x; DELETE FROM t; END";
    assert.deepEqual(keywords(`DO $$ ${body} $$`, parse), ["DROP TABLE", "EXECUTE?", "DELETE"]);
    for (const [sql, expected] of BY_WORDS) assert.deepEqual(keywords(sql), expected, sql);
  });

  it("takes no statement of a newer major for one that destroys", () => {
    for (const sql of NEWER)
      for (const reader of [parse, undefined]) assert.deepEqual(found(sql, reader), [], sql);
  });

  it("sees the same by the words alone", () => {
    const hidden =
      /EXPLAIN DELETE|lo_|standard_conforming|PROGRAM|CREATE FUNCTION|PROCEDURE|USING NULL|DROP %s|%2|UESCAPE/;
    for (const [, sql, expected] of DESTROYS)
      if (!hidden.test(sql)) assert.equal(keywords(sql)[0], keywordOf(expected[0]), sql);
  });

  it("stands deep nesting, of parentheses, of operators and of blocks", () => {
    const deep = [
      `SELECT ${"(".repeat(50_000)}1${")".repeat(50_000)}; DROP TABLE t`,
      `SELECT 'drop'${"||'x'".repeat(50_000)}; DROP TABLE t`,
      `SELECT ${"CASE WHEN a THEN ".repeat(50_000)} 'drop' ${" END".repeat(50_000)}; DROP TABLE t`,
      `DO $$ BEGIN ${"IF a THEN ".repeat(20_000)} DROP TABLE t; ${"END IF; ".repeat(20_000)} END $$`,
    ];
    for (const sql of deep) assert.deepEqual(keywords(sql, parse), ["DROP TABLE"]);
    let nested = "DROP TABLE t";
    for (let i = 0; i < 40; i++) nested = `DO $d${i}$ BEGIN ${nested}; END $d${i}$`;
    assert.deepEqual(keywords(nested, parse), ["DO?"]);
    const expression = `DO $$ BEGIN EXECUTE 'DROP' ${"|| ' '".repeat(20_000)} || 'TABLE t'; END $$`;
    assert.deepEqual(keywords(expression, parse), ["DROP TABLE"]);
  });

  it("reads a long script in a time that grows with its length", () => {
    const rows = "INSERT INTO t VALUES (1, 'drop');\n".repeat(20_000);
    const start = performance.now();
    assert.deepEqual(keywords(`${rows}DROP TABLE t;`, parse), ["DROP TABLE"]);
    assert.ok(performance.now() - start < 10_000);
  });
});
