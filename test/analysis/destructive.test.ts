import assert from "node:assert/strict";

import { findDestructive } from "../../engine/analysis/destructive";

const found = (sql: string): string[] =>
  findDestructive(sql).map(({ offset, keyword }) => `${offset} ${keyword}`);

const DESTROYS: [what: string, sql: string, expected: string[]][] = [
  ["a table", "DROP TABLE IF EXISTS a, b", ["0 DROP TABLE"]],
  ["a schema, after another statement", "SELECT 1;\ndrop schema s;", ["10 DROP SCHEMA"]],
  ["what a role owns", "DROP OWNED BY old", ["0 DROP OWNED"]],
  ["a sequence", "DROP SEQUENCE s", ["0 DROP SEQUENCE"]],
  ["a type with CASCADE", "DROP TYPE t CASCADE", ["0 DROP TYPE … CASCADE"]],
  ["a column", "ALTER TABLE t DROP COLUMN c", ["0 ALTER TABLE … DROP COLUMN"]],
  ["a column without the word", "ALTER TABLE t DROP c", ["0 ALTER TABLE … DROP COLUMN"]],
  [
    "a column behind other actions",
    "ALTER TABLE ONLY t ADD d int, DROP CONSTRAINT k, ALTER e DROP NOT NULL, DROP IF EXISTS c",
    ["0 ALTER TABLE … DROP COLUMN"],
  ],
  ["an attribute", "ALTER TYPE t DROP ATTRIBUTE a", ["0 ALTER TYPE … DROP ATTRIBUTE"]],
  ["all rows", "TRUNCATE t", ["0 TRUNCATE"]],
  ["rows", "DELETE FROM t WHERE old", ["0 DELETE"]],
  ["rows in a WITH", "WITH d AS (DELETE FROM t RETURNING *) SELECT 1", ["11 DELETE"]],
  [
    "rows by MERGE",
    "MERGE INTO t USING s ON t.a = s.a WHEN NOT MATCHED BY SOURCE THEN DELETE",
    ["0 MERGE … DELETE"],
  ],
  ["in a DO block", "DO $$ BEGIN IF x THEN DROP TABLE t; END IF; END $$", ["22 DROP TABLE"]],
  [
    "in a DO block with its language first",
    "DO LANGUAGE plpgsql 'BEGIN TRUNCATE t; END'",
    ["27 TRUNCATE"],
  ],
  [
    "in a DO block with its language in quotes",
    "DO LANGUAGE 'plpgsql' 'BEGIN TRUNCATE t; END'",
    ["29 TRUNCATE"],
  ],
  ["by EXECUTE in a DO block", "DO $$ BEGIN EXECUTE 'DROP TABLE t'; END $$", ["20 DROP TABLE"]],
  ["twice", "DROP TABLE a; /* DROP TABLE b; */ TRUNCATE c;", ["0 DROP TABLE", "34 TRUNCATE"]],
];

const KEEPS = [
  "CREATE TABLE t (a int REFERENCES u ON DELETE CASCADE)",
  "ALTER TABLE t DROP CONSTRAINT k",
  "ALTER TABLE t ALTER COLUMN c DROP DEFAULT, ALTER d DROP EXPRESSION, ALTER e DROP IDENTITY",
  "ALTER TABLE t RENAME COLUMN a TO drop_me",
  "DROP VIEW v",
  "DROP INDEX CONCURRENTLY i",
  "DROP FUNCTION f()",
  "DROP TRIGGER g ON t",
  "DROP TYPE t",
  "MERGE INTO t USING s ON true WHEN MATCHED THEN UPDATE SET a = 1",
  "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DELETE FROM t; END $$",
  "CREATE PROCEDURE p() BEGIN ATOMIC DELETE FROM t; END",
  "CREATE TRIGGER g AFTER DELETE OR TRUNCATE ON t EXECUTE FUNCTION f()",
  "REVOKE DELETE, TRUNCATE ON t FROM u",
  "COMMENT ON TABLE t IS 'DROP TABLE t; DELETE FROM t'",
  "-- DROP TABLE t",
  "SELECT truncate, delete FROM t",
  "COPY t FROM stdin;\nDROP TABLE t;\n\\.\n",
];

describe("statements that destroy data", () => {
  for (const [what, sql, expected] of DESTROYS)
    it(`sees ${what}`, () => assert.deepEqual(found(sql), expected));

  for (const sql of KEEPS) it(`lets pass: ${sql}`, () => assert.deepEqual(found(sql), []));
});
