import { TidemarkError } from "./errors";
import { type FileNameMeaning, parseFileName } from "./filename";
import { compareResolved } from "./info";
import type { ResolvedMigration } from "./migration";
import type { EngineOptions } from "./options";
import { versionKey } from "./version";

/** A file with what its name means. */
export interface NamedFile {
  readonly name: string;
  readonly script: string;
  readonly path: string;
  readonly meaning: FileNameMeaning;
}

/** Reads the names of files and refuses what a run must not pass over. */
export function nameFiles(
  files: readonly { readonly name: string; readonly script: string; readonly path: string }[],
  options: EngineOptions,
): NamedFile[] {
  const named = files.map(({ name, script, path }) => ({
    name,
    script,
    path,
    meaning: parseFileName(name, options),
  }));
  refusePrograms(named);
  if (options.validateMigrationNaming) refuseUnrecognized(named);
  return named;
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
 * @throws TidemarkError (DUPLICATE_…) that names both files.
 */
export function orderResolved(migrations: readonly ResolvedMigration[]): ResolvedMigration[] {
  const seen = new Map<string, ResolvedMigration>();
  for (const migration of migrations) {
    const key = migration.version
      ? `V ${versionKey(migration.version)} ${migration.type}`
      : `R ${migration.description}`;
    const other = seen.get(key);
    if (other) throw duplicate(other, migration);
    seen.set(key, migration);
  }
  return [...migrations].sort(compareResolved);
}

function duplicate(a: ResolvedMigration, b: ResolvedMigration): TidemarkError {
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
