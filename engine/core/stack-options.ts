import { DEFAULT_OPTIONS, type EngineOptions } from "./options";

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
  readonly allowDestructive?: EngineOptions["allowDestructive"];
  readonly installedBy?: string;
  readonly lockTimeout?: number;
  readonly statementTimeout?: number;
  readonly lockWait?: number;
}

/** What a stack can set for a database; durations in milliseconds. */
export interface StackOptions extends JobOptions {
  readonly placeholders?: Readonly<Record<string, string>>;
  readonly initSql?: string;
}

/**
 * The engine's options for a database of a stack, the same for every runner: Flyway's defaults made strict where Flyway
 * looks away. A wrong file name, a folder that is absent or empty, a file that is gone and a lower target are refused.
 */
export function stackOptions(options: StackOptions, locations: readonly string[]): EngineOptions {
  const { baseline, ...others } = options;
  return {
    ...DEFAULT_OPTIONS,
    validateMigrationNaming: true,
    failOnMissingLocations: true,
    failOnEmptyLocations: locations.length > 0,
    ignoreMigrationPatterns: [],
    refuseLowerTarget: true,
    ...others,
    ...(baseline && {
      baselineOnMigrate: true,
      baselineScope: "database",
      baselineVersion: baseline.version,
      baselineDescription: baseline.description,
    }),
    locations,
  };
}
