/** `tidemark:job`, `tidemark:portForward`, `tidemark:kubernetes`: how the stack uses a cluster. */
import { z } from "zod";

import { flag, goDuration, key, kubernetesName, kubernetesSubdomain, port, text } from "./fields";
import { POD_SHAPE, selectorLabels } from "./pod-schema";

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;

/** With a digest, or at least a tag of its own: what runs must not change behind a Job's name. */
const image = text
  .regex(
    /^[a-z0-9]+([._-]+[a-z0-9]+)*(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/,
    "must be an image such as name@sha256:<64 hexadecimal digits>",
  )
  .refine((name) => /@sha256:|:(?!latest$)[\w][\w.-]*$/.test(name), {
    error:
      "must be pinned by a digest (name@sha256:…): with no tag or latest nobody knows what will run",
  })
  .refine((name) => !/@sha256:0+$/.test(name), {
    error:
      "has a digest of zeros, which no image has. Build your own (npm run image) and name it by its digest",
  });

/** Kubernetes quantities (docs: "Quantity"). */
const quantity = z
  .string({ error: 'must be a quantity in quotes, such as "128Mi"' })
  .regex(
    /^(\d+(\.\d*)?|\.\d+)([kMGTPE]|[KMGTPE]i|m|[eE]\d+)?$/,
    'must be a quantity such as "100m", "128Mi" or "1Gi"',
  );

const networkPolicy = z.union(
  [
    flag,
    z.strictObject({
      /** Where PostgreSQL is: peers as NetworkPolicy has them. */
      peers: z
        .array(
          z
            .strictObject({
              ipBlock: z.strictObject({ cidr: text, except: z.array(text).optional() }).optional(),
              namespaceSelector: z
                .strictObject({ matchLabels: selectorLabels.optional() })
                .optional(),
              podSelector: z.strictObject({ matchLabels: selectorLabels.optional() }).optional(),
            })
            .refine((peer) => Object.keys(peer).length > 0, { error: "must not be empty" }),
        )
        .min(1, "must name at least one peer")
        .optional(),
      /** Ports of PostgreSQL's pods where they differ from the service's. */
      ports: z.array(port).min(1, "must name at least one port").optional(),
    }),
  ],
  { error: "must be true, false, or a map with peers and ports" },
);

const REQUESTS = { cpu: "100m", memory: "128Mi" };
const LIMITS = { memory: "512Mi" };

/** By default no limit of cpu: a migration that is throttled holds its locks longer. */
const resources = z.strictObject({
  requests: z
    .strictObject({
      cpu: quantity.default(REQUESTS.cpu),
      memory: quantity.default(REQUESTS.memory),
      "ephemeral-storage": quantity.optional(),
    })
    .prefault({}),
  limits: z
    .strictObject({
      memory: quantity.default(LIMITS.memory),
      cpu: quantity.optional(),
      "ephemeral-storage": quantity.optional(),
    })
    .prefault({}),
});

export const jobSchema = z.strictObject({
  image: image
    .optional()
    .meta(
      key(
        "image with the `tidemark` command, pinned: `name@sha256:…`, or at least a tag other than `latest`",
        "required",
      ),
    ),
  migrations: z
    .enum(["configMap", "image"], { error: "must be configMap or image" })
    .default("configMap")
    .meta(
      key(
        "`configMap`: compressed, at most 1 MiB; `image`: they are in the image, in its working directory",
      ),
    ),
  mode: z
    .enum(["sequential", "perDatabase"], { error: "must be sequential or perDatabase" })
    .default("sequential")
    .meta(
      key(
        "one Job for all databases (at most 50), one after the other; `perDatabase`: a Job for each",
      ),
    ),
  deadline: goDuration(10 * SECOND_MS, 168 * HOUR_MS, '"15m"')
    .prefault("15m")
    .meta(key("longest time for the Job with all its tries; longer than any `lockWait`")),
  backoffLimit: z
    .int("must be a whole number")
    .min(0, "must be 0 to 20")
    .max(20, "must be 0 to 20")
    .default(3)
    .meta(key("further tries after a temporary failure; none after exit codes 64, 65 and 70")),
  ttl: goDuration(60 * SECOND_MS, 8760 * HOUR_MS, '"24h"')
    .optional()
    .meta(
      key(
        "deletes a finished Job after that time. The next refresh finds it gone and the next update runs it again, without harm",
        "off",
      ),
    ),
  /** `pulumi config set --path` writes a number for "2". */
  attempt: z
    .preprocess(
      (value) => (typeof value === "number" ? String(value) : value),
      z
        .string({ error: 'must be a text, such as "2"' })
        .regex(/^[A-Za-z0-9._-]{1,40}$/, "must be 1 to 40 letters, digits, dots or hyphens"),
    )
    .default("1")
    .meta(
      key(
        "any other text runs the Job again: `pulumi config set --path tidemark:job.attempt 2`",
        '`"1"`',
      ),
    ),
  resources: resources
    .prefault({})
    .meta(
      key(
        "`{ requests: { cpu, memory }, limits: { cpu, memory } }`; by default no limit of cpu",
        `${REQUESTS.cpu}, ${REQUESTS.memory}, ${LIMITS.memory}`,
      ),
    ),
  networkPolicy: networkPolicy
    .default(false)
    .meta(
      key(
        "`true`: the Job's pods reach DNS and PostgreSQL's port only; `{ peers, ports }` says where PostgreSQL is",
      ),
    ),
  imagePullPolicy: z
    .enum(["Always", "IfNotPresent", "Never"], { error: "must be Always, IfNotPresent or Never" })
    .default("IfNotPresent")
    .meta(key("when the node asks the registry: `Always`, `IfNotPresent`, `Never`")),
  ...POD_SHAPE,
});

export const portForwardSchema = z
  .strictObject({
    namespace: kubernetesName.optional(),
    service: kubernetesName.optional(),
    pod: kubernetesSubdomain.optional(),
    selector: text.optional(),
    port: port.optional(),
  })
  .refine(
    ({ service, pod, selector }) =>
      [service, pod, selector].filter((target) => target !== undefined).length <= 1,
    { error: "must name one of service, pod and selector, not several" },
  );

export const kubernetesSchema = z.strictObject({
  /** A path, or the content of a kubeconfig (then set it with --secret). */
  kubeconfig: text.optional(),
  context: text.optional(),
});

export type JobConfig = z.infer<typeof jobSchema>;
export type NetworkPolicyConfig = JobConfig["networkPolicy"];
export type PortForwardConfig = z.infer<typeof portForwardSchema>;
export type KubernetesConfig = z.infer<typeof kubernetesSchema>;
