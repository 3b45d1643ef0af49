import {
  type AppliedMigration,
  compareCatalogs,
  describeDrift,
  digestCatalog,
  type Observation,
  Secrets,
} from "../engine/index";
import type { DatabaseReport } from "../engine/job/report";
import {
  type Definitions,
  describeChange,
  packCatalog,
  scrubCatalog,
  unpackCatalog,
} from "./catalog-text";
import type { CheckedInputs, JobReference, Outputs, Recorded } from "./types";
import { withoutKeys } from "./without-keys";

/** What a live database is like, to be compared with a state; its definitions are looked at only where it differs. */
export interface Live extends Omit<Recorded, "catalogText"> {
  /** Without the secrets. */
  readonly definitions: () => Definitions | undefined;
}

export function liveOf(observation: Observation, secrets: Secrets): Live {
  const definitions = (): Definitions => scrubCatalog(observation.catalog, secrets);
  return { ...withoutDefinitions(observation), definitions };
}

/** What the state keeps of a live database after an update; its definitions without the secrets. */
export function recordedOf(observation: Observation, secrets = Secrets.none): Recorded {
  const catalogText = packCatalog(observation.catalog, secrets);
  return { ...withoutDefinitions(observation), catalogText };
}

function withoutDefinitions({ snapshot, catalog, summary }: Observation) {
  return {
    ...summary,
    history: historyOf(snapshot.applied),
    catalog: digestCatalog(catalog),
    driftFound: [],
  };
}

/** What the state keeps of a database that only a Job has seen. */
export function recordedOfReport(report: DatabaseReport): Recorded {
  const { schemaVersion, failed = null, fingerprint, applied } = report;
  return {
    schemaVersion,
    failed,
    fingerprint,
    applied,
    history: {},
    catalog: {},
    driftFound: [],
    fromReport: true,
  };
}

/** What the state has, as it is. */
export function keepRecorded(olds: Outputs): Recorded {
  const kept = Object.entries(olds).filter(([key]) => RECORDED.has(key));
  return Object.fromEntries(kept) as unknown as Recorded;
}

/** How the state names a Job. */
export const jobKey = ({ namespace, name }: JobReference): string => `${namespace}/${name}`;

/**
 * What a refresh keeps. The recorded catalog stays until an update accepts the live one, so that drift is not
 * forgotten; what is from a Job's report alone gets a catalog now, if the database still is as the Job reported.
 */
export function refreshed(olds: Outputs, live: Recorded): Recorded {
  const recorded = refreshedAll(olds, live);
  // A state of an earlier version says nothing of it, and a refresh that finds nothing changes nothing.
  const isNews = olds.failed !== undefined || recorded.failed !== null;
  return isNews ? recorded : withoutKeys(recorded, ["failed"]);
}

function refreshedAll(olds: Outputs, live: Recorded): Recorded {
  const { catalog, catalogText, history, completedJob } = olds;
  const job = completedJob === undefined ? {} : { completedJob };
  if (!olds.fromReport)
    return {
      ...withoutKeys(live, ["catalogText"]),
      ...{ catalog, history, driftFound: driftBetween(olds, live), ...job },
      ...(catalogText !== undefined && { catalogText }),
    };
  const driftFound = reportDrift(olds, live);
  if (driftFound.length === 0) return { ...live, ...job };
  return { ...keepRecorded(olds), driftFound };
}

/** What differs from what a Job has reported, which has no catalog to compare object by object. */
export function reportDrift(
  reported: Recorded,
  live: Pick<Recorded, "schemaVersion" | "failed" | "applied" | "fingerprint">,
): string[] {
  if (reported.schemaVersion !== live.schemaVersion)
    return [`schema version ${reported.schemaVersion ?? "none"} → ${live.schemaVersion ?? "none"}`];
  if (reported.failed !== undefined && (reported.failed === null) !== (live.failed === null))
    return [`failed row ${reported.failed ?? "none"} → ${live.failed ?? "none"}`];
  if (reported.applied !== live.applied)
    return [`migrations in the history ${reported.applied} → ${live.applied}`];
  if (reported.fingerprint !== null && reported.fingerprint !== live.fingerprint)
    return ["the schema is not as the Job left it (which object is not known)"];
  return [];
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

/** What differs between state and live database, a line for each; empty where nothing does. */
export function driftBetween(
  recorded: Pick<Recorded, "history" | "catalog" | "catalogText">,
  live: Pick<Recorded, "history" | "catalog" | "catalogText"> | Live,
): string[] {
  return [...historyDrift(recorded.history, live.history), ...catalogDrift(recorded, live)];
}

function catalogDrift(
  recorded: Pick<Recorded, "catalog" | "catalogText">,
  live: Pick<Recorded, "catalog" | "catalogText"> | Live,
): string[] {
  const drifts = compareCatalogs(recorded.catalog, live.catalog);
  if (drifts.length === 0) return [];
  const before = unpackCatalog(recorded.catalogText);
  const after = "definitions" in live ? live.definitions() : unpackCatalog(live.catalogText);
  return drifts.map((drift) => {
    const { change, object } = drift;
    const shown = change === "changed" ? describeChange(before?.[object], after?.[object]) : "";
    return describeDrift([drift], 1) + shown;
  });
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
  const kept = withoutKeys(inputs, ["drift", "fault"]); // the update has accepted the one, and had not the other
  return JSON.parse(JSON.stringify({ ...kept, ...recorded })) as Outputs;
}

export const RECORDED_KEYS = [
  "schemaVersion",
  "failed",
  "fingerprint",
  "applied",
  "history",
  "catalog",
  "catalogText",
  "driftFound",
  "fromReport",
  "completedJob",
] as const satisfies readonly (keyof Recorded)[];

const RECORDED: ReadonlySet<string> = new Set(RECORDED_KEYS);
