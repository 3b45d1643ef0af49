import type { Catalog } from "../core/catalog";
import type { Connection } from "../core/connection";
import type { EventSink } from "../core/events";
import type { MigrationInfo } from "../core/info";
import type { ResolvedMigration } from "../core/migration";
import type { EngineOptions } from "../core/options";
import type { Plan } from "../core/plan";
import type { RepairAction } from "../core/repair";
import type { DatabaseSnapshot } from "../core/snapshot";
import type { Summary } from "../core/summary";
import type { ExecutedMigration } from "./migration-failed";

/** What a command works on. */
export interface MigratorSettings {
  readonly connection: Connection;
  readonly options: EngineOptions;
  readonly applicationName?: string;
  readonly emit?: EventSink;
  /** Asked before each migration; throws to stop the run there. */
  readonly beforeMigration?: () => void;
}

export interface MigrateResult {
  readonly database: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly applied: readonly ExecutedMigration[];
  readonly warnings: readonly string[];
}

export interface InfoResult {
  readonly snapshot: DatabaseSnapshot;
  readonly schemaVersion: string | null;
  readonly infos: readonly MigrationInfo[];
  readonly warnings: readonly string[];
}

export interface PlanResult {
  readonly plan: Plan;
  readonly snapshot: DatabaseSnapshot;
  readonly migrations: readonly ResolvedMigration[];
  readonly warnings: readonly string[];
  /** What the database was like when it was planned for; only where it was asked for. */
  readonly observation?: Observation;
}

export interface BaselineResult {
  readonly database: string;
  /** false: the same baseline stood there already. */
  readonly baselined: boolean;
  readonly version: string;
}

export interface RepairResult {
  readonly database: string;
  readonly schemaVersion: string | null;
  /** The script of a failed row that is there all the same. */
  readonly failed: string | null;
  readonly actions: readonly RepairAction[];
  readonly warnings: readonly string[];
}

/** What the database is like: the history and all objects but the history. */
export interface Observation {
  readonly snapshot: DatabaseSnapshot;
  readonly catalog: Catalog;
  /** Whether the catalog has what is drift only: see engine/core/catalog/format.ts. */
  readonly catalogFormat: number;
  /** Why it has the schema alone. */
  readonly unread?: string;
  /** What the database comes to: version, count, fingerprint. */
  readonly summary: Summary;
}
