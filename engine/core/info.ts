import { TidemarkError } from "./errors";
import {
  type AppliedMigration,
  isBaseline,
  isSynthetic,
  type NamedMigration,
  type ResolvedMigration,
  storedDescription,
} from "./migration";
import type { MigrationState } from "./state";
import { MIGRATION_STATES } from "./state";
import { parseTarget } from "./target";
import { compareVersions, highestOf, type MigrationVersion, versionKey } from "./version";

/** A file and its history row, of which one may be absent, and what the two together mean. */
export interface MigrationInfo {
  readonly version: MigrationVersion | null;
  readonly description: string;
  readonly state: MigrationState;
  readonly resolved?: ResolvedMigration;
  readonly applied?: AppliedMigration;
}

/** Of a migration that has a row. */
export type AppliedInfo = MigrationInfo & { readonly applied: AppliedMigration };

export interface InfoOptions {
  readonly target: string;
  readonly outOfOrder: boolean;
}

interface AppliedEntry {
  readonly applied: AppliedMigration;
  deleted: boolean;
  outOfOrder: boolean;
}

/** What the state of one migration depends on beyond its own file and row. */
interface Context {
  readonly outOfOrder: boolean;
  readonly lastApplied: MigrationVersion | null;
  readonly lastResolved: MigrationVersion | null;
  /** The highest baseline that counts: the applied one, or, while nothing is applied, that of the pending B files. */
  readonly baseline: MigrationVersion | null;
  readonly hasHistory: boolean;
  readonly target: MigrationVersion | null;
  /** By description: the installed rank of the newest run. */
  readonly latestRepeatableRuns: ReadonlyMap<string, number>;
}

/**
 * Merges files and history into Flyway's list, in Flyway's order (rank for what is applied, then version, then
 * repeatables by description; what lies below a baseline comes first).
 * Rules: facts of Flyway 13, section "Info: states".
 * @throws TidemarkError (DUPLICATE_DELETED_MIGRATION) for a history that deletes one run of a version twice.
 */
export function mergeInfos(
  resolved: readonly ResolvedMigration[],
  applied: readonly AppliedMigration[],
  options: InfoOptions,
): MigrationInfo[] {
  const versioned = new Map<string, ResolvedMigration>();
  const repeatable = new Map<string, ResolvedMigration>();
  for (const file of resolved) {
    if (file.version) versioned.set(typedKey(file.version, file.type), file);
    else repeatable.set(storedDescription(file.description), file);
  }
  const entries = markEntries(applied);
  const runs = latestRuns(entries);
  const pendingFiles = new Set(resolved);
  const pairs = entries
    .filter(({ applied: { version, type, success } }) => !(version && success && type === "DELETE"))
    .map((entry) => {
      const file = fileOf(entry, versioned, repeatable);
      if (file && isSettledBy(file, entry, runs)) pendingFiles.delete(file);
      return { entry, file };
    });
  const context = makeContext(resolved, entries, pendingFiles, runs, options);
  const done = pairs.map(({ entry, file }) => appliedInfo(entry, file, context));
  const open = [...pendingFiles].sort(compareResolved).map((file) => resolvedInfo(file, context));
  return [
    ...open.filter(isBelowBaseline),
    ...done.sort((a, b) => a.applied.installedRank - b.applied.installedRank),
    ...open.filter((info) => !isBelowBaseline(info)),
  ];
}

/**
 * The schema version: the highest that is applied with success and not deleted. A failed row does not count, unlike in
 * Flyway: no version is said that the database does not have.
 */
export function schemaVersion(applied: readonly AppliedMigration[]): MigrationVersion | null {
  return highestApplied(markEntries(applied).filter(({ applied: { success } }) => success));
}

/** The rows that say "failed", for which a run refuses, the newest last. Marks do not count, nor what is deleted. */
export function failedRows(applied: readonly AppliedMigration[]): AppliedMigration[] {
  return markEntries(applied)
    .filter(({ applied: { success, type }, deleted }) => !success && !deleted && !isSynthetic(type))
    .map((entry) => entry.applied);
}

/** The newest of them; null: there is none. */
export function failedRow(applied: readonly AppliedMigration[]): AppliedMigration | null {
  return failedRows(applied).at(-1) ?? null;
}

/** The infos that a migrate would run now, in the order it would run them. */
export function pendingInfos(infos: readonly MigrationInfo[]): MigrationInfo[] {
  return infos.filter((info) => info.state === "Pending");
}

