/** Jobs and pods as Kubernetes 1.34 writes them, cut down to what has a meaning. */
import type {
  Condition,
  ContainerStatus,
  Job,
  KubernetesEvent,
  Pod,
} from "../../../provider/kubernetes/objects";

export const UID = "03de5de7-f937-41f7-9c2e-6ee6a4c834c1";
export const NAME = "db-migrations-0123456789";
export const MADE = "2026-11-23T05:18:19Z";

export function job(status: Job["status"] = {}, spec: Job["spec"] = {}): Job {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: NAME,
      namespace: "ameide",
      uid: UID,
      generation: 1,
      resourceVersion: "527",
      creationTimestamp: MADE,
      labels: { app: "migrations" },
      annotations: { "pulumi.com/skipAwait": "true", "batch.kubernetes.io/job-tracking": "" },
      managedFields: [
        { manager: "kube-controller-manager", subresource: "status" },
        { manager: "pulumi-kubernetes-1a2b3c4d" },
      ],
    },
    spec: {
      backoffLimit: 3,
      activeDeadlineSeconds: 900,
      ...spec,
      ...{
        selector: { matchLabels: { "batch.kubernetes.io/controller-uid": UID } },
        template: {
          metadata: {
            creationTimestamp: null,
            labels: {
              app: "migrations",
              "batch.kubernetes.io/controller-uid": UID,
              "batch.kubernetes.io/job-name": NAME,
              "controller-uid": UID,
              "job-name": NAME,
            },
          },
          spec: { restartPolicy: "Never", containers: [{ name: "migrate", image: IMAGE }] },
        },
      },
    },
    status: { startTime: MADE, terminating: 0, ready: 0, ...status } as Job["status"],
  };
}

export const IMAGE = "registry.example/tidemark@sha256:0000";

export function condition(type: string, reason?: string, message?: string): Condition {
  return { type, status: "True", reason, message, lastTransitionTime: MADE };
}

export function failedJob(reason: string, message = "", spec: Job["spec"] = {}): Job {
  const conditions = [condition("FailureTarget", reason), condition("Failed", reason, message)];
  return job({ failed: 1, conditions }, spec);
}

export const completeJob = (): Job =>
  job({
    succeeded: 1,
    conditions: [condition("SuccessCriteriaMet", "CompletionsReached"), condition("Complete")],
  });

interface PodDetails {
  readonly name?: string;
  readonly madeAt?: string;
  readonly ownerUid?: string;
  readonly status?: Partial<NonNullable<Pod["status"]>>;
  readonly state?: ContainerStatus["state"];
}

export function pod(phase: string, details: PodDetails = {}): Pod {
  const { name = `${NAME}-ztsxr`, madeAt = MADE, ownerUid = UID, status, state } = details;
  return {
    metadata: {
      name,
      namespace: "ameide",
      uid: `uid-of-${name}`,
      creationTimestamp: madeAt,
      ownerReferences: [{ kind: "Job", uid: ownerUid }],
    },
    spec: { nodeName: "node1" },
    status: {
      phase,
      startTime: madeAt,
      ...(state && { containerStatuses: [{ name: "migrate", image: IMAGE, state }] }),
      ...status,
    },
  };
}

export const waitingPod = (reason: string, message?: string): Pod =>
  pod("Pending", { state: { waiting: { reason, message } } });

/** A pod whose container has ended, with the report it left. */
export function endedPod(
  exitCode: number,
  {
    message,
    reason = "Error",
    ...details
  }: PodDetails & { message?: string; reason?: string } = {},
): Pod {
  const terminated = { exitCode, reason: exitCode === 0 ? "Completed" : reason, message };
  return pod(exitCode === 0 ? "Succeeded" : "Failed", { ...details, state: { terminated } });
}

export function event(reason: string, message: string): KubernetesEvent {
  return { metadata: {}, reason, message, type: "Warning", lastTimestamp: MADE };
}
