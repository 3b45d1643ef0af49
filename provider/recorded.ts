import {
  type AppliedMigration,
  compareCatalogs,
  digestCatalog,
  inFormat,
  type Observation,
  Secrets,
} from "../engine/index";
import type { DatabaseReport } from "../engine/job/report";
import { type Definitions, packCatalog, scrubCatalog, unpackCatalog } from "./catalog-text";
import { driftLines } from "./drift-lines";
import type { CheckedInputs, JobReference, Outputs, Recorded } from "./types";
import { withoutKeys } from "./without-keys";

/** What a live database is like, to be compared with a state; its definitions are looked at only where it differs. */
export interface Live extends Omit<Recorded, "catalogText"> {
  /** Without the secrets. */
  readonly definitions: () => Definitions | undefined;
  /** Why its catalog has the schema alone. */
  readonly unread?: string;
}

export function liveOf(observation: Observation, secrets: Secrets): Live {
  const definitions = (): Definitions => scrubCatalog(observation.catalog, secrets);
  const { unread } = observation;
  return {
    ...withoutDefinitions(observation),
    definitions,
    ...(unread !== undefined && { unread: secrets.scrub(unread) }),
  };
}

/** What the state keeps of a live database after an update; its definitions without the secrets. */
export function recordedOf(observation: Observation, secrets = Secrets.none): Recorded {
  const catalogText = packCatalog(observation.catalog, secrets);
  return { ...withoutDefinitions(observation), catalogText };
}

function withoutDefinitions({ snapshot, catalog, catalogFormat, summary }: Observation) {
  return {
    ...summary,
    history: historyOf(snapshot.applied),
    catalog: digestCatalog(catalog),
    catalogFormat,
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
  const { catalog, catalogText, catalogFormat, history, completedJob } = olds;
  const job = completedJob === undefined ? {} : { completedJob };
  if (!olds.fromReport) {
    const driftFound = driftBetween(olds, live);
    // Nothing is accepted that was ever compared; and what was not yet, is from now on.
    if (driftFound.length === 0 && formatOf(olds) < formatOf(live)) return { ...live, ...job };
    return {
      ...withoutKeys(live, ["catalogText", "catalogFormat"]),
      ...{ catalog, history, driftFound, ...job },
      ...(catalogText !== undefined && { catalogText }),
      ...(catalogFormat !== undefined && { catalogFormat }),
    };
  }
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

const formatOf = ({ catalogFormat = 1 }: Pick<Recorded, "catalogFormat">): number => catalogFormat;

type Catalog = Recorded["catalog"];
type Digests = Pick<Recorded, "catalog" | "catalogFormat">;

/** Both catalogs in the lower of their formats, so that what only one of them has been asked for is no difference. */
export function comparable(recorded: Digests, live: Digests): [before: Catalog, after: Catalog] {
  const [before, after] = [formatOf(recorded), formatOf(live)];
  if (before === after) return [recorded.catalog, live.catalog];
  const format = Math.min(before, after);
  return [inFormat(recorded.catalog, format), inFormat(live.catalog, format)];
}

type Compared = Digests & Pick<Recorded, "history" | "catalogText">;

/** What differs between state and live database, a line for each; empty where nothing does. */
export function driftBetween(recorded: Compared, live: Compared | Live): string[] {
  return [...historyDrift(recorded.history, live.history), ...catalogDrift(recorded, live)];
}

function catalogDrift(recorded: Compared, live: Compared | Live): string[] {
  const drifts = compareCatalogs(...comparable(recorded, live));
  if (drifts.length === 0) return [];
  const before = unpackCatalog(recorded.catalogText);
  const after = "definitions" in live ? live.definitions() : unpackCatalog(live.catalogText);
  return driftLines(drifts, before, after);
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
  "catalogFormat",
  "driftFound",
  "fromReport",
  "completedJob",
] as const satisfies readonly (keyof Recorded)[];

const RECORDED: ReadonlySet<string> = new Set(RECORDED_KEYS);
