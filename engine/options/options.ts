import type { Source, Values } from "./row";
import type { OTHER_OPTIONS } from "./table";
import { ENGINE_OPTIONS } from "./table";

type EngineTable = typeof ENGINE_OPTIONS;
type Table = EngineTable & typeof OTHER_OPTIONS;
type Value<K extends keyof Table> = Values[Table[K]["kind"]];
type SetBy<S extends Source> = {
  [K in keyof Table]: S extends Table[K]["from"][number] ? K : never;
}[keyof Table];

/** What a run depends on besides files and history; durations are milliseconds. The table says what each means. */
export type EngineOptions = {
  readonly [
    K in keyof EngineTable as undefined extends EngineTable[K]["default"] ? never : K
  ]: Value<K>;
} & {
  readonly [
    K in keyof EngineTable as undefined extends EngineTable[K]["default"] ? K : never
  ]?: Value<K>;
};

/** What a stack can set for a database; durations in milliseconds. */
export type StackOptions = { readonly [K in SetBy<"stack">]?: Value<K> };

/** The same without what may hold a secret: the options of a database in job.json. */
export type JobOptions = { readonly [K in SetBy<"job">]?: Value<K> };

/** What may hold a secret, and so comes from the Job's Secret. */
export type SecretOptions = { readonly [K in SetBy<"jobSecret">]?: Value<K> };

export const DEFAULT_OPTIONS: EngineOptions = Object.fromEntries(
  Object.entries(ENGINE_OPTIONS).flatMap(([key, row]) =>
    row.default === undefined ? [] : [[key, row.default]],
  ),
) as unknown as EngineOptions;

/** Flyway's defaults made strict where Flyway looks away: they hold for every database of a stack, whoever migrates it. */
export const STACK_DEFAULTS: EngineOptions = {
  ...DEFAULT_OPTIONS,
  validateMigrationNaming: true,
  failOnMissingLocations: true,
  ignoreMigrationPatterns: [],
  refuseLowerTarget: true,
  baselineScope: "database",
};
