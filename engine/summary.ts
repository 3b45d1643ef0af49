import { schemaVersion } from "./core/info";
import type { Observation } from "./migrator-types";
import { fingerprint } from "./postgres/fingerprint";

/** A live database in three words. */
export interface Summary {
  readonly schemaVersion: string | null;
  /** Migrations that the history has as applied, a baseline among them. */
  readonly applied: number;
  readonly fingerprint: string;
}

export function summarize({ snapshot, catalog }: Observation): Summary {
  const { applied } = snapshot;
  return {
    schemaVersion: schemaVersion(applied)?.text ?? null,
    applied: applied.filter((row) => row.success && !MARKS.has(row.type)).length,
    fingerprint: fingerprint(catalog),
  };
}

/** Rows that stand for something else than a migration that was applied. */
const MARKS: ReadonlySet<string> = new Set(["SCHEMA", "DELETE"]);