function typedKey(version: MigrationVersion, type: string): string {
  return `${versionKey(version)} ${type}`;
}

function markEntries(applied: readonly AppliedMigration[]): AppliedEntry[] {
  const entries: AppliedEntry[] = [];
  for (const row of applied) {
    if (row.type === "DELETE" && row.success) markDeleted(row, entries);
    entries.push({ applied: row, deleted: false, outOfOrder: false });
  }
  let last: MigrationVersion | null = null;
  for (const entry of entries) {
    const version = entry.applied.version;
    if (!version || entry.applied.type === "DELETE") continue;
    if (last && compareVersions(version, last) <= 0) entry.outOfOrder = true;
    else if (!entry.deleted) last = version;
  }
  return entries;
}

function markDeleted(mark: AppliedMigration, before: readonly AppliedEntry[]): void {
  const entry = before.findLast(
    ({ applied }) => !isSynthetic(applied.type) && isSameMigration(applied, mark),
  );
  if (!entry) return;
  if (entry.deleted && mark.version) throw deletedTwice(mark.version, mark.installedRank);
  entry.deleted = true;
}

function deletedTwice({ text }: MigrationVersion, installedRank: number): TidemarkError {
  return new TidemarkError({
    code: "DUPLICATE_DELETED_MIGRATION",
    class: "migrations",
    message: `The schema history marks version ${text} as deleted twice, the second time in row ${installedRank}.`,
    remedy: `Take the second mark out by hand: DELETE FROM the history table WHERE installed_rank = ${installedRank}.`,
  });
}

function isSameMigration(a: AppliedMigration, b: AppliedMigration): boolean {
  if (a.version && b.version) return compareVersions(a.version, b.version) === 0;
  return !a.version && !b.version && a.description === b.description;
}

function highestApplied(entries: readonly AppliedEntry[]): MigrationVersion | null {
  const standing = entries.filter(({ applied, deleted }) => !deleted && applied.type !== "DELETE");
  return highestOf(standing.map(({ applied }) => applied.version));
}

function latestRuns(entries: readonly AppliedEntry[]): Map<string, number> {
  const runs = new Map<string, number>();
  // A DELETE row counts as the newest run: what ran before it is Deleted or Superseded, never Missing again.
  for (const { applied } of entries) {
    if (!applied.version) runs.set(applied.description, applied.installedRank);
  }
  return runs;
}

function fileOf(
  { applied }: AppliedEntry,
  versioned: ReadonlyMap<string, ResolvedMigration>,
  repeatable: ReadonlyMap<string, ResolvedMigration>,
): ResolvedMigration | undefined {
  if (applied.version) return versioned.get(typedKey(applied.version, applied.type));
  return isSynthetic(applied.type) ? undefined : repeatable.get(applied.description);
}

/** Whether this row says that the file need not run (again). */
function isSettledBy(
  file: ResolvedMigration,
  entry: AppliedEntry,
  runs: ReadonlyMap<string, number>,
): boolean {
  if (entry.deleted) return false;
  if (file.version) return true;
  return (
    runs.get(entry.applied.description) === entry.applied.installedRank &&
    isUpToDate(file, entry.applied)
  );
}

function isUpToDate(file: ResolvedMigration, row: AppliedMigration): boolean {
  return row.checksum === file.checksum || row.checksum === file.equivalentChecksum;
}

function makeContext(
  resolved: readonly ResolvedMigration[],
  entries: readonly AppliedEntry[],
  pendingFiles: ReadonlySet<ResolvedMigration>,
  latestRepeatableRuns: ReadonlyMap<string, number>,
  options: InfoOptions,
): Context {
  const lastApplied = highestApplied(entries);
  const baselines = entries.filter(({ applied: { type } }) => isBaseline(type));
  const bFiles = [...pendingFiles].filter((f) => f.type === "SQL_BASELINE");
  const context = {
    outOfOrder: options.outOfOrder,
    lastApplied,
    lastResolved: highestOf(resolved.map((f) => f.version)),
    baseline: lastApplied
      ? highestOf(baselines.map((e) => e.applied.version))
      : highestOf(bFiles.map((f) => f.version)),
    hasHistory: lastApplied !== null || baselines.length > 0,
    target: null,
    latestRepeatableRuns,
  };
  return { ...context, target: resolveTarget(options.target, context, pendingFiles) };
}

