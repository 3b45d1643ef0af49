import { isDeepStrictEqual } from "node:util";

import { takeFinding } from "./check";
import { resourceLog } from "./engine-log";
import type { Finding } from "./finding";
import { describePending } from "./pending";
import { jobKey } from "./recorded";
import { isAsked, migratorOf } from "./target";
import { tellFinding } from "./tell";
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
 * Compares what the state has recorded with what is wanted; tells the user what the check has found.
 * In a refresh `news` are the inputs of the last update, with what was pending then.
 */
export async function diffSchemaVersion(olds: Outputs, news: CheckedInputs): Promise<boolean> {
  const finding = takeFinding(news.resourceUrn);
  await tell(olds, news, finding);
  if (olds.driftFound.length > 0) return true;
  if (COMPARED.some((key) => !isDeepStrictEqual(olds[key], news[key]))) return true;
  if (runOf(olds) !== runOf(news) || lacksJob(olds, news)) return true;
  return isStillPending(olds, news, finding);
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
  finding: Finding | undefined,
): Promise<boolean> {
  if (news.pending === undefined) return false;
  if (finding || news.pending !== olds.pending) return true;
  // Without a check before it (a refresh) the text may be that of the last update: then only the database knows.
  return (await pendingNow(news)) === news.pending;
}

async function pendingNow(news: DesiredInputs): Promise<string | undefined> {
  if (!isAsked(news)) return undefined;
  try {
    const { plan } = await migratorOf(news).plan();
    return describePending(plan, "live");
  } catch {
    return undefined;
  }
}

async function tell(
  olds: Outputs,
  news: CheckedInputs,
  finding: Finding | undefined,
): Promise<void> {
  if (olds.driftFound.length > 0) {
    await resourceLog(news.resourceUrn).warning(
      `${news.name}: drift since the last update: ${olds.driftFound.join("; ")}`,
    );
  }
  if (finding) await tellFinding(news, finding, olds);
}
