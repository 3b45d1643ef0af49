import { isIgnored, parseIgnorePatterns } from "./ignore-patterns";
import { mergeInfos, type MigrationInfo } from "./info";
import {
  type AppliedMigration,
  isSynthetic,
  type ResolvedMigration,
  storedDescription,
} from "./migration";
import type { EngineOptions } from "./options";
import { checksumMatches } from "./validate";

/** What repair would do to the history; it never touches anything else. */
export type RepairAction =
  /** A failed row is taken out. */
  | { readonly kind: "remove"; readonly applied: AppliedMigration }
  /** A row whose file is gone gets a DELETE row behind it. */
  | { readonly kind: "markDeleted"; readonly applied: AppliedMigration }
  /** A row is made to agree with its file. */
  | {
      readonly kind: "align";
      readonly applied: AppliedMigration;
      readonly resolved: ResolvedMigration;
    };

/** The actions of repair, in Flyway's order: failed rows, then missing files, then changed ones. */
export function planRepair(
  resolved: readonly ResolvedMigration[],
  applied: readonly AppliedMigration[],
  options: Pick<EngineOptions, "ignoreMigrationPatterns">,
): RepairAction[] {
  const remaining = applied.filter((row) => row.success);
  const infos = mergeInfos(resolved, remaining, { target: "latest", outOfOrder: true });
  const patterns = parseIgnorePatterns(options.ignoreMigrationPatterns);
  return [
    ...applied
      .filter((row) => !row.success)
      .map((row) => ({ kind: "remove", applied: row }) as const),
    ...infos.flatMap((info): RepairAction[] =>
      info.applied && isGone(info) && !isIgnored(info, patterns)
        ? [{ kind: "markDeleted", applied: info.applied }]
        : [],
    ),
    ...infos.flatMap((info): RepairAction[] =>
      info.applied && info.resolved && needsAlignment(info)
        ? [{ kind: "align", applied: info.applied, resolved: info.resolved }]
        : [],
    ),
  ];
}

function isGone(info: MigrationInfo): boolean {
  return (
    !!info.applied &&
    !isSynthetic(info.applied.type) &&
    (info.state === "Missing" || info.state === "Future")
  );
}

function needsAlignment({ applied, resolved }: MigrationInfo): boolean {
  if (!applied || !resolved || isSynthetic(applied.type)) return false;
  if (!resolved.version)
    return (
      applied.checksum === resolved.equivalentChecksum && applied.checksum !== resolved.checksum
    );
  return (
    applied.checksum === null ||
    !checksumMatches(applied, resolved.checksum) ||
    applied.type !== resolved.type ||
    applied.description !== storedDescription(resolved.description)
  );
}
