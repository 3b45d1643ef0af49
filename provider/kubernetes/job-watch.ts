import { setTimeout as sleep } from "node:timers/promises";

import type { JobReport } from "../../engine/job/report";
import type { JobReference } from "../types";
import type { KubernetesClient } from "./client";
import { KubernetesError } from "./error";
import { type JobOutcome, jobOutcome, podsOf } from "./job-outcome";
import { mayHelpToRunAgain, reportOf } from "./job-report";
import type { Job, Pod } from "./objects";
import type { Trouble } from "./pod-trouble";
import { fieldManagerOf, rerunManifest } from "./rerun-manifest";

/** How a Job has ended, as far as this process waits for it. */
export type JobResult =
  | { readonly state: "missing"; readonly wasThere: boolean }
  | { readonly state: "succeeded"; readonly report?: JobReport }
  | {
      readonly state: "failed";
      readonly report?: JobReport;
      readonly trouble: Trouble;
      readonly goesOn: boolean;
      /** The last lines of the log, where there is no report. */
      readonly log?: string;
    };

export interface JobWatchSettings {
  /** The Job's own deadline. */
  readonly deadlineSeconds: number;
  readonly stuckSeconds: number;
  /** Throws where nobody waits any more. */
  readonly beforeLook: () => void;
  /** Milliseconds between two looks; default: 0.5 s, later 2 s. */
  readonly interval?: number;
}

/** A Job ends itself at its deadline; its pods take a little longer. */
const GRACE_SECONDS = 60;

/** How long the API may be away while a Job is waited for. */
const PATIENCE_MS = 60_000;

const LOG_LINES = 10;

/**
 * Waits for Jobs, once for all resources that share one. A Job that had failed before this process saw it first is run
 * again, once, where that may help.
 */
export class JobWatches {
  readonly #watches = new Map<string, JobWatch>();

  async result(
    client: KubernetesClient,
    job: JobReference,
    settings: JobWatchSettings,
    onProgress: (progress: string) => void,
  ): Promise<JobResult> {
    const key = `${client.server} ${job.namespace}/${job.name}`;
    const watch = this.#watches.get(key) ?? new JobWatch(client, job, settings);
    this.#watches.set(key, watch);
    return watch.result(onProgress);
  }
}

class JobWatch {
  readonly #client: KubernetesClient;
  readonly #reference: JobReference;
  readonly #settings: JobWatchSettings;
  readonly #listeners = new Set<(progress: string) => void>();
  /** As last seen, also of those that are gone since. */
  readonly #pods = new Map<string, Pod>();
  #progress = "";
  #seen: Trouble | undefined;
  #waitingSince: Date | undefined;
  #hasRunAgain = false;
  #result: Promise<JobResult> | undefined;

  constructor(client: KubernetesClient, reference: JobReference, settings: JobWatchSettings) {
    this.#client = client;
    this.#reference = reference;
    this.#settings = settings;
  }

