import { readFile } from "node:fs/promises";
import { basename } from "node:path";

import { checksum } from "../core/checksum";
import { TidemarkError } from "../core/errors";
import type { ResolvedMigration } from "../core/migration";
import type { EngineOptions } from "../core/options";
import { type ReplacedText, replacePlaceholders } from "../core/placeholders";
import { type NamedFile, nameFiles, namingWarnings, orderResolved } from "../core/resolve";
import { decodeScript } from "./decode";
import { findFiles } from "./locations";

/** The migration files of a run. */
export interface ResolvedFiles {
  /** In the order they would be applied. */
  readonly migrations: readonly ResolvedMigration[];
  readonly warnings: readonly string[];
}

/** A script as it will be sent: the file's text, and that with placeholders replaced. */
export interface LoadedScript {
  readonly source: string;
  readonly sql: ReplacedText;
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
  const { files, missing } = await findFiles(options.locations, options.failOnMissingLocations);
  const named = nameFiles(files, options);
  const migrations: ResolvedMigration[] = [];
  for (const file of named) {
    const migration = await resolveFile(file, options, placeholders);
    if (migration) migrations.push(migration);
  }
  if (options.failOnEmptyLocations && migrations.length === 0)
    throw noMigrations(options.locations);
  const warnings = [
    ...missing.map((folder) => `The location ${folder} does not exist.`),
    ...namingWarnings(named),
  ];
  return { migrations: orderResolved(migrations), warnings };
}

async function resolveFile(
  file: NamedFile,
  options: EngineOptions,
  placeholders: ReadonlyMap<string, string>,
): Promise<ResolvedMigration | undefined> {
  const { meaning, script, path } = file;
  if (meaning.kind === "versioned" || meaning.kind === "baseline") {
    const source = await readSource(path, script, options);
    return {
      version: meaning.version,
      description: meaning.description,
      type: meaning.kind === "baseline" ? "SQL_BASELINE" : "SQL",
      script,
      path,
      checksum: checksum(source),
    };
  }
  if (meaning.kind !== "repeatable") return undefined;
  const source = await readSource(path, script, options);
  const { text } = replaceIn(source, path, script, options, placeholders);
  return {
    version: null,
    description: meaning.description,
    type: "SQL",
    script,
    path,
    checksum: checksum(text),
    equivalentChecksum: checksum(source),
  };
}

/** Reads the text of one migration for its execution. */
export async function loadScript(
  migration: Pick<ResolvedMigration, "path" | "script">,
  options: EngineOptions,
  placeholders: ReadonlyMap<string, string>,
): Promise<LoadedScript> {
  const source = await readSource(migration.path, migration.script, options);
  return {
    source,
    sql: replaceIn(source, migration.path, migration.script, options, placeholders),
  };
}

async function readSource(path: string, script: string, options: EngineOptions): Promise<string> {
  return decodeScript(await readFile(path), options.encoding, script);
}

function replaceIn(
  source: string,
  path: string,
  script: string,
  options: EngineOptions,
  placeholders: ReadonlyMap<string, string>,
): ReplacedText {
  if (!options.placeholderReplacement) return { text: source, replacements: [] };
  const fileName = `flyway${options.placeholderSeparator}filename`;
  const values = new Map(placeholders).set(fileName, basename(path));
  return replacePlaceholders(source, values, options, script);
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
