import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { tidemark } from "../support/cli";
import { withFolder } from "../support/folder";
import { withTestDatabase } from "../support/postgres";

const FILES = {
  "V1__first.sql": "CREATE TABLE a (id int);",
  "V2__second.sql": "CREATE TABLE b (id int);",
  "R__view.sql": "CREATE OR REPLACE VIEW v AS SELECT 1 AS one;",
};

describe("the tidemark command", function () {
  this.timeout(60_000);

  it("plans, migrates, validates and informs, with one JSON object on stdout each", async () => {
    await withTestDatabase((db) =>
      withFolder(FILES, async (folder) => {
        const env = { DATABASE_URL: db.url, FLYWAY_LOCATIONS: `filesystem:${folder}` };
        const planned = (await tidemark(["plan", "--json"], { env })).report();
        assert.deepEqual(
          [planned.schemaVersion, planned.targetSchemaVersion, planned.database],
          [null, "2", db.name],
        );
        const migrated = await tidemark(["migrate", "--json"], { env });
        assert.equal(migrated.code, 0);
        const { applied, ok, schemaVersion } = migrated.report();
        assert.deepEqual(
          [ok, schemaVersion, applied.map((m) => m.script)],
          [true, "2", ["V1__first.sql", "V2__second.sql", "R__view.sql"]],
        );
        assert.equal((await tidemark(["validate", "--json"], { env })).code, 0);
        const { migrations } = (await tidemark(["info", "--json"], { env })).report();
        assert.deepEqual(
          migrations.map(({ category, version, type, state }) => [category, version, type, state]),
          [
            ["Versioned", "1", "SQL", "Success"],
            ["Versioned", "2", "SQL", "Success"],
            ["Repeatable", "", "SQL", "Success"],
          ],
        );
      }),
    );
  });

  it("exits with 65 for a failing validate and lists every problem with its remedy", async () => {
    await withTestDatabase((db) =>
      withFolder(FILES, async (folder) => {
        const env = { FLYWAY_URL: db.url, FLYWAY_LOCATIONS: folder };
        await tidemark(["migrate"], { env });
        writeFileSync(join(folder, "V1__first.sql"), "CREATE TABLE other (id int);");
        writeFileSync(join(folder, "V3__third.sql"), "SELECT 1;");
        const { code, report } = await tidemark(["validate", "--json"], { env });
        assert.equal(code, 65);
        assert.equal(report().error?.code, "VALIDATE_ERROR");
        assert.deepEqual(
          report().problems.map((p) => [p.code, p.version]),
          [
            ["CHECKSUM_MISMATCH", "1"],
            ["RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED", "3"],
          ],
        );
        assert.ok(report().problems.every((p) => p.remedy.length > 10));
      }),
    );
  });

  it("exits with 65 for failing SQL and gives migration, line, column and SQLSTATE", async () => {
    await withTestDatabase((db) =>
      withFolder(
        { "V1__x.sql": "CREATE TABLE a (id int);\n\nCREATE TABEL b (id int);\n" },
        async (folder) => {
          const { code, report, stderr } = await tidemark([
            "migrate",
            "--json",
            "--url",
            db.url,
            "--locations",
            folder,
          ]);
          assert.equal(code, 65);
          const { error, applied } = report();
          assert.deepEqual(
            [error?.migration, error?.line, error?.column, error?.sqlState, applied],
            ["V1__x.sql", 3, 8, "42601", []],
          );
          assert.match(stderr, /3 \| CREATE TABEL b/);
          assert.match(stderr, /\^/);
        },
      ),
    );
  });

  it("exits with 75 where nothing listens", async () => {
    const { code, report } = await tidemark([
      "info",
      "--json",
      "--url",
      "postgresql://u:p@127.0.0.1:1/db",
    ]);
    assert.equal(code, 75);
    assert.equal(report().error?.code, "DB_CONNECTION");
  });

  it("exits with 64 without a database and says how to give one", async () => {
    const { code, report } = await tidemark(["info", "--json"]);
    assert.equal(code, 64);
    assert.equal(report().error?.code, "CONFIGURATION");
    assert.match(report().error?.remedy ?? "", /FLYWAY_URL/);
  });

  for (const command of ["clean", "undo"]) {
    it(`refuses ${command} and says what to do instead`, async () => {
      const { code, report } = await tidemark([
        command,
        "--json",
        "--url",
        "postgresql://u@localhost/db",
      ]);
      assert.equal(code, 64);
      assert.ok((report().error?.remedy ?? "").length > 20);
    });
  }

  it("names a FLYWAY_ variable that it does not support", async () => {
    const { code, report } = await tidemark(["info", "--json"], {
      env: { FLYWAY_CHERRY_PICK: "2" },
    });
    assert.equal(code, 64);
    assert.equal(report().error?.code, "CONFIGURATION");
    assert.match(report().error?.message ?? "", /FLYWAY_CHERRY_PICK/);
  });

  for (const args of [
    ["info", "--nonsense"],
    ["frobnicate"],
    ["info", "--group", "maybe"],
    ["migrate", "--lock-wait", "soon"],
  ]) {
    it(`refuses "${args.join(" ")}" with 64`, async () => {
      const { code, stderr } = await tidemark(args);
      assert.equal(code, 64);
      assert.match(stderr, /Error CONFIGURATION/);
    });
  }

  it("takes arguments over variables, and variables over files", async () => {
    await withTestDatabase((db) =>
      withFolder(
        { "sql/V1__a.sql": "SELECT 1;", "flyway.conf": "", "flyway.toml": "" },
        async (folder) => {
          writeFileSync(
            join(folder, "flyway.conf"),
            `# as of old\nflyway.url=${db.url}\nflyway.table=from_conf\n`,
          );
          writeFileSync(
            join(folder, "flyway.toml"),
            `[flyway]\ntable = "from_toml"\nlocations = ["sql"]\n`,
          );
          const tables = async (args: string[], env: Record<string, string>): Promise<string[]> => {
            await tidemark(["migrate", "--baseline-on-migrate", ...args], { cwd: folder, env });
            const { rows } = await db.client.query<{ name: string }>(
              "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
            );
            return rows.map((row) => row.name).sort();
          };
          assert.deepEqual(await tables([], {}), ["from_toml"]);
          assert.deepEqual(await tables([], { FLYWAY_TABLE: "from_env" }), [
            "from_env",
            "from_toml",
          ]);
          assert.deepEqual(await tables(["--table", "from_flag"], { FLYWAY_TABLE: "from_env" }), [
            "from_env",
            "from_flag",
            "from_toml",
          ]);
        },
      ),
    );
  });

  it("begins each session with the options of the URL, as Flyway's driver does", async () => {
    await withTestDatabase((db) =>
      withFolder({ "V1__a.sql": "CREATE TABLE a (id int);" }, async (folder) => {
        await db.client.query("CREATE SCHEMA app");
        const url = `jdbc:${db.url}${db.url.includes("?") ? "&" : "?"}options=-c%20search_path%3Dapp`;
        const { code } = await tidemark(["migrate", "--url", url, "--locations", folder]);
        assert.equal(code, 0);
        const { rows } = await db.client.query<{ name: string }>(
          "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'app'::regnamespace",
        );
        assert.deepEqual(rows.map(({ name }) => name).sort(), ["a", "flyway_schema_history"]);
      }),
    );
  });

  it("names file and key of a configuration that it does not know", async () => {
    await withFolder({ "flyway.toml": "[flyway]\ncherryPick = '2'\n" }, async (cwd) => {
      const { code, stderr } = await tidemark(["info"], { cwd });
      assert.equal(code, 64);
      assert.match(stderr, /flyway\.toml.*cherryPick/);
    });
  });

  it("writes the next migration and never over an old one", async () => {
    await withFolder({ "migrations/platform/V9__old.sql": "" }, async (cwd) => {
      const args = ["new", "Add e-mail, verified!", "--database", "platform", "--json"];
      const { report } = await tidemark(args, { cwd });
      assert.equal(report().path, join("migrations", "platform", "V10__add_e_mail_verified.sql"));
      assert.match(
        readFileSync(join(cwd, String(report().path)), "utf8"),
        /^-- Add e-mail, verified!\n$/,
      );
      const again = await tidemark(args, { cwd });
      assert.match(String(again.report().path), /V11__/);
    });
  });

  it("names the next migration as the settings say", async () => {
    await withFolder({ "migrations/9.2-old.ddl": "", "flyway.conf": "" }, async (cwd) => {
      writeFileSync(join(cwd, "flyway.conf"), "flyway.sqlMigrationPrefix=\n");
      const env = {
        FLYWAY_SQL_MIGRATION_SEPARATOR: "-",
        FLYWAY_SQL_MIGRATION_SUFFIXES: ".ddl,.sql",
      };
      const path = async (...args: string[]) =>
        (await tidemark(["new", "next step", "--json", ...args], { cwd, env })).report().path;
      assert.equal(await path(), join("migrations", "10-next_step.ddl"));
      assert.equal(
        await path("--sql-migration-prefix", "M"),
        join("migrations", "M1-next_step.ddl"),
      );
      assert.equal(await path("--repeatable"), join("migrations", "R-next_step.ddl"));
    });
  });

  for (const args of [["--help"], ["migrate", "--help"], ["lint", "--help"], ["new", "--help"]]) {
    it(`explains itself: ${args.join(" ")}`, async () => {
      const { code, stdout } = await tidemark(args);
      assert.equal(code, 0);
      assert.match(stdout, /Usage: tidemark/);
    });
  }

  it("colours nothing that is not a terminal", async () => {
    const { stderr } = await tidemark(["info"]);
    assert.ok(!stderr.includes("\u001b["));
  });
});
