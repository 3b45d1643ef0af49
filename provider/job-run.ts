import { TidemarkError } from "../engine/index";
import type { DatabaseReport, JobReport, ReportError } from "../engine/job/report";
import { resourceLog } from "./engine-log";
import { describeFailure, describeStanding, PartialFailure } from "./failure";
import { KubernetesClient } from "./kubernetes/client";
import { type JobResult, JobWatches } from "./kubernetes/job-watch";
import { stopWithoutParent } from "./migrate";
import { jobKey, keepRecorded, outputsOf, recordedOf, recordedOfReport } from "./recorded";
import { isReachable, migratorOf, secretsOf } from "./target";
import type { CheckedInputs, JobReference, Outputs, Recorded } from "./types";

const DEFAULT_DEADLINE_SECONDS = 15 * 60;
const DEFAULT_STUCK_SECONDS = 60;

/** All resources of this process: those that share a Job wait for it together. */
const watches = new JobWatches();

type FailedJob = Extract<JobResult, { state: "failed" }>;

/**
 * Waits for the Job that migrates the database, and records what it reports and, where the database can be reached,
 * what it is like now.
 * @param olds what the state has; undefined: the resource is new
 * @throws PartialFailure with the migrator's own error or the pod's reason, and what is known of the database.
 */
export async function recordJob(inputs: CheckedInputs, olds?: Outputs): Promise<Outputs> {
  try {
    const job = jobOf(inputs);
    const result = await waitFor(job, inputs);
    if (result.state === "missing")
      return await recordWithoutJob(result.wasThere, job, inputs, olds);
    const report = result.report?.databases[inputs.name];
    if (result.state === "succeeded" || report?.state === "done")
      return await recordSuccess(result.report, report, inputs);
    const reasons = describeFailure(failureOf(result, report, job), secretsOf(inputs));
    throw await partialFailure(reasons, report, inputs, olds);
  } catch (error) {
    if (error instanceof PartialFailure) throw error;
    // Without the cause: the provider process prints what it carries, and that may hold a secret.
    // eslint-disable-next-line preserve-caught-error
    throw new Error(describeFailure(error, secretsOf(inputs)).join("\n"));
  }
}

function jobOf({ name, job }: CheckedInputs): JobReference {
  if (job) return job;
  throw new TidemarkError({
    code: "CONFIGURATION",
    class: "usage",
    message: `${name} has runner job, and no Job.`,
    remedy: "Give the resource the Job that migrates it: job: { namespace, name }.",
  });
}

async function waitFor(job: JobReference, inputs: CheckedInputs): Promise<JobResult> {
  const log = resourceLog(inputs.resourceUrn);
  const sent: Promise<void>[] = [];
  const settings = {
    deadlineSeconds: inputs.jobDeadlineSeconds ?? DEFAULT_DEADLINE_SECONDS,
    stuckSeconds: inputs.jobStuckSeconds ?? DEFAULT_STUCK_SECONDS,
    beforeLook: stopWithoutParent,
  };
  try {
    const client = await KubernetesClient.open(inputs.kubernetes);
    return await watches.result(client, job, settings, (progress) =>
      sent.push(log.status(`${inputs.name}: Job ${job.name}: ${progress}`)),
    );
  } finally {
    await Promise.all(sent);
  }
}

async function recordWithoutJob(
  wasThere: boolean,
  job: JobReference,
  inputs: CheckedInputs,
  olds: Outputs | undefined,
): Promise<Outputs> {
  if (!wasThere && olds?.completedJob === jobKey(job)) {
    const live = await observed(inputs);
    return outputsOf(inputs, live ?? keepRecorded(olds));
  }
  throw new TidemarkError({
    code: "ERROR",
    class: "temporary",
    message: wasThere
      ? `The Job ${jobKey(job)} was deleted while it was waited for; how far it got is not known.`
      : `There is no Job ${jobKey(job)}, and its success was never recorded.`,
    remedy:
      "Somebody, or a TTL (tidemark:job.ttl), has deleted it. Make it anew: pulumi up --refresh.",
  });
}

