import { TidemarkError } from "./errors";
import { isSynthetic, storedDescription } from "./migration";
import type { EngineOptions } from "./options";
import type { PlanStep } from "./plan-step";
import type { DatabaseSnapshot } from "./snapshot";
import { compareVersions, type MigrationVersion, parseVersion } from "./version";

/** What the command baseline would do. */
export type BaselinePlan =
  | { readonly kind: "nothing"; readonly version: string }
  | {
      readonly kind: "baseline";
      readonly version: string;
      readonly description: string;
      readonly createSchemas: readonly string[];
      readonly createHistory: boolean;
    };

type BaselineOptions = Pick<
  EngineOptions,
  "baselineVersion" | "baselineDescription" | "createSchemas"
>;

/**
 * Plans the command baseline. An empty history table is adopted, where Flyway asks for it to be dropped by hand.
 * @throws TidemarkError (ERROR) when migrations have been applied already, or another baseline stands.
 */
export function planBaseline(snapshot: DatabaseSnapshot, options: BaselineOptions): BaselinePlan {
  const version = requireBaselineVersion(options.baselineVersion);
  const row = snapshot.applied.slice(0, 2).find((r) => r.type === "BASELINE");
  if (row?.version) {
    const same =
      compareVersions(row.version, version) === 0 &&
      row.description === storedDescription(options.baselineDescription);
    if (same) return { kind: "nothing", version: version.text };
    throw refusal(
      `The history has a baseline already: ${row.version.text} "${row.description}", which differs from ${version.text} "${options.baselineDescription}".`,
      "Keep the baseline that is there: give the same version and description, or none.",
    );
  }
  if (snapshot.applied.length > 0) throw refuseApplied(snapshot, version);
  return {
    kind: "baseline",
    version: version.text,
    description: options.baselineDescription,
    createSchemas: options.createSchemas ? snapshot.missingSchemas : [],
    createHistory: !snapshot.historyExists,
  };
}

/** The same as steps of a run. */
export function baselineSteps(plan: Extract<BaselinePlan, { kind: "baseline" }>): PlanStep[] {
  const { version, description, createSchemas: schemas, createHistory } = plan;
  return [
    ...(schemas.length > 0 ? [{ kind: "createSchemas", schemas } as const] : []),
    { kind: createHistory ? "createHistory" : "adoptHistory" },
    { kind: "baseline", version, description },
    ...(schemas.length > 0 ? [{ kind: "schemaMarker", schemas } as const] : []),
  ];
}

/** @throws TidemarkError (ERROR) when the text is not a version. */
export function requireBaselineVersion(text: string): MigrationVersion {
  const version = parseVersion(text);
  if (version) return version;
  throw new TidemarkError({
    code: "ERROR",
    class: "usage",
    message: `The baseline version "${text}" is not a version.`,
    remedy: "Give a version such as 3 or 3.1.",
  });
}

function refuseApplied(snapshot: DatabaseSnapshot, version: MigrationVersion): TidemarkError {
  const onlyMarks = snapshot.applied.every((r) => isSynthetic(r.type));
  if (onlyMarks && version.parts.length === 1 && version.parts[0] === 0n) {
    return refusal(
      "The history begins with the schema that was created for it, which stands for version 0 already.",
      "Give a baseline version above 0, or just migrate.",
    );
  }
  return onlyMarks
    ? refusal(
        "The history holds marks of schema creation or deletion: a baseline can only be its first row.",
        "Migrate from the first migration.",
      )
    : refusal(
        `The history already has ${snapshot.applied.length} rows of applied migrations: a baseline can only be its first row.`,
        "There is nothing to baseline: run migrate. Look at info for what is applied.",
      );
}

function refusal(message: string, remedy: string): TidemarkError {
  return new TidemarkError({ code: "ERROR", class: "migrations", message, remedy });
}
