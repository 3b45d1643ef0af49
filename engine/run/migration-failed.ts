import { TidemarkError } from "../core/errors";
import type { ResolvedMigration } from "../core/migration";

/** What a run did. */
export interface ExecutedMigration {
  readonly migration: ResolvedMigration;
  readonly executionTimeMs: number;
}

/** A run that failed half way: what did succeed is in the database and in the history. */
export class MigrationFailedError extends TidemarkError {
  override readonly name = "MigrationFailedError";
  readonly applied: readonly ExecutedMigration[];

  constructor(failure: TidemarkError, applied: readonly ExecutedMigration[]) {
    super(
      {
        code: failure.code,
        class: failure.class,
        message: failure.message,
        remedy: failure.remedy,
        ...failure.place,
        cause: failure.cause,
      },
      failure.problems,
    );
    this.applied = applied;
  }
}
