import { TidemarkError } from "./errors";
import { type FileNameMeaning, parseFileName } from "./filename";
import { compareResolved } from "./info";
import type { NamedMigration, ResolvedMigration } from "./migration";
import type { EngineOptions } from "./options";
import { compareVersions, versionKey } from "./version";

/** A file with what its name means. */
export interface NamedFile {
  readonly name: string;
  readonly script: string;
  readonly path: string;
  readonly meaning: FileNameMeaning;
}

/**
 * Reads the names of files and refuses what a run must not pass over.
 * @throws TidemarkError (CONFIGURATION) for naming options that cannot be meant, (ERROR) for programs and wrong names,
 *   (DUPLICATE_VERSIONED_MIGRATION) where versioned and repeatable migrations have one prefix.
 */
export function nameFiles<T extends FileToName>(
  files: readonly T[],
  options: EngineOptions,
): (T & NamedFile)[] {
  checkNaming(options);
  const named = files.map((file) => ({ ...file, meaning: parseFileName(file.name, options) }));
  refusePrograms(named);
  if (options.validateMigrationNaming) refuseUnrecognized(named);
  const readTwice = findReadTwice(named, options);
  if (readTwice) throw readTwice;
  return named;
}

type FileToName = Pick<NamedFile, "name" | "script" | "path">;

/** @throws TidemarkError (CONFIGURATION) for what no file could be named by. */
export function checkNaming(options: EngineOptions): void {
  const { sqlMigrationSuffixes, baselineMigrationPrefix: baseline } = options;
  if (options.sqlMigrationSeparator === "")
    throw wrongNaming("sqlMigrationSeparator is empty.", "Flyway's is two underscores: __");
  if (sqlMigrationSuffixes.length === 0)
    throw wrongNaming("sqlMigrationSuffixes is empty.", "Flyway's is .sql");
  const others = ["sqlMigrationPrefix", "repeatableSqlMigrationPrefix"] as const;
  const same = others.find((key) => options[key] === baseline);
  if (same === undefined) return;
  throw wrongNaming(
    `baselineMigrationPrefix and ${same} are both "${baseline}": a file would be both.`,
    "Give baseline migrations a prefix of their own, such as B",
  );
}

function wrongNaming(message: string, remedy: string): TidemarkError {
  return new TidemarkError({
    code: "CONFIGURATION",
    class: "usage",
    message,
    remedy: `${remedy}.`,
  });
}

/** With one prefix for both kinds Flyway reads each versioned file twice, and reports the lowest version as a duplicate. */
export function findReadTwice(
  files: readonly NamedFile[],
  { sqlMigrationPrefix: prefix, repeatableSqlMigrationPrefix }: EngineOptions,
): TidemarkError | undefined {
  if (prefix !== repeatableSqlMigrationPrefix) return undefined;
  const [first] = files
    .flatMap(({ meaning, script }) =>
      meaning.kind === "versioned" ? [{ version: meaning.version, script }] : [],
    )
    .sort((a, b) => compareVersions(a.version, b.version));
  if (!first) return undefined;
  return new TidemarkError({
    code: "DUPLICATE_VERSIONED_MIGRATION",
    class: "migrations",
    message: `Found more than one migration with version ${first.version.text}: sqlMigrationPrefix and repeatableSqlMigrationPrefix are both "${prefix}", so ${first.script} is read twice.`,
    remedy: "Give repeatable migrations a prefix of their own, such as R.",
    migration: first.script,
  });
}

/** One warning for each file that has a migration's suffix and no migration's name. */
export function namingWarnings(files: readonly NamedFile[]): string[] {
  return files.flatMap(({ script, meaning }) =>
    meaning.kind === "unrecognized" ? [`${script} is passed over: ${meaning.reason}.`] : [],
  );
}

function refusePrograms(files: readonly NamedFile[]): void {
  const program = files.find((file) => file.meaning.kind === "program");
  if (program?.meaning.kind !== "program") return;
  throw new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `${program.script} is ${program.meaning.reason}: programs are never run as migrations.`,
    remedy: "Write the change as SQL, or move the file out of the locations.",
    migration: program.script,
  });
}

function refuseUnrecognized(files: readonly NamedFile[]): void {
  const wrong = files.flatMap((f) =>
    f.meaning.kind === "unrecognized" ? [{ ...f, reason: f.meaning.reason }] : [],
  );
  const [first] = wrong;
  if (!first) return;
  throw new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `Invalid migration file name: ${wrong.map((f) => `${f.script} (${f.reason})`).join("; ")}.`,
    remedy:
      "Name versioned migrations like V4__add_email.sql (capital V, version, two underscores, description) and " +
      "repeatable ones like R__refresh_views.sql; or move other files out of the locations.",
    migration: first.script,
  });
}

/**
 * Puts resolved migrations in order: by version, then repeatables by description.
 * @throws TidemarkError (DUPLICATE_…) that names both files; of several duplicates the first in this order, as in Flyway.
 */
export function orderResolved(migrations: readonly ResolvedMigration[]): ResolvedMigration[] {
  const ordered = [...migrations].sort(compareResolved);
  const [first] = findDuplicates(ordered);
  if (first) throw duplicate(...first);
  return ordered;
}

type Pair = readonly [NamedMigration, NamedMigration];

/** Each migration that has the version, or as a repeatable the description, of one before it. */
export function findDuplicates(ordered: readonly NamedMigration[]): Pair[] {
  const seen = new Map<string, NamedMigration>();
  return ordered.flatMap((migration): Pair[] => {
    const key = migration.version
      ? `V ${versionKey(migration.version)} ${migration.type}`
      : `R ${migration.description}`;
    const other = seen.get(key);
    if (!other) seen.set(key, migration);
    return other ? [[other, migration]] : [];
  });
}

/** The fault of two files with one version or description. */
export function duplicate(a: NamedMigration, b: NamedMigration): TidemarkError {
  const what = a.version ? `version ${a.version.text}` : `repeatable migration "${a.description}"`;
  return new TidemarkError({
    code: a.version ? "DUPLICATE_VERSIONED_MIGRATION" : "DUPLICATE_REPEATABLE_MIGRATION",
    class: "migrations",
    message: `Two files have the same ${what}: ${a.path} and ${b.path}.`,
    remedy: a.version
      ? "Give the one that has not been applied anywhere the next free version."
      : "Give one of them another description.",
    migration: b.script,
  });
}
