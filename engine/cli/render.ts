import type { Problem } from "../core/errors";
import type { MigrationEvent } from "../core/events";
import type { FailureText } from "../core/failure-text";
import { renderStatus } from "./render-status";
import type { Report } from "./report";
import { type painter, table } from "./terminal";

type Paint = ReturnType<typeof painter>;

/** A report as a person reads it. */
export function renderReport(report: Report, paint: Paint): string {
  const lines = [...renderBody(report, paint)];
  if (typeof report.sql === "string") return lines.join("\n"); // stdout is a file then
  for (const warning of report.warnings) lines.unshift(`${paint("yellow", "Warning:")} ${warning}`);
  return lines.join("\n");
}

function renderBody(report: Report, paint: Paint): string[] {
  const version = report.schemaVersion ?? "none";
  switch (report.command) {
    case "info":
      return [
        `Database ${report.database ?? ""}, schema version ${paint("bold", version)}`,
        ...(report.failed ? [paint("red", `Failed: ${report.failed}`)] : []),
        "",
        infoTable(report),
      ];
    case "plan":
      return renderPlan(report, paint);
    case "validate":
      return [
        paint(
          "green",
          `Validated ${String(report.validateCount)} migrations of ${report.database ?? ""}: no problem.`,
        ),
      ];
    case "migrate":
      return [
        report.applied.length === 0
          ? `${report.database ?? ""} is up to date at ${paint("bold", version)}: nothing to do.`
          : paint(
              "green",
              `Applied ${report.applied.length} to ${report.database ?? ""}, now at version ${version}.`,
            ),
      ];
    case "baseline":
      return [
        report.alreadyBaselined === true
          ? `${report.database ?? ""} has this baseline already: ${version}.`
          : paint("green", `Baselined ${report.database ?? ""} at ${version}.`),
      ];
    case "repair":
      return renderRepair(report, paint);
    case "lint":
      return renderLint(report, paint);
    case "dump":
      return typeof report.sql === "string" ? [report.sql.trimEnd()] : renderDump(report);
    case "status":
      return renderStatus(report, paint);
    case "check":
      return [renderCheck(report, paint)];
    case "new":
      return [`Wrote ${String(report.path)}`];
    default:
      return [];
  }
}

function renderDump({ path, name, version: at, description }: Report): string[] {
  const baseline = `{ version: "${String(at)}", description: "${String(description)}" }`;
  return [
    `Wrote ${String(path)}`,
    "",
    "Databases that have this schema already are taken over as being at that version:",
    "  in Pulumi.<stack>.yaml, below tidemark:databases:",
    `    ${String(name)}:`,
    `      baseline: ${baseline}`,
    `  or: tidemark baseline --baseline-version ${String(at)}`,
    "New databases begin with the file. Read it before you commit it.",
  ];
}

function renderCheck(
  { ok, database, schemaVersion, atLeast, error }: Report,
  paint: Paint,
): string {
  const wanted = `at least ${String(atLeast)}`;
  if (ok)
    return `${paint("green", "Yes:")} ${database ?? ""} is at ${schemaVersion ?? "none"}, ${wanted}.`;
  return `${paint("yellow", "Not yet")} (${wanted}): ${error?.message ?? ""}.`;
}

function renderLint({ checked, problems, warnings, error }: Report, paint: Paint): string[] {
  const files = `Checked ${String(checked)} files`;
  if (error) return [...renderProblems({ code: error.code, problems }, paint), `${files}.`];
  const warned = warnings.length === 1 ? "1 warning" : `${warnings.length} warnings`;
  return [paint("green", `${files}: ${warnings.length > 0 ? warned : "no problem"}.`)];
}

function infoTable({ migrations }: Report): string {
  if (migrations.length === 0) return "No migrations found.";
  const rows = migrations.map((m) => [
    m.category,
    m.version,
    m.description,
    m.type,
    m.installedOn,
    m.state,
  ]);
  return table(["Category", "Version", "Description", "Type", "Installed on", "State"], rows);
}

