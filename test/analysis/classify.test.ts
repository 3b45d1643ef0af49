import assert from "node:assert/strict";

import { classifyStatement } from "../../engine/analysis/classify";

/** Each was tried inside BEGIN on PostgreSQL 15 and 18: SQLSTATE 25001. */
const REFUSED: [sql: string, keyword: string, detectedByFlyway: boolean][] = [
  ["CREATE DATABASE d", "CREATE DATABASE", true],
  ["drop database d", "DROP DATABASE", true],
  ["CREATE TABLESPACE s LOCATION '/s'", "CREATE TABLESPACE", true],
  ["DROP TABLESPACE s", "DROP TABLESPACE", true],
  ["CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p", "CREATE SUBSCRIPTION", true],
  ["DROP SUBSCRIPTION s", "DROP SUBSCRIPTION", true],
  ["ALTER SYSTEM SET work_mem = '4MB'", "ALTER SYSTEM", true],
  ["CREATE INDEX CONCURRENTLY i ON t (a)", "CREATE INDEX CONCURRENTLY", true],
  [
    "CREATE /* x */ UNIQUE -- y\n INDEX CONCURRENTLY ON t (a)",
    "CREATE UNIQUE INDEX CONCURRENTLY",
    true,
  ],
  ["DROP INDEX CONCURRENTLY i", "DROP INDEX CONCURRENTLY", true],
  ["REINDEX SCHEMA s", "REINDEX SCHEMA", true],
  ["REINDEX (VERBOSE) DATABASE d", "REINDEX DATABASE", true],
  ["REINDEX SYSTEM d", "REINDEX SYSTEM", true],
  ["REINDEX DATABASE CONCURRENTLY d", "REINDEX DATABASE CONCURRENTLY", true],
  ["REINDEX TABLE CONCURRENTLY t", "REINDEX TABLE CONCURRENTLY", false],
  ["REINDEX (CONCURRENTLY) TABLE t", "REINDEX TABLE CONCURRENTLY", false],
  ["REINDEX (VERBOSE off, CONCURRENTLY on) INDEX i", "REINDEX INDEX CONCURRENTLY", false],
  ["VACUUM", "VACUUM", true],
  ["VACUUM (ANALYZE) t", "VACUUM", true],
  ["CLUSTER", "CLUSTER", false],
  ["REPACK", "REPACK", false],
  ["REPACK (VERBOSE)", "REPACK", false],
  ["REPACK USING INDEX", "REPACK", false],
  ["REPACK (CONCURRENTLY) t", "REPACK (CONCURRENTLY)", false],
  ["repack (verbose, concurrently on) s.t USING INDEX i", "REPACK (CONCURRENTLY)", false],
  ["REPACK (ANALYZE) t", "REPACK (ANALYZE)", false],
  ["REPACK CONCURRENTLY t", "REPACK", false],
  ["CLUSTER VERBOSE", "CLUSTER", false],
  ["CLUSTER (VERBOSE)", "CLUSTER", false],
  ["DISCARD ALL", "DISCARD ALL", true],
  ['ALTER DATABASE "d" SET TABLESPACE s', "ALTER DATABASE … SET TABLESPACE", false],
  [
    "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
    "ALTER TABLE … DETACH PARTITION … CONCURRENTLY",
    false,
  ],
  [
    'ALTER TABLE IF EXISTS ONLY s."T" DETACH PARTITION s.p CONCURRENTLY',
    "ALTER TABLE … DETACH PARTITION … CONCURRENTLY",
    false,
  ],
  ["ALTER SUBSCRIPTION s REFRESH PUBLICATION", "ALTER SUBSCRIPTION … REFRESH", false],
  ["ALTER SUBSCRIPTION s SET PUBLICATION p, q", "ALTER SUBSCRIPTION … SET PUBLICATION", false],
  [
    "ALTER SUBSCRIPTION s DROP PUBLICATION p WITH (refresh = true)",
    "ALTER SUBSCRIPTION … DROP PUBLICATION",
    false,
  ],
  ["ALTER SUBSCRIPTION s SET (failover = true)", "ALTER SUBSCRIPTION … SET", false],
  [
    "ALTER SUBSCRIPTION s SET (binary = true, two_phase = false)",
    "ALTER SUBSCRIPTION … SET",
    false,
  ],
  ["COMMIT PREPARED 'x'", "COMMIT PREPARED", false],
  ["ROLLBACK PREPARED 'x'", "ROLLBACK PREPARED", false],
];

const TRANSACTIONAL = [
  "CREATE TABLE t (a int)",
  "CREATE INDEX i ON t (a)",
  'CREATE INDEX "concurrently" ON t (a)',
  "CREATE TABLE database (system int)",
  "CREATE FUNCTION f() RETURNS int AS $$ VACUUM $$",
  "DROP TABLE database",
  "DROP INDEX i",
  "ALTER TABLE t DETACH PARTITION p",
  "ALTER TABLE t DETACH PARTITION p FINALIZE",
  "ALTER TABLE t ADD COLUMN concurrently int",
  "ALTER TYPE e ADD VALUE 'x'",
  "ALTER DATABASE d SET work_mem = '4MB'",
  "ALTER SUBSCRIPTION s SET PUBLICATION p, q WITH (copy_data, refresh = false)",
  "ALTER SUBSCRIPTION s SET (two_phase = true)",
  "ALTER SUBSCRIPTION s DISABLE",
  'ALTER "system" x',
  "ANALYZE t",
  "DISCARD TEMP",
  "REFRESH MATERIALIZED VIEW CONCURRENTLY m",
  "SELECT 'VACUUM'",
  "-- VACUUM\nSELECT 1",
  '"vacuum"',
  "SAVEPOINT a",
  "",
];

