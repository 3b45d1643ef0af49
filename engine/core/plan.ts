import { nonEmptyWithoutHistory, unexpectedSchemas } from "./adoption";
import { requireBaselineVersion } from "./baseline";
import { type Problem, TidemarkError } from "./errors";
import { ignoresAll, parseIgnorePatterns } from "./ignore-patterns";
import { isFailed, mergeInfos, type MigrationInfo, pendingInfos, schemaVersion } from "./info";
import type { AppliedMigration, ResolvedMigration } from "./migration";
import type { EngineOptions } from "./options";
import type { Plan, PlanStep } from "./plan-step";
import type { DatabaseSnapshot } from "./snapshot";
import { parseTarget } from "./target";
import { REPAIR_FAILED, validateInfos } from "./validate";
import { compareVersions, highestOf, parseVersion } from "./version";

export type { Plan, PlanStep };

export type PlanOptions = Pick<
  EngineOptions,
  | "target"
  | "outOfOrder"
  | "ignoreMigrationPatterns"
  | "validateOnMigrate"
  | "createSchemas"
  | "baselineOnMigrate"
  | "baselineVersion"
  | "baselineDescription"
  | "baselineScope"
  | "existingSchemas"
  | "schemas"
  | "defaultSchema"
  | "refuseLowerTarget"
  | "group"
  | "skipExecutingMigrations"
>;

/**
 * What a migrate would do: a pure function of files, snapshot and options.
 * @throws TidemarkError where a migrate has to refuse: validation, a failed row, objects without history or baseline.
 */
export function planMigrate(
  resolved: readonly ResolvedMigration[],
  snapshot: DatabaseSnapshot,
  options: PlanOptions,
): Plan {
  const failure = findTargetFault(resolved, snapshot.applied, options.target);
  if (failure) return planUpToFailure(failure, snapshot, options);
  if (options.baselineOnMigrate) requireBaselineVersion(options.baselineVersion);
  if (options.refuseLowerTarget) refuseLowerTarget(snapshot.applied, options.target);
  const infos = mergeInfos(resolved, snapshot.applied, options);
  if (options.validateOnMigrate) refuseInvalid(validateForMigrate(infos, options));
  refuseFailed(infos, options);
  const opening = openingSteps(snapshot, options);
  const baseline = opening.find((step) => step.kind === "baseline");
  const applies = baseline
    ? afterBaseline(baseline, resolved, options)
    : applySteps(infos, snapshot.applied, options);
  const from = schemaVersion(snapshot.applied);
  const steps = [...opening, ...applies];
  const isIdle = steps.every((step) => step.kind === "adoptHistory"); // which writes nothing by itself
  const to = highestOf([
    from,
    baseline && parseVersion(baseline.version),
    ...applies.map(({ migration }) => migration.version),
  ]);
  return { steps: isIdle ? [] : steps, from: from?.text ?? null, to: to?.text ?? null };
}

/**
 * Flyway looks for the target after it has made the schemas, unless validation has looked before, which it does where the
 * default schema exists. So a later baseline finds a history that is not empty.
 * @throws the failure itself where nothing is made before it.
 */
function planUpToFailure(
  failure: TidemarkError,
  snapshot: DatabaseSnapshot,
  options: PlanOptions,
): Plan {
  const { missingSchemas, defaultSchema } = snapshot;
  const isValidatedFirst = options.validateOnMigrate && !missingSchemas.includes(defaultSchema);
  if (missingSchemas.length === 0 || !options.createSchemas || isValidatedFirst) throw failure;
  const from = schemaVersion(snapshot.applied)?.text ?? null;
  return { steps: openingSteps(snapshot, options), from, to: from, failure };
}

/** The problems that stop a migrate; what is merely pending is what it is there for. */
function validateForMigrate(infos: readonly MigrationInfo[], options: PlanOptions): Problem[] {
  const patterns = parseIgnorePatterns([...options.ignoreMigrationPatterns, "*:pending"]);
  return validateInfos(infos, patterns);
}

/** @throws TidemarkError (VALIDATE_ERROR) with all problems, where there are any. */
export function refuseInvalid(problems: readonly Problem[]): void {
  const [first] = problems;
  if (!first) return;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  throw new TidemarkError(
    {
      code: "VALIDATE_ERROR",
      class: "migrations",
      message: `Validation failed: ${first.message}${more}`,
      remedy: first.remedy,
    },
    problems,
  );
}

function refuseFailed(infos: readonly MigrationInfo[], options: PlanOptions): void {
  const all = infos.filter(isFailed);
  const [failed] = all;
  if (!failed) return;
  const patterns = parseIgnorePatterns(options.ignoreMigrationPatterns);
  // Flyway lets exactly one pass.
  if (all.length === 1 && failed.state === "Failed (Future)" && ignoresAll(patterns, "future"))
    return;
  throw new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `The schema history holds a failed migration: ${failed.version?.text ?? failed.description} (${failed.applied.script}).`,
    remedy: REPAIR_FAILED,
    migration: failed.applied.script,
  });
}

