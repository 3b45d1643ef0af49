/** Flyway and we take turns on one database: what the one has written, the other reads, judges alike and goes on from. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { REAL_MIGRATIONS } from "../support/migrator";
import { type FileChanges, startFlyway, stopFlyway } from "./both";
import { FILE_STORIES } from "./file-stories";
import { ORDER } from "./order-stories";
import { live, type Story } from "./stages";
import { table } from "./table";

const HISTORY: readonly Story[] = [
  {
    title: "a baseline, set again, then what is above it",
    files: { "V1__a.sql": table("a"), "V2__b.sql": table("b"), "V3__c.sql": table("c") },
    config: { baselineVersion: "2.0", baselineDescription: "as it was" },
    stages: [
      {
        command: "migrate",
        sql: "CREATE TABLE a (id int); CREATE TABLE b (id int)",
        fails: "NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE",
      },
      { command: "baseline" },
      { command: "baseline" },
      { command: "baseline", config: { baselineVersion: "3" }, fails: "ERROR" },
      { command: "migrate", files: { "V1__a.sql": null } },
      { command: "repair", files: { "V2__b.sql": "-- other\n" } },
      { command: "migrate" },
    ],
    history: ["1 BASELINE 2.0", "2 SQL 3"],
  },
  {
    title: "a baseline on migrate",
    config: { baselineOnMigrate: true, baselineVersion: "1" },
    files: { "V1__a.sql": table("a"), "V2__b.sql": table("b") },
    stages: [
      { command: "migrate", sql: "CREATE TABLE legacy (id int)" },
      { command: "migrate", files: { "V3__c.sql": table("c") } },
      { command: "migrate", config: { baselineOnMigrate: false } },
    ],
    history: ["1 BASELINE 1", "2 SQL 2", "3 SQL 3"],
  },
  {
    title: "baseline migrations",
    files: {
      "B2__state.sql": table("a") + table("b"),
      "V1__a.sql": table("a"),
      "V2__b.sql": table("b"),
      "V3__c.sql": table("c"),
    },
    stages: [
      { command: "migrate" },
      { command: "migrate", files: { "V4__d.sql": table("d") } },
      { command: "migrate", files: { "B4__state.sql": "NONSENSE;\n" } },
      { command: "repair" },
    ],
    history: ["1 SQL_BASELINE 2", "2 SQL 3", "3 SQL 4"],
  },
  {
    title: "schemas that are made, with their mark in the history",
    config: { schemas: "app,audit" },
    table: "app.flyway_schema_history",
    files: { "V1__a.sql": table("a") + table("audit.a") },
    stages: [
      { command: "migrate" },
      {
        command: "migrate",
        config: { schemas: "app,audit,more" },
        files: { "V2__b.sql": table("more.b") },
      },
      { command: "baseline", config: { baselineVersion: "0" }, fails: "ERROR" },
      { command: "repair" },
    ],
    history: ["0 SCHEMA null", "1 SQL 1", "2 SCHEMA null", "3 SQL 2"],
  },
  {
    title: "a baseline that makes its schema",
    config: { schemas: "app", baselineVersion: "1" },
    table: "app.flyway_schema_history",
    files: { "V1__a.sql": table("a"), "V2__b.sql": table("b") },
    stages: [{ command: "baseline" }, { command: "migrate" }, { command: "migrate" }],
    history: ["1 BASELINE 1", "2 SCHEMA null", "3 SQL 2"],
  },
  {
    title: "a table and schemas with names that need quotes",
    config: { table: "My History", defaultSchema: "Ops Data", schemas: "public" },
    table: '"Ops Data"."My History"',
    files: { "V1__a.sql": table("public.a"), "V2__b.sql": table("b") },
    stages: [
      { command: "migrate" },
      {
        command: "migrate",
        files: { "R__r.sql": "COMMENT ON TABLE b IS '${flyway:defaultSchema}';\n" },
      },
      { command: "repair", files: { "V2__b.sql": "-- other\n" } },
      { command: "migrate", files: { "V3__c.sql": table("c") } },
    ],
    history: ["0 SCHEMA null", "1 SQL 1", "2 SQL 2", "3 SQL null", "4 SQL 3"],
  },
  {
    title: "a changed file, repaired",
    files: { "V1__a.sql": table("a"), "V2__b.sql": table("b") },
    stages: [
      { command: "migrate" },
      {
        command: "migrate",
        files: { "V2__b.sql": table("b") + "-- more\n" },
        fails: "VALIDATE_ERROR",
      },
      { command: "repair" },
      {
        command: "migrate",
        files: { "V2__b.sql": null, "V2__bee.sql": table("b") },
        fails: "VALIDATE_ERROR",
      },
      { command: "repair" },
      { command: "migrate", files: { "V3__c.sql": table("c") } },
    ],
    history: ["1 SQL 1", "2 SQL 2", "3 SQL 3"],
  },
  {
    title: "files that go and come back",
    files: { "V1__a.sql": table("a"), "V2__b.sql": table("b"), "V3__c.sql": table("c") },
    stages: [
      { command: "migrate" },
      { command: "migrate", files: { "V2__b.sql": null }, fails: "VALIDATE_ERROR" },
      { command: "repair" },
      { command: "migrate" },
      {
        command: "migrate",
        files: { "V2__b.sql": "DROP TABLE b;\n" + table("b") },
        fails: "VALIDATE_ERROR",
      },
      { command: "migrate", config: { outOfOrder: true } },
      { command: "migrate", files: { "V3__c.sql": null } },
      { command: "repair" },
      { command: "repair", config: { ignoreMigrationPatterns: "" } },
      { command: "migrate", files: { "V4__d.sql": table("d") } },
    ],
    history: ["1 SQL 1", "2 SQL 2", "3 SQL 3", "4 DELETE 2", "5 SQL 2", "6 DELETE 3", "7 SQL 4"],
  },
  {
    title: "a failed migration that leaves nothing",
    files: { "V1__a.sql": table("a"), "V2__b.sql": table("b") + "SELECT 1 / 0;\n" },
    stages: [
      { command: "migrate", fails: "ERROR" },
      { command: "migrate", fails: "ERROR" },
      { command: "migrate", files: { "V2__b.sql": table("b") } },
    ],
    history: ["1 SQL 1", "2 SQL 2"],
  },
  {
    title: "a failed row, refused and repaired",
    config: { "postgresql.transactional.lock": false },
    files: { "V1__a.sql": table("a"), "V2__b.sql": "VACUUM a;\nVACUUM nowhere;\n" },
    stages: [
      { command: "migrate", fails: "ERROR" },
      { command: "migrate", fails: "VALIDATE_ERROR" },
      { command: "migrate", config: { validateOnMigrate: false }, fails: "ERROR" },
      { command: "repair" },
      { command: "migrate", files: { "V2__b.sql": "VACUUM a;\n" } },
      { command: "migrate", files: { "R__r.sql": "VACUUM nowhere;\n" }, fails: "ERROR" },
      { command: "repair" },
      { command: "migrate", files: { "R__r.sql": "VACUUM a;\n" } },
    ],
    history: ["1 SQL 1", "2 SQL 2", "3 SQL null"],
  },
  {
    title: "rows touched by hand: no checksum, a gap in the ranks, another author",
    files: { "V1__a.sql": table("a"), "V2__b.sql": table("b") },
    config: { installedBy: "somebody" },
    stages: [
      { command: "migrate" },
      {
        command: "migrate",
        sql: `UPDATE flyway_schema_history SET checksum = NULL WHERE version = '1';
          UPDATE flyway_schema_history SET installed_rank = 7 WHERE version = '2'`,
        files: { "V3__c.sql": table("c") },
      },
      { command: "repair" },
      {
        command: "migrate",
        config: { installedBy: "current" },
        files: { "V4__d.sql": table("d") },
      },
    ],
    history: ["1 SQL 1", "7 SQL 2", "8 SQL 3", "9 SQL 4"],
  },
];

const FILES: readonly Story[] = [
  {
    title: "odd versions and descriptions",
    files: {
      "V001__leading_zeros.sql": table("t1"),
      "V1_1__under.sql": table("t2"),
      "V1.10__ten.sql": table("t3"),
      "V2__ünïcode_名前.sql": table("t4"),
      "V3__.sql": table("t5"),
      "V4.sql": table("t6"),
      "V5___lead__trail_.sql": table("t7"),
      "V6__It's_50%_{done}.sql": table("t8"),
      "V7__loud.SQL": table("t9"),
      "V20240101120000__stamp.sql": table("t10"),
      "V184467440737095516160__big.sql": table("t11"),
      "R__zed.sql": "SELECT 1;\n",
      "R__Zed.sql": "SELECT 2;\n",
      "R__Über_sicht.sql": "SELECT 3;\n",
      "R__𝒜stral.sql": "SELECT 4;\n",
      "R__ﬀ.sql": "SELECT 5;\n",
      "readme.md": "not a migration",
      "v9__lower.sql": "NONSENSE",
      "U1__undo.sql": "NONSENSE",
    },
    stages: [
      { command: "migrate", config: { target: "3" } },
      { command: "migrate" },
      {
        command: "migrate",
        files: { "V001__leading_zeros.sql": null, "V01.0__leading_zeros.sql": table("t1") },
      },
      { command: "repair" },
      {
        command: "migrate",
        config: { validateMigrationNaming: true },
        fails: "ERROR",
        files: { "readme.md": null },
      },
    ],
    history: [
      "1 SQL 001",
      "2 SQL 1.1",
      "3 SQL 1.10",
      "4 SQL 2",
      "5 SQL 3",
      "6 SQL null",
      "7 SQL null",
      "8 SQL null",
      "9 SQL null",
      "10 SQL null",
      "11 SQL 4",
      "12 SQL 5",
      "13 SQL 6",
      "14 SQL 7",
      "15 SQL 20240101120000",
      "16 SQL 184467440737095516160",
    ],
  },
  {
    title: "line ends and byte order marks",
    files: {
      "V1__crlf.sql":
        table("a").replaceAll("\n", "\r\n") + "INSERT INTO a VALUES (1, 'x\r\ny');\r\n",
      "V2__bom.sql": `\uFEFF${table("b")}`,
      "V3__cr.sql": "CREATE TABLE c (id int\r);\r",
      "V4__none.sql": "CREATE TABLE d (id int)",
      "V5__empty.sql": "",
      "V6__blank.sql": "\n\n-- nothing\n\n",
      "R__crlf.sql": "COMMENT ON TABLE a IS\r\n'r';\r\n",
      "V7__latin.sql": Buffer.from("INSERT INTO a VALUES (2, '\u00fc');\n", "utf8"),
    },
    stages: [
      { command: "migrate" },
      {
        command: "migrate",
        files: {
          "V1__crlf.sql": `${table("a")}INSERT INTO a VALUES (1, 'x\ny');\n`,
          "V2__bom.sql": table("b").replaceAll("\n", "\r\n"),
          "V3__cr.sql": "CREATE TABLE c (id int\n);",
          "V4__none.sql": "CREATE TABLE d (id int)\n\n\n",
          "R__crlf.sql": "\uFEFFCOMMENT ON TABLE a IS\n'r';",
        },
      },
      {
        command: "migrate",
        files: { "V4__none.sql": "CREATE TABLE d (id int) " },
        fails: "VALIDATE_ERROR",
      },
    ],
    history: ["1", "2", "3", "4", "5", "6", "7"].map((v) => `${v} SQL ${v}`).concat("8 SQL null"),
  },
  {
    title: "another encoding",
    config: { encoding: "ISO-8859-1" },
    files: { "V1__a.sql": Buffer.from("CREATE TABLE \u00fc (id int);\n", "latin1") },
    stages: [
      { command: "migrate" },
      {
        command: "migrate",
        config: { encoding: "UTF-8" },
        files: { "V1__a.sql": "CREATE TABLE \u00fc (id int);\n" },
      },
    ],
    history: ["1 SQL 1"],
  },
  {
    title: "folders: several, nested, moved",
    config: { locations: ["one", "two", "one/nested"] },
    files: {
      "one/V1__a.sql": table("a"),
      "one/nested/deep/V2__b.sql": table("b"),
      "two/V3__c.sql": table("c"),
      "two/R__r.sql": "COMMENT ON TABLE a IS 'r';\n",
    },
    stages: [
      { command: "migrate" },
      {
        command: "migrate",
        files: {
          "two/V3__c.sql": null,
          "one/V3__c.sql": table("c"),
          "two/x/V4__d.sql": table("d"),
        },
      },
      {
        command: "migrate",
        files: { "two/V01__a.sql": table("a") },
        fails: "DUPLICATE_VERSIONED_MIGRATION",
      },
    ],
    history: ["1 SQL 1", "2 SQL 2", "3 SQL 3", "4 SQL null", "5 SQL 4"],
  },
  {
    title: "SQL of many kinds",
    files: {
      "V1__kinds.sql": `
        CREATE TABLE a (id int, note text);
        CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $body$
        BEGIN
          RETURN 'a;b' || $q$c;d$q$;
        END $body$;
        COPY a (id, note) FROM stdin;
1\tone; two
2\t\\N
\\.
        INSERT INTO a SELECT 3, f();
        /* ; /* nested ; */ */ CREATE TYPE mood AS ENUM ('x;', 'y');`,
      "V2__vacuum.sql": "VACUUM a;\n",
      "V3__enum.sql": "ALTER TYPE mood ADD VALUE 'z';\n",
      "V4__use.sql": "CREATE TABLE m (m mood DEFAULT 'z'); INSERT INTO m DEFAULT VALUES;\n",
      "V5__settings.sql": "SET search_path TO pg_catalog; SET ROLE pg_monitor;\n",
      "V6__back.sql": table("here"),
    },
    stages: [
      { command: "migrate", config: { target: "2" } },
      { command: "migrate", config: { target: "4" } },
      { command: "migrate" },
    ],
    history: ["1", "2", "3", "4", "5", "6"].map((v) => `${v} SQL ${v}`),
  },
  {
    title: "callbacks",
    files: {
      "V1__a.sql": table("a"),
      "beforeMigrate.sql": "CREATE TABLE IF NOT EXISTS log (n serial, what text);\n",
      "afterEachMigrate.sql": "INSERT INTO log (what) VALUES ('each');\n",
      "afterMigrate__one.sql": "INSERT INTO log (what) VALUES ('after one');\n",
      "afterMigrate__Two.sql": "INSERT INTO log (what) VALUES ('after two');\n",
      "afterVersioned.sql": "INSERT INTO log (what) VALUES ('versioned');\n",
    },
    stages: [
      { command: "migrate" },
      { command: "migrate" },
      { command: "migrate", files: { "V2__b.sql": table("b"), "R__r.sql": "SELECT 1;\n" } },
      {
        command: "repair",
        files: { "beforeRepair.sql": "INSERT INTO log (what) VALUES ('repair');\n" },
      },
    ],
    history: ["1 SQL 1", "2 SQL 2", "3 SQL null"],
  },
];

/** The migrations of this repository, by their folders, and one of each database more. */
function realStory(name: string): Story {
  const folders = name === "platform" ? [name, "repeatable"] : [name];
  const files = Object.fromEntries(
    folders.flatMap((folder) =>
      readdirSync(join(REAL_MIGRATIONS, folder)).map((file) => [
        `${folder}/${file}`,
        readFileSync(join(REAL_MIGRATIONS, folder, file)),
      ]),
    ),
  );
  const versions = Object.keys(files).flatMap((file) => /\/V(\d+)__/.exec(file)?.[1] ?? []);
  const last = versions.length + 1;
  const more: FileChanges = { [`${name}/V99__more.sql`]: table("interop_more") };
  const repeatables = name === "platform" ? [`${last} SQL null`] : [];
  return {
    title: `the real migrations of ${name}`,
    config: { locations: folders },
    files,
    stages: [
      { command: "migrate" },
      { command: "migrate" },
      { command: "repair" },
      { command: "migrate", files: more },
    ],
    history: [
      ...versions.sort().map((version, i) => `${i + 1} SQL ${version}`),
      ...repeatables,
      `${last + repeatables.length} SQL 99`,
    ],
  };
}

const REAL = ["platform", "agents", "workflows", "langgraph"].map(realStory);

describe("Flyway and we, taking turns", () => {
  before(startFlyway);
  after(stopFlyway);

  for (const story of [...ORDER, ...HISTORY, ...FILES, ...FILE_STORIES, ...REAL]) {
    it(story.title, () => live(story));
  }
});
