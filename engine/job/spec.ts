/** What one migration Job runs: the file job.json of its ConfigMap. Holds no secret. */
export interface JobSpec {
  readonly formatVersion: 1;
  /** In the order in which they run. */
  readonly databases: readonly JobDatabase[];
}

/** One database of a Job. */
export interface JobDatabase {
  /** Its name in the stack's configuration. */
  readonly name: string;
  /** Names of the environment variables that hold the URL and, where the URL has no credentials, user and password. */
  readonly environment: {
    readonly url: string;
    readonly user?: string;
    readonly password?: string;
    /** JSON with the options that may hold a secret: placeholders, initSql. */
    readonly secretOptions?: string;
  };
  readonly sslmode: string;
  /** File beside job.json. */
  readonly sslrootcert?: string;
  readonly createDatabase: boolean;
  /** Folders, relative to that of the bundle (ConfigMap) or to the image's working directory; empty: none. */
  readonly locations: readonly string[];
  readonly options: JobOptions;
}

/** Settings of the run as the stack's configuration has them, durations in milliseconds, without those that may hold a secret. */
export interface JobOptions {
  readonly baseline?: { readonly version: string; readonly description: string };
  readonly target?: string;
  readonly outOfOrder?: boolean;
  readonly schemas?: readonly string[];
  readonly defaultSchema?: string;
  readonly table?: string;
  readonly createSchemas?: boolean;
  readonly ignoreMigrationPatterns?: readonly string[];
  readonly group?: boolean;
  readonly mixed?: boolean;
  readonly encoding?: string;
  readonly placeholderReplacement?: boolean;
  /** Absent: allowed. */
  readonly allowDestructive?: boolean;
  readonly installedBy?: string;
  readonly lockTimeout?: number;
  readonly statementTimeout?: number;
  readonly lockWait?: number;
}
