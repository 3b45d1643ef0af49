/**
 * Every option, declared once. From this table follow the engine's options and their defaults, the command's flags,
 * variables and keys of configuration files, what job.json may hold, a database's keys in a stack, the JSON Schema of
 * stack files and the tables of the documentation. Names, meanings and defaults are Flyway's where Flyway has the option.
 * It is plain data: the command, which has to start at once, reads it without loading zod.
 */

import { kind } from "./row";

const FLYWAYS = ["flag", "flyway", "file"] as const;
/** Accepted so that moving over needs no edit, and not offered. */
const QUIET = ["flyway", "file"] as const;
const OURS = ["flag", "tidemark"] as const;
/** A database of a stack, whoever migrates it. */
const STACK = ["stack", "job"] as const;
/** The same for what may hold a secret. */
const SECRET_STACK = ["stack", "jobSecret"] as const;
const ALL = [...FLYWAYS, ...STACK] as const;
const OURS_ALL = [...OURS, ...STACK] as const;
const ENGINE_ONLY: readonly never[] = [];

const text = kind("text");
const version = kind("version");
const flag = kind("boolean");
const list = kind("list");
const flagOrList = kind("boolean or list");
const duration = kind("duration");
const count = kind("count");
const map = kind("map");
const scope = kind("scope");
const baseline = kind("baseline");
const NONE = undefined;

