import { findDestructive } from "../analysis/destructive";
import { maskPlaceholders } from "../analysis/mask-placeholders";
import { PositionTracker } from "../analysis/position";
import { type Problem, TidemarkError } from "../core/errors";
import type { ResolvedMigration } from "../core/migration";
import type { EngineOptions } from "../core/options";
import type { Plan } from "../core/plan";
import type { DatabaseSnapshot } from "../core/snapshot";
import { readSource } from "../files/resolver";

/**
 * Refuses a plan whose migrations hold statements that destroy data. A database that begins with its first migration is
 * not asked: it holds nothing of anybody's yet.
 * @throws TidemarkError (VALIDATE_ERROR) with each statement, its file and line.
 */
export function refuseDestructive(
  { steps }: Plan,
  { applied }: DatabaseSnapshot,
  options: EngineOptions,
): void {
  if (applied.length === 0 && !steps.some(({ kind }) => kind === "baseline")) return;
  const problems = steps.flatMap((step) =>
    step.kind === "apply" && !isAllowed(step.migration, options)
      ? destructiveStatements(step.migration, options)
      : [],
  );
  const [first] = problems;
  if (first)
    throw new TidemarkError({ ...first, code: "VALIDATE_ERROR", class: "migrations" }, problems);
}

function isAllowed({ script }: ResolvedMigration, { allowDestructive }: EngineOptions): boolean {
  return Array.isArray(allowDestructive) && allowDestructive.includes(script);
}

function destructiveStatements(migration: ResolvedMigration, options: EngineOptions): Problem[] {
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
