import assert from "node:assert/strict";

import { failedRun, ranksOf, stateOf, tablesOf, withScenario } from "../support/migrator";
import type { TestDatabase } from "../support/postgres";

const TABLE = "CREATE TABLE t (id int, name text);\n";

async function rowsOf(
  { client }: TestDatabase,
  sql = "SELECT * FROM t ORDER BY id",
): Promise<unknown[][]> {
  return (await client.query<unknown[]>({ text: sql, rowMode: "array" })).rows;
}

describe("engine: COPY FROM STDIN in a migration", () => {
  it("loads the rows that follow it, as pg_dump writes them, in the migration's transaction", async () => {
    const sql = `${TABLE}COPY public.t (id, name) FROM stdin;
1\tone
2\ttwo\\tand a tab
3\t\\N
\\.

INSERT INTO t VALUES (4, 'four');
COPY t FROM STDIN WITH (FORMAT csv, HEADER);
id,name
5,"five; -- \${no} \\"
\\.
`;
    await withScenario({ "V1__a.sql": sql.replace("${no}", "") }, async ({ db, migrator }) => {
      await migrator().migrate();
      assert.deepEqual(await rowsOf(db), [
        [1, "one"],
        [2, "two\tand a tab"],
        [3, null],
        [4, "four"],
        [5, "five; --  \\"],
      ]);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
    });
  });

  it("loads a hundred thousand rows of several bytes a character", async () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => `${i}\tname 🐘 ü ${i}\n`).join("");
    const sql = `${TABLE}COPY t FROM STDIN;\n${rows}\\.\n`;
    await withScenario({ "V1__a.sql": sql }, async ({ db, migrator }) => {
      await migrator().migrate();
      const counts = "SELECT count(*)::int, count(DISTINCT name)::int, min(id), max(id) FROM t";
      assert.deepEqual(await rowsOf(db, counts), [[100_000, 100_000, 0, 99_999]]);
      const wrong = "SELECT * FROM t WHERE name <> 'name 🐘 ü ' || id";
      assert.deepEqual(await rowsOf(db, wrong), []);
    });
  });

  it("loads rows with line ends of Windows", async () => {
    const sql = `${TABLE}COPY t FROM STDIN;\n1\tone\n2\ttwo\n\\.\nSELECT 1;\n`;
    await withScenario({ "V1__a.sql": sql.replaceAll("\n", "\r\n") }, async ({ db, migrator }) => {
      await migrator().migrate();
      assert.deepEqual(await rowsOf(db), [
        [1, "one"],
        [2, "two"],
      ]);
    });
  });

  it("replaces placeholders in the rows", async () => {
    const sql = `${TABLE}COPY t FROM STDIN;\n1\t\${Who}\n\\.\n`;
    await withScenario({ "V1__a.sql": sql }, async ({ db, migrator }) => {
      await migrator({ placeholders: { who: "Zoë" } }).migrate();
      assert.deepEqual(await rowsOf(db), [[1, "Zoë"]]);
    });
  });

  it("loads nothing where no row follows", async () => {
    await withScenario({ "V1__a.sql": `${TABLE}COPY t FROM STDIN;\n\\.\n` }, async (scenario) => {
      await scenario.migrator().migrate();
      assert.deepEqual(await rowsOf(scenario.db), []);
    });
  });

  it("whose rows do not fit fails with the server's words for the row, and keeps nothing", async () => {
    const sql = `${TABLE}COPY t FROM STDIN;\n1\tone\nx\ttwo\n\\.\nSELECT 1;\n`;
    await withScenario({ "V1__a.sql": sql }, async ({ db, migrator, write }) => {
      const { error } = await failedRun(migrator().migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "22P02",
        message: /COPY t, line 2, column id: "x".*statement 2 of 3$/,
      });
      assert.equal(error.place.line, 2);
      assert.deepEqual(await tablesOf(db), []);
      await write({ "V1__a.sql": sql.replace("x\t", "2\t") });
      assert.equal((await migrator().migrate()).to, "1");
    });
  });

  it("without an end is refused before any of its file runs, with its line", async () => {
    const sql = `${TABLE}-- rows\nCOPY t FROM STDIN;\n1\tone\nSELECT 1;\n`;
    await withScenario({ "V1__a.sql": sql }, async ({ db, migrator }) => {
      const { error } = await failedRun(migrator().migrate(), {
        code: "ERROR",
        class: "migrations",
        message: /^V1__a\.sql:3:1: COPY … FROM STDIN has no end of data/,
        remedy: /\\\./,
      });
      assert.equal(error.place.line, 3);
      assert.deepEqual([await tablesOf(db), await ranksOf(db)], [[], []]);
    });
  });

  it("also outside a transaction", async () => {
    const sql = `VACUUM;\n${TABLE}COPY t FROM STDIN;\n1\tone\n\\.\n`;
    await withScenario({ "V1__a.sql": sql }, async ({ db, migrator }) => {
      await migrator({ mixed: true }).migrate();
      assert.deepEqual(await rowsOf(db), [[1, "one"]]);
    });
  });

  it("also in a group", async () => {
    const files = { "V1__a.sql": TABLE, "V2__b.sql": "COPY t FROM STDIN;\n1\tone\n\\.\n" };
    await withScenario(files, async ({ db, migrator }) => {
      await migrator({ group: true }).migrate();
      assert.deepEqual(await rowsOf(db), [[1, "one"]]);
    });
  });
});

