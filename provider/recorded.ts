import {
  type AppliedMigration,
  compareCatalogs,
  describeDrift,
  digestCatalog,
  fingerprint,
  type Observation,
  schemaVersion,
} from "../engine/index";
import type { CheckedInputs, Outputs, Recorded } from "./types";

/** What the state keeps of a live database after an update. */
export function recordedOf({ snapshot, catalog }: Observation): Recorded {
  return {
    schemaVersion: schemaVersion(snapshot.applied)?.text ?? null,
    fingerprint: fingerprint(catalog),
    applied: snapshot.applied.filter(
      (row) => row.success && row.type !== "SCHEMA" && row.type !== "DELETE",
    ).length,
    history: historyOf(snapshot.applied),
    catalog: digestCatalog(catalog),
    driftFound: [],
  };
}

function historyOf(applied: readonly AppliedMigration[]): Record<string, string> {
  return Object.fromEntries(
    applied.map((row) => [String(row.installedRank).padStart(4, "0"), describeRow(row)]),
  );
}

function describeRow({ version, script, type, checksum, success }: AppliedMigration): string {
  const parts = [
    version?.text ?? "repeatable",
    script,
    type,
    checksum === null ? "" : String(checksum),
  ];
  return parts.filter((part) => part !== "").join(" ") + (success ? "" : " failed");
}

/** What differs between state and live database, in words; empty where nothing does. */
export function driftBetween(
  recorded: Pick<Recorded, "history" | "catalog">,
  live: Recorded,
): string[] {
  const catalog = compareCatalogs(recorded.catalog, live.catalog);
  return [
    ...historyDrift(recorded.history, live.history),
    ...catalog.map((drift) => describeDrift([drift], 1)),
  ];
}

function historyDrift(
  recorded: Readonly<Record<string, string>>,
  live: Readonly<Record<string, string>>,
): string[] {
  const ranks = [...new Set([...Object.keys(recorded), ...Object.keys(live)])].sort();
  return ranks.flatMap((rank) => {
    const before = recorded[rank];
    const now = live[rank];
    if (before === now) return [];
    if (before === undefined) return [`history row ${Number(rank)} added (${now})`];
    if (now === undefined) return [`history row ${Number(rank)} removed (${before})`];
    return [`history row ${Number(rank)} changed (${before} → ${now})`];
  });
}

/**
 * Outputs as the engine can store them: a property that is undefined would fail the whole update after it has run.
 */
export function outputsOf(inputs: CheckedInputs, recorded: Recorded): Outputs {
  const kept = withoutKeys(inputs, ["drift"]); // the update has accepted it
  return JSON.parse(JSON.stringify({ ...kept, ...recorded })) as Outputs;
}

export const RECORDED_KEYS = [
  "schemaVersion",
  "fingerprint",
  "applied",
  "history",
  "catalog",
  "driftFound",
] as const satisfies readonly (keyof Recorded)[];

export function withoutKeys<T extends object, K extends keyof T>(
  object: T,
  keys: readonly K[],
): Omit<T, K> {
  const dropped = new Set<PropertyKey>(keys);
  return Object.fromEntries(Object.entries(object).filter(([key]) => !dropped.has(key))) as Omit<
    T,
    K
  >;
}
