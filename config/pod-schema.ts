/** The part of `tidemark:job` that says where its pods run, as whom, and what the cluster's own rules ask of them. */
import { z } from "zod";

import { key, kubernetesSubdomain, text } from "./fields";

/** `prefix/name` (docs of Kubernetes: "Labels and Selectors", "Annotations"). */
const QUALIFIED_NAME =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
/** By these the stack knows its own objects, and the NetworkPolicy its pods. */
const OWN_LABELS = /^(app\.kubernetes\.io\/(name|managed-by|component)$|tidemark\.dev\/)/;

const qualifiedName = z
  .string()
  .regex(QUALIFIED_NAME, 'must be a name such as "team" or "example.com/team"');

const labelValue = z
  .string('must be a text in quotes, such as "true"')
  .regex(LABEL_VALUE, "must have at most 63 letters, digits, dots, hyphens and underscores");

export const selectorLabels = z.record(qualifiedName, labelValue);

const ownLabels = selectorLabels.superRefine((labels, context) => {
  for (const name of Object.keys(labels).filter((each) => OWN_LABELS.test(each)))
    context.addIssue({
      code: "custom",
      path: [name],
      message: "is a label that Tidemark sets itself",
    });
});

const annotations = z.record(qualifiedName, z.string('must be a text in quotes, such as "true"'));

const toleration = z.strictObject({
  key: text.optional(),
  operator: z.enum(["Exists", "Equal"], { error: "must be Exists or Equal" }).optional(),
  value: z.string("must be a text").optional(),
  effect: z
    .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"], {
      error: "must be NoSchedule, PreferNoSchedule or NoExecute",
    })
    .optional(),
  tolerationSeconds: z.int("must be a whole number").optional(),
});

/** Handed on as it is: the API server knows its form. */
const affinity = z
  .strictObject({
    nodeAffinity: z.looseObject({}).optional(),
    podAffinity: z.looseObject({}).optional(),
    podAntiAffinity: z.looseObject({}).optional(),
  })
  .optional();

export const POD_SHAPE = {
  labels: ownLabels
    .default({})
    .meta(
      key(
        "labels of the Job and its pods beside Tidemark's own, such as those that a policy asks for",
      ),
    ),
  annotations: annotations.default({}).meta(key("annotations of its pods")),
  serviceAccountName: kubernetesSubdomain
    .optional()
    .meta(
      key(
        "the service account of its pods, which exists; its token is not mounted",
        "the namespace's",
      ),
    ),
  priorityClassName: kubernetesSubdomain
    .optional()
    .meta(key("an existing PriorityClass", "the cluster's")),
  imagePullSecrets: z
    .array(kubernetesSubdomain)
    .default([])
    .meta(key("secrets of the registry, by name")),
  nodeSelector: selectorLabels.default({}).meta(key("as in a pod")),
  affinity: affinity.meta(
    key("`{ nodeAffinity, podAffinity, podAntiAffinity }`, as in a pod", "none"),
  ),
  tolerations: z.array(toleration).default([]).meta(key("as in a pod")),
  hostAliases: z
    .array(
      z.strictObject({
        ip: z.union([z.ipv4(), z.ipv6()], { error: "must be an IP address" }),
        hostnames: z.array(text).min(1, "must name at least one host"),
      }),
    )
    .default([])
    .meta(key("as in a pod")),
};
