import assert from "node:assert/strict";

import type { Client } from "pg";

import { assertFails, historyOf, ranksOf, withScenario } from "../support/migrator";

const V1 = { "V1__first_step.sql": "CREATE TABLE a (id int);\n" };

/** CRC-32 of the lines without their ends, signed; by Python's zlib. */
const V1_CHECKSUM = -623083431;
const VIEW_CHECKSUM = 1692093550;

async function columnsOf(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(
    `SELECT a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
       || coalesce(' default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid), '') AS line
     FROM pg_catalog.pg_attribute a
     LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attrelid = 'flyway_schema_history'::regclass AND a.attnum > 0 ORDER BY a.attnum`,
  );
  return rows.map((row) => row.line);
}

async function linesOf(client: Client, sql: string): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(sql);
  return rows.map((row) => row.line);
}

describe("postgres/schema-history: the table", () => {
  it("has the columns, types and defaults of Flyway's, in its order", async () => {
    await withScenario(V1, async ({ db, migrator }) => {
      await migrator().migrate();
      assert.deepEqual(await columnsOf(db.client), [
        "installed_rank integer not null",
        "version character varying(50)",
        "description character varying(200) not null",
        "type character varying(20) not null",
        "script character varying(1000) not null",
        "checksum integer",
        "installed_by character varying(100) not null",
        "installed_on timestamp without time zone not null default now()",
        "execution_time integer not null",
        "success boolean not null",
      ]);
    });
  });

  it("has Flyway's primary key and index, by name, and nothing else", async () => {
    await withScenario(V1, async ({ db, migrator }) => {
      await migrator().migrate();
      const constraints = await linesOf(
        db.client,
        `SELECT conname || ': ' || pg_catalog.pg_get_constraintdef(oid) AS line FROM pg_catalog.pg_constraint
         WHERE conrelid = 'flyway_schema_history'::regclass AND contype <> 'n'`,
      );
      assert.deepEqual(constraints, ["flyway_schema_history_pk: PRIMARY KEY (installed_rank)"]);
      const indexes = await linesOf(
        db.client,
        "SELECT indexdef AS line FROM pg_catalog.pg_indexes WHERE tablename = 'flyway_schema_history' ORDER BY 1",
      );
      assert.deepEqual(indexes, [
        "CREATE INDEX flyway_schema_history_s_idx ON public.flyway_schema_history USING btree (success)",
        "CREATE UNIQUE INDEX flyway_schema_history_pk ON public.flyway_schema_history USING btree (installed_rank)",
      ]);
      const comments = await linesOf(
        db.client,
        "SELECT description AS line FROM pg_catalog.pg_description WHERE objoid = 'flyway_schema_history'::regclass",
      );
      assert.deepEqual(comments, []);
    });
  });

  it("takes its name, and that of its schema, as they are written: case, blanks, quotes", async () => {
    await withScenario(V1, async ({ db, migrator }) => {
      const names = { defaultSchema: 'My "app"', table: "The History" };
      await migrator(names).migrate();
      const table = '"My ""app"""."The History"';
      assert.deepEqual(await ranksOf(db, table), ["0 SCHEMA null", "1 SQL 1"]);
      const [marker] = (await historyOf(db, table)) ?? [];
      assert.equal(marker?.description, "<< Flyway Schema Creation >>");
      const indexes = await linesOf(
        db.client,
        "SELECT indexname AS line FROM pg_catalog.pg_indexes WHERE tablename = 'The History' ORDER BY 1",
      );
      assert.deepEqual(indexes, ["The History_pk", "The History_s_idx"]);
      assert.equal((await migrator(names).info()).schemaVersion, "1");
    });
  });

  it("counts as absent where a view has its name: the run fails and changes nothing", async () => {
    await withScenario(V1, async ({ db, migrator }) => {
      await db.client.query("CREATE VIEW flyway_schema_history AS SELECT 1 AS one");
      const expected = { code: "DB_CONNECTION", class: "migrations", sqlState: "42P07" } as const;
      await assertFails(migrator().migrate(), expected);
    });
  });

  it("is refused where the table of that name is something else, with what it lacks", async () => {
    await withScenario(V1, async ({ db, migrator }) => {
      await db.client.query("CREATE TABLE flyway_schema_history (id int)");
      await assertFails(migrator().migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "42703",
        message: /"public"\."flyway_schema_history" is not a schema history/,
        remedy: /another table/,
      });
    });
  });
});

