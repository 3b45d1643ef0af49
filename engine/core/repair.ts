import { isIgnored, parseIgnorePatterns } from "./ignore-patterns";
import { mergeInfos } from "./info";
import {
  type AppliedMigration,
  isSynthetic,
  type ResolvedMigration,
  storedDescription,
} from "./migration";
import type { EngineOptions } from "./options";
import type { MigrationState } from "./state";
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
      info.applied && isGone(info.state, info.applied) && !isIgnored(info, patterns)
        ? [{ kind: "markDeleted", applied: info.applied }]
        : [],
    ),
    ...infos.flatMap(({ applied: row, resolved: file }): RepairAction[] =>
      row && file && needsAlignment(row, file)
        ? [{ kind: "align", applied: row, resolved: file }]
        : [],
    ),
  ];
}

function isGone(state: MigrationState, applied: AppliedMigration): boolean {
  return !isSynthetic(applied.type) && (state === "Missing" || state === "Future");
}

/** Marks have no file, and a versioned file has the type of its row: else the two are no pair. */
function needsAlignment(applied: AppliedMigration, resolved: ResolvedMigration): boolean {
  if (!resolved.version)
    return (
      applied.checksum === resolved.equivalentChecksum && applied.checksum !== resolved.checksum
    );
  return (
    applied.checksum === null ||
    !checksumMatches(applied, resolved.checksum) ||
    applied.description !== storedDescription(resolved.description)
  );
}