const EITHER = [
  "CALL p()",
  "DO $$ BEGIN COMMIT; END $$",
  "REINDEX TABLE t",
  "REINDEX (VERBOSE, CONCURRENTLY off) INDEX i",
  "REINDEX (CONCURRENTLY 'off') INDEX i",
  "CLUSTER t",
  "REPACK t",
  "REPACK (CONCURRENTLY false) t USING INDEX i",
  "CLUSTER VERBOSE t USING i",
];

describe("classifyStatement", () => {
  for (const [sql, keyword, detectedByFlyway] of REFUSED) {
    it(`knows that a transaction block refuses: ${sql}`, () => {
      const found = classifyStatement(sql);
      assert.equal(found.transactional, false);
      assert.equal(found.keyword, keyword);
      assert.equal(found.detectedByFlyway, detectedByFlyway);
    });
  }

  for (const sql of TRANSACTIONAL) {
    it(`lets a transaction take: ${sql}`, () => {
      assert.equal(classifyStatement(sql).transactional, true);
    });
  }

  for (const sql of EITHER) {
    it(`cannot say from the text: ${sql}`, () => {
      assert.equal(classifyStatement(sql).transactional, "either");
    });
  }

  it("refuses ALTER TYPE … ADD VALUE in a transaction before PostgreSQL 12 only", () => {
    const sql = "ALTER TYPE s.\"E\" ADD VALUE IF NOT EXISTS 'x'";
    assert.equal(classifyStatement(sql, { serverVersion: 110_022 }).transactional, false);
    assert.equal(classifyStatement(sql, { serverVersion: 120_000 }).transactional, true);
    assert.equal(
      classifyStatement("ALTER TYPE e ADD ATTRIBUTE value int", { serverVersion: 110_022 })
        .transactional,
      true,
    );
  });

  it("gives the first word of any other statement", () => {
    assert.equal(classifyStatement("/* a */ insert INTO t VALUES (1)").keyword, "INSERT");
  });
});

describe("classifyStatement on transaction control", () => {
  const CASES: [sql: string, expected: string | undefined][] = [
    ["BEGIN", "begin"],
    ["begin isolation level serializable", "begin"],
    ["START TRANSACTION READ ONLY", "begin"],
    ["COMMIT", "commit"],
    ["COMMIT AND CHAIN", "commit"],
    ["END WORK", "commit"],
    ["ROLLBACK", "rollback"],
    ["ROLLBACK WORK", "rollback"],
    ["ABORT", "rollback"],
    ["PREPARE TRANSACTION 'x'", "prepare"],
    ["PREPARE transaction AS SELECT 1", undefined],
    ["PREPARE x AS SELECT 1", undefined],
    ["ROLLBACK TO a", undefined],
    ["ROLLBACK TRANSACTION TO SAVEPOINT a", undefined],
    ["SAVEPOINT a", undefined],
    ["RELEASE a", undefined],
    ["COMMIT PREPARED 'x'", undefined],
    ["SET TRANSACTION READ ONLY", undefined],
    ["SELECT 1", undefined],
  ];
  for (const [sql, expected] of CASES) {
    it(`says ${String(expected)} for ${sql}`, () => {
      assert.equal(classifyStatement(sql).transactionControl?.kind, expected);
    });
  }
});

describe("classifyStatement on concurrent index statements", () => {
  const NONE = { unique: false, ifNotExists: false, ifExists: false };
  const long = "x".repeat(70);
  const CASES: [sql: string, expected: object | undefined][] = [
    ["CREATE INDEX CONCURRENTLY I ON T (a)", { ...NONE, action: "create", name: "i", table: "t" }],
    [
      'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "I ""x""" ON ONLY s."T" USING btree (a)',
      {
        ...NONE,
        action: "create",
        unique: true,
        ifNotExists: true,
        name: 'I "x"',
        schema: "s",
        table: "T",
      },
    ],
    [
      "CREATE INDEX CONCURRENTLY ON db.s.t (a)",
      { ...NONE, action: "create", schema: "s", table: "t" },
    ],
    [
      'CREATE INDEX CONCURRENTLY U&"d\\0061t" ON É (a)',
      { ...NONE, action: "create", name: "dat", table: "É" },
    ],
    [
      `CREATE INDEX CONCURRENTLY ${long} ON t (a)`,
      { ...NONE, action: "create", name: "x".repeat(63), table: "t" },
    ],
    [
      "DROP INDEX CONCURRENTLY IF EXISTS s.i CASCADE",
      { ...NONE, action: "drop", ifExists: true, schema: "s", name: "i" },
    ],
    ["REINDEX INDEX CONCURRENTLY s.i", { ...NONE, action: "reindex", schema: "s", name: "i" }],
    ["REINDEX (CONCURRENTLY) TABLE s.t", { ...NONE, action: "reindex", schema: "s", table: "t" }],
    ["REINDEX SCHEMA CONCURRENTLY s", { ...NONE, action: "reindex", schema: "s" }],
    ["REINDEX DATABASE CONCURRENTLY", { ...NONE, action: "reindex" }],
    ["REINDEX TABLE t", undefined],
    ["CREATE INDEX i ON t (a)", undefined],
  ];
  for (const [sql, expected] of CASES) {
    it(`reads ${sql}`, () => assert.deepEqual(classifyStatement(sql).concurrentIndex, expected));
  }

  it("cuts names at 63 bytes without breaking a character", () => {
    const name = classifyStatement(`DROP INDEX CONCURRENTLY "${"é".repeat(40)}"`).concurrentIndex
      ?.name;
    assert.equal(name, "é".repeat(31));
  });
});
