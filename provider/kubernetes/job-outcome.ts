import type { Condition, Job, KubernetesEvent, Pod } from "./objects";
import { endedPod, type StuckPod, stuckPod, type Trouble } from "./pod-trouble";

/** All that is known of a Job at one moment. */
export interface JobView {
  readonly job: Job;
  /** The Job's own, oldest first (podsOf). */
  readonly pods: readonly Pod[];
  readonly events: readonly KubernetesEvent[];
  /** By the cluster's clock. */
  readonly now: Date;
  /** How long a pod may be stuck with what does not pass by itself, while somebody waits. */
  readonly stuckSeconds: number;
  /** Since when somebody waits: a pod that was stuck before gets its time again, since the cause may be mended by now. */
  readonly waitingSince: Date;
  /** The last trouble of the views before: where the deadline is over, the pods and their reasons are gone. */
  readonly seen?: Trouble;
}

/** How far a Job is, in words for the user. */
export type JobOutcome =
  | { readonly state: "waiting" | "running"; readonly progress: string; readonly trouble?: Trouble }
  | { readonly state: "succeeded"; readonly progress: string }
  | {
      readonly state: "failed";
      readonly progress: string;
      readonly trouble: Trouble;
      /** The wait is given up, not the Job: it goes on by itself once the cause is mended. */
      readonly goesOn: boolean;
    };

/** What a Job's status, pods and events mean. */
export function jobOutcome(view: JobView): JobOutcome {
  const { job, pods } = view;
  const complete = conditionOf(job, "Complete");
  if (complete) return { state: "succeeded", progress: "the Job is complete" };
  const failed = conditionOf(job, "Failed");
  if (failed) {
    const trouble = troubleOfFailed(view, failed);
    return { state: "failed", progress: trouble.message, trouble, goesOn: false };
  }
  const failing = conditionOf(job, "FailureTarget");
  if (failing)
    return {
      state: "running",
      progress: `the Job has failed (${failing.reason ?? ""}), its pods end`,
    };
  if (job.spec?.suspend) return { state: "waiting", progress: "the Job is suspended" };
  const stuck = refusedPod(view) ?? newestStuck(pods);
  return stuck ? outcomeOfStuck(view, stuck) : outcomeOfPods(view);
}

/** The pods that this very Job has made, oldest first. */
export function podsOf(job: Job, pods: readonly Pod[]): readonly Pod[] {
  const own = pods.filter(({ metadata }) =>
    (metadata.ownerReferences ?? []).some(({ uid }) => uid === job.metadata.uid),
  );
  const madeAt = ({ metadata }: Pod): string => metadata.creationTimestamp ?? "";
  return [...own].sort((a, b) => (madeAt(a) < madeAt(b) ? -1 : madeAt(a) > madeAt(b) ? 1 : 0));
}

function conditionOf(job: Job, type: string): Condition | undefined {
  return job.status?.conditions?.find((c) => c.type === type && c.status === "True");
}

function newestStuck(pods: readonly Pod[]): StuckPod | undefined {
  return pods
    .filter(({ status }) => status?.phase === "Pending" || status?.phase === undefined)
    .map(stuckPod)
    .findLast((trouble) => trouble !== undefined);
}

/** The controller may make no pod at all: quota, PodSecurity, an admission webhook. Only an event says so. */
function refusedPod({ job, pods, events }: JobView): StuckPod | undefined {
  if (pods.length > 0) return undefined;
  const event = events.findLast(({ reason }) => reason === "FailedCreate");
  if (!event) return undefined;
  const said = (event.message ?? "").replace(/^Error creating: /, "");
  const since = job.status?.startTime ?? job.metadata.creationTimestamp ?? "";
  return {
    kind: "refused",
    class: "usage",
    message: `the cluster refuses the Job's pod: ${said}`,
    remedy: remedyOfRefusal(said),
    since,
  };
}

