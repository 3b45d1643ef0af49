import { TidemarkError } from "../core/errors";
import type { ResolvedMigration } from "../core/migration";
import { sqlStateOf } from "../postgres/connection-error";
import type { HistoryTable } from "../postgres/schema-history";
import { ScriptError } from "../postgres/session";
import { classOfState } from "../postgres/sql-failure";

/** The schema history could not be set up; nothing was written. */
export function openingFailure(error: unknown, { schema, table }: HistoryTable): unknown {
  const cause = error instanceof ScriptError ? error.cause : error;
  const sqlState = sqlStateOf(cause);
  const said = cause instanceof Error ? cause.message : String(cause);
  return new TidemarkError({
    code: "DB_CONNECTION",
    class: sqlState === "42501" ? "usage" : classOfState(sqlState),
    message: `The schema history "${schema}"."${table}" cannot be set up: ${said}.`,
    remedy:
      sqlState === "42501"
        ? `Grant the role what it needs: GRANT CREATE, USAGE ON SCHEMA "${schema}" TO …; to make a schema: GRANT CREATE ON DATABASE ….`
        : "Nothing was written. Mend the cause and run again.",
    sqlState,
    cause,
  });
}

/** A file is not what was planned any more. */
export function changedMeanwhile(migration: ResolvedMigration): TidemarkError {
  return new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `${migration.script} was changed while the run was under way.`,
    remedy: "Run again: the new text is then planned and checked as a whole.",
    migration: migration.script,
  });
}

/** A migration that needs to be outside a transaction, among others in one. */
export function notGroupable(migration: ResolvedMigration): TidemarkError {
  return new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `${migration.script} cannot run in a transaction, so it cannot be grouped with others in one.`,
    remedy: "Run without group, or with mixed=true.",
    migration: migration.script,
  });
}
