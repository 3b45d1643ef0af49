import { placeInSource, type Script } from "../analysis/script";
import type { Statement } from "../analysis/split";
import { TidemarkError } from "../core/errors";
import type { ResolvedMigration } from "../core/migration";
import { sqlStateOf } from "../postgres/connection-error";
import type { HistoryTable } from "../postgres/schema-history";
import { ScriptError } from "../postgres/session";
import { classOfState, NOTHING_KEPT } from "../postgres/sql-failure";

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

/**
 * The failure of a script of which statements [0, committed) are permanent.
 * @param isRecorded the history has a failed row, which stops the next run
 */
export function committedAlready(
  error: unknown,
  script: Script,
  committed: number,
  isRecorded: boolean,
): unknown {
  if (!(error instanceof TidemarkError)) return error;
  const last = script.statements[committed - 1] as Statement;
  const { line } = placeInSource(script, last.start);
  const whose = error.place.migration === script.name ? "" : `of ${script.name} `;
  const which =
    committed === 1
      ? `statement 1 (line ${line}) is`
      : `statements 1 to ${committed} (up to line ${line}) are`;
  return new TidemarkError(
    {
      ...error.place,
      code: error.code,
      class: isRecorded ? "migrations" : error.class,
      message: `${error.message}; ${whose}${which} committed already`,
      remedy: isRecorded
        ? `${error.remedy.replace(NOTHING_KEPT, "Correct the migration.")} ${HALF_DONE}`
        : error.remedy,
      cause: error,
    },
    error.problems,
  );
}

const HALF_DONE =
  "What is committed stays: take it back by hand, or take it out of the script; then run repair, which removes the failed row, and migrate.";

/** What the script did in a transaction of its own cannot be recorded: it is not committed. */
export function leftOpen(script: string): TidemarkError {
  return new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `${script} has left a transaction open: what it did in it is rolled back.`,
    remedy: "End it with COMMIT, or take out what begins it; then run repair and migrate.",
    migration: script,
  });
}

/** What is to be sent would be read as something else. */
export function misread(script: Script, offset: number, setting: string): TidemarkError {
  const place = placeInSource(script, offset);
  return new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `${script.name}:${place.line}:${place.column}: the script has changed ${setting}, and the server would misread what follows.`,
    remedy: `Leave ${setting} as it is, or change it by a SET of its own, which can be seen before the script runs.`,
    migration: script.name,
    ...place,
  });
}