function remedyOfRefusal(said: string): string {
  if (/exceeded quota|quota/i.test(said))
    return "Raise the namespace's ResourceQuota, or lower tidemark:job.resources.";
  if (/PodSecurity/.test(said))
    return "The namespace's PodSecurity level refuses it: use the image and settings of tidemark:job as they are by default, which fit restricted.";
  if (/serviceaccount/i.test(said)) return "Make the service account that it names.";
  return "Correct what it names: an admission rule of the cluster refuses the pod.";
}

function outcomeOfStuck(view: JobView, stuck: StuckPod): JobOutcome {
  const { now, stuckSeconds, waitingSince } = view;
  const since = Math.max(Date.parse(stuck.since) || 0, waitingSince.getTime());
  const isLong = now.getTime() - since >= stuckSeconds * 1000;
  // A node may yet come: autoscalers take minutes. The Job's own deadline ends that wait.
  if (!isLong || stuck.kind === "unschedulable")
    return { state: "waiting", progress: stuck.message, trouble: stuck };
  return { state: "failed", progress: stuck.message, trouble: stuck, goesOn: true };
}

function outcomeOfPods({ job, pods }: JobView): JobOutcome {
  const failures = pods.map(endedPod).filter((trouble) => trouble !== undefined);
  const last = failures.at(-1);
  const most = (job.spec?.backoffLimit ?? 6) + 1;
  const mayTryAgain = failures.length < most;
  const tries = mayTryAgain ? `try ${failures.length + 1} of ${most}, since ` : "";
  const after = last ? tries + last.message : "";
  const current = pods.findLast((pod) => !isOver(pod));
  const name = current?.metadata.name ?? "";
  if (current?.status?.phase === "Running")
    return { state: "running", progress: join(`the pod ${name} runs`, after), trouble: last };
  const isEnding = pods.length > 0 && (failures.length < pods.length || !mayTryAgain);
  const idle = isEnding ? "the pod has ended, the Job ends" : "waiting for the Job's pod";
  const what = current ? `the pod ${name} is being made` : idle;
  return { state: "waiting", progress: join(what, after), trouble: last };
}

/** The container's end is known a moment before the pod's. */
function isOver({ status }: Pod): boolean {
  if (status?.phase === "Failed" || status?.phase === "Succeeded") return true;
  const containers = status?.containerStatuses ?? [];
  return containers.length > 0 && containers.every(({ state }) => state?.terminated);
}

const join = (...parts: string[]): string => parts.filter((part) => part !== "").join("; ");

function troubleOfFailed({ job, pods, seen }: JobView, failed: Condition): Trouble {
  const last = pods.map(endedPod).findLast((trouble) => trouble !== undefined) ?? seen;
  if (failed.reason === "DeadlineExceeded") return deadlineTrouble(job, last);
  if (last) return last;
  const said = [failed.reason, failed.message].filter(Boolean).join(": ");
  const code = /exit code (\d+)/.exec(said)?.[1];
  return {
    kind: "exit",
    class: "temporary",
    message: `the Job has failed: ${said}`,
    remedy: "Run pulumi up again: the Job goes on from what has been applied.",
    ...(code !== undefined && { exitCode: Number(code) }),
  };
}

/** What a container that is asked to stop ends with: that is the deadline's work, not its reason. */
const STOPPED: ReadonlySet<number | undefined> = new Set([137, 143]);

function deadlineTrouble(job: Job, found: Trouble | undefined): Trouble {
  const last = found?.kind === "exit" && STOPPED.has(found.exitCode) ? undefined : found;
  const seconds = job.spec?.activeDeadlineSeconds;
  const after = seconds === undefined ? "" : ` of ${seconds} s`;
  return {
    kind: "deadline",
    class: "temporary",
    message: join(
      `the Job was stopped at its deadline${after}`,
      last ? `seen before: ${last.message}` : "",
    ),
    remedy: last
      ? last.remedy
      : "If the migrations need longer, raise tidemark:job.deadline; then run pulumi up again.",
  };
}
