/** What the stack does where a database is not as it recorded it: name it, refuse it, accept it. */
import { createHash } from "node:crypto";

import type { CheckReport } from "./check-report";
import { resourceLog } from "./engine-log";
import { describeFailure } from "./failure";
import { reportFault } from "./faults";
import { comparable, driftBetween, jobKey, type Live, liveOf, reportDrift } from "./recorded";
import { isReachable, migratorOf, secretsOf } from "./target";
import type { CheckedInputs, DesiredInputs, Outputs, Recorded } from "./types";
import { isAbsent } from "./vanished";

export interface DriftReport {
  /** Each difference by name; empty: none, or none that is known. */
  readonly lines: readonly string[];
  /** Over what differs, with the hashes before and after: another difference is another digest. */
  readonly digest: string;
  readonly knowledge: "live" | "remembered";
  /** Why nothing was compared. */
  readonly notCompared?: string;
  /** What of it was not compared, and why. */
  readonly unread?: string;
}

/**
 * What is known of the drift before an update. The live database wins over what a refresh remembers, so that drift that
 * was undone is none. A Job runs before its resource is looked at again: what it has changed is no drift.
 * @param report of the check before; undefined in a refresh, which has compared by itself
 */
export function driftOf(
  olds: Outputs,
  news: CheckedInputs,
  report: CheckReport | undefined,
): DriftReport {
  if (hasNewJob(olds, news))
    return { ...remembered(olds), notCompared: "a Job may have migrated it since" };
  if (report?.live) return compare(olds, report.live);
  // A refresh, which has no check before it, has just looked.
  if (report === undefined && isReachable(news)) return { ...remembered(olds), knowledge: "live" };
  const why = isReachable(news) ? undefined : "reach none";
  return { ...remembered(olds), ...(report && why && { notCompared: why }) };
}

function hasNewJob({ completedJob }: Outputs, { runner, job }: CheckedInputs): boolean {
  return runner === "job" && job !== undefined && completedJob !== jobKey(job);
}

function compare(olds: Outputs, live: Live): DriftReport {
  const unread = live.unread === undefined ? {} : { unread: live.unread };
  if (!olds.fromReport)
    return {
      lines: driftBetween(olds, live),
      digest: digestOf(differences(olds, live)),
      knowledge: "live",
      ...unread,
    };
  const lines = reportDrift(olds, live);
  const digest = digestOf([...lines, live.fingerprint]);
  return { lines, digest, knowledge: "live", ...unread };
}

const remembered = ({ driftFound }: Outputs): DriftReport => ({
  lines: driftFound,
  digest: digestOf(driftFound),
  knowledge: "remembered",
});

/** Every difference, also what a report leaves out as going without saying: what a table that was added has in it. */
function differences(olds: Recorded, live: Live): unknown[] {
  const parts = { history: [olds.history, live.history], catalog: comparable(olds, live) } as const;
  return (["history", "catalog"] as const).flatMap((part) => {
    const [before, after] = parts[part];
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .sort()
      .filter((key) => before[key] !== after[key])
      .map((key) => [part, key, before[key] ?? null, after[key] ?? null]);
  });
}

/** With a word before it, so that no reader of YAML takes it for a number. */
function digestOf(parts: readonly unknown[]): string {
  const hash = createHash("sha256").update(JSON.stringify(parts), "utf8").digest("hex");
  return `drift-${hash.slice(0, 12)}`;
}

const modeOf = ({ driftMode = "warn" }: DesiredInputs) => driftMode;

/** Whether an update with these settings has to refuse. */
const isRefused = (news: DesiredInputs, { lines, digest }: DriftReport): boolean =>
  modeOf(news) === "fail" && lines.length > 0 && news.acceptedDrift !== digest;

/** Logs the drift on the resource's own row; under `fail` as its fault. */
export async function logDrift(news: CheckedInputs, drift: DriftReport): Promise<void> {
  const log = resourceLog(news.resourceUrn);
  const { name } = news;
  if (drift.notCompared !== undefined && modeOf(news) !== "accept")
    await log.info(`${name}: not compared with the live schema (${drift.notCompared})`);
  if (drift.unread !== undefined) await log.warning(`${name}: ${drift.unread}`);
  if (drift.lines.length === 0) return;
  if (isRefused(news, drift))
    return reportFault(news.resourceUrn, name, describeRefusal(news, drift));
  if (modeOf(news) === "accept")
    return log.info(`${name}: drift, which up accepts: ${namesOf(drift.lines)}`);
  for (const line of drift.lines)
    await log.warning(`${name}: drift since the last update: ${line} (${drift.knowledge})`);
}

/**
 * Looks once more before anything runs: what has drifted since the preview is seen as well.
 * @throws Error that names the drift, under `fail`, unless its digest is the accepted one
 */
export async function acceptDrift(olds: Outputs, news: CheckedInputs): Promise<void> {
  const drift = await driftNow(olds, news);
  if (drift.lines.length === 0) return;
  if (isRefused(news, drift)) throw new Error(`${news.name}: ${describeRefusal(news, drift)}`);
  if (modeOf(news) === "accept") return; // diff has said so, in its one line
  await resourceLog(news.resourceUrn).info(
    `${news.name}: accepts the drift: ${namesOf(drift.lines)}`,
  );
}

async function driftNow(olds: Outputs, news: CheckedInputs): Promise<DriftReport> {
  if (!isReachable(news) || hasNewJob(olds, news)) return remembered(olds);
  try {
    return compare(olds, liveOf(await migratorOf(news).observe(), secretsOf(news)));
  } catch (error) {
    // What cannot be asked, the run that follows says better; but nothing is to run that could not be compared.
    if (modeOf(news) !== "fail" || isAbsent(error)) return { ...remembered(olds), lines: [] };
    // Without the cause: the provider process prints what it carries, and that may hold a secret.
    // eslint-disable-next-line preserve-caught-error
    throw new Error(describeFailure(error, secretsOf(news)).join("\n"));
  }
}

/** The drift itself, its digest, and both ways out with the exact line. */
function describeRefusal({ name, acceptedDrift }: DesiredInputs, drift: DriftReport): string {
  const stale =
    acceptedDrift === undefined ? "" : ` (acceptedDrift is ${acceptedDrift}, which is another)`;
  return [
    `the schema is not as the stack recorded it (${drift.knowledge}):`,
    ...drift.lines.map((line) => `  ${line}`),
    `Digest: ${drift.digest}${stale}`,
    "Remedy: undo it by hand, or accept exactly this:",
    `  pulumi config set --path tidemark:databases.${name}.acceptedDrift ${drift.digest}`,
    `which is tidemark:databases: { ${name}: { acceptedDrift: "${drift.digest}" } }.`,
  ].join("\n");
}

/** The first line of each: what it is called, and how it changed. */
const namesOf = (lines: readonly string[]): string =>
  lines.map((line) => line.split("\n")[0]?.replace(/ changed: .*/s, " changed")).join("; ");
