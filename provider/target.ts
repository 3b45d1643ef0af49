import {
  type Connection,
  DEFAULT_OPTIONS,
  type EngineOptions,
  type EventSink,
  Migrator,
  readSslMode,
} from "../engine/index";
import type { DesiredInputs } from "./types";

/** The connection that the inputs describe. */
export function connectionOf(inputs: DesiredInputs): Connection {
  const { host, port, database, user, password, sslmode, sslrootcert } = inputs;
  return { host, port, database, user, password, sslmode: readSslMode(sslmode), sslrootcert };
}

/**
 * The engine's options for a database of a stack: Flyway's defaults made strict where Flyway looks away. A wrong file
 * name, a folder that is absent or empty, a file that is gone and a lower target are refused.
 */
export function optionsOf({ options, locations }: DesiredInputs): EngineOptions {
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

interface MigratorHooks {
  readonly emit?: EventSink;
  readonly beforeMigration?: () => void;
}

export function migratorOf(inputs: DesiredInputs, hooks: MigratorHooks = {}): Migrator {
  return new Migrator({
    connection: connectionOf(inputs),
    options: optionsOf(inputs),
    applicationName: "tidemark (pulumi)",
    ...hooks,
  });
}
