/**
 * One change of each kind that PostgreSQL 18 has a statement for, on a real PostgreSQL 18. The parser's lists are the
 * checklist: a statement, a command of ALTER TABLE or a kind of object that is neither changed here nor exempt by name
 * fails.
 */
import assert from "node:assert/strict";

import { ALTER_TABLE } from "./alter-table";
import { type DriftDatabase, withEverything } from "./database";
import { DATABASE_STATEMENTS, PRIVILEGE_STATEMENTS } from "./database-statements";
import { EXEMPT, NO_STATEMENT } from "./exempt";
import type { Change } from "./fixture";
import { ACTIONS, IGNORED, REFUSED, SUBJECTS } from "./matrix";
import { enumeration, parser, type Statement, statementTypes } from "./parser";
import { SCHEMA_STATEMENTS } from "./statements";

const CHANGES = [
  ...ALTER_TABLE,
  ...SCHEMA_STATEMENTS,
  ...PRIVILEGE_STATEMENTS,
  ...DATABASE_STATEMENTS,
];

const ENUMERATIONS = [
  "ObjectType",
  "AlterTableType",
  "AlterSubscriptionType",
  "AlterTSConfigType",
  "AlterPublicationAction",
  "PublicationObjSpecType",
  "ConstrType",
  "GrantTargetType",
];

describe("drift: every statement of PostgreSQL 18", function () {
  this.timeout(120_000);
  let parse: (sql: string) => Statement[] | undefined;

  before(async () => {
    parse = await parser();
  });

  it("each change by itself is named, and nothing else", async () => {
    await withEverything(async ({ driftAfter, fill }) => {
      for (const change of CHANGES) {
        assert.equal(parse(fill(change.sql))?.length, 1, change.sql);
        const drift = await driftAfter(change);
        assert.deepEqual(drift, change.drift.map(fill), change.sql);
        assert.notEqual(drift.length, 0, change.sql);
      }
    });
  });

  it("comments, owners, names, schemas, grants and drops of every kind of object that has them", async () => {
    await withEverything(async (database) => {
      for (const { sql, given, expected } of matrix()) {
        const found = await outcome(database, { sql, ...(given !== undefined && { given }) });
        if (sql in REFUSED) assert.equal(found, REFUSED[sql], sql);
        else if (IGNORED.includes(sql)) assert.deepEqual(found, [], sql);
        else {
          const pattern = new RegExp(database.fill(expected.source));
          assert.ok(
            Array.isArray(found) && found.some((line) => pattern.test(line)),
            said(sql, found),
          );
        }
      }
    });
  });

  it("security labels of every kind of object that has them", async () => {
    await withEverything(async ({ driftAfter, fill }) => {
      for (const { words, identity, given = "SELECT 1" } of SUBJECTS) {
        if (!parse(fill(`SECURITY LABEL FOR guard ON ${words} IS 'x'`))) continue;
        const drift = await driftAfter({
          given: `${given}; COMMENT ON ${words} IS 'to find it'`,
          sql: LABEL,
        });
        const expected = fill(`security label by guard on ${identity} added`);
        assert.deepEqual(drift, [expected], words);
      }
    });
  });

  it("what is exempt is no drift", async () => {
    await withEverything(async ({ driftAfter }) => {
      for (const sql of EXEMPT.flatMap(({ samples }) => samples))
        assert.deepEqual(await driftAfter({ sql }), [], sql);
    });
  });

  it("no type of statement, no command and no kind of object is left out", () => {
    const changed = new Set(
      [...CHANGES.map(({ sql }) => sql), ...[...matrix()].map(({ sql }) => sql)].flatMap((sql) =>
        namesIn(sql),
      ),
    );
    changed.add("SecLabelStmt"); // the test above
    const exempt = new Set([...EXEMPT.flatMap(({ names }) => names), ...NO_STATEMENT]);
    const all = [...statementTypes(), ...ENUMERATIONS.flatMap(enumeration)];
    assert.ok(all.length > 250, "the parser's lists have been found");
    assert.deepEqual(
      all.filter((name) => !changed.has(name) && !exempt.has(name)),
      [],
      "a statement is new: change something with it, or exempt it with a reason",
    );
    assert.deepEqual(
      [...exempt].filter((name) => changed.has(name) || !all.includes(name)),
      [],
      "exempt in vain",
    );
  });

  const namesIn = (sql: string) =>
    (parse(sql.replace(/\{\w+\}/g, "filled")) ?? []).flatMap(({ type, words }) => [type, ...words]);

  /** The parser is the judge of which of these statements there are. */
  function* matrix(): Generator<{ sql: string; given: string | undefined; expected: RegExp }> {
    for (const { words, identity, given } of SUBJECTS)
      for (const { statement, drift } of Object.values(ACTIONS)) {
        const sql = statement(words);
        if (namesIn(sql).length > 0) yield { sql, given, expected: drift(identity) };
      }
  }
});

/** There is no label without a provider, which is a library in C: so it is written where SECURITY LABEL writes it. */
const LABEL = `WITH place AS (
    SELECT classoid, objoid, objsubid FROM pg_description WHERE description = 'to find it'
  ), shared AS (
    INSERT INTO pg_shseclabel (classoid, objoid, provider, label)
    SELECT classoid, objoid, 'guard', 'secret' FROM pg_shdescription WHERE description = 'to find it'
  )
  INSERT INTO pg_seclabel (classoid, objoid, objsubid, provider, label)
  SELECT classoid, objoid, objsubid, 'guard', 'secret' FROM place`;

/** @returns the differences, or the SQLSTATE of a refusal */
async function outcome(database: DriftDatabase, change: Omit<Change, "drift">) {
  try {
    return await database.driftAfter(change);
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const said = (sql: string, found: unknown) => `${sql}: ${JSON.stringify(found)}`;