/** @throws TidemarkError (ERROR) when the target is no version, or one that neither a file nor a row has. */
export function checkTarget(
  resolved: readonly ResolvedMigration[],
  applied: readonly AppliedMigration[],
  target: string,
): void {
  const fault = findTargetFault(resolved, applied, target);
  if (fault) throw fault;
}

/** @throws TidemarkError (ERROR) when the target is no version. */
function findTargetFault(
  resolved: readonly ResolvedMigration[],
  applied: readonly AppliedMigration[],
  target: string,
): TidemarkError | undefined {
  const parsed = parseTarget(target);
  if (!parsed) {
    throw new TidemarkError({
      code: "ERROR",
      class: "usage",
      message: `The target "${target}" is not a version.`,
      remedy: "Give a version such as 4 or 4.1, or one of latest, current, next.",
    });
  }
  if (parsed.kind !== "version" || parsed.optional) return undefined;
  const known = [...resolved, ...applied].some(
    (m) => m.version && compareVersions(m.version, parsed.version) === 0,
  );
  if (known) return undefined;
  return new TidemarkError({
    code: "ERROR",
    class: "usage",
    message: `No migration has the target version ${target}.`,
    remedy: `Give the version of a migration, or write "${target}?" to allow one that does not exist.`,
  });
}

function refuseLowerTarget(applied: readonly AppliedMigration[], target: string): void {
  const wanted = parseTarget(target);
  const current = schemaVersion(applied);
  if (wanted?.kind !== "version" || !current) return;
  if (compareVersions(wanted.version, current) >= 0) return;
  throw new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `The target ${target} is below the schema version ${current.text}: applied migrations are not undone.`,
    remedy: "Raise the target, or write a new migration that takes the change back.",
  });
}

/** All that comes before the first migration: schemas, history, baseline (design: "Adoption"). */
function openingSteps(snapshot: DatabaseSnapshot, options: PlanOptions): PlanStep[] {
  const steps: PlanStep[] = [];
  if (snapshot.missingSchemas.length > 0 && options.createSchemas) {
    steps.push({ kind: "createSchemas", schemas: snapshot.missingSchemas });
  }
  const creates = steps.length > 0;
  const marker: PlanStep[] = creates
    ? [{ kind: "schemaMarker", schemas: snapshot.missingSchemas }]
    : [];
  if (snapshot.applied.length > 0) return [...steps, ...marker];
  const found =
    creates && options.baselineScope === "schemas" ? [] : unexpectedSchemas(snapshot, options);
  const hasObjects = found.length > 0;
  if (hasObjects && !options.baselineOnMigrate && !snapshot.historyExists)
    throw nonEmptyWithoutHistory(found, snapshot, options);
  steps.push({ kind: snapshot.historyExists ? "adoptHistory" : "createHistory" });
  if (hasObjects && options.baselineOnMigrate) {
    const { text: version } = requireBaselineVersion(options.baselineVersion);
    const { baselineDescription: description } = options;
    steps.push({ kind: "baseline", version, description });
  }
  return [...steps, ...marker];
}

function baselineRow(step: { version: string; description: string }): AppliedMigration {
  return {
    installedRank: 1,
    version: parseVersion(step.version) ?? null,
    description: step.description,
    type: "BASELINE",
    script: step.description,
    checksum: null,
    installedBy: "",
    installedOn: "",
    executionTimeMs: 0,
    success: true,
  };
}

type ApplyStep = Extract<PlanStep, { kind: "apply" }>;

function afterBaseline(
  step: { version: string; description: string },
  resolved: readonly ResolvedMigration[],
  options: PlanOptions,
): ApplyStep[] {
  const applied = [baselineRow(step)];
  return applySteps(mergeInfos(resolved, applied, options), applied, options);
}

function applySteps(
  infos: readonly MigrationInfo[],
  applied: readonly AppliedMigration[],
  options: PlanOptions,
): ApplyStep[] {
  const pending = pendingInfos(infos);
  const last = schemaVersion(applied);
  const steps = pending.flatMap(({ resolved: migration, version }): ApplyStep[] => {
    if (!migration) return [];
    const outOfOrder = !!version && !!last && compareVersions(version, last) < 0;
    return [{ kind: "apply", migration, outOfOrder }];
  });
  // One at a time; a group is one, with the repeatables in it.
  const single = parseTarget(options.target)?.kind === "next" && !options.group;
  return single ? steps.slice(0, 1) : steps;
}