  async result(onProgress: (progress: string) => void): Promise<JobResult> {
    this.#listeners.add(onProgress);
    if (this.#progress) onProgress(this.#progress);
    this.#result ??= this.#run();
    try {
      return await this.#result;
    } catch (error) {
      this.#result = undefined; // how the Job ends is not known: whoever asks next looks again
      throw error;
    } finally {
      this.#listeners.delete(onProgress);
    }
  }

  async #run(): Promise<JobResult> {
    const first = await this.#look();
    if (!first) return { state: "missing", wasThere: false };
    if (first.outcome.state === "failed" && !first.outcome.goesOn && !this.#hasRunAgain) {
      const result = await this.#end(first);
      if (result.state !== "failed" || !mayHelpToRunAgain(result.report, exitCodeOf(result)))
        return result;
      this.#logProgress(
        `running the Job again, which had failed before: ${result.trouble.message}`,
      );
      await this.#runAgain(first.job);
    }
    return this.#wait();
  }

  async #wait(): Promise<JobResult> {
    const { deadlineSeconds, interval } = this.#settings;
    const begin = Date.now();
    for (;;) {
      const look = await this.#patientLook();
      if (!look) return { state: "missing", wasThere: true };
      const { outcome } = look;
      this.#logProgress(outcome.progress);
      if (outcome.state === "succeeded" || outcome.state === "failed") return this.#end(look);
      this.#seen = outcome.trouble ?? this.#seen;
      const waited = Date.now() - begin;
      if (waited > (deadlineSeconds + GRACE_SECONDS) * 1000) return this.#tooLong(outcome.progress);
      await sleep(interval ?? (waited < 60_000 ? 500 : 2000));
    }
  }

  #tooLong(progress: string): JobResult {
    const { deadlineSeconds } = this.#settings;
    const trouble: Trouble = {
      kind: "deadline",
      class: "temporary",
      message: `the Job has not ended ${GRACE_SECONDS} s after its deadline of ${deadlineSeconds} s: ${progress}`,
      remedy: this.#seen?.remedy ?? "Look at it: kubectl describe job; then run pulumi up again.",
    };
    return { state: "failed", report: this.#report(), trouble, goesOn: true };
  }

  async #patientLook(): Promise<Look | undefined> {
    const begin = Date.now();
    for (;;) {
      try {
        return await this.#look();
      } catch (error) {
        const mayPass = error instanceof KubernetesError && error.class === "temporary";
        if (!mayPass || Date.now() - begin > PATIENCE_MS) throw error;
        this.#logProgress(error.message);
        await sleep(this.#settings.interval ?? 2000);
      }
    }
  }

  async #look(): Promise<Look | undefined> {
    this.#settings.beforeLook();
    const client = this.#client;
    const { namespace, name } = this.#reference;
    const job = await client.readJob(namespace, name);
    if (!job) return undefined;
    const label = `batch.kubernetes.io/job-name=${name}`;
    const pods = podsOf(job, await client.listPods(namespace, label));
    for (const pod of pods) this.#pods.set(pod.metadata.uid ?? "", pod);
    const events = pods.length > 0 ? [] : await this.#events(job);
    const isOver = (job.status?.conditions ?? []).some(
      ({ type, status }) => type === "Failed" && status === "True",
    );
    const outcome = jobOutcome({
      job,
      // A deadline takes the pods away: what they have reported before still counts.
      pods: isOver ? podsOf(job, [...this.#pods.values()]) : pods,
      events,
      now: client.serverTime,
      stuckSeconds: this.#settings.stuckSeconds,
      waitingSince: (this.#waitingSince ??= client.serverTime),
      seen: this.#seen,
    });
    return { job, outcome };
  }

  /** Only to explain why there is no pod; a role that may not read events still gets the rest. */
  async #events(job: Job): ReturnType<KubernetesClient["listEvents"]> {
    if (!job.metadata.uid) return [];
    return this.#client.listEvents(this.#reference.namespace, job.metadata.uid).catch(() => []);
  }

  async #end({ job, outcome }: Look): Promise<JobResult> {
    const report = this.#report(job);
    if (outcome.state !== "failed") return { state: "succeeded", report };
    const { trouble, goesOn } = outcome;
    const log = report ? undefined : await this.#log(job, trouble);
    return { state: "failed", report, trouble, goesOn, log };
  }

  #report(job?: Job): JobReport | undefined {
    const pods = [...this.#pods.values()];
    return reportOf(job ? podsOf(job, pods) : pods);
  }

  async #log(job: Job, trouble: Trouble): Promise<string | undefined> {
    const pod = podsOf(job, [...this.#pods.values()]).at(-1);
    const container = pod?.status?.containerStatuses?.[0]?.name;
    if (trouble.exitCode === undefined || !pod?.metadata.name || !container) return undefined;
    const { namespace } = this.#reference;
    const log = await this.#client
      .readPodLog(namespace, pod.metadata.name, container, LOG_LINES)
      .catch(() => undefined);
    return log?.trim() || undefined;
  }

  /** Kubernetes never runs a failed Job again: the same manifest makes it anew. */
  async #runAgain(job: Job): Promise<void> {
    const { namespace, name } = this.#reference;
    const client = this.#client;
    this.#hasRunAgain = true;
    await client.deleteJob(namespace, name, job.metadata.uid ?? "");
    await this.#untilGone(job.metadata.uid);
    this.#pods.clear();
    this.#seen = undefined;
    try {
      await client.createJob(namespace, rerunManifest(job), fieldManagerOf(job));
    } catch (error) {
      const isThere = error instanceof KubernetesError && error.status === 409;
      if (!isThere) throw error; // somebody else has made it: that run is as good
    }
  }

  async #untilGone(uid: string | undefined): Promise<void> {
    const { namespace, name } = this.#reference;
    const begin = Date.now();
    while ((await this.#client.readJob(namespace, name))?.metadata.uid === uid) {
      this.#settings.beforeLook();
      if (Date.now() - begin > PATIENCE_MS)
        throw new KubernetesError(
          "temporary",
          `The failed Job ${namespace}/${name} is still being deleted after ${PATIENCE_MS / 1000} s.`,
          "See what holds it (kubectl get job -o yaml: finalizers; a pod on a lost node); then run pulumi up again.",
        );
      await sleep(this.#settings.interval ?? 500);
    }
  }

  #logProgress(progress: string): void {
    if (progress === this.#progress) return;
    this.#progress = progress;
    for (const listener of this.#listeners) listener(progress);
  }
}

interface Look {
  readonly job: Job;
  readonly outcome: JobOutcome;
}

function exitCodeOf(result: JobResult): number | undefined {
  return result.state === "failed" ? result.trouble.exitCode : undefined;
}
