/** The state of a migration, by Flyway's display name; what it means for resolved, applied and failed. */
export const MIGRATION_STATES = {
  Pending: { resolved: true, applied: false, failed: false },
  "Above Target": { resolved: true, applied: false, failed: false },
  "Below Baseline": { resolved: true, applied: false, failed: false },
  "Ignored (Baseline)": { resolved: true, applied: false, failed: false },
  Ignored: { resolved: true, applied: false, failed: false },
  Baseline: { resolved: true, applied: true, failed: false },
  Success: { resolved: true, applied: true, failed: false },
  "Out of Order": { resolved: true, applied: true, failed: false },
  Outdated: { resolved: true, applied: true, failed: false },
  Superseded: { resolved: true, applied: true, failed: false },
  Failed: { resolved: true, applied: true, failed: true },
  Missing: { resolved: false, applied: true, failed: false },
  "Failed (Missing)": { resolved: false, applied: true, failed: true },
  Future: { resolved: false, applied: true, failed: false },
  "Failed (Future)": { resolved: false, applied: true, failed: true },
  Deleted: { resolved: false, applied: true, failed: false },
} as const;

export type MigrationState = keyof typeof MIGRATION_STATES;
