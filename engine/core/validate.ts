import type { ErrorCode, Problem } from "./errors";
import { type IgnorePattern, ignoresAll, isIgnored } from "./ignore-patterns";
import { isFailed, type MigrationInfo } from "./info";
import { type AppliedMigration, isBaseline, isSynthetic, storedDescription } from "./migration";
import { compareVersions, highestOf, type MigrationVersion } from "./version";

interface RuleContext {
  readonly info: MigrationInfo;
  readonly patterns: readonly IgnorePattern[];
  readonly baseline: MigrationVersion | null;
}

type Rule = (context: RuleContext) => Problem | "fine" | undefined;

/** In Flyway's order; the first that has something to say decides (facts of Flyway 13, section "Validate"). */
const RULES: readonly Rule[] = [
  passDeleted,
  passIgnored,
  findFailed,
  findUnresolved,
  findUnapplied,
  findOutdated,
  findMismatch,
];

/** All that is wrong with history and files, in the order of the list; at most one problem for each migration. */
export function validateInfos(
  infos: readonly MigrationInfo[],
  patterns: readonly IgnorePattern[],
): Problem[] {
  const baseline = appliedBaseline(infos);
  return infos.flatMap((info) => {
    for (const rule of RULES) {
      const verdict = rule({ info, patterns, baseline });
      if (verdict === "fine") return [];
      if (verdict) return [verdict];
    }
    return [];
  });
}

function appliedBaseline(infos: readonly MigrationInfo[]): MigrationVersion | null {
  return highestOf(
    infos.map(({ applied }) => (applied && isBaseline(applied.type) ? applied.version : null)),
  );
}

function passDeleted({ info }: RuleContext): "fine" | undefined {
  return info.state === "Deleted" ? "fine" : undefined;
}

function passIgnored({ info, patterns }: RuleContext): "fine" | undefined {
  return isIgnored(info, patterns) ? "fine" : undefined;
}

function findFailed({ info, patterns }: RuleContext): Problem | undefined {
  if (!isFailed(info)) return undefined;
  if (info.state === "Failed (Future)" && ignoresAll(patterns, "future")) return undefined;
  return problem(
    info,
    info.version ? "FAILED_VERSIONED_MIGRATION" : "FAILED_REPEATABLE_MIGRATION",
    `${subject(info)} (${info.applied.script}) is recorded as failed.`,
    REPAIR_FAILED,
  );
}

/** What to do where a failed row stands: first look, then repair. */
export const REPAIR_FAILED =
  "See first what the script has left: statements before the one that failed may be committed, and a failed CREATE INDEX CONCURRENTLY leaves an INVALID index. Take that back by hand and correct the script; then run repair: it takes the failed row out of the history, and the next run goes on from there.";

function findUnresolved({ info }: RuleContext): Problem | undefined {
  const { applied } = info;
  if (!applied || info.resolved || isSynthetic(applied.type) || info.state === "Superseded")
    return undefined;
  if (info.state === "Failed (Future)") return undefined;
  return problem(
    info,
    info.version
      ? "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED"
      : "APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED",
    `${subject(info)} was applied to the database, but its file ${applied.script} is not among the migrations.`,
    "Put the file back; or, if it was taken away on purpose, run repair, which marks it as deleted. What it did to the schema stays.",
  );
}

function findUnapplied({ info }: RuleContext): Problem | undefined {
  const { state, resolved } = info;
  if (!resolved || (state !== "Ignored" && state !== "Pending")) return undefined;
  if (state === "Ignored" && resolved.type === "SQL_BASELINE") return undefined;
  const code = info.version
    ? "RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED"
    : "RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED";
  const what = `${subject(info)} (${resolved.script}) is not applied`;
  if (state === "Pending") return problem(info, code, `${what} yet.`, "Run migrate.");
  return problem(
    info,
    code,
    `${what}, and is lower than a version that is.`,
    "Give it a version above the schema version; or allow it to run late with outOfOrder; or ignore it with the pattern *:ignored.",
  );
}

function findOutdated({ info, patterns }: RuleContext): Problem | undefined {
  if (info.state !== "Outdated") return undefined;
  if (ignoresAll(patterns, "pending")) return undefined;
  return problem(
    info,
    "OUTDATED_REPEATABLE_MIGRATION",
    `${subject(info)} has changed since it was last applied.`,
    "Run migrate: it applies the new text.",
  );
}

/** What a row and its file differ in; what a baseline covers may differ. */
function findMismatch({ info, patterns, baseline }: RuleContext): Problem | undefined {
  const { applied, resolved, version } = info;
  if (!applied || !resolved) return undefined;
  if (version && baseline && compareVersions(version, baseline) <= 0) return undefined;
  const differs = (
    code: ErrorCode,
    what: string,
    inDatabase: string | number | null,
    inFile: string | number,
  ): Problem =>
    problem(
      info,
      code,
      `${subject(info)} (${resolved.script}) was changed after it was applied: ${what} in the database ${inDatabase}, in the file ${inFile}.`,
      "Put the file back as it was applied and make the change in a new migration; or, if the database already is as the file says, run repair.",
    );
  if (applied.type !== resolved.type)
    return differs("TYPE_MISMATCH", "type", applied.type, resolved.type);
  const isCompared = version !== null || comparesRepeatables(info, patterns);
  if (isCompared && !checksumMatches(applied, resolved.checksum))
    return differs("CHECKSUM_MISMATCH", "checksum", applied.checksum, resolved.checksum);
  const description = storedDescription(resolved.description);
  if (applied.description !== description)
    return differs("DESCRIPTION_MISMATCH", "description", applied.description, description);
  return undefined;
}

/**
 * An up-to-date repeatable can carry the checksum of its text before replacement: Flyway lets that pass until pending
 * migrations are ignored, as migrate does; then repair has to rewrite it.
 */
function comparesRepeatables(
  { state }: MigrationInfo,
  patterns: readonly IgnorePattern[],
): boolean {
  return ignoresAll(patterns, "pending") && state !== "Outdated" && state !== "Superseded";
}

/** A row without a checksum (NULL) matches any file. */
export function checksumMatches(applied: AppliedMigration, checksum: number): boolean {
  return applied.checksum === null || applied.checksum === checksum;
}

function problem(info: MigrationInfo, code: ErrorCode, message: string, remedy: string): Problem {
  return {
    code,
    version: info.version?.text ?? null,
    description: info.description,
    message,
    remedy,
  };
}

function subject(info: MigrationInfo): string {
  return info.version
    ? `Migration ${info.version.text}`
    : `Repeatable migration "${info.description}"`;
}
