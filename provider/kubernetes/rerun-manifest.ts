import { withoutKeys } from "../without-keys";
import type { Job, KubernetesObject } from "./objects";

/** What the controller has put onto a Job's labels; made anew, it puts them there again. */
const CONTROLLER_LABELS = [
  "controller-uid",
  "job-name",
  "batch.kubernetes.io/controller-uid",
  "batch.kubernetes.io/job-name",
];
const CONTROLLER_ANNOTATIONS = ["batch.kubernetes.io/job-tracking"];

interface Spec {
  readonly selector?: unknown;
  readonly template?: {
    readonly metadata?: {
      readonly creationTimestamp?: unknown;
      readonly labels?: Readonly<Record<string, string>>;
    };
  };
}

/** The manifest from which the same Job can be made anew: all that a cluster adds to a Job is left out. */
export function rerunManifest(job: Job): KubernetesObject {
  const { name, namespace, labels, annotations, ownerReferences } = job.metadata;
  const { template, ...spec } = withoutKeys((job.spec ?? {}) as Spec, ["selector"]);
  const templateMetadata = withoutKeys(template?.metadata ?? {}, ["creationTimestamp"]);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name,
      namespace,
      ...(labels && { labels: withoutKeys(labels, CONTROLLER_LABELS) }),
      ...(annotations && { annotations: withoutKeys(annotations, CONTROLLER_ANNOTATIONS) }),
      ...(ownerReferences && { ownerReferences }),
    },
    spec: {
      ...spec,
      template: {
        ...template,
        metadata: {
          ...templateMetadata,
          labels: withoutKeys(templateMetadata.labels ?? {}, CONTROLLER_LABELS),
        },
      },
    },
  } as KubernetesObject;
}

/** Who made the Job, by its managed fields: whoever goes on applying it must find them to be its own. */
export function fieldManagerOf(job: Job): string | undefined {
  return job.metadata.managedFields?.find(({ subresource }) => !subresource)?.manager;
}
