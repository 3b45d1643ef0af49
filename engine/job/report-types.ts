/** `notReached`: the Job ended before its turn came. `running`: the pod was killed in the middle. */
export type DatabaseState = "done" | "failed" | "running" | "notReached";

export type ReportErrorClass = "usage" | "migrations" | "temporary" | "bug";

/** A failure as far as a report can hold it; texts may be shortened. Never secret. */
export interface ReportError {
  readonly class: ReportErrorClass;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly script?: string;
  readonly line?: number;
  readonly column?: number;
  readonly sqlState?: string;
}

export interface DatabaseReport {
  readonly state: DatabaseState;
  /** As far as is known: null where the database has none, or could not be asked. */
  readonly schemaVersion: string | null;
  /** The script of a failed row in the history; null: there is none. Absent in reports of earlier versions. */
  readonly failed?: string | null;
  /** Migrations that the history has as applied. */
  readonly applied: number;
  /** Migrations that this run has executed. */
  readonly executed: number;
  /** null where the database could not be asked, or the report has no room. */
  readonly fingerprint: string | null;
  readonly error?: ReportError;
}

/** What one run of a migration Job reports of each database, in the termination message of its container. */
export interface JobReport {
  readonly databases: Readonly<Record<string, DatabaseReport>>;
  /** The Job as a whole could not run: its job.json cannot be read. */
  readonly error?: ReportError;
  /** How many databases the report has no room for; those that failed are never among them while others are there. */
  readonly omitted?: number;
}
