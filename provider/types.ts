/** Engine options that a stack can set for a database; plain JSON, kept in state. */
export interface MigrationOptions {
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
  readonly placeholders?: Readonly<Record<string, string>>;
  readonly placeholderReplacement?: boolean;
  readonly installedBy?: string;
  readonly initSql?: string;
  /** Milliseconds. */
  readonly lockTimeout?: number;
  readonly statementTimeout?: number;
  readonly lockWait?: number;
}

/** What the program says of one database. */
export interface DesiredInputs {
  /** For messages on the resource's own row; `urn` itself is a name that Pulumi keeps for itself. */
  readonly resourceUrn: string;
  /** The database's name in the configuration. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Secret. */
  readonly password: string;
  readonly sslmode: string;
  readonly sslrootcert?: string;
  readonly createDatabase: boolean;
  /** Folders, relative to the project; empty: the database has no migrations. */
  readonly locations: readonly string[];
  readonly options: MigrationOptions;
}

/** What `check` adds, so that a preview shows it. */
export interface CheckedInputs extends DesiredInputs {
  /** Sortable script name → checksum. */
  readonly migrations?: Readonly<Record<string, number>>;
  /** What the next update would do to the schema; absent: nothing. */
  readonly pending?: string;
  /** Set by a refresh that found a difference; never desired, so the next preview shows it going away. */
  readonly drift?: string;
}

/** What the state records besides the inputs. */
export interface Recorded {
  readonly schemaVersion: string | null;
  readonly fingerprint: string;
  /** Number of migrations that the history has as applied. */
  readonly applied: number;
  /** Installed rank → version, script, checksum. */
  readonly history: Readonly<Record<string, string>>;
  /** Object → short hash of its definition, as of the last update. */
  readonly catalog: Readonly<Record<string, string>>;
  /** What the last refresh found to differ from that; empty after an update. */
  readonly driftFound: readonly string[];
}

export type Outputs = CheckedInputs & Recorded;
