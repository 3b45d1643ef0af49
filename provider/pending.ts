import type { Plan, PlanStep, ResolvedMigration } from "../engine/index";

/** Where a preview's knowledge comes from: the database itself, or what the stack remembers of it. */
export type Knowledge = "live" | "remembered";

const NAMED_AT_MOST = 12;

/** One line that says what an update would do; undefined: nothing. */
export function describePending(plan: Plan, knowledge: Knowledge): string | undefined {
  if (plan.steps.length === 0) return undefined;
  const named = plan.steps.flatMap(describeStep);
  const steps = named.length > 0 ? named : ["create the history table"];
  const shown = steps.slice(0, NAMED_AT_MOST);
  const more = steps.length - shown.length;
  const list = shown.join(", ") + (more > 0 ? `, and ${more} more` : "");
  return `${describeChange(plan)}: ${list} (${knowledge})`;
}

function describeChange({ from, to }: Plan): string {
  if (from === to) return `stays at ${to ?? "no version"}`;
  return `${from ?? "none"} -> ${to ?? "none"}`;
}

function describeStep(step: PlanStep): string[] {
  switch (step.kind) {
    case "createSchemas":
      return [`create schema ${step.schemas.join(", ")}`];
    case "createHistory":
    case "schemaMarker":
      return [];
    case "adoptHistory":
      return ["adopt the empty history table"];
    case "baseline":
      return [`baseline at ${step.version} "${step.description}"`];
    case "apply":
      return [step.migration.script + (step.outOfOrder ? " (out of order)" : "")];
  }
}

/** Script → checksum, with keys that sort as text in the order of the versions. */
export function migrationMap(migrations: readonly ResolvedMigration[]): Record<string, number> {
  return Object.fromEntries(migrations.map((m) => [migrationKey(m), m.checksum]));
}

/** For example `0004 V4__add_email.sql`. */
export function migrationKey({ version, script }: ResolvedMigration): string {
  const sortable = version
    ? version.parts.map((part) => String(part).padStart(4, "0")).join(".")
    : "R";
  return `${sortable} ${script}`;
}
