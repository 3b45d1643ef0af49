/**
 * Every option, declared once. From this table follow the engine's options and their defaults, the command's flags,
 * variables and keys of configuration files, what job.json may hold, a database's keys in a stack, the JSON Schema of
 * stack files and the tables of the documentation. Names, meanings and defaults are Flyway's where Flyway has the option.
 * It is plain data: the command, which has to start at once, reads it without loading zod.
 */

import { row } from "./row";

const FLYWAYS = ["flag", "flyway", "file"] as const;
/** Accepted so that moving over needs no edit, and not offered. */
const QUIET = ["flyway", "file"] as const;
const OURS = ["flag", "tidemark"] as const;
/** A database of a stack, whoever migrates it. */
const STACK = ["stack", "job"] as const;
/** The same for what may hold a secret. */
const SECRET_STACK = ["stack", "jobSecret"] as const;
const EVERYWHERE = [...FLYWAYS, ...STACK] as const;
const OURS_EVERYWHERE = [...OURS, ...STACK] as const;
const ENGINE_ONLY: readonly never[] = [];

const NONE = undefined;
const OWN_SCHEMA = "the connection's own";
const THE_SERVERS = "the server's";

/** What a run depends on besides files and history. */
export const ENGINE_OPTIONS = {
  locations: row(
    "list",
    FLYWAYS,
    ["migrations"],
    "folders of migrations, comma-separated (filesystem: may stand before each)",
  ),
  /** Absent: callbacks are looked for in the locations. */
  callbackLocations: row(
    "list",
    FLYWAYS,
    NONE,
    "folders of callbacks, in place of those in locations",
  ),
  target: row(
    "version",
    EVERYWHERE,
    "latest",
    "version to migrate to; or latest, current, next; 4? allows a version that no file has",
    { stack: { help: "highest version to apply; never below the schema version", unset: "all" } },
  ),
  outOfOrder: row("boolean", EVERYWHERE, false, "apply migrations below the schema version, too"),
  /** Empty: the connection's current schema. */
  schemas: row("list", EVERYWHERE, [], "managed schemas; the first is the default schema", {
    atLeastOne: "schema",
    unset: OWN_SCHEMA,
  }),
  defaultSchema: row("text", EVERYWHERE, NONE, "schema of the history table", {
    unset: "the first of schemas",
  }),
  table: row("text", EVERYWHERE, "flyway_schema_history", "name of the history table", { max: 63 }),
  createSchemas: row("boolean", EVERYWHERE, true, "make managed schemas that do not exist"),
  baselineOnMigrate: row(
    "boolean",
    FLYWAYS,
    false,
    "baseline a schema that has objects and no history",
  ),
  baselineVersion: row("version", FLYWAYS, "1", "version of the baseline"),
  baselineDescription: row("text", FLYWAYS, "<< Flyway Baseline >>", "description of the baseline"),
  /** Where baselineOnMigrate looks for objects: Flyway sees the managed schemas; a stack's baseline, the database. */
  baselineScope: row("scope", ENGINE_ONLY, "schemas", ""),
  /** Refuse a target below the schema version, where Flyway silently does nothing. */
  refuseLowerTarget: row("boolean", ENGINE_ONLY, false, ""),
  ignoreMigrationPatterns: row(
    "list",
    EVERYWHERE,
    ["*:future"],
    "what validate passes over, such as `*:missing`",
  ),
  validateOnMigrate: row("boolean", FLYWAYS, true, "validate before migrating"),
  validateMigrationNaming: row(
    "boolean",
    FLYWAYS,
    false,
    "refuse files whose names are no migration's",
  ),
  failOnMissingLocations: row("boolean", QUIET, false, ""),
  /** Refuse locations without a single migration. Not Flyway's: a stack says `migrations: none` instead. */
  failOnEmptyLocations: row("boolean", ENGINE_ONLY, false, ""),
  group: row("boolean", EVERYWHERE, false, "apply all pending migrations in one transaction"),
  mixed: row(
    "boolean",
    EVERYWHERE,
    false,
    "allow statements that need a transaction beside others that forbid one",
  ),
  executeInTransaction: row("boolean", FLYWAYS, true, "run migrations in a transaction"),
  skipExecutingMigrations: row(
    "boolean",
    FLYWAYS,
    false,
    "record migrations as applied without running them",
  ),
  encoding: row("text", EVERYWHERE, "UTF-8", "encoding of the files"),
  /** Tell UTF-8 from UTF-16 and ISO-8859-1 by the bytes of each file. */
  detectEncoding: row("boolean", QUIET, false, ""),
  skipDefaultCallbacks: row("boolean", QUIET, false, ""),
  placeholders: row(
    "map",
    [...FLYWAYS, ...SECRET_STACK],
    {},
    "value of a placeholder; repeatable",
    { secret: true, unset: "", stack: { help: "values by name, for `${name}` in the files" } },
  ),
  placeholderReplacement: row("boolean", EVERYWHERE, true, "replace placeholders"),
  installedBy: row("text", EVERYWHERE, NONE, "name for the history's installed_by", {
    max: 100,
    unset: "the connection's user",
  }),
  initSql: row(
    "text",
    [...FLYWAYS, ...SECRET_STACK],
    NONE,
    "SQL to run when the connection opens",
    { secret: true },
  ),
  placeholderPrefix: row("text", FLYWAYS, "${", "what a placeholder begins with"),
  placeholderSuffix: row("text", FLYWAYS, "}", "what a placeholder ends with"),
  placeholderSeparator: row("text", QUIET, ":", ""),
  sqlMigrationPrefix: row("text", FLYWAYS, "V", "prefix of versioned migrations"),
  repeatableSqlMigrationPrefix: row("text", FLYWAYS, "R", "prefix of repeatable migrations"),
  baselineMigrationPrefix: row("text", QUIET, "B", ""),
  sqlMigrationSeparator: row("text", FLYWAYS, "__", "what stands between version and description"),
  sqlMigrationSuffixes: row("list", FLYWAYS, [".sql"], "suffixes of migrations"),
  tablespace: row("text", QUIET, NONE, "tablespace of the history table"),
  /** How often to try again where the database cannot be reached. */
  connectRetries: row("count", QUIET, 0, ""),
  /** The longest pause between two tries; seconds, as in Flyway. */
  connectRetriesInterval: row("count", QUIET, 120, ""),
  /** After it, a transactional migration is rolled back and tried again. */
  lockTimeout: row(
    "duration",
    OURS_EVERYWHERE,
    5000,
    "each statement's wait for a lock, such as `5s`; 0: the server's",
  ),
  statementTimeout: row("duration", OURS_EVERYWHERE, 0, "each statement's time; 0: the server's", {
    unset: THE_SERVERS,
  }),
  lockWait: row("duration", OURS_EVERYWHERE, 50_000, "how long to wait for another migrator"),
  allowDestructive: row(
    "boolean or list",
    OURS_EVERYWHERE,
    true,
    "whether pending migrations may destroy data; or the scripts that may, by name",
    { atLeastOne: "script", stack: { unset: "the stack's" } },
  ),
};