interface RenderedStep {
  readonly kind: string;
  readonly script?: string;
  readonly version?: string | null;
  readonly description?: string;
  readonly schemas?: readonly string[];
}

function renderPlan(report: Report, paint: Paint): string[] {
  const steps = report.steps as readonly RenderedStep[];
  const change = `${report.schemaVersion ?? "none"} -> ${(report.targetSchemaVersion as string | null) ?? "none"}`;
  if (steps.length === 0)
    return [
      `${report.database ?? ""} is up to date at ${report.schemaVersion ?? "none"}: nothing to do.`,
    ];
  return [
    `${report.database ?? ""}: ${paint("bold", change)}`,
    ...steps.map((step) => `  ${paint("green", "+")} ${renderStep(step)}`),
  ];
}

function renderStep(step: RenderedStep): string {
  switch (step.kind) {
    case "createSchemas":
      return `create schema ${step.schemas?.join(", ") ?? ""}`;
    case "createHistory":
      return "create the schema history table";
    case "adoptHistory":
      return "take over the empty schema history table";
    case "schemaMarker":
      return "record the created schemas";
    case "baseline":
      return `baseline at ${step.version ?? ""} "${step.description ?? ""}"`;
    default:
      return `apply ${step.script ?? ""}`;
  }
}

function renderRepair(report: Report, paint: Paint): string[] {
  const lists = [
    ["Removed the failed row of", report.migrationsRemoved],
    ["Marked as deleted", report.migrationsDeleted],
    ["Aligned with its file", report.migrationsAligned],
  ] as const;
  const lines = lists.flatMap(([what, list]) =>
    (list as readonly { script: string }[]).map(
      ({ script }) => `${paint("green", what)}: ${script}`,
    ),
  );
  return lines.length > 0 ? lines : ["The history agrees with the files: nothing to repair."];
}

/** A failure as a person reads it: all problems, the place, what to do; of a bug of ours, where in the code it is. */
export function renderFailure(failure: FailureText, paint: Paint): string {
  const lines =
    failure.problems.length > 0 ? renderProblems(failure, paint) : renderSingle(failure, paint);
  return [...lines, ...(failure.stack ? [failure.stack] : [])].join("\n");
}

function renderSingle({ code, message, excerpt, remedy }: FailureText, paint: Paint): string[] {
  return [
    `${paint("red", `Error ${code}:`)} ${message}`,
    ...(excerpt ? ["", excerpt, ""] : []),
    `${paint("bold", "What to do:")} ${remedy}`,
  ];
}

function renderProblems(
  { code, problems }: { readonly code: string; readonly problems: readonly Problem[] },
  paint: Paint,
): string[] {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return [
    paint("red", `Error ${code}: ${count}`),
    ...problems.flatMap((p) => [
      `  ${paint("red", p.code)}: ${p.message}`,
      `    ${paint("bold", "What to do:")} ${p.remedy}`,
    ]),
  ];
}

/** One line of progress; undefined where there is nothing to say. */
export function renderEvent(event: MigrationEvent, paint: Paint): string | undefined {
  switch (event.kind) {
    case "waitingForLock":
      return paint("dim", `Waiting for another migrator, ${event.holder}`);
    case "blocked":
      return paint("dim", `waits for ${event.blockers}: ${event.script}`);
    case "waitingForTable":
      return paint(
        "dim",
        `waits for ${event.blockers}: ${event.script}, try ${event.attempt} of ${event.of}`,
      );
    case "schemasCreated":
      return `Created schema ${event.schemas.join(", ")}`;
    case "historyCreated":
      return `Created the schema history ${event.table}`;
    case "historyAdopted":
      return `Took over the empty schema history ${event.table}`;
    case "baselined":
      return `Baselined at ${event.version} "${event.description}"`;
    case "applying":
      return paint("dim", `Applying ${event.index} of ${event.of}: ${event.migration.script}`);
    case "applied":
      return `Applied ${event.migration.script} (${event.executionTimeMs} ms)`;
    case "notice":
      return paint("dim", `${event.severity}: ${event.message}`);
    case "warning":
      return `${paint("yellow", "Warning:")} ${event.message}`;
  }
}
