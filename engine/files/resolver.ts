import { isUtf8 } from "node:buffer";

import { type CallbackFile, type CallbackMap, orderCallbacks } from "../core/callbacks";
import { checksum } from "../core/checksum";
import { TidemarkError } from "../core/errors";
import type { ResolvedMigration } from "../core/migration";
import type { EngineOptions } from "../core/options";
import { type NamedFile, nameFiles, namingWarnings, orderResolved } from "../core/resolve";
import { parseScriptConfig, type ScriptConfig } from "../core/script-config";
import { breather } from "./breather";
import { decodeScript, isUtf8Name } from "./decode";
import { findFiles, type FoundFile } from "./locations";
import { encodingOf, readBytes, readSource, replaceIn, type ScriptFile } from "./read-script";

/** The migration files of a run. */
export interface ResolvedFiles {
  /** In the order they would be applied. */
  readonly migrations: readonly ResolvedMigration[];
  readonly callbacks: CallbackMap;
  readonly warnings: readonly string[];
}

/**
 * Finds and reads the migrations of the configured locations.
 * @param placeholders values by lower-cased name; repeatables need them for their checksum.
 * @throws TidemarkError for duplicates, programs, wrong names (if checked), malformed text, an absent folder (if required).
 */
export async function resolveMigrations(
  options: EngineOptions,
  placeholders: ReadonlyMap<string, string>,
): Promise<ResolvedFiles> {
  const found = await findFiles(options.locations, options.failOnMissingLocations);
  const { named, reader } = readNames(found.files, options, placeholders);
  const callbacks = await resolveCallbacks(named, reader); // first, as in Flyway: of several faults theirs is reported
  const migrations: ResolvedMigration[] = [];
  const breathe = breather();
  for (const file of named) {
    const migration = resolveFile(file, reader);
    if (migration) migrations.push(migration);
    await breathe();
  }
  if (options.failOnEmptyLocations && migrations.length === 0)
    throw noMigrations(options.locations);
  const warnings = [...found.warnings, ...faultWarnings(named), ...namingWarnings(named)];
  return { migrations: orderResolved(migrations), callbacks, warnings };
}

function readNames(
  files: readonly FoundFile[],
  options: EngineOptions,
  placeholders: ReadonlyMap<string, string>,
): { named: FoundAndNamed[]; reader: Reader } {
  const named = nameFiles(files, options);
  refuseUnreadable(named);
  return { named, reader: { options, placeholders, configs: configsOf(files) } };
}

type FoundAndNamed = FoundFile & NamedFile;

/** What might have been a folder of migrations. */
function faultWarnings(files: readonly FoundAndNamed[]): string[] {
  return files.flatMap(({ script, name, fault, meaning }) =>
    fault !== undefined && meaning.kind === "other" && !name.startsWith(".")
      ? [`${script} is passed over: it ${fault}.`]
      : [],
  );
}

/** @throws TidemarkError (ERROR) for a migration or callback that is no file: waiting for a pipe would have no end. */
export function refuseUnreadable(files: readonly FoundAndNamed[]): void {
  const [file] = files.filter(
    ({ fault, meaning: { kind } }) =>
      fault !== undefined && kind !== "other" && kind !== "unrecognized",
  );
  if (!file) return;
  throw new TidemarkError({
    code: "ERROR",
    class: "usage",
    message: `${file.script} ${file.fault}.`,
    remedy: `Put a file in its place, or move it out of the locations: ${file.path}.`,
    migration: file.script,
  });
}

/** The callbacks alone, for a command that asks nothing of the migrations but their names. */
export async function resolveCallbacksOnly(
  options: EngineOptions,
  placeholders: ReadonlyMap<string, string>,
): Promise<ResolvedFiles> {
  const { files } = await findFiles(options.locations, options.failOnMissingLocations);
  const { named, reader } = readNames(files, options, placeholders);
  return { migrations: [], callbacks: await resolveCallbacks(named, reader), warnings: [] };
}

export interface Reader {
  readonly options: EngineOptions;
  readonly placeholders: ReadonlyMap<string, string>;
  /** The paths of all files: a script may have a `.conf` beside it. */
  readonly configs: ReadonlySet<string>;
}

const CONFIG_SUFFIX = ".conf";

/** The paths among which a script's own configuration is looked for. */
export function configsOf(files: readonly FoundFile[]): Set<string> {
  return new Set(files.map(({ path }) => path));
}

function resolveFile(file: NamedFile, reader: Reader): ResolvedMigration | undefined {
  const { meaning, script, path } = file;
  const { options, placeholders } = reader;
  if (meaning.kind !== "versioned" && meaning.kind !== "baseline" && meaning.kind !== "repeatable")
    return undefined;
  const config = readConfig(file, reader);
  const { description } = meaning;
  const found = { script, path, config };
  if (meaning.kind !== "repeatable") {
    const type = meaning.kind === "baseline" ? "SQL_BASELINE" : "SQL";
    const sum = checksumOf(found, options);
    return { version: meaning.version, description, type, script, checksum: sum, path, config };
  }
  const source = readSource(found, options);
  const { text } = replaceIn(source, found, options, placeholders);
  return {
    ...found,
    version: null,
    description,
    type: "SQL",
    checksum: checksum(text),
    equivalentChecksum: checksum(source),
  };
}

/** The checksum of a file's text. That of UTF-8 is the checksum of its bytes, so most files need no text at all. */
function checksumOf(file: ScriptFile, options: EngineOptions): number {
  const bytes = readBytes(file);
  const encoding = encodingOf(file, options, bytes);
  const isPlain = isUtf8Name(encoding) && isUtf8(bytes);
  return checksum(isPlain ? bytes : decodeScript(bytes, encoding, file.script));
}

/** Callbacks lie among the migrations, or where callbackLocations says. */
async function resolveCallbacks(named: readonly NamedFile[], reader: Reader): Promise<CallbackMap> {
  const { options } = reader;
  if (options.skipDefaultCallbacks) return new Map();
  if (!options.callbackLocations) return orderCallbacks(callbackFiles(named, reader));
  const { files } = await findFiles(options.callbackLocations, options.failOnMissingLocations);
  const own = readNames(files, options, reader.placeholders);
  return orderCallbacks(callbackFiles(own.named, own.reader));
}

function callbackFiles(named: readonly NamedFile[], reader: Reader): CallbackFile[] {
  const callbacks: CallbackFile[] = [];
  for (const file of named) {
    const { meaning, name, script, path } = file;
    if (meaning.kind !== "callback") continue;
    const { event, description } = meaning;
    callbacks.push({
      event,
      description,
      name,
      script,
      path,
      config: readConfig(file, reader),
    });
  }
  return callbacks;
}

const NO_CONFIG: ScriptConfig = {};

/** What `<script>.conf` says; nothing where there is none. */
export function readConfig(
  { path, script }: Pick<NamedFile, "path" | "script">,
  { configs, options, placeholders }: Reader,
): ScriptConfig {
  const file = path + CONFIG_SUFFIX;
  if (!configs.has(file)) return NO_CONFIG;
  const itself = { path: file, script: script + CONFIG_SUFFIX };
  const source = readSource(itself, { ...options, encoding: "UTF-8" });
  const { text } = replaceIn(source, itself, options, placeholders);
  return parseScriptConfig(text, itself.script);
}

function noMigrations(locations: readonly string[]): TidemarkError {
  return new TidemarkError({
    code: "ERROR",
    class: "usage",
    message: `There is no migration in ${locations.join(", ")}.`,
    remedy:
      "Add the first one, such as V1__initial_schema.sql; or say that the database has none: migrations: none.",
  });
}
