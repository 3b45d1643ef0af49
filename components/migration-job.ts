import * as pulumi from "@pulumi/pulumi";

import type { JobConfig, NetworkPolicyConfig } from "../config/job-schema";
import { HASH_LENGTH, jobBaseName } from "../config/names";
import { digest, slowDigest } from "./digest";
import { jobContent, type MigratingDatabase } from "./job-content";
import {
  deadlineSeconds,
  jobLabels,
  type JobManifestArgs,
  jobSpec,
  optionsSecretName,
} from "./job-manifest";
import { labels } from "./labels";
import { batch, core, networking } from "./sdk";

export interface MigrationJobArgs {
  readonly namespace: string;
  readonly job: JobConfig & { readonly image: string };
  /** In the order in which they are migrated. */
  readonly databases: readonly (MigratingDatabase & {
    readonly server: { readonly host: string; readonly port: number };
  })[];
  /** Secret with their URLs, and its version: a new one makes a new Job. */
  readonly secretName: string;
  readonly secretVersion: pulumi.Input<string>;
  /** Set where the Job is for one database only: a part of its name. */
  readonly database?: string;
}

/**
 * Who waits for the Job is SchemaVersion, which can read its report and knows when to run it again. No
 * `pulumi.com/replaceUnready`: the Kubernetes plugin would run every Job again that is not complete, also one whose
 * migrations would fail the same way (docs/decisions/0008).
 */
const ANNOTATIONS = { "pulumi.com/skipAwait": "true" };

/**
 * One run of the migrations in the cluster: a Job whose name is a hash of all that it runs, so that it runs exactly when
 * something has changed. Credentials come to it from a Secret only.
 */
export class MigrationJob extends pulumi.ComponentResource {
  readonly namespace: string;
  /** Unknown in a preview that does not know the Secret's version yet. */
  readonly jobName: pulumi.Output<string>;
  readonly deadlineSeconds: number;
  /** The Job: what reads its result depends on it. */
  readonly resource: pulumi.Resource;

  constructor(name: string, args: MigrationJobArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("tidemark:index:MigrationJob", name, {}, opts);
    const { namespace, job, databases } = args;
    const content = jobContent(databases, job.migrations);
    const manifest: JobManifestArgs = {
      job,
      content,
      secretName: args.secretName,
      secretKeys: databases.flatMap(({ migrationKeys }) => keysOf(migrationKeys)),
      database: args.database,
    };
    this.namespace = namespace;
    this.deadlineSeconds = deadlineSeconds(job);
    this.jobName = pulumi
      .unsecret(pulumi.output(args.secretVersion))
      .apply((version) => jobName(manifest, version));
    const own = { parent: this, dependsOn: opts.dependsOn };
    const before = [
      this.#configMap(name, manifest, own),
      ...this.#optionsSecret(name, manifest, own),
      ...this.#networkPolicy(name, args, own),
    ];
    this.resource = this.#job(name, manifest, { parent: this, dependsOn: before });
    this.registerOutputs({ jobName: this.jobName });
  }

  #metadata(database: string | undefined) {
    return { name: this.jobName, namespace: this.namespace, labels: jobLabels(database) };
  }

  #configMap(
    name: string,
    { content, database }: JobManifestArgs,
    opts: pulumi.CustomResourceOptions,
  ): pulumi.Resource {
    const { ConfigMap } = core();
    return new ConfigMap(
      name,
      {
        metadata: this.#metadata(database),
        immutable: true,
        data: content.data,
        ...(content.binaryData && { binaryData: content.binaryData }),
      },
      opts,
    );
  }

  #optionsSecret(
    name: string,
    { content, database }: JobManifestArgs,
    opts: pulumi.CustomResourceOptions,
  ): pulumi.Resource[] {
    if (Object.keys(content.secretOptions).length === 0) return [];
    const { Secret } = core();
    const metadata = {
      ...this.#metadata(database),
      name: optionsSecretName(this.jobName),
    };
    return [
      new Secret(
        `${name}-options`,
        {
          metadata,
          immutable: true,
          type: "Opaque",
          stringData: pulumi.secret({ ...content.secretOptions }),
        },
        opts,
      ),
    ];
  }

  #networkPolicy(
    name: string,
    { job, databases, database }: MigrationJobArgs,
    opts: pulumi.CustomResourceOptions,
  ): pulumi.Resource[] {
    if (job.networkPolicy === false) return [];
    const { NetworkPolicy } = networking();
    const ports = databases.map(({ server }) => server.port);
    return [
      new NetworkPolicy(
        name,
        {
          metadata: { name: policyName(database), namespace: this.namespace, labels: labels() },
          spec: {
            podSelector: { matchLabels: jobLabels(database) },
            policyTypes: ["Ingress", "Egress"],
            egress: egress(job.networkPolicy, ports),
          },
        },
        opts,
      ),
    ];
  }

  #job(
    name: string,
    manifest: JobManifestArgs,
    opts: pulumi.CustomResourceOptions,
  ): pulumi.Resource {
    const { Job } = batch();
    const { job, database } = manifest;
    const metadata = this.#metadata(database);
    return new Job(
      name,
      {
        metadata: {
          ...metadata,
          labels: { ...job.labels, ...metadata.labels },
          annotations: ANNOTATIONS,
        },
        spec: jobSpec(manifest, this.jobName),
      },
      opts,
    );
  }
}

const keysOf = ({ url, user, password }: MigratingDatabase["migrationKeys"]): string[] =>
  [url, user, password].filter((key) => key !== undefined);

/** The same for the same image, migrations, options, credentials and attempt; at most 63 characters. */
function jobName(manifest: JobManifestArgs, secretVersion: string): string {
  const { content, job, database } = manifest;
  const base = jobBaseName(database);
  const options = Object.keys(content.secretOptions).length > 0 ? content.secretOptions : undefined;
  const hash = digest(
    {
      spec: jobSpec(manifest, ""),
      data: content.data,
      migrations: content.migrations,
      options: options && slowDigest(options, base, HASH_LENGTH),
      secretVersion,
      attempt: job.attempt,
    },
    HASH_LENGTH,
  );
  return `${base}-${hash}`;
}

/** Not cut like a Job's name: it may be longer, and has no hash that would tell it from others. */
const policyName = (database: string | undefined): string =>
  [jobBaseName(), ...(database === undefined ? [] : [database])].join("-");

/** Names are looked up anywhere (node-local DNS has no pod to select), PostgreSQL is reached where it is said to be. */
function egress(config: Exclude<NetworkPolicyConfig, false>, ports: readonly number[]) {
  const { peers, ports: own = ports } = config === true ? {} : config;
  return [
    {
      ports: [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
      ],
    },
    {
      ports: [...new Set(own)].map((port) => ({ protocol: "TCP", port })),
      ...(peers && { to: peers }),
    },
  ];
}
