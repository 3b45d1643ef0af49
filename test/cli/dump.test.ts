/** `tidemark dump`: the file that it writes makes the same schema again. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { cleanDump } from "../../engine/cli/dump-clean";
import { readCatalog } from "../../engine/postgres/catalog";
import { fingerprint } from "../../engine/postgres/fingerprint";
import { type TestDatabase, withTestDatabase } from "../support/postgres";

const MAIN = resolve(__dirname, "../../engine/cli/main.js");
const EXCLUDE = { exclude: [{ schema: "public", table: "flyway_schema_history" }] };

/** What pg_dump 18 writes, with all that must not stay. */
const DUMP = String.raw`--
-- PostgreSQL database dump
--

\restrict abc123

SET statement_timeout = 0;
SET transaction_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
SET row_security = off;

--
-- Name: app; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA app;

--
-- Name: g(integer); Type: FUNCTION; Schema: app; Owner: -
--

CREATE FUNCTION app.g(x integer) RETURNS text
    LANGUAGE plpgsql
    AS $_$ begin
SET x = '\${not_a_placeholder}'; -- a ; b
return x; end $_$;

SET default_tablespace = '';
SET default_table_access_method = heap;

CREATE TABLE app."t;" (id integer DEFAULT 1 NOT NULL, note text DEFAULT 'a;--b'::text);
COMMENT ON TABLE app."t;" IS 'it''s; -- odd';
CREATE VIEW app.v AS SELECT "t;".id FROM app."t;";
CREATE MATERIALIZED VIEW app.mv AS SELECT count(*) AS count FROM app."t;" WITH NO DATA;
CREATE USER MAPPING FOR joe SERVER s OPTIONS (password 'tell-nobody');

\unrestrict abc123
`.replaceAll("\\$", "$");

describe("tidemark dump", function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-dump-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Prints the dump, keeps its arguments, and fails where the password does not come by the environment. */
  const standIn = (major: number) => {
    const file = join(folder, "pg_dump");
    writeFileSync(join(folder, "dump.sql"), DUMP);
    writeFileSync(
      file,
      `#!/bin/sh
if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) ${major}.1"; exit 0; fi
echo "$@" > ${folder}/arguments
[ -n "$PGPASSWORD" ] && [ -n "$PGHOST" ] && [ -z "$PGOPTIONS" ] || exit 3
cat ${folder}/dump.sql
`,
    );
    chmodSync(file, 0o755);
    return file;
  };
  const run = (db: TestDatabase, ...args: string[]) =>
    spawnSync(process.execPath, [MAIN, ...args], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env.PATH, DATABASE_URL: db.url, PGOPTIONS: "-c work_mem=1MB" },
    });
  const look = async (db: TestDatabase) => fingerprint(await readCatalog(db.client, EXCLUDE));
  const FILE = "migrations/shop/V1__baseline.sql";

  it("leaves out what is for psql, what would outlive the migration, and passwords", () => {
    const { sql, warnings } = cleanDump(DUMP);
    assert.doesNotMatch(sql, /restrict|statement_timeout|tell-nobody|false\)|default_tablespace/);
    assert.match(sql, /^SET x = '\$\{not_a_placeholder\}'; -- a ; b$/m);
    assert.match(sql, /REFRESH MATERIALIZED VIEW app\.mv;/);
    assert.match(warnings.join(), /1 user mappings were left out/);
  });

  it("writes a file that migrates an empty database, and is not overwritten", () =>
    withTestDatabase((db) =>
      withTestDatabase(async (plain) => {
        const pgDump = ["--pg-dump", standIn(99)];
        const { status, stdout, stderr } = run(db, "dump", "--database", "shop", ...pgDump);
        assert.equal(status, 0, stderr);
        assert.match(stdout, /baseline: \{ version: "1", description: "baseline" \}/);
        const password = new URL(db.url).password;
        const given = readFileSync(join(folder, "arguments"), "utf8");
        assert.ok(password.length > 0 && !(given + stdout + stderr).includes(password));
        assert.match(given, /--no-owner --no-privileges/);
        assert.ok(
          existsSync(join(folder, `${FILE}.conf`)),
          "it holds what looks like a placeholder",
        );

        const migrated = run(db, "migrate", "--locations", "migrations/shop");
        assert.equal(migrated.status, 0, migrated.stderr);
        const direct = DUMP.replace(/^\\.*$/gm, "").replace(/^CREATE USER MAPPING.*$/m, "");
        await plain.client.query(direct);
        assert.equal(await look(db), await look(plain));

        const again = run(db, "dump", "--database", "shop", ...pgDump);
        assert.equal(again.status, 64);
        assert.match(again.stderr, /has version 1 already/);
        const next = run(db, "dump", "--database", "shop", "--version", "2", ...pgDump);
        assert.equal(next.status, 0, next.stderr);
        assert.ok(existsSync(join(folder, "migrations/shop/V2__baseline.sql")));
      }),
    ));

  it("refuses a pg_dump that is older than the server, and says how to get one", () =>
    withTestDatabase(async (db) => {
      const { status, stderr } = run(db, "dump", "--output", "-", "--pg-dump", standIn(9));
      assert.equal(status, 64);
      assert.match(stderr, /pg_dump is 9: pg_dump has to be of that major or newer/);
      assert.match(stderr, /--pg-dump/);
    }));
});
