import { TidemarkError } from "../core/errors";
import type { MigrationEvent } from "../core/events";
import { failedRow } from "../core/info";
import type { PlanStep } from "../core/plan";
import { refuseInvalid } from "../core/plan";
import type { RepairAction } from "../core/repair";
import type { DatabaseSnapshot } from "../core/snapshot";
import { Migrator } from "../run/migrator";
import { emptyReport, type Report, reportApplied, reportInfo, reportMigration } from "./report";
import type { ResolvedSettings } from "./resolve-settings";

export interface CommandContext extends ResolvedSettings {
  readonly emit: (event: MigrationEvent) => void;
}

type Command = (context: CommandContext) => Promise<Report>;

/** The commands that work on a database. */
export const DATABASE_COMMANDS: Readonly<Record<string, Command>> = {
  info,
  plan,
  validate,
  migrate,
  baseline,
  repair,
  clean: refuse(
    "clean is refused: Tidemark never drops what it did not make.",
    "To start over, drop the database yourself and create it anew: DROP DATABASE …; CREATE DATABASE ….",
  ),
  undo: refuse(
    "undo is refused: an applied migration is not taken back.",
    "Write a new migration that takes the change back.",
  ),
};

function migratorOf({ connection, options, applicationName, emit }: CommandContext): Migrator {
  const named = applicationName && { applicationName: `tidemark (${applicationName})` };
  return new Migrator({ connection: connection(), options, emit, ...named });
}

async function info(context: CommandContext): Promise<Report> {
  const { snapshot, schemaVersion, infos, warnings } = await migratorOf(context).info();
  return {
    ...emptyReport("info"),
    database: snapshot.database,
    schemaVersion,
    failed: failedOf(snapshot),
    migrations: infos.map(reportInfo),
    warnings,
  };
}

async function validate(context: CommandContext): Promise<Report> {
  const { problems, result } = await migratorOf(context).validate();
  const { snapshot, schemaVersion, infos, warnings } = result;
  refuseInvalid(problems);
  return {
    ...emptyReport("validate"),
    database: snapshot.database,
    schemaVersion,
    failed: failedOf(snapshot),
    warnings,
    validateCount: infos.length,
  };
}

async function plan(context: CommandContext): Promise<Report> {
  const { plan: planned, snapshot, warnings } = await migratorOf(context).plan();
  return {
    ...emptyReport("plan"),
    database: snapshot.database,
    schemaVersion: planned.from,
    failed: failedOf(snapshot),
    targetSchemaVersion: planned.to,
    steps: planned.steps.map(reportStep),
    warnings,
  };
}

function failedOf({ applied }: DatabaseSnapshot): string | null {
  return failedRow(applied)?.script ?? null;
}

function reportStep(step: PlanStep): Record<string, unknown> {
  if (step.kind !== "apply") return { ...step };
  return { kind: step.kind, ...reportMigration(step.migration), outOfOrder: step.outOfOrder };
}

async function migrate(context: CommandContext): Promise<Report> {
  const { database, from, to, applied, warnings } = await migratorOf(context).migrate();
  return {
    ...emptyReport("migrate"),
    database,
    schemaVersion: to,
    initialSchemaVersion: from,
    targetSchemaVersion: to,
    migrationsExecuted: applied.length,
    applied: reportApplied(applied),
    warnings,
  };
}

async function baseline(context: CommandContext): Promise<Report> {
  const { database, baselined, version } = await migratorOf(context).baseline();
  return {
    ...emptyReport("baseline"),
    database,
    schemaVersion: version,
    successfullyBaselined: true,
    alreadyBaselined: !baselined,
    baselineVersion: version,
  };
}

async function repair(context: CommandContext): Promise<Report> {
  const { database, schemaVersion, failed, actions, warnings } = await migratorOf(context).repair();
  const of = (
    kind: RepairAction["kind"],
  ): { version: string; description: string; script: string }[] =>
    actions
      .filter((action) => action.kind === kind)
      .map(({ applied }) => ({
        version: applied.version?.text ?? "",
        description: applied.description,
        script: applied.script,
      }));
  return {
    ...emptyReport("repair"),
    database,
    schemaVersion,
    failed,
    migrationsRemoved: of("remove"),
    migrationsDeleted: of("markDeleted"),
    migrationsAligned: of("align"),
    warnings,
  };
}

function refuse(message: string, remedy: string): Command {
  return () =>
    Promise.reject(new TidemarkError({ code: "ERROR", class: "usage", message, remedy }));
}
