import type { Condition, ContainerStatus, Pod, TerminatedState } from "./objects";

/** What keeps a pod from doing its work, or has ended it: fact and remedy. */
export interface Trouble {
  readonly kind:
    | "image"
    | "configuration"
    | "command"
    | "unschedulable"
    | "memory"
    | "disruption"
    | "exit"
    | "deadline"
    | "refused";
  /** `temporary`: trying again may help; `usage`: somebody has to mend something first. */
  readonly class: "usage" | "temporary";
  readonly message: string;
  readonly remedy: string;
  /** Of a container that has ended by itself. */
  readonly exitCode?: number;
}

/** Trouble of a pod that has not ended: it may pass by itself, or never. */
export interface StuckPod extends Trouble {
  /** Since when, by the cluster's clock. */
  readonly since: string;
}

const IMAGE_REASONS: ReadonlySet<string> = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "ErrImageNeverPull",
  "InvalidImageName",
  "ImageInspectError",
  "RegistryUnavailable",
  "SignatureValidationFailed",
]);

/** What a pod that has not ended is stuck with; undefined: nothing. */
export function stuckPod(pod: Pod): StuckPod | undefined {
  const since = pod.status?.startTime ?? pod.metadata.creationTimestamp ?? "";
  for (const container of containersOf(pod)) {
    const trouble = waitingTrouble(pod, container);
    if (trouble) return { ...trouble, since };
  }
  const scheduled = conditionOf(pod, "PodScheduled");
  if (scheduled?.status !== "False" || scheduled.reason !== "Unschedulable") return undefined;
  return {
    kind: "unschedulable",
    class: "temporary",
    message: `no node takes the pod ${nameOf(pod)}: ${scheduled.message ?? "unschedulable"}`,
    remedy:
      "Add a node or room on one, or change tidemark:job (resources, nodeSelector, tolerations).",
    since: scheduled.lastTransitionTime ?? since,
  };
}

function waitingTrouble(pod: Pod, container: ContainerStatus): Trouble | undefined {
  const { reason = "", message = "" } = container.state?.waiting ?? {};
  const said = message === "" ? reason : `${reason}: ${message}`;
  if (IMAGE_REASONS.has(reason))
    return {
      kind: "image",
      class: "usage",
      message: `the pod ${nameOf(pod)} cannot get its image ${container.image ?? ""}: ${said}`,
      remedy:
        "Check tidemark:job.image (registry, name, digest), tidemark:job.imagePullSecrets, and that the nodes may reach the registry.",
    };
  if (reason === "CreateContainerConfigError")
    return {
      kind: "configuration",
      class: "usage",
      message: `the container of the pod ${nameOf(pod)} cannot be made: ${said}`,
      remedy: /secret|configmap/i.test(message)
        ? "Make the Secret or key that it names (kubectl describe externalsecret), or correct databases.<name>.migrationSecret."
        : "Correct what it names: an image that runs as root needs another user, for example.",
    };
  if (reason === "RunContainerError" || reason === "CreateContainerError")
    return commandTrouble(pod, container.image, said);
  return undefined;
}

/** Why a pod has ended without success; undefined: it has not ended, or well. */
export function endedPod(pod: Pod): Trouble | undefined {
  const disrupted = disruption(pod);
  if (disrupted) return disrupted;
  for (const container of containersOf(pod)) {
    const terminated = container.state?.terminated;
    if (terminated && terminated.exitCode !== 0)
      return terminatedTrouble(pod, container.image, terminated);
  }
  const { phase, reason, message } = pod.status ?? {};
  if (phase !== "Failed") return undefined;
  if (reason === "DeadlineExceeded") return undefined; // the Job says it better
  const said = [reason, message].filter(Boolean).join(": ");
  return {
    kind: "disruption",
    class: "temporary",
    message: `the pod ${nameOf(pod)} has failed${said ? `: ${said}` : ""}`,
    remedy: RETRY,
  };
}

const RETRY = "Run pulumi up again: the Job goes on from what has been applied.";

function disruption(pod: Pod): Trouble | undefined {
  const target = conditionOf(pod, "DisruptionTarget");
  const evicted = pod.status?.reason === "Evicted" || pod.status?.reason === "NodeLost";
  const lost = containersOf(pod).some(
    ({ state }) => state?.terminated?.reason === "ContainerStatusUnknown",
  );
  if (target?.status !== "True" && !evicted && !lost) return undefined;
  const said = [target?.reason ?? pod.status?.reason, target?.message ?? pod.status?.message];
  const node = pod.spec?.nodeName ? ` on node ${pod.spec.nodeName}` : "";
  const text = said.filter(Boolean).join(": ") || "its node was lost";
  return {
    kind: "disruption",
    class: "temporary",
    message: `the pod ${nameOf(pod)}${node} was stopped from outside: ${text}`,
    remedy: RETRY,
  };
}

/** What a shell, or the container runtime, says where there is nothing to run. */
const NO_COMMAND: ReadonlySet<number> = new Set([126, 127, 128]);

function terminatedTrouble(pod: Pod, image: string | undefined, ended: TerminatedState): Trouble {
  const { exitCode, reason = "", message = "" } = ended;
  if (reason === "OOMKilled")
    return {
      kind: "memory",
      class: "temporary",
      message: `the pod ${nameOf(pod)} needed more memory than its limit and was killed (OOMKilled)`,
      remedy: "Raise tidemark:job.resources.limits.memory, then run pulumi up again.",
      exitCode,
    };
  if (reason === "StartError" || reason === "ContainerCannotRun" || NO_COMMAND.has(exitCode))
    return {
      ...commandTrouble(pod, image, message || `${reason || "Error"}, exit code ${exitCode}`),
      exitCode,
    };
  const isEnded = pod.metadata.deletionTimestamp !== undefined || exitCode === 137;
  return {
    kind: "exit",
    class: exitCode === 64 || exitCode === 65 ? "usage" : "temporary",
    message: `the pod ${nameOf(pod)} ended with exit code ${exitCode}${MEANING[exitCode] ?? (isEnded ? ": it was killed" : "")}`,
    remedy: exitCode === 64 || exitCode === 65 ? "Read the Job's log." : RETRY,
    exitCode,
  };
}

/** The command's own exit codes (contract). */
const MEANING: Readonly<Record<number, string>> = {
  64: ": usage or configuration",
  65: ": the migrations or the database's history are at fault",
  70: ": a bug of Tidemark",
  75: ": a temporary failure",
};

function commandTrouble(pod: Pod, image: string | undefined, said: string): Trouble {
  return {
    kind: "command",
    class: "usage",
    message: `the container of the pod ${nameOf(pod)} does not start: ${said}`,
    remedy: `The image ${image ?? ""} has to have the command tidemark: take the project's own image, or correct tidemark:job.image.`,
  };
}

function conditionOf(pod: Pod, type: string): Condition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

function containersOf(pod: Pod): readonly ContainerStatus[] {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  return [...initContainerStatuses, ...containerStatuses];
}

const nameOf = (pod: Pod): string => pod.metadata.name ?? "";
