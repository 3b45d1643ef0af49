import type { Story } from "./stages";
import { table } from "./table";

export const ORDER: readonly Story[] = [
  {
    title: "versioned migrations, more of them each time",
    files: { "V1__a.sql": table("a"), "V2__b.sql": table("b") },
    stages: [
      { command: "migrate" },
      { command: "migrate" },
      { command: "migrate", files: { "V3__c.sql": table("c") } },
      { command: "migrate", files: { "V3.1__d.sql": table("d"), "V10__e.sql": table("e") } },
    ],
    history: ["1 SQL 1", "2 SQL 2", "3 SQL 3", "4 SQL 3.1", "5 SQL 10"],
  },
  {
    title: "no migrations yet, then the first ones",
    stages: [{ command: "migrate" }, { command: "migrate", files: { "V1__a.sql": table("a") } }],
    history: ["1 SQL 1"],
  },
  {
    title: "repeatables that change, and change back",
    files: {
      "V1__a.sql": table("a"),
      "R__first.sql": "CREATE OR REPLACE VIEW first AS SELECT id FROM a;\n",
      "R__Second.sql": "CREATE OR REPLACE VIEW second AS SELECT note FROM a;\n",
    },
    stages: [
      { command: "migrate" },
      {
        command: "migrate",
        files: {
          "R__first.sql": "CREATE OR REPLACE VIEW first AS SELECT id FROM a WHERE id > 0;\n",
        },
      },
      {
        command: "migrate",
        files: { "R__first.sql": "CREATE OR REPLACE VIEW first AS SELECT id FROM a;\n" },
      },
      {
        command: "migrate",
        files: { "R__Second.sql": null, "V2__b.sql": table("b") },
        fails: "VALIDATE_ERROR",
      },
      { command: "repair" },
      { command: "migrate" },
      {
        command: "migrate",
        files: { "R__Second.sql": "CREATE OR REPLACE VIEW second AS SELECT note FROM a;\n" },
      },
    ],
    history: [
      "1 SQL 1",
      "2 SQL null",
      "3 SQL null",
      "4 SQL null",
      "5 SQL null",
      "6 DELETE null",
      "7 SQL 2",
      "8 SQL null",
    ],
  },
  {
    title: "placeholders in repeatables",
    config: { "placeholders.who": "Ann" },
    files: {
      "V1__a.sql": "CREATE TABLE a (note text DEFAULT '${who}');\n",
      "R__who.sql": "CREATE OR REPLACE VIEW who AS SELECT '${who}, ${flyway:table}' AS who;\n",
    },
    stages: [
      { command: "migrate" },
      { command: "migrate", config: { "placeholders.who": "Bob" } },
      { command: "migrate", config: { "placeholders.who": "Bob" } },
      { command: "migrate", config: { "placeholders.WHO": "Cid" } },
    ],
    history: ["1 SQL 1", "2 SQL null", "3 SQL null", "4 SQL null"],
  },
  {
    title: "a repeatable applied without replacement, whose checksum repair rewrites",
    config: { "placeholders.who": "Ann" },
    files: { "V1__a.sql": table("a"), "R__who.sql": "COMMENT ON TABLE a IS '${who}';\n" },
    stages: [
      { command: "migrate", config: { placeholderReplacement: false } },
      { command: "migrate", fails: "VALIDATE_ERROR" },
      { command: "migrate", config: { validateOnMigrate: false } },
      { command: "repair" },
      { command: "migrate" },
      { command: "migrate", config: { placeholderReplacement: false } },
    ],
    history: ["1 SQL 1", "2 SQL null", "3 SQL null"],
  },
  {
    title: "late migrations, refused, ignored and applied out of order",
    files: { "V1__a.sql": table("a"), "V3__c.sql": table("c") },
    stages: [
      { command: "migrate" },
      { command: "migrate", files: { "V2__b.sql": table("b") }, fails: "VALIDATE_ERROR" },
      { command: "migrate", config: { ignoreMigrationPatterns: "*:ignored" } },
      { command: "migrate", config: { outOfOrder: true } },
      { command: "migrate", files: { "V4__d.sql": table("d") } },
      { command: "migrate", files: { "V3_1__e.sql": table("e") }, config: { outOfOrder: true } },
    ],
    history: ["1 SQL 1", "2 SQL 3", "3 SQL 2", "4 SQL 4", "5 SQL 3.1"],
  },
  {
    title: "targets",
    files: {
      "V1__a.sql": table("a"),
      "V2__b.sql": table("b"),
      "V3__c.sql": table("c"),
      "V4__d.sql": table("d"),
      "R__r.sql": "COMMENT ON TABLE a IS 'r';\n",
    },
    stages: [
      { command: "migrate", config: { target: "2" } },
      { command: "migrate", config: { target: "next" } },
      { command: "migrate", config: { target: "9" }, fails: "ERROR" },
      { command: "migrate", config: { target: "3.5?" } },
      { command: "migrate", config: { target: "current" }, files: { "R__r.sql": "SELECT 1;\n" } },
      { command: "migrate", config: { target: "1" } },
      { command: "migrate", config: { target: "latest" } },
    ],
    history: ["1 SQL 1", "2 SQL 2", "3 SQL null", "4 SQL 3", "5 SQL null", "6 SQL 4"],
  },
  {
    title: "a group, and one that fails as a whole",
    config: { group: true },
    files: { "V1__a.sql": table("a"), "V2__b.sql": table("b") },
    stages: [
      { command: "migrate" },
      {
        command: "migrate",
        files: { "V3__c.sql": table("c"), "V4__d.sql": "SELECT 1 / 0;\n" },
        fails: "ERROR",
      },
      { command: "migrate", files: { "V4__d.sql": table("d") } },
      {
        command: "migrate",
        config: { skipExecutingMigrations: true },
        files: { "V5__e.sql": "NONSENSE;\n" },
      },
    ],
    history: ["1 SQL 1", "2 SQL 2", "3 SQL 3", "4 SQL 4", "5 SQL 5"],
  },
];
