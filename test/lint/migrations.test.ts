import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { tidemark } from "../support/cli";
import { withFolder } from "../support/folder";

const ROOT = resolve(__dirname, "../../..");

describe("the repository's own migrations", function () {
  this.timeout(30_000);

  it("pass lint, with platform V2 exempt by name", async () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const args = (scripts["lint:migrations"] ?? "").split(" ").slice(2);
    const { code, stderr } = await tidemark([...args, "--json"], { cwd: ROOT });
    assert.equal(code, 0, stderr);
  });

  it("would not pass without the exemption: each row of data is named with file and line", async () => {
    const { code, report } = await tidemark(["lint", "--json"], { cwd: ROOT });
    assert.equal(code, 65);
    assert.ok(
      report().problems.every((p) =>
        p.message.includes(join("platform", "V2__seed_baseline_data.sql:")),
      ),
    );
  });
});

describe("lint", function () {
  this.timeout(30_000);

  const cases: readonly [string, Record<string, string>, RegExp][] = [
    [
      "data",
      { "db/V1__x.sql": "CREATE TABLE a (id int);\n\nINSERT INTO a VALUES (1);" },
      /V1__x\.sql:3:1: INSERT/,
    ],
    ["wrong syntax", { "db/V1__x.sql": "CREATE TABEL a (id int);" }, /V1__x\.sql:1:8/],
    ["a wrong name", { "db/V1_x.sql": "SELECT 1;" }, /V1_x\.sql/],
    ["a name in lower case", { "db/v1__x.sql": "SELECT 1;" }, /v1__x\.sql/],
    [
      "two files of one version",
      { "db/V1__a.sql": "", "db/V01__b.sql": "" },
      /V1__a\.sql.*V01__b\.sql|V01__b\.sql.*V1__a\.sql/,
    ],
  ];
  for (const [what, files, expected] of cases) {
    it(`refuses ${what}, with the file`, async () => {
      const { code, report } = await withFolder(files, (cwd) =>
        tidemark(["lint", "db", "--json"], { cwd }),
      );
      assert.equal(code, 65);
      const messages = [report().error?.message ?? "", ...report().problems.map((p) => p.message)];
      assert.match(messages.join("\n"), expected);
      assert.ok((report().error?.remedy ?? "").length > 10);
    });
  }

  it("refuses a folder that does not exist", async () => {
    const { code, report } = await withFolder({}, (cwd) =>
      tidemark(["lint", "nowhere", "--json"], { cwd }),
    );
    assert.equal(code, 64);
    assert.match(report().error?.message ?? "", /nowhere/);
  });
});

describe("lint of a folder with all kinds of files", function () {
  this.timeout(30_000);

  const FILES = {
    "db/V1__a.sql": "CREATE TABLE a (id int);\nCOMMIT;\nCREATE TABEL b ();\n",
    "db/V01__b.sql": "INSERT INTO a VALUES (1);\n",
    "db/v2__odd.sql": "nonsense",
    "db/V3__s.sh": "exit 1",
    "db/R__v.sql": "REPACK t;\n",
    "db/R__latin.sql": Buffer.from("-- caf\xe9\n", "latin1"),
    "db/beforeMigrate.sql": "SELECT 1 1;\n",
    "db/readme.txt": "nonsense",
    "other/V1__a.sql": "SELECT 1;\n",
  };

  it("shows everything that it finds, errors and warnings together, each with its place", () =>
    withFolder(FILES, async (cwd) => {
      const { code, report } = await tidemark(["lint", "db", "other", "--json"], { cwd });
      const { problems, warnings, checked, ok } = report();
      assert.deepEqual([code, ok, checked], [65, false, 6]);
      const places = problems.map(({ message }) => /^\S+:\d+:\d+: \S+ \S+/.exec(message)?.[0]);
      assert.deepEqual(places, [
        "db/R__latin.sql:1:1: the file",
        "db/V01__b.sql:1:1: INSERT changes",
        "db/V1__a.sql:1:1: Two files",
        "db/V1__a.sql:3:8: PostgreSQL's parser",
        "db/V3__s.sh:1:1: This is",
        "db/beforeMigrate.sql:1:10: PostgreSQL's parser",
        "db/v2__odd.sql:1:1: Invalid migration",
      ]);
      assert.equal(problems[2]?.code, "DUPLICATE_VERSIONED_MIGRATION");
      assert.ok(problems.every(({ remedy }) => remedy.length > 10));
      assert.deepEqual(
        warnings.map((warning) => /^\S+:\d+:\d+: \S+ \S+/.exec(warning)?.[0]),
        ["db/R__v.sql:1:1: REPACK is", "db/V1__a.sql:2:1: COMMIT makes"],
      );
      const { stdout } = await tidemark(["lint", "db"], { cwd });
      for (const message of [...warnings, ...problems.map((p) => p.message)]) {
        assert.ok(stdout.includes(message), message);
      }
    }));

  it("respects flags, variables and files of settings", () =>
    withFolder(
      {
        "sql/1-a.ddl": "SELECT '#[x]', '${y';\n",
        "sql/1.1-b.ddl": Buffer.from("-- caf\xe9\nBEGIN;\nSELECT 2;\n", "latin1"),
        "sql/1.1-b.ddl.conf": "executeInTransaction=true\n",
        "more/1-again.ddl": "SELECT #[part];\n",
        "more/V9__no.sql": "nonsense",
        "flyway.conf":
          "flyway.sqlMigrationPrefix=\nflyway.locations=sql,more\nflyway.encoding=ISO-8859-1\n",
      },
      async (cwd) => {
        const env = {
          FLYWAY_SQL_MIGRATION_SEPARATOR: "-",
          FLYWAY_EXECUTE_IN_TRANSACTION: "false",
          FLYWAY_PLACEHOLDER_PREFIX: "#[",
          FLYWAY_PLACEHOLDERS_PART: "FROM FROM",
        };
        const flags = ["--sql-migration-suffixes", ".ddl", "--placeholder-suffix", "]"];
        const { code, report } = await tidemark(["lint", ...flags, "--json"], { cwd, env });
        assert.equal(code, 65);
        const { problems, warnings, checked } = report();
        assert.equal(checked, 3);
        assert.deepEqual(warnings, []);
        assert.deepEqual(
          problems.map(({ message }) => message.split(": ", 2).join(": ").slice(0, 40)),
          [
            "more/1-again.ddl:1:1: Two files have the same version 1",
            "more/1-again.ddl:1:8: PostgreSQL's parser says",
          ].map((text) => text.slice(0, 40)),
        );
        assert.ok(!JSON.stringify(report()).includes("FROM FROM"));
      },
    ));

  it("is refused with settings that it cannot mean", async () => {
    const env = { FLYWAY_SQL_MIGRATION_SEPARATOR: "" };
    const { code, report } = await withFolder({ "db/V1__a.sql": "" }, (cwd) =>
      tidemark(["lint", "db", "--json"], { cwd, env }),
    );
    assert.equal(code, 64);
    assert.match(report().error?.message ?? "", /sqlMigrationSeparator/);
  });

  it("says how many warnings there are where there is no error", () =>
    withFolder({ "db/V1__a.sql": "SELECT 1;\nCOMMIT;\nSELECT 2;\n" }, async (cwd) => {
      const { code, stdout } = await tidemark(["lint", "db"], { cwd });
      assert.equal(code, 0);
      assert.match(stdout, /Warning: db\/V1__a\.sql:2:1: COMMIT .*\n.*1 files: 1 warning/);
    }));
});
