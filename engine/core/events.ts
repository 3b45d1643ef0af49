import type { ResolvedMigration } from "./migration";

/** What happens during a run, for whoever shows it: terminal, JSON, or a resource's row in Pulumi. */
export type MigrationEvent =
  | { readonly kind: "waitingForLock"; readonly holder: string; readonly waitedMs: number }
  /** A statement waits for a lock: who is in the way, as soon as it is seen, and again when that changes. */
  | {
      readonly kind: "blocked";
      readonly script: string;
      readonly blockers: string;
      readonly waitedMs: number;
    }
  /** A statement did not get its lock in time, and the migration will be tried again. */
  | {
      readonly kind: "waitingForTable";
      readonly script: string;
      readonly blockers: string;
      readonly attempt: number;
      readonly of: number;
    }
  | { readonly kind: "schemasCreated"; readonly schemas: readonly string[] }
  | { readonly kind: "historyCreated"; readonly table: string }
  | { readonly kind: "historyAdopted"; readonly table: string }
  | { readonly kind: "baselined"; readonly version: string; readonly description: string }
  | {
      readonly kind: "applying";
      readonly migration: ResolvedMigration;
      readonly index: number;
      readonly of: number;
    }
  | {
      readonly kind: "applied";
      readonly migration: ResolvedMigration;
      readonly executionTimeMs: number;
    }
  | {
      readonly kind: "notice";
      readonly severity: string;
      readonly message: string;
      readonly migration?: string;
    }
  | { readonly kind: "warning"; readonly message: string };

export type EventSink = (event: MigrationEvent) => void;
