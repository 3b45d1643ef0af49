/** Flyway's error codes: a program that matched on them goes on working. */
export type ErrorCode =
  | "ERROR"
  | "CONFIGURATION"
  | "DB_CONNECTION"
  | "VALIDATE_ERROR"
  | "SCHEMA_DOES_NOT_EXIST"
  | "NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE"
  | "DUPLICATE_VERSIONED_MIGRATION"
  | "DUPLICATE_REPEATABLE_MIGRATION"
  | "DUPLICATE_DELETED_MIGRATION"
  | "FAILED_VERSIONED_MIGRATION"
  | "FAILED_REPEATABLE_MIGRATION"
  | "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED"
  | "APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED"
  | "RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED"
  | "RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED"
  | "OUTDATED_REPEATABLE_MIGRATION"
  | "TYPE_MISMATCH"
  | "CHECKSUM_MISMATCH"
  | "DESCRIPTION_MISMATCH"
  | "FAULT";

/**
 * Who can mend it, and so the exit code of the contract:
 * `usage` 64 the caller, `migrations` 65 whoever wrote them, `temporary` 75 time, `bug` 70 we.
 */
export type ErrorClass = "usage" | "migrations" | "temporary" | "bug";

/** Where in a migration, and what PostgreSQL said; all optional, never secret. */
export interface ErrorPlace {
  readonly migration?: string;
  /** 1-based. */
  readonly line?: number;
  /** 1-based, in characters. */
  readonly column?: number;
  readonly sqlState?: string;
  /** The source line with a caret under the place. */
  readonly excerpt?: string;
}

export interface ErrorFields extends ErrorPlace {
  readonly code: ErrorCode;
  readonly class: ErrorClass;
  readonly message: string;
  /** What the user can do next. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/** One thing that validation found: fact and remedy, to be shown with all the others. */
export interface Problem {
  readonly code: ErrorCode;
  readonly version: string | null;
  readonly description: string;
  readonly message: string;
  readonly remedy: string;
  /** The source line with a caret under the place, where the problem is at one. */
  readonly excerpt?: string;
}

/** Every failure that the engine means to report. Anything else that is thrown is a bug of ours. */
export class TidemarkError extends Error {
  override readonly name: string = "TidemarkError";
  readonly code: ErrorCode;
  readonly class: ErrorClass;
  readonly remedy: string;
  readonly place: ErrorPlace;
  readonly problems: readonly Problem[];

  constructor(fields: ErrorFields, problems: readonly Problem[] = []) {
    super(fields.message, { cause: fields.cause });
    const { code, class: errorClass, remedy, migration, line, column, sqlState, excerpt } = fields;
    this.code = code;
    this.class = errorClass;
    this.remedy = remedy;
    this.place = { migration, line, column, sqlState, excerpt };
    this.problems = problems;
  }
}

/** Anything that is no TidemarkError is a bug of ours, and says so. */
export function asFailure(error: unknown): TidemarkError {
  if (error instanceof TidemarkError) return error;
  return new TidemarkError({
    code: "FAULT",
    class: "bug",
    message: `A bug of Tidemark: ${error instanceof Error ? error.message : String(error)}`,
    remedy: "Please report it, with the command and this message.",
    cause: error,
  });
}