describe("postgres/schema-history: the rows", () => {
  it("say of a versioned and a repeatable migration what Flyway's would", async () => {
    const files = { ...V1, "sub/R__all_views.sql": "CREATE VIEW v AS SELECT 1 AS one;" };
    await withScenario(files, async ({ db, migrator }) => {
      await migrator().migrate();
      const user = (await linesOf(db.client, "SELECT current_user AS line"))[0] ?? "";
      const common = { type: "SQL", installed_by: user, success: true };
      assert.deepEqual(await historyOf(db), [
        {
          installed_rank: 1,
          version: "1",
          description: "first step",
          script: "V1__first_step.sql",
          checksum: V1_CHECKSUM,
          ...common,
        },
        {
          installed_rank: 2,
          version: null,
          description: "all views",
          script: "sub/R__all_views.sql",
          checksum: VIEW_CHECKSUM,
          ...common,
        },
      ]);
    });
  });

  it("name the option installedBy, where it is given, in place of the user", async () => {
    await withScenario(V1, async ({ db, migrator }) => {
      await migrator({ installedBy: "Ödön O'Hara \\ team" }).migrate();
      assert.equal((await historyOf(db))?.[0]?.installed_by, "Ödön O'Hara \\ team");
    });
  });

  it("hold the run's milliseconds and, as a default, the time of the transaction", async () => {
    const files = { "V1__slow.sql": "SELECT pg_sleep(0.05); CREATE TABLE a (made timestamp);" };
    await withScenario(files, async ({ db, migrator }) => {
      await migrator().migrate();
      const { rows } = await db.client.query<{ ms: number; recent: boolean }>(
        `SELECT execution_time AS ms, installed_on BETWEEN now() - interval '1 hour' AND now() AS recent
         FROM flyway_schema_history`,
      );
      assert.ok((rows[0]?.ms ?? 0) >= 50);
      assert.equal(rows[0]?.recent, true);
    });
  });

  it("keep the version as it is written, with _ as dots", async () => {
    const files = { "V001__a.sql": "SELECT 1;", "V02_01__b.sql": "SELECT 1;", "V3.0.sql": "" };
    await withScenario(files, async ({ db, migrator }) => {
      await migrator().migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 001", "2 SQL 02.01", "3 SQL 3.0"]);
      assert.equal((await historyOf(db))?.[2]?.description, "");
    });
  });

  it("cut a description of more than 200 characters, and still know it the next time", async () => {
    // A file name has at most 255 bytes.
    const long = "d".repeat(240);
    const files = { [`V1__${long}.sql`]: "SELECT 1;", [`R__${long}.sql`]: "SELECT 2;" };
    await withScenario(files, async ({ db, migrator }) => {
      await migrator().migrate();
      const cut = `${"d".repeat(197)}...`;
      assert.deepEqual(
        (await historyOf(db))?.map((r) => r.description),
        [cut, cut],
      );
      assert.deepEqual((await migrator().validate()).problems, []);
      assert.deepEqual((await migrator().migrate()).applied, []);
    });
  });

  it("go on from the highest rank, whatever gaps there are", async () => {
    await withScenario(V1, async ({ db, migrator, write }) => {
      await migrator().migrate();
      await db.client.query("UPDATE flyway_schema_history SET installed_rank = 41");
      await write({ "V2__b.sql": "SELECT 1;" });
      await migrator().migrate();
      assert.deepEqual(await ranksOf(db), ["41 SQL 1", "42 SQL 2"]);
    });
  });

  const numbers = `ALTER TABLE flyway_schema_history ALTER installed_rank TYPE bigint, ALTER checksum TYPE numeric,
    ALTER execution_time TYPE smallint, ALTER type TYPE char(20), ALTER version TYPE char(20), ALTER description TYPE text`;
  const texts = `ALTER TABLE flyway_schema_history DROP CONSTRAINT flyway_schema_history_pk,
    ALTER installed_rank TYPE text, ALTER checksum TYPE text, ALTER execution_time TYPE text,
    ALTER execution_time DROP NOT NULL, ALTER success TYPE text, ALTER installed_by DROP NOT NULL,
    ALTER installed_on TYPE timestamptz`;
  for (const [what, sql] of [
    ["bigint, numeric, smallint and char", numbers],
    [
      "text",
      `${texts}; UPDATE flyway_schema_history SET execution_time = NULL, installed_by = NULL, success = 't'`,
    ],
  ] as const) {
    it(`are read for what they are where the columns are of type ${what}, as others make them`, async () => {
      const files = Object.fromEntries([...Array(11).keys()].map((i) => [`V${i + 1}__v.sql`, ""]));
      await withScenario({ ...files, "R__r.sql": "" }, async ({ db, migrator, write }) => {
        await migrator().migrate();
        await db.client.query(sql);
        assert.deepEqual((await migrator().validate()).problems, []);
        await write({ "V12__w.sql": "SELECT 12;" });
        const { applied } = await migrator().migrate();
        assert.deepEqual(
          applied.map(({ migration }) => migration.script),
          ["V12__w.sql"],
        );
        const ranks = await linesOf(
          db.client,
          "SELECT installed_rank || ' ' || coalesce(version, 'R') AS line FROM flyway_schema_history WHERE installed_rank::int > 10 ORDER BY installed_rank::int",
        );
        assert.deepEqual(
          ranks.map((line) => line.trim()),
          ["11 11", "12 R", "13 12"],
        );
        assert.equal((await migrator().info()).schemaVersion, "12");
        await migrator().repair();
      });
    });
  }

  const wrong: [string, RegExp][] = [
    ["installed_rank = 'first'", /its installed_rank "first" is not a whole number/],
    ["installed_rank = NULL", /its installed_rank null is not a whole number/],
    ["checksum = '1.5'", /its checksum "1\.5" is not a whole number/],
    ["checksum = '0x10'", /its checksum "0x10" is not a whole number/],
    ["success = 'perhaps'", /its success "perhaps" is neither true nor false/],
    ["type = NULL", /its type "" is unknown/],
  ];
  for (const [change, message] of wrong) {
    it(`stop every command where ${change} cannot be read`, async () => {
      await withScenario(V1, async ({ db, migrator }) => {
        await migrator().migrate();
        await db.client.query(
          `${texts}, ALTER installed_rank DROP NOT NULL, ALTER type DROP NOT NULL`,
        );
        await db.client.query(`UPDATE flyway_schema_history SET ${change}`);
        await assertFails(migrator().migrate(), { code: "ERROR", class: "migrations", message });
      });
    });
  }

  for (const type of ["constructor", "__proto__", "toString", "hasOwnProperty", "sql"]) {
    it(`of type ${type} are unknown, and the migration is not applied again`, async () => {
      await withScenario(V1, async ({ db, migrator }) => {
        await migrator().migrate();
        await db.client.query("UPDATE flyway_schema_history SET type = $1", [type]);
        const message = new RegExp(`^Row 1 .*its type "${type}" is unknown`);
        await assertFails(migrator().migrate(), { code: "ERROR", class: "migrations", message });
        await assertFails(migrator().info(), { code: "ERROR", class: "migrations", message });
      });
    });
  }

  it("say which schemas a later run has made, with the next rank, though there was no migration yet", async () => {
    await withScenario(V1, async ({ db, migrator }) => {
      await migrator({ schemas: ["app"], target: "current" }).migrate();
      await migrator({ schemas: ["app", "audit"], target: "current" }).migrate();
      const table = "app.flyway_schema_history";
      assert.deepEqual(await ranksOf(db, table), ["0 SCHEMA null", "1 SCHEMA null"]);
    });
  });

  it("of an unknown type stop every command, with the row's number", async () => {
    await withScenario(V1, async ({ db, migrator }) => {
      await migrator().migrate();
      await db.client.query("UPDATE flyway_schema_history SET type = 'UNDO_SQL'");
      const expected = {
        code: "ERROR",
        class: "migrations",
        message: /^Row 1 .*"UNDO_SQL"/,
      } as const;
      await assertFails(migrator().info(), expected);
      await assertFails(migrator().migrate(), expected);
      await assertFails(migrator().repair(), expected);
    });
  });
});
