import assert from "node:assert/strict";

import { parseStackConfig } from "../../config/parse";
import type { StackConfig } from "../../config/stack-config";
import { asPulumiGivesIt } from "../support/stack-file";

const PLAIN = {
  server: { host: "db.example", user: "app" },
  secretStore: { kind: "plain" },
};
const parse = (more: Record<string, unknown>): StackConfig =>
  parseStackConfig("dev", asPulumiGivesIt({ ...PLAIN, ...more }));
const only = (entry: unknown, more: Record<string, unknown> = {}) => {
  const [database] = parse({ databases: { platform: entry }, ...more }).databases;
  assert.ok(database);
  return database;
};

describe("config: defaults", () => {
  it("a database's name, folder, port and runner follow from its key", () => {
    assert.deepEqual(only({}), {
      name: "platform",
      database: "platform",
      server: {
        host: "db.example",
        port: 5432,
        user: "app",
        password: "",
        sslmode: "prefer",
        sslrootcert: undefined,
      },
      locations: ["migrations/platform"],
      createDatabase: false,
      runner: "provider",
      reach: "direct",
      serviceSecret: { name: "platform-db-secret", key: "DATABASE_URL" },
      migrationKeys: { url: "PLATFORM_DATABASE_URL" },
      vaultSecret: "db-migrations-platform-database-url",
      options: {},
    });
  });

  it("an entry may be left empty", () => {
    assert.deepEqual(only(null), only({}));
  });

  it("a baseline without a description has Flyway's", () => {
    assert.deepEqual(only({ baseline: { version: "3.1" } }).options.baseline, {
      version: "3.1",
      description: "<< Flyway Baseline >>",
    });
  });
});

describe("config: values", () => {
  it("each key of the server may be overridden for a database", () => {
    const own = { host: "other", port: 6432, password: "p@ss: /%# é", sslmode: "verify-full" };
    assert.deepEqual(only({ server: own }).server, {
      ...own,
      user: "app",
      sslrootcert: undefined,
    });
  });

  it("migrations are a folder, several, or none", () => {
    assert.deepEqual(only({ migrations: "sql/p" }).locations, ["sql/p"]);
    assert.deepEqual(only({ migrations: ["a", "b/c"] }).locations, ["a", "b/c"]);
    assert.deepEqual(only({ migrations: "none" }).locations, []);
  });

  it("runner, reach and createDatabase hold for the stack unless a database says otherwise", () => {
    const stack = {
      runner: "job",
      reach: "none",
      createDatabase: true,
      namespace: "ameide",
      job: { image: "tidemark:1" },
      portForward: { service: "pg" },
    };
    const { runner, reach, createDatabase } = only({}, stack);
    assert.deepEqual([runner, reach, createDatabase], ["job", "none", true]);
    const own = { runner: "provider", reach: "portForward", createDatabase: false };
    const its = only(own, stack);
    assert.deepEqual([its.runner, its.reach, its.createDatabase], Object.values(own));
  });

  it("data may be destroyed by all, by none, or by scripts of these names", () => {
    const forbidden = { allowDestructive: false };
    assert.equal(only({}).options.allowDestructive, undefined);
    assert.equal(only({}, forbidden).options.allowDestructive, false);
    assert.equal(only({ allowDestructive: true }, forbidden).options.allowDestructive, undefined);
    const names = ["V7__drop_old.sql", "initSql"];
    assert.deepEqual(only({ allowDestructive: names }, forbidden).options.allowDestructive, names);
  });

  it("durations are turned into milliseconds", () => {
    const { options } = only({ lockTimeout: "500ms", statementTimeout: "5s", lockWait: "2m" });
    assert.deepEqual(options, { lockTimeout: 500, statementTimeout: 5000, lockWait: 120_000 });
  });

  it("options of the run are handed on as they are", () => {
    const given = {
      target: "4.1",
      outOfOrder: true,
      schemas: ["app", "audit"],
      defaultSchema: "audit",
      table: "history",
      ignoreMigrationPatterns: ["*:missing"],
      placeholders: { owner: "app" },
      encoding: "ISO-8859-1",
    };
    assert.deepEqual(only(given).options, given);
  });

  it("allowDestructive is the stack's, a database's own, or a list of scripts", () => {
    const strict = { allowDestructive: false };
    assert.deepEqual(only({}, strict).options, { allowDestructive: false });
    assert.deepEqual(only({ allowDestructive: true }, strict).options, {});
    const scripts = { allowDestructive: ["V7__drop.sql"] };
    assert.deepEqual(only(scripts, strict).options, scripts);
    assert.deepEqual(only(scripts).options, scripts);
  });

  it("one database may be used twice with histories of their own", () => {
    const { databases } = parse({
      databases: {
        a: { database: "shared" },
        b: { database: "shared", table: "b_history" },
        c: { database: "shared", schemas: ["c"] },
        d: { database: "shared", server: { host: "other" } },
      },
    });
    assert.equal(databases.length, 4);
  });
});
