import { schemaVersion } from "./info";
import type { DatabaseSnapshot } from "./snapshot";

/** A live database in three words. */
export interface Summary {
  readonly schemaVersion: string | null;
  /** Migrations that the history has as applied, a baseline among them. */
  readonly applied: number;
  readonly fingerprint: string;
}

export function summarize({ applied }: DatabaseSnapshot, fingerprint: string): Summary {
  return {
    schemaVersion: schemaVersion(applied)?.text ?? null,
    applied: applied.filter((row) => row.success && !MARKS.has(row.type)).length,
    fingerprint,
  };
}

/** Rows that stand for something else than a migration that was applied. */
const MARKS: ReadonlySet<string> = new Set(["SCHEMA", "DELETE"]);
