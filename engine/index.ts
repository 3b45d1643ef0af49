/** The engine's public face: whoever is outside imports this and nothing else. */
export { compareCatalogs, describeDrift } from "./core/catalog";
export type { Connection } from "./core/connection";
export { describeConnection, parseConnectionUrl, readSslMode } from "./core/connection";
export { TidemarkError } from "./core/errors";
export type { EventSink, MigrationEvent } from "./core/events";
export { schemaVersion } from "./core/info";
export type { AppliedMigration, ResolvedMigration } from "./core/migration";
export type { EngineOptions } from "./core/options";
export { DEFAULT_OPTIONS } from "./core/options";
export type { Plan, PlanStep } from "./core/plan";
export { planMigrate } from "./core/plan";
export { scrub } from "./core/scrub";
export type { DatabaseSnapshot } from "./core/snapshot";
export { compareVersions, parseVersion } from "./core/version";
export { MigrationFailedError } from "./execute";
export { Migrator, type Observation } from "./migrator";
export { ensureDatabase } from "./postgres/create-database";
export { digestCatalog, fingerprint } from "./postgres/fingerprint";
