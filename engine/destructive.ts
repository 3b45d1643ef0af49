import type { Problem } from "./core/errors";
import type { ResolvedMigration } from "./core/migration";
import type { EngineOptions } from "./core/options";
import { findDestructive } from "./core/sql/destructive";
import { PositionTracker } from "./core/sql/position";
import { readSource } from "./files/resolver";
import { maskPlaceholders } from "./lint/mask-placeholders";

/** Each statement of the migrations that destroys data, with file and line; reads files, asks no database. */
export function destructiveStatements(
  migrations: readonly ResolvedMigration[],
  options: EngineOptions,
): Problem[] {
  return migrations.flatMap((migration) => inMigration(migration, options));
}

function inMigration(migration: ResolvedMigration, options: EngineOptions): Problem[] {
  const source = readSource(migration, options);
  const { placeholderPrefix: prefix, placeholderSuffix: suffix } = options;
  const sql = options.placeholderReplacement
    ? maskPlaceholders(source, { prefix, suffix })
    : source;
  const positions = new PositionTracker(sql);
  return findDestructive(sql).map(({ offset, keyword }) => {
    const { line, column } = positions.at(offset);
    return {
      code: "ERROR",
      version: migration.version?.text ?? null,
      description: migration.description,
      message: `${migration.script}:${line}:${column}: ${keyword} destroys data, and this database does not allow it.`,
      remedy:
        "Have the file reviewed and a backup at hand; then set allowDestructive: true for this database for the update that runs it. Or keep the data: rename the object, and drop it later.",
    };
  });
}