/** What a run depends on besides files and history. */
export const ENGINE_OPTIONS = {
  locations: list(
    FLYWAYS,
    ["migrations"],
    "folders of migrations, comma-separated (filesystem: may stand before each)",
  ),
  /** Absent: callbacks are looked for in the locations. */
  callbackLocations: list(FLYWAYS, NONE, "folders of callbacks, in place of those in locations"),
  target: version(
    ALL,
    "latest",
    "version to migrate to; or latest, current, next; 4? allows a version that no file has",
    { stack: { help: "highest version to apply; never below the schema version", unset: "all" } },
  ),
  outOfOrder: flag(ALL, false, "apply migrations below the schema version, too"),
  /** Empty: the connection's current schema. */
  schemas: list(ALL, [], "managed schemas; the first is the default schema", {
    atLeastOne: "schema",
    unset: "the connection's own",
  }),
  defaultSchema: text(ALL, NONE, "schema of the history table", {
    unset: "the first of schemas",
  }),
  table: text(ALL, "flyway_schema_history", "name of the history table", { max: 63 }),
  createSchemas: flag(ALL, true, "make managed schemas that do not exist"),
  baselineOnMigrate: flag(FLYWAYS, false, "baseline a schema that has objects and no history"),
  baselineVersion: version(FLYWAYS, "1", "version of the baseline"),
  baselineDescription: text(FLYWAYS, "<< Flyway Baseline >>", "description of the baseline"),
  /** Where objects without a history are looked for: Flyway sees the managed schemas; a stack, the database. */
  baselineScope: scope(ENGINE_ONLY, "schemas"),
  existingSchemas: list(
    STACK,
    [],
    "schemas that may hold objects before the first migration runs",
    { atLeastOne: "schema", unset: "none" },
  ),
  /** Refuse a target below the schema version, where Flyway silently does nothing. */
  refuseLowerTarget: flag(ENGINE_ONLY, false),
  ignoreMigrationPatterns: list(
    ALL,
    ["*:future"],
    "what validate passes over, such as `*:missing`",
  ),
  validateOnMigrate: flag(FLYWAYS, true, "validate before migrating"),
  validateMigrationNaming: flag(FLYWAYS, false, "refuse files whose names are no migration's"),
  failOnMissingLocations: flag(QUIET, false),
  /** Refuse locations without a single migration. Not Flyway's: a stack says `migrations: none` instead. */
  failOnEmptyLocations: flag(ENGINE_ONLY, false),
  group: flag(ALL, false, "apply all pending migrations in one transaction"),
  mixed: flag(ALL, false, "allow statements that need a transaction beside others that forbid one"),
  executeInTransaction: flag(FLYWAYS, true, "run migrations in a transaction"),
  skipExecutingMigrations: flag(
    FLYWAYS,
    false,
    "record migrations as applied without running them",
  ),
  encoding: text(ALL, "UTF-8", "encoding of the files"),
  /** Tell UTF-8 from UTF-16 and ISO-8859-1 by the bytes of each file. */
  detectEncoding: flag(QUIET, false),
  skipDefaultCallbacks: flag(QUIET, false),
  placeholders: map([...FLYWAYS, ...SECRET_STACK], {}, "value of a placeholder; repeatable", {
    secret: true,
    unset: "",
    stack: { help: "values by name, for `${name}` in the files" },
  }),
  placeholderReplacement: flag(ALL, true, "replace placeholders"),
  installedBy: text(ALL, NONE, "name for the history's installed_by", {
    max: 100,
    unset: "the connection's user",
  }),
  initSql: text([...FLYWAYS, ...SECRET_STACK], NONE, "SQL to run when the connection opens", {
    secret: true,
  }),
  placeholderPrefix: text(FLYWAYS, "${", "what a placeholder begins with"),
  placeholderSuffix: text(FLYWAYS, "}", "what a placeholder ends with"),
  placeholderSeparator: text(QUIET, ":"),
  sqlMigrationPrefix: text(FLYWAYS, "V", "prefix of versioned migrations"),
  repeatableSqlMigrationPrefix: text(FLYWAYS, "R", "prefix of repeatable migrations"),
  baselineMigrationPrefix: text(QUIET, "B"),
  sqlMigrationSeparator: text(FLYWAYS, "__", "what stands between version and description"),
  sqlMigrationSuffixes: list(FLYWAYS, [".sql"], "suffixes of migrations"),
  tablespace: text(QUIET, NONE, "tablespace of the history table"),
  /** How often to try again where the database cannot be reached. */
  connectRetries: count(QUIET, 0),
  /** The longest pause between two tries; seconds, as in Flyway. */
  connectRetriesInterval: count(QUIET, 120),
  /** After it, a transactional migration is rolled back and tried again. */
  lockTimeout: duration(
    OURS_ALL,
    5000,
    "each statement's wait for a lock, such as `5s`; 0: the server's",
  ),
  statementTimeout: duration(OURS_ALL, 0, "each statement's time; 0: the server's", {
    unset: "the server's",
  }),
  lockWait: duration(OURS_ALL, 50_000, "how long to wait for another migrator"),
  allowDestructive: flagOrList(
    OURS_ALL,
    true,
    "whether pending migrations may destroy data; or the scripts that may, by name",
    { atLeastOne: "script", stack: { unset: "the stack's" } },
  ),
};

/** What the command or the stack itself makes something of. */
export const OTHER_OPTIONS = {
  url: text(
    FLYWAYS,
    NONE,
    "database URL: postgresql://…, postgres://… or jdbc:postgresql://… (also DATABASE_URL)",
    { secret: true },
  ),
  user: text(FLYWAYS, NONE, "user, where the URL has none"),
  password: text(
    FLYWAYS,
    NONE,
    "password; prefer FLYWAY_PASSWORD: arguments are visible to others",
    { secret: true },
  ),
  secretPlaceholders: list(OURS, NONE, "placeholders whose values nothing shows, comma-separated"),
  baseline: baseline(
    STACK,
    NONE,
    '`{ version: "3", description: … }`: an existing schema without history is at it',
    { unset: "none" },
  ),
  lockRetryCount: count(QUIET, NONE),
  // Without effect here, and harmless: batching, streaming and printing of results; the lock is always the session's.
  batch: flag(QUIET, NONE),
  stream: flag(QUIET, NONE),
  outputQueryResults: flag(QUIET, NONE),
  cleanDisabled: flag(QUIET, NONE),
  "postgresql.transactional.lock": flag(QUIET, NONE),
};
