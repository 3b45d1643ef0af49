import { DEFAULT_OPTIONS, type EngineOptions } from "./core/options";
import type { JobOptions } from "./job/spec";

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
