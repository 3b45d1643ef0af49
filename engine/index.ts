/** The engine's public face: whoever is outside imports this and nothing else. */
export {
  compareCatalogs,
  describeDrift,
  type Drift,
  inFormat,
  shownDefinition,
  subjectOf,
} from "./core/catalog";
export type { Connection } from "./core/connection";
export { describeConnection, parseConnectionUrl, readSslMode } from "./core/connection";
export { TidemarkError } from "./core/errors";
export { type FailureText, failureLines, failureText } from "./core/failure-text";
export type { EventSink, MigrationEvent } from "./core/events";
export { schemaVersion } from "./core/info";
export type { AppliedMigration, ResolvedMigration } from "./core/migration";
export { networkError } from "./core/network-error";
export type { EngineOptions } from "./core/options";
export { DEFAULT_OPTIONS } from "./core/options";
export type { Plan, PlanStep } from "./core/plan";
export { planMigrate } from "./core/plan";
export type { StackTarget } from "./core/remedy";
export { Secrets, scrubEvent, secretsOfOptions, shownNames } from "./core/secrets";
export type { DatabaseSnapshot } from "./core/snapshot";
export { REPAIR_FAILED } from "./core/validate";
export { compareVersions, parseVersion } from "./core/version";
export { MigrationFailedError } from "./run/migration-failed";
export { migrateAndValidate } from "./run/migrate-and-validate";
export { Migrator } from "./run/migrator";
export type { Observation } from "./run/migrator-types";
export { ensureDatabase } from "./postgres/create-database";
export { digestCatalog, fingerprint } from "./postgres/fingerprint";
export { type StackOptions, stackOptions } from "./core/stack-options";
export type { Summary } from "./core/summary";
