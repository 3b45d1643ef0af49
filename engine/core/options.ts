/** How far to go: a version, or one of Flyway's words; `?` behind a version allows one that no file has. */
export type Target = string;

/**
 * What a run depends on besides files and history. Names, meanings and defaults are Flyway's
 * (its documentation of configuration parameters); durations are milliseconds.
 */
export interface EngineOptions {
  readonly locations: readonly string[];
  /** Where SQL callbacks are looked for; absent: in the locations. */
  readonly callbackLocations?: readonly string[];
  readonly skipDefaultCallbacks: boolean;
  /** Empty: the connection's current schema. The first is the default schema unless one is named. */
  readonly schemas: readonly string[];
  readonly defaultSchema?: string;
  readonly table: string;
  /** Tablespace of the history table. */
  readonly tablespace?: string;
  readonly createSchemas: boolean;
  readonly baselineVersion: string;
  readonly baselineDescription: string;
  readonly baselineOnMigrate: boolean;
  /**
   * Where baselineOnMigrate looks for objects: Flyway sees the managed schemas only; a stack's baseline counts objects
   * of any schema of the database.
   */
  readonly baselineScope: "schemas" | "database";
  /** Refuse a target below the schema version, where Flyway silently does nothing. */
  readonly refuseLowerTarget: boolean;
  /**
   * Whether what runs may hold statements that destroy data: all, none, or the scripts of these names (`initSql` for
   * that option's text). Ours, Flyway has no such option.
   */
  readonly allowDestructive: boolean | readonly string[];
  readonly target: Target;
  readonly outOfOrder: boolean;
  readonly ignoreMigrationPatterns: readonly string[];
  readonly validateOnMigrate: boolean;
  readonly validateMigrationNaming: boolean;
  readonly failOnMissingLocations: boolean;
  /** Refuse locations without a single migration. Not Flyway's: a stack says `migrations: none` instead. */
  readonly failOnEmptyLocations: boolean;
  readonly group: boolean;
  readonly mixed: boolean;
  readonly executeInTransaction: boolean;
  readonly skipExecutingMigrations: boolean;
  readonly encoding: string;
  /** Tell UTF-8 from UTF-16 and ISO-8859-1 by the bytes of each file. */
  readonly detectEncoding: boolean;
  readonly placeholderReplacement: boolean;
  readonly placeholderPrefix: string;
  readonly placeholderSuffix: string;
  readonly placeholderSeparator: string;
  readonly placeholders: Readonly<Record<string, string>>;
  readonly sqlMigrationPrefix: string;
  readonly repeatableSqlMigrationPrefix: string;
  readonly baselineMigrationPrefix: string;
  readonly sqlMigrationSeparator: string;
  readonly sqlMigrationSuffixes: readonly string[];
  readonly installedBy?: string;
  readonly initSql?: string;
  /** How often to try again where the database cannot be reached. */
  readonly connectRetries: number;
  /** The longest pause between two tries; seconds, as in Flyway. */
  readonly connectRetriesInterval: number;
  /** Each statement's wait for a lock, after which a transactional migration is tried again; 0: the server's own setting. */
  readonly lockTimeout: number;
  /** Each statement's time; 0: the server's own setting. */
  readonly statementTimeout: number;
  /** How long to wait for another migrator. */
  readonly lockWait: number;
}

export const DEFAULT_OPTIONS: EngineOptions = {
  locations: ["migrations"],
  schemas: [],
  table: "flyway_schema_history",
  skipDefaultCallbacks: false,
  detectEncoding: false,
  createSchemas: true,
  baselineVersion: "1",
  baselineDescription: "<< Flyway Baseline >>",
  baselineOnMigrate: false,
  baselineScope: "schemas",
  refuseLowerTarget: false,
  allowDestructive: true,
  target: "latest",
  outOfOrder: false,
  ignoreMigrationPatterns: ["*:future"],
  validateOnMigrate: true,
  validateMigrationNaming: false,
  failOnMissingLocations: false,
  failOnEmptyLocations: false,
  group: false,
  mixed: false,
  executeInTransaction: true,
  skipExecutingMigrations: false,
  encoding: "UTF-8",
  placeholderReplacement: true,
  placeholderPrefix: "${",
  placeholderSuffix: "}",
  placeholderSeparator: ":",
  placeholders: {},
  sqlMigrationPrefix: "V",
  repeatableSqlMigrationPrefix: "R",
  baselineMigrationPrefix: "B",
  sqlMigrationSeparator: "__",
  sqlMigrationSuffixes: [".sql"],
  connectRetries: 0,
  connectRetriesInterval: 120,
  lockTimeout: 5000,
  statementTimeout: 0,
  lockWait: 50_000,
};
