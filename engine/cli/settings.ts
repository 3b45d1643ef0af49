import type { EngineOptions } from "../core/options";

/** How the text of a setting is read. */
export type SettingKind = "text" | "boolean" | "list" | "duration" | "count";

/** One setting that the command knows, by Flyway's name where Flyway has it. */
export interface Setting {
  /** Flyway's key in camel case: the flag (`--baseline-version`) and the variable (`FLYWAY_BASELINE_VERSION`) follow from it. */
  readonly key: string;
  readonly kind: SettingKind;
  readonly help: string;
  /** The engine's option; absent where the command itself uses the setting. */
  readonly option?: keyof EngineOptions;
  /** Not Flyway's: the variable begins with TIDEMARK_. */
  readonly own?: true;
  /** Shown as no flag: a variable or file key that is accepted so that moving over needs no edit. */
  readonly hidden?: true;
}

const same = (key: keyof EngineOptions, kind: SettingKind, help: string): Setting => ({
  key,
  kind,
  help,
  option: key,
});

export const SETTINGS: readonly Setting[] = [
  {
    key: "url",
    kind: "text",
    help: "database URL: postgresql://…, postgres://… or jdbc:postgresql://… (also DATABASE_URL)",
  },
  { key: "user", kind: "text", help: "user, where the URL has none" },
  {
    key: "password",
    kind: "text",
    help: "password; prefer FLYWAY_PASSWORD: arguments are visible to others",
  },
  same(
    "locations",
    "list",
    "folders of migrations, comma-separated (filesystem: may stand before each)",
  ),
  same("callbackLocations", "list", "folders of callbacks, in place of those in locations"),
  same("schemas", "list", "managed schemas; the first is the default schema"),
  same("defaultSchema", "text", "schema of the history table"),
  same("table", "text", "name of the history table"),
  same("createSchemas", "boolean", "make managed schemas that do not exist"),
  same(
    "target",
    "text",
    "version to migrate to; or latest, current, next; 4? allows a version that no file has",
  ),
  same("outOfOrder", "boolean", "apply migrations below the schema version, too"),
  same("baselineOnMigrate", "boolean", "baseline a schema that has objects and no history"),
  same("baselineVersion", "text", "version of the baseline"),
  same("baselineDescription", "text", "description of the baseline"),
  same("ignoreMigrationPatterns", "list", "what validate passes over, such as *:missing"),
  same("validateOnMigrate", "boolean", "validate before migrating"),
  same("validateMigrationNaming", "boolean", "refuse files whose names are no migration's"),
  same("group", "boolean", "apply all pending migrations in one transaction"),
  same(
    "mixed",
    "boolean",
    "allow statements that need a transaction beside others that forbid one",
  ),
  same("executeInTransaction", "boolean", "run migrations in a transaction"),
  same("skipExecutingMigrations", "boolean", "record migrations as applied without running them"),
  same("encoding", "text", "encoding of the files"),
  same("installedBy", "text", "name for the history's installed_by"),
  same("initSql", "text", "SQL to run when the connection opens"),
  same("placeholderReplacement", "boolean", "replace placeholders"),
  same("placeholderPrefix", "text", "what a placeholder begins with"),
  same("placeholderSuffix", "text", "what a placeholder ends with"),
  same("sqlMigrationPrefix", "text", "prefix of versioned migrations"),
  same("repeatableSqlMigrationPrefix", "text", "prefix of repeatable migrations"),
  same("sqlMigrationSeparator", "text", "what stands between version and description"),
  same("sqlMigrationSuffixes", "list", "suffixes of migrations"),
  {
    ...same(
      "lockTimeout",
      "duration",
      "each statement's wait for a lock, such as 5s; 0: the server's",
    ),
    own: true,
  },
  { ...same("statementTimeout", "duration", "each statement's time; 0: the server's"), own: true },
  { ...same("lockWait", "duration", "how long to wait for another migrator"), own: true },
  { ...same("placeholderSeparator", "text", ""), hidden: true },
  { ...same("baselineMigrationPrefix", "text", ""), hidden: true },
  { ...same("failOnMissingLocations", "boolean", ""), hidden: true },
  { ...same("skipDefaultCallbacks", "boolean", ""), hidden: true },
  { ...same("detectEncoding", "boolean", ""), hidden: true },
  { ...same("tablespace", "text", ""), hidden: true },
  { key: "lockRetryCount", kind: "count", help: "", hidden: true },
  { ...same("connectRetries", "count", ""), hidden: true },
  { ...same("connectRetriesInterval", "count", ""), hidden: true },
  // Without effect here, and harmless: batching, streaming and printing of results; the lock is always the session's.
  { key: "batch", kind: "boolean", help: "", hidden: true },
  { key: "stream", kind: "boolean", help: "", hidden: true },
  { key: "outputQueryResults", kind: "boolean", help: "", hidden: true },
  { key: "cleanDisabled", kind: "boolean", help: "", hidden: true },
  { key: "postgresql.transactional.lock", kind: "boolean", help: "", hidden: true },
];

const BY_KEY: ReadonlyMap<string, Setting> = new Map(
  SETTINGS.map((setting) => [setting.key, setting]),
);

export function findSetting(key: string): Setting | undefined {
  return BY_KEY.get(key);
}

/** `baselineVersion` → `--baseline-version`. */
export function flagOf({ key }: Setting): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `baselineVersion` → `FLYWAY_BASELINE_VERSION`. */
export function variableOf({ key, own }: Setting): string {
  const snake = key.replace(/[A-Z]/g, (letter) => `_${letter}`).replaceAll(".", "_");
  return `${own ? "TIDEMARK" : "FLYWAY"}_${snake.toUpperCase()}`;
}
