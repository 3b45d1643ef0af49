import { failedRow, schemaVersion } from "./info";
import type { DatabaseSnapshot } from "./snapshot";

/** A live database in four words. */
export interface Summary {
  /** That of the newest successful row. */
  readonly schemaVersion: string | null;
  /** The script of a row that has failed and stands in the history; null: none does. */
  readonly failed: string | null;
  /** Migrations that the history has as applied, a baseline among them. */
  readonly applied: number;
  readonly fingerprint: string;
}

export function summarize({ applied }: DatabaseSnapshot, fingerprint: string): Summary {
  return {
    schemaVersion: schemaVersion(applied)?.text ?? null,
    failed: failedRow(applied)?.script ?? null,
    applied: applied.filter((row) => row.success && !MARKS.has(row.type)).length,
    fingerprint,
  };
}

/** Rows that stand for something else than a migration that was applied. */
const MARKS: ReadonlySet<string> = new Set(["SCHEMA", "DELETE"]);
