/** How files are named, found and read. */
import type { Story } from "./stages";
import { table } from "./table";

const MARK = "\uFEFF";
const note = (text: string, id: number) => `INSERT INTO a VALUES (${id}, '${text}');\n`;

const NAMES: readonly Story[] = [
  {
    title: "versioned migrations without a prefix",
    config: { sqlMigrationPrefix: "" },
    files: {
      "1__a.sql": table("a"),
      "1.2__b.sql": table("b"),
      "2024_01_01__c.sql": table("c"),
      "3.sql": table("d"),
      "readme.sql": "nonsense;",
      "V7__v.sql": "nonsense;",
      "U1__u.sql": "nonsense;",
      "beforeMigrate.sql": "CREATE TABLE IF NOT EXISTS log (n int);\n",
      "R__r.sql": "SELECT 1;\n",
    },
    stages: [
      { command: "migrate", config: { target: "1.2" } },
      { command: "migrate" },
      { command: "repair", files: { "1__a.sql": `${table("a")}-- more\n` } },
      { command: "migrate", files: { "2024.2__e.sql": table("e"), "R__r.sql": "SELECT 2;\n" } },
      { command: "migrate", config: { validateMigrationNaming: true }, fails: "ERROR" },
    ],
    history: [
      ...["1 SQL 1", "2 SQL 1.2", "3 SQL null", "4 SQL 3", "5 SQL 2024.01.01", "6 SQL 2024.2"],
      "7 SQL null",
    ],
  },
  {
    title: "versioned migrations without a prefix, and a baseline migration",
    config: { sqlMigrationPrefix: "" },
    files: { "1__a.sql": table("a"), "2__b.sql": table("b"), "B2__s.sql": table("a") + table("b") },
    stages: [{ command: "migrate" }, { command: "migrate", files: { "3__c.sql": table("c") } }],
    history: ["1 SQL_BASELINE 2", "2 SQL 3"],
  },
  {
    title: "repeatable migrations without a prefix",
    config: { repeatableSqlMigrationPrefix: "" },
    files: { "V1__a.sql": table("a"), "__r.sql": "SELECT 1;\n", "R__x.sql": "nonsense;" },
    stages: [{ command: "migrate" }, { command: "migrate", files: { "__r.sql": "SELECT 2;\n" } }],
    history: ["1 SQL 1", "2 SQL null", "3 SQL null"],
  },
  {
    title: "neither kind with a prefix",
    config: { sqlMigrationPrefix: "", repeatableSqlMigrationPrefix: "" },
    files: { "__r.sql": "SELECT 1;\n", "readme.sql": "nonsense;" },
    stages: [
      { command: "migrate" },
      {
        command: "migrate",
        files: { "2__b.sql": table("b"), "1__a.sql": table("a") },
        fails: "DUPLICATE_VERSIONED_MIGRATION",
      },
    ],
    history: [],
  },
  {
    title: "several duplicates, of which the versioned one is reported, and callbacks before all",
    files: {
      ...{ "x/V2__a.sql": table("a"), "y/V2__b.sql": table("b") },
      ...{ "x/B1__a.sql": table("a"), "y/B1__b.sql": table("b") },
      ...{ "x/R__r.sql": "SELECT 1;\n", "y/R__r.sql": "SELECT 2;\n" },
      ...{ "x/afterInfo.sql": "SELECT 1;\n", "y/afterInfo.sql": "SELECT 2;\n" },
    },
    stages: [
      { command: "migrate", fails: "ERROR" },
      {
        command: "migrate",
        files: { "y/afterInfo.sql": null },
        fails: "DUPLICATE_VERSIONED_MIGRATION",
      },
      {
        command: "migrate",
        files: { "y/V2__b.sql": null, "y/B1__b.sql": null },
        fails: "DUPLICATE_REPEATABLE_MIGRATION",
      },
    ],
    history: [],
  },
  {
    title: "locations that end in a pattern of files, and of folders",
    config: { locations: ["a*/V*.sql", "**/r?ws"] },
    files: {
      ...{ "a1/V1__a.sql": table("a"), "a2/V2__b.sql": table("b"), "a2/R__no.sql": "nonsense;" },
      ...{ "a/V3__no.sql": "nonsense;", "a2/deep/V4__no.sql": "nonsense;" },
      ...{ "x/rows/rows/R__r.sql": "SELECT 1;\n", "rows/V5__e.sql": table("e") },
    },
    stages: [
      { command: "migrate" },
      { command: "migrate", config: { locations: ["a2/**", "V*.sql"] }, fails: "VALIDATE_ERROR" },
    ],
    history: ["1 SQL 1", "2 SQL 2", "3 SQL 5", "4 SQL null"],
  },
];

const TEXTS: readonly Story[] = [
  {
    title: "byte order marks inside files, which are dropped and count for the checksum",
    config: { "placeholders.x": `v${MARK}` },
    files: {
      "V1__a.sql": `${MARK}${table("a")}${MARK}INSERT INTO a VALUES (1, 'x${MARK}y'), (2, '$${MARK}{x}');\n`,
      "V2__b.sql": `COPY a FROM STDIN;\n3\tq${MARK}r\n\\.\n${MARK}`,
      "R__r.sql": `${MARK}SELECT 1;\n${MARK}COMMENT ON TABLE a IS '${MARK}\${x}';\n`,
    },
    stages: [{ command: "migrate" }, { command: "migrate" }, { command: "repair" }],
    history: ["1 SQL 1", "2 SQL 2", "3 SQL null"],
  },
  {
    title: "dollars and backslashes before placeholders, and values that look like placeholders",
    config: { "placeholders.x": "val", "placeholders.y": "${x}$" },
    files: {
      "V1__a.sql": `${table("a")}${["$${x}", "\\${x}", "$$${x}", "${y}", "$${nope}", "${y}${x}"].map(note).join("")}`,
      "V2__b.sql": "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$${q}SELECT 'x'::text$$;\n",
    },
    stages: [
      { command: "migrate", fails: "ERROR" },
      { command: "migrate", config: { "placeholders.q": "" } },
    ],
    history: ["1 SQL 1", "2 SQL 2"],
  },
];

const TARGETS = ["0", "9"].map((target): Story => ({
  title: `the target ${target}, which no migration has, makes the schemas all the same`,
  config: { schemas: "app,audit" },
  table: "app.flyway_schema_history",
  files: { "V1__a.sql": table("a"), "R__r.sql": "SELECT 1;\n" },
  stages: [
    { command: "migrate", config: { target }, fails: "ERROR" },
    { command: "baseline", fails: "ERROR" },
    { command: "migrate", config: { target, schemas: "app,audit,more" }, fails: "ERROR" },
    { command: "migrate", config: { target: "current", schemas: "app,audit,more" } },
    { command: "migrate" },
  ],
  history: ["0 SCHEMA null", "1 SCHEMA null", "2 SQL null", "3 SQL 1"],
}));

export const FILE_STORIES: readonly Story[] = [...NAMES, ...TEXTS, ...TARGETS];