async function recordSuccess(
  ofJob: JobReport | undefined,
  report: DatabaseReport | undefined,
  inputs: CheckedInputs,
): Promise<Outputs> {
  const completedJob = jobKey(jobOf(inputs));
  const live = await observed(inputs);
  if (live) return outputsOf(inputs, { ...live, completedJob });
  if (report) return outputsOf(inputs, { ...recordedOfReport(report), completedJob });
  throw new TidemarkError({
    code: "ERROR",
    class: "usage",
    message: `The Job ${completedJob} is complete and has told nothing of ${inputs.name}${ofJob?.omitted ? ": its report had no room" : ""}.`,
    remedy: ofJob?.omitted
      ? "Put fewer databases into one Job (tidemark:job.mode: perDatabase), or let the database be asked (tidemark:reach)."
      : "Its image has to have this version of tidemark, and the container's terminationMessagePath has to be /dev/termination-log.",
  });
}

/** What the database is like now; undefined where it is not to be asked, or cannot be: that is no failure of the Job. */
async function observed(inputs: CheckedInputs): Promise<Recorded | undefined> {
  if (!isReachable(inputs)) return undefined;
  try {
    return recordedOf(await migratorOf(inputs).observe(), secretsOf(inputs));
  } catch (error) {
    const why = describeFailure(error, secretsOf(inputs))[0] ?? "";
    await resourceLog(inputs.resourceUrn).warning(
      `${inputs.name}: recorded from the Job's report, since the database cannot be asked: ${why}`,
    );
    return undefined;
  }
}

function failureOf(
  result: FailedJob,
  report: DatabaseReport | undefined,
  job: JobReference,
): TidemarkError {
  const error = report?.error ?? result.report?.error;
  if (error) return reportedFailure(error, job);
  const { trouble, goesOn, log } = result;
  const reached = report ? REACHED[report.state] : "";
  const lines = log ? `\nThe last lines of its log:\n${log}` : "";
  const later = goesOn
    ? " The Job goes on by itself when the cause is mended; the next pulumi up picks its result up."
    : "";
  return new TidemarkError({
    code: "ERROR",
    class: trouble.class,
    message: `Job ${jobKey(job)}: ${trouble.message}${reached}${lines}`,
    remedy: trouble.remedy + later,
  });
}

const REACHED: Readonly<Record<DatabaseReport["state"], string>> = {
  done: "",
  failed: "",
  running: "; this database was being migrated",
  notReached: "; it did not get to this database",
};

/** The migrator's own error. */
function reportedFailure(error: ReportError, job: JobReference): TidemarkError {
  const isLasting = error.class === "migrations" || error.class === "usage";
  const { script, line, column } = error;
  const place = [script, line, column].filter((part) => part !== undefined).join(":");
  const message =
    script === undefined || error.message.includes(script)
      ? error.message
      : `${place}: ${error.message}`;
  return new TidemarkError({
    code: error.code as TidemarkError["code"],
    class: error.class,
    message: `${message} (Job ${jobKey(job)})`,
    remedy: isLasting ? `${error.remedy.replace(/[^.]$/, "$&.")} ${NOT_AGAIN}` : error.remedy,
    sqlState: error.sqlState,
  });
}

const NOT_AGAIN =
  "A changed migration or secret makes a new Job; the same one is not run again, since it would fail the same way. If what is outside of it has been mended, force it: set tidemark:job.attempt to another value.";

async function partialFailure(
  reasons: string[],
  report: DatabaseReport | undefined,
  inputs: CheckedInputs,
  olds: Outputs | undefined,
): Promise<Error> {
  const known = (await observed(inputs)) ?? recordedOfFailure(report, olds);
  if (!known) return new Error(reasons.join("\n"));
  const standing = describeStanding(inputs.name, known);
  const { completedJob } = olds ?? {};
  return new PartialFailure(
    inputs.name,
    outputsOf(inputs, { ...known, ...(completedJob !== undefined && { completedJob }) }),
    [...reasons, standing],
  );
}

/** A report of a database that the Job did not get to, or was killed in, says nothing of its version. */
function recordedOfFailure(
  report: DatabaseReport | undefined,
  olds: Outputs | undefined,
): Recorded | undefined {
  const isKnown =
    report?.state === "failed" &&
    (report.schemaVersion !== null || report.applied > 0 || !!report.failed);
  if (isKnown) return recordedOfReport(report);
  return olds && keepRecorded(olds);
}