function resolveTarget(
  target: string,
  context: Context,
  pendingFiles: ReadonlySet<ResolvedMigration>,
): MigrationVersion | null {
  const parsed = parseTarget(target);
  if (parsed?.kind === "version") return parsed.version;
  if (parsed?.kind === "current") return context.lastApplied ?? NOTHING;
  if (parsed?.kind !== "next") return null;
  const next = [...pendingFiles].filter((file) => resolvedState(file, context) === "Pending");
  return lowest(next.map((file) => file.version));
}

/** Lower than every version: with nothing applied, `current` lets no versioned migration run. */
const NOTHING: MigrationVersion = { text: "", parts: [-(2n ** 64n)] };

function lowest(versions: readonly (MigrationVersion | null)[]): MigrationVersion | null {
  return versions.reduce((a, b) => (b && (!a || compareVersions(b, a) < 0) ? b : a), null);
}

function appliedInfo(
  entry: AppliedEntry,
  file: ResolvedMigration | undefined,
  context: Context,
): AppliedInfo {
  const { applied } = entry;
  return {
    version: applied.version,
    description: applied.description,
    state: appliedState(entry, file, context),
    resolved: file,
    applied,
  };
}

function resolvedInfo(file: ResolvedMigration, context: Context): MigrationInfo {
  return {
    version: file.version,
    description: file.description,
    state: resolvedState(file, context),
    resolved: file,
  };
}

function resolvedState(file: ResolvedMigration, context: Context): MigrationState {
  if (!file.version) return "Pending";
  const isBFile = file.type === "SQL_BASELINE";
  if (context.baseline) {
    const order = compareVersions(file.version, context.baseline);
    if (order < 0) return "Below Baseline";
    // Of several B files, only the highest runs, and only on an empty history.
    if (order === 0) return isBFile && !context.hasHistory ? "Pending" : "Ignored (Baseline)";
  }
  if (context.target && compareVersions(file.version, context.target) > 0) return "Above Target";
  if (isBFile && context.hasHistory) return "Ignored";
  if (context.lastApplied && compareVersions(file.version, context.lastApplied) < 0) {
    return context.outOfOrder ? "Pending" : "Ignored";
  }
  return "Pending";
}

function appliedState(
  { applied, deleted, outOfOrder }: AppliedEntry,
  file: ResolvedMigration | undefined,
  context: Context,
): MigrationState {
  if (deleted) return "Deleted";
  if (applied.type === "DELETE") return "Success";
  if (applied.type === "BASELINE") return "Baseline";
  if (applied.type === "SCHEMA") return "Success";
  const isLatest = context.latestRepeatableRuns.get(applied.description) === applied.installedRank;
  const unresolved = !file && (applied.version || isLatest) && unresolvedState(applied, context);
  if (isBaseline(applied.type) && !applied.success) return "Failed";
  if (unresolved) return unresolved;
  if (!applied.success) return "Failed";
  if (isBaseline(applied.type)) return "Baseline";
  if (!applied.version) {
    if (!isLatest) return "Superseded";
    return file && isUpToDate(file, applied) ? "Success" : "Outdated";
  }
  return outOfOrder ? "Out of Order" : "Success";
}

function unresolvedState(applied: AppliedMigration, context: Context): MigrationState {
  const belowFiles =
    context.lastResolved && applied.version
      ? compareVersions(applied.version, context.lastResolved) < 0
      : false;
  if (!applied.version || belowFiles) return applied.success ? "Missing" : "Failed (Missing)";
  return applied.success ? "Future" : "Failed (Future)";
}

/** The order in which files are applied: by version, a B file behind the V file it stands in for; then repeatables. */
export function compareResolved(a: NamedMigration, b: NamedMigration): number {
  if (a.version && b.version) {
    const isLater = (file: NamedMigration): number => (file.type === "SQL_BASELINE" ? 1 : 0);
    return compareVersions(a.version, b.version) || isLater(a) - isLater(b);
  }
  if (a.version) return -1;
  if (b.version) return 1;
  return compareUtf16(a.description, b.description);
}

function isBelowBaseline(info: MigrationInfo): boolean {
  return info.state === "Below Baseline" || info.state === "Ignored (Baseline)";
}

/** Java's string order. */
export function compareUtf16(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether the state means that the migration has failed: only one that has a row can. */
export function isFailed(info: MigrationInfo): info is AppliedInfo {
  return MIGRATION_STATES[info.state].failed;
}