/** What the command or the stack itself makes something of. */
export const OTHER_OPTIONS = {
  url: row(
    "text",
    FLYWAYS,
    NONE,
    "database URL: postgresql://…, postgres://… or jdbc:postgresql://… (also DATABASE_URL)",
    { secret: true },
  ),
  user: row("text", FLYWAYS, NONE, "user, where the URL has none"),
  password: row(
    "text",
    FLYWAYS,
    NONE,
    "password; prefer FLYWAY_PASSWORD: arguments are visible to others",
    { secret: true },
  ),
  secretPlaceholders: row(
    "list",
    OURS,
    NONE,
    "placeholders whose values nothing shows, comma-separated",
  ),
  baseline: row(
    "baseline",
    STACK,
    NONE,
    '`{ version: "3", description: … }`: an existing schema without history is at it',
    { unset: "none" },
  ),
  lockRetryCount: row("count", QUIET, NONE, ""),
  // Without effect here, and harmless: batching, streaming and printing of results; the lock is always the session's.
  batch: row("boolean", QUIET, NONE, ""),
  stream: row("boolean", QUIET, NONE, ""),
  outputQueryResults: row("boolean", QUIET, NONE, ""),
  cleanDisabled: row("boolean", QUIET, NONE, ""),
  "postgresql.transactional.lock": row("boolean", QUIET, NONE, ""),
};
