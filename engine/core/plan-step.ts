import type { TidemarkError } from "./errors";
import type { ResolvedMigration } from "./migration";

/** One thing that a run would do, in order. */
export type PlanStep =
  | { readonly kind: "createSchemas"; readonly schemas: readonly string[] }
  | { readonly kind: "createHistory" }
  /** Flyway's row that says which schemas were made. */
  | { readonly kind: "schemaMarker"; readonly schemas: readonly string[] }
  /** An empty history table that a failed run left behind is taken over as it is. */
  | { readonly kind: "adoptHistory" }
  | { readonly kind: "baseline"; readonly version: string; readonly description: string }
  | { readonly kind: "apply"; readonly migration: ResolvedMigration; readonly outOfOrder: boolean };

export interface Plan {
  readonly steps: readonly PlanStep[];
  /** Schema version before and after; null: none. */
  readonly from: string | null;
  readonly to: string | null;
  /** What stops the run after these steps. */
  readonly failure?: TidemarkError;
}
