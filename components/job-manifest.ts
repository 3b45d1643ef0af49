/** The Job's manifest. Its own name stands in it in a few places only, so the name can be a hash of all the rest. */
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { JobConfig } from "../config/job-schema";
import { BUNDLE_FILE, type JobContent, SPEC_FILE } from "./job-content";
import { labels as stackLabels, labelValue } from "./labels";

type JobSpec = types.input.batch.v1.JobSpec;
type PodSpec = types.input.core.v1.PodSpec;
type Container = types.input.core.v1.Container;

/** What a Job of its own is made from; the pieces that have a name of their own have it from the Job. */
export interface JobManifestArgs {
  readonly job: JobConfig & { readonly image: string };
  readonly content: JobContent;
  /** Secret with the databases' URLs. */
  readonly secretName: string;
  /** Keys of it that the Job needs; each is an environment variable of the same name. */
  readonly secretKeys: readonly string[];
  /** The one database it is for, in mode perDatabase. */
  readonly database?: string;
}

export const CONTAINER = "migrate";

/** The contract of the command's exit codes: what a further try cannot help, must not be tried again. */
const NEVER_AGAIN = [64, 65, 70];
/** Any user but root; images need no such user. */
const USER = 65_532;

export const deadlineSeconds = (job: Pick<JobConfig, "deadline">): number =>
  Math.ceil(job.deadline / 1000);

export function optionsSecretName(jobName: string): string;
export function optionsSecretName(jobName: pulumi.Input<string>): pulumi.Input<string>;
export function optionsSecretName(jobName: pulumi.Input<string>): pulumi.Input<string> {
  if (typeof jobName === "string") return `${jobName}-options`;
  return pulumi.interpolate`${jobName}-options`;
}

/** Labels of the Job's pods, which the NetworkPolicy selects. */
export function jobLabels(database?: string): Record<string, string> {
  return stackLabels({
    "app.kubernetes.io/component": "migration",
    ...(database !== undefined && { "tidemark.dev/database": labelValue(database) }),
  });
}

/** @param name the Job's, which its ConfigMap has too. */
export function jobSpec(args: JobManifestArgs, name: pulumi.Input<string>): JobSpec {
  const { job } = args;
  return {
    backoffLimit: job.backoffLimit,
    activeDeadlineSeconds: deadlineSeconds(job),
    ...(job.ttl !== undefined && { ttlSecondsAfterFinished: Math.ceil(job.ttl / 1000) }),
    completions: 1,
    parallelism: 1,
    // Two pods at a time would only wait for each other's lock.
    podReplacementPolicy: "Failed",
    podFailurePolicy: {
      rules: [
        {
          action: "FailJob",
          onExitCodes: { containerName: CONTAINER, operator: "In", values: NEVER_AGAIN },
        },
        { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      ],
    },
    template: {
      metadata: {
        labels: { ...job.labels, ...jobLabels(args.database) },
        ...(Object.keys(job.annotations).length > 0 && { annotations: job.annotations }),
      },
      spec: {
        restartPolicy: "Never",
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: USER,
          runAsGroup: USER,
          fsGroup: USER,
          seccompProfile: { type: "RuntimeDefault" },
        },
        ...placement(job),
        containers: [container(args, name)],
        volumes: [
          { name: "specification", configMap: { name } },
          { name: "work", emptyDir: { sizeLimit: "256Mi" } },
        ],
      },
    },
  };
}

/** Left out where nothing is asked for, so that the Job keeps its name. */
function placement(job: JobConfig): Partial<PodSpec> {
  const { serviceAccountName, priorityClassName, affinity, nodeSelector } = job;
  return {
    ...filled(
      "imagePullSecrets",
      job.imagePullSecrets.map((secret) => ({ name: secret })),
    ),
    ...filled("tolerations", job.tolerations),
    ...filled("hostAliases", job.hostAliases),
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    ...(affinity && { affinity }),
    ...(serviceAccountName !== undefined && { serviceAccountName }),
    ...(priorityClassName !== undefined && { priorityClassName }),
  };
}

const filled = <K extends string, T>(key: K, list: readonly T[]): { [P in K]?: T[] } =>
  list.length > 0 ? ({ [key]: [...list] } as { [P in K]: T[] }) : {};

function container(args: JobManifestArgs, name: pulumi.Input<string>): Container {
  const { job, content } = args;
  return {
    name: CONTAINER,
    image: job.image,
    imagePullPolicy: job.imagePullPolicy,
    args: [
      "job",
      "--spec",
      `/tidemark/${SPEC_FILE}`,
      ...(content.binaryData ? ["--bundle", `/tidemark/${BUNDLE_FILE}`] : []),
      "--report",
      "/dev/termination-log",
      "--work",
      "/work",
    ],
    env: [
      ...args.secretKeys.map((key) => fromSecret(key, args.secretName)),
      ...Object.keys(content.secretOptions).map((key) => fromSecret(key, optionsSecretName(name))),
    ],
    resources: job.resources,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    volumeMounts: [
      { name: "specification", mountPath: "/tidemark", readOnly: true },
      { name: "work", mountPath: "/work" },
    ],
  };
}

const fromSecret = (key: string, name: pulumi.Input<string>) => ({
  name: key,
  valueFrom: { secretKeyRef: { name, key, optional: false } },
});
