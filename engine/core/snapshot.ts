import type { AppliedMigration } from "./migration";

/** What planning needs to know of a live database; read in one go, never written. */
export interface DatabaseSnapshot {
  readonly database: string;
  readonly user: string;
  /** As `server_version_num`: 150018 is 15.18. */
  readonly serverVersion: number;
  /** The schema that holds the history; always one of `schemas`. */
  readonly defaultSchema: string;
  readonly table: string;
  /** All schemas that are managed, the default schema first where it was not listed. */
  readonly schemas: readonly string[];
  readonly missingSchemas: readonly string[];
  /**
   * Schemas with at least one object other than the history table. Of the managed ones only (and then by Flyway's notion
   * of empty), unless the option baselineScope says otherwise.
   */
  readonly nonEmptySchemas: readonly string[];
  /** Those of them that are not managed and hold a history of their own: another stack, or Flyway, looks after them. */
  readonly otherHistories: readonly string[];
  readonly historyExists: boolean;
  /** By installed rank; empty where there is no history. */
  readonly applied: readonly AppliedMigration[];
}
