import type { ErrorCode, Problem } from "../core/errors";
import { DEFAULT_OPTIONS, type EngineOptions } from "../core/options";
import { checkNaming } from "../core/resolve";
import { findFiles } from "../files/locations";
import { type FileProblem, lintFiles } from "./lint-files";
import { emptyReport, type Report } from "./report";

/**
 * Checks all migrations below the folders, or else in the configured locations: names, duplicate versions, syntax, that
 * they change the schema only, and what they do to their transaction. An error is one problem of the report, which is not
 * ok then.
 * @throws TidemarkError for options that cannot be meant, and for a folder that is absent or cannot be read.
 */
export async function lintCommand(
  folders: readonly string[],
  own: Readonly<Record<string, unknown>>,
  options: EngineOptions,
): Promise<Report> {
  checkNaming(options);
  const exempt = typeof own.exempt === "string" ? own.exempt.split(",").map((s) => s.trim()) : [];
  const configured = [...options.locations, ...(options.callbackLocations ?? [])];
  const isDefault = configured.join() === DEFAULT_OPTIONS.locations.join();
  const found = await findFiles(folders.length > 0 ? folders : configured, true);
  const { problems, checked } = await lintFiles(found.files, {
    options,
    exempt,
    isOneDatabase: folders.length === 0 && !isDefault,
  });
  const warnings = [
    ...found.warnings,
    ...problems.filter((p) => p.severity === "warning").map(describe),
  ];
  const errors = problems.filter((p) => p.severity === "error").map(reportProblem);
  return { ...emptyReport("lint"), checked, warnings, problems: errors, ...failure(errors) };
}

function failure([first]: readonly Problem[]): Pick<Report, "ok" | "error"> {
  if (!first) return { ok: true };
  const { message, remedy } = first;
  return { ok: false, error: { code: "VALIDATE_ERROR", message, remedy } };
}

/** Flyway has codes for names that are given twice; ours stand in the description. */
function reportProblem(problem: FileProblem): Problem {
  const code: ErrorCode =
    problem.code === "DUPLICATE_VERSIONED_MIGRATION" ||
    problem.code === "DUPLICATE_REPEATABLE_MIGRATION"
      ? problem.code
      : "ERROR";
  const { remedy } = problem;
  return { code, version: null, description: problem.code, message: describe(problem), remedy };
}

function describe({ path, line, column, message }: FileProblem): string {
  return `${path}:${line}:${column}: ${message}`;
}