describe("engine: commands of psql in a migration", () => {
  it("\\restrict and \\unrestrict, which pg_dump writes, are passed over", async () => {
    const sql = `--\n-- PostgreSQL database dump\n--\n\\restrict abc\n
SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);\nSET row_security = off;
CREATE TABLE public.t (id int);\n\\unrestrict abc\n`;
    const files = { "V1__dump.sql": sql, "V2__next.sql": "ALTER TABLE t ADD name text;" };
    await withScenario(files, async ({ db, migrator }) => {
      await migrator().migrate();
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2"]);
      assert.deepEqual(await tablesOf(db), ["public.t"]);
    });
  });

  it("a backslash in a string or a function body is none", async () => {
    const sql = `${TABLE}INSERT INTO t VALUES (1, 'a\\b'), (2, E'c\\nd');
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT '\\restrict' $$;`;
    await withScenario({ "V1__a.sql": sql }, async ({ db, migrator }) => {
      await migrator().migrate();
      assert.deepEqual(await rowsOf(db), [
        [1, "a\\b"],
        [2, "c\nd"],
      ]);
    });
  });

  for (const command of ["\\i other.sql", "\\connect postgres", "\\set x 1", "\\copy t from 'x'"]) {
    it(`${command} is refused before any of its file runs, with its line`, async () => {
      const files = { "V1__a.sql": "SELECT 1;", "V2__b.sql": `${TABLE}${command}\nSELECT 1;\n` };
      await withScenario(files, async ({ db, migrator }) => {
        const { error } = await failedRun(migrator().migrate(), {
          code: "ERROR",
          class: "migrations",
          message: /^V2__b\.sql:2:1: .* is a command of psql/,
        });
        assert.equal(error.place.line, 2);
        assert.match(error.place.excerpt ?? "", /\^/);
        assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
        const { catalog } = await stateOf(db);
        assert.equal("table public.t" in catalog, false);
      });
    });
  }
});

describe("engine: a script that is too large for one message", () => {
  const filler = "-- ".padEnd(1000, "x");
  const inserts = (count: number) =>
    Array.from({ length: count }, (_, i) => `${filler}\nINSERT INTO t VALUES (${i}, 'row');`);

  it("goes in pieces, in one transaction with its history row", async () => {
    const sql = [TABLE, ...inserts(2500)].join("\n");
    await withScenario({ "V1__a.sql": sql }, async ({ db, migrator }) => {
      await migrator().migrate();
      assert.deepEqual(await rowsOf(db, "SELECT count(*)::int, sum(id)::int FROM t"), [
        [2500, 3_123_750],
      ]);
      assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
    });
  });

  it("leaves nothing behind when the last piece fails, and names the line", async () => {
    const sql = [TABLE, ...inserts(2500), "INSERT INTO none VALUES (1);"].join("\n");
    await withScenario({ "V1__a.sql": sql }, async ({ db, migrator }) => {
      const { error } = await failedRun(migrator().migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "42P01",
      });
      assert.equal(error.place.line, 5003);
      assert.deepEqual(await tablesOf(db), []);
      assert.deepEqual(await ranksOf(db), []);
    });
  });

  it("COPY of more data than the socket takes at once arrives whole; a refused row stops it", async () => {
    const rows = Array.from({ length: 400_000 }, (_, i) => `${i}\trow ${i} with some text in it`);
    const copy = (lines: readonly string[]) =>
      `${TABLE}COPY t FROM stdin;\n${lines.join("\n")}\n\\.\n`;
    await withScenario({ "V1__a.sql": copy(rows) }, async ({ db, migrator, write }) => {
      await migrator().migrate();
      assert.deepEqual(await rowsOf(db, "SELECT count(*)::int, max(id) FROM t"), [
        [400_000, 399_999],
      ]);
      const faulty = [...rows.slice(0, 10), "no number\tx", ...rows];
      await write({ "V2__b.sql": copy(faulty).replaceAll(" t ", " u ") });
      await failedRun(migrator().migrate(), {
        code: "ERROR",
        class: "migrations",
        sqlState: "22P02",
        message: /no number/,
      });
      assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
    });
  });
});
