import { isDeepStrictEqual } from "node:util";

import { takeCheckReport } from "./check";
import { type CheckReport, logCheckReport } from "./check-report";
import { driftOf, logDrift } from "./drift";
import { peers } from "./peers";
import { describePending } from "./pending";
import { jobKey } from "./recorded";
import { isReachable, migratorOf } from "./target";
import type { CheckedInputs, DesiredInputs, Outputs } from "./types";

/** What, if it is not as recorded, makes an update: all that the user configures, and the files. */
const COMPARED = [
  "host",
  "port",
  "database",
  "user",
  "password",
  "sslmode",
  "sslrootcert",
  "createDatabase",
  "locations",
  "options",
  "migrations",
  "job",
  "kubernetes",
  "forward",
] as const satisfies readonly (keyof CheckedInputs)[];

/**
 * Compares what the state has recorded with what is wanted; logs what the check reports.
 * In a refresh `news` are the inputs of the last update, with what was pending then.
 */
export async function diffSchemaVersion(olds: Outputs, news: CheckedInputs): Promise<boolean> {
  peers.sign();
  const report = takeCheckReport(news.resourceUrn);
  if (report === "fault") return true;
  const drift = driftOf(olds, news, report);
  await logDrift(news, drift);
  if (report) await logCheckReport(news, report, olds);
  if (drift.lines.length > 0) return true;
  if (COMPARED.some((key) => !isDeepStrictEqual(olds[key], news[key]))) return true;
  if (runOf(olds) !== runOf(news) || lacksJob(olds, news)) return true;
  return isStillPending(olds, news, report);
}

/** A state from before these could be set has the defaults. */
function runOf({ runner = "provider", reach = "direct" }: CheckedInputs): string {
  return `${runner} ${reach}`;
}

/** The last update did not see the Job succeed. */
function lacksJob({ completedJob }: Outputs, { runner, job }: CheckedInputs): boolean {
  return runner === "job" && job !== undefined && completedJob !== jobKey(job);
}

async function isStillPending(
  olds: Outputs,
  news: CheckedInputs,
  report: CheckReport | undefined,
): Promise<boolean> {
  if (news.pending === undefined) return false;
  if (report || news.pending !== olds.pending) return true;
  // Without a check before it (a refresh) the text may be that of the last update: then only the database knows.
  return (await pendingNow(news)) === news.pending;
}

async function pendingNow(news: DesiredInputs): Promise<string | undefined> {
  if (!isReachable(news)) return undefined;
  try {
    const { plan } = await migratorOf(news).plan();
    return describePending(plan, "live");
  } catch {
    return undefined;
  }
}
