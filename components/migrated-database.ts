import * as pulumi from "@pulumi/pulumi";

import { type DatabaseConfig, isTracked } from "../config/stack-config";
import type { KubernetesAccessArgs } from "../provider/kubernetes-access";
import { SchemaVersion, type SchemaVersionArgs } from "../provider/schema-version";
import type { Credentials } from "./database-url";
import { DatabaseUrlSecret, type DatabaseUrlSecretArgs } from "./database-url-secret";
import type { MigrationJob } from "./migration-job";
import { PlainSecret, type PlainSecretArgs } from "./plain-secret";

/** Where an application finds the database's URL in Kubernetes. */
export interface SecretReference {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** What the stack publishes of one database (contract: stack outputs). */
export interface DatabaseOutput {
  readonly schemaVersion: string | null;
  /** The script of a failed row in the history. */
  readonly failed: string | null;
  readonly fingerprint: string | null;
  readonly applied: number;
  readonly secret: SecretReference | null;
}

/** The service's own Secret, made by the operator or by the stack itself. */
export type ServiceSecretArgs = { readonly key: string } & (
  | ({ readonly kind: "external" } & DatabaseUrlSecretArgs)
  | ({ readonly kind: "plain" } & PlainSecretArgs)
);

export interface MigratedDatabaseArgs extends Omit<
  DatabaseConfig,
  "name" | "serviceSecret" | "migrationKeys" | "vaultSecret"
> {
  /** Instead of the server's user and password, where they come from elsewhere. */
  readonly credentials?: pulumi.Input<Credentials>;
  /** With runner job: the Job that migrates this database. */
  readonly job?: MigrationJob;
  /** The cluster, for runner job and reach portForward. */
  readonly kubernetes?: KubernetesAccessArgs;
  readonly serviceSecret?: ServiceSecretArgs;
  readonly protect?: boolean;
}

/**
 * One database of the stack: its schema version as a resource, and the Secret that its service reads. What depends on
 * this component starts when the migrations are done and the Secret is there.
 */
export class MigratedDatabase extends pulumi.ComponentResource {
  readonly schemaVersion: pulumi.Output<string | null>;
  readonly output: pulumi.Output<DatabaseOutput>;

  constructor(
    name: string,
    args: MigratedDatabaseArgs,
    opts: pulumi.ComponentResourceOptions = {},
  ) {
    // Children are named after their component, so that its alias is theirs, too.
    const aliases = [
      ...(opts.aliases ?? []),
      ...(args.renamedFrom === undefined ? [] : [{ name: args.renamedFrom }]),
    ];
    super("tidemark:index:MigratedDatabase", name, {}, { ...opts, aliases });
    const { dependsOn } = opts;
    const secret =
      args.serviceSecret && makeServiceSecret(args.serviceSecret, { parent: this, dependsOn });
    const schema = isTracked(args)
      ? makeSchemaVersion(name, args, { parent: this, dependsOn })
      : undefined;
    this.schemaVersion =
      schema?.schemaVersion.apply((version) => version ?? null) ?? pulumi.output(null);
    this.output = pulumi.output({
      schemaVersion: this.schemaVersion,
      failed: schema?.failed.apply((failed) => failed ?? null) ?? null,
      fingerprint: schema?.fingerprint.apply((fingerprint) => fingerprint ?? null) ?? null,
      applied: schema?.applied ?? 0,
      secret: secret ?? null,
    });
    this.registerOutputs({ output: this.output });
  }
}

function makeServiceSecret(
  args: ServiceSecretArgs,
  opts: pulumi.ComponentResourceOptions,
): SecretReference {
  const { namespace, secretName, key } = args;
  if (args.kind === "external") new DatabaseUrlSecret(secretName, args, opts);
  else new PlainSecret(secretName, args, opts);
  return { namespace, name: secretName, key };
}

function makeSchemaVersion(
  name: string,
  args: MigratedDatabaseArgs,
  opts: pulumi.CustomResourceOptions,
): SchemaVersion {
  const { database, server, createDatabase, locations, options, job } = args;
  if (args.runner === "job" && job === undefined) {
    throw new pulumi.RunError(
      `Database ${name}: runner job needs the Job that migrates it. Remedy: give the component its MigrationJob (job).`,
    );
  }
  const inputs: SchemaVersionArgs = {
    name,
    database,
    ...server,
    ...credentialsOf(args.credentials),
    createDatabase,
    locations,
    options,
    ...driftSettingsOf(args),
    ...connectivityOf(args),
  };
  return new SchemaVersion(name, inputs, {
    ...opts,
    ...(job && { dependsOn: job.resource }),
    protect: args.protect,
  });
}

function credentialsOf(credentials: MigratedDatabaseArgs["credentials"]) {
  if (credentials === undefined) return {};
  const known = pulumi.output(credentials);
  return {
    user: pulumi.unsecret(known.apply(({ user }) => user)),
    password: pulumi.secret(known.apply(({ password }) => password)),
  };
}

/** Left out where it is the default, so that the state of before stays as it is. */
function driftSettingsOf({
  driftMode,
  acceptedDrift,
  recreate,
}: MigratedDatabaseArgs): Partial<SchemaVersionArgs> {
  return {
    ...(driftMode !== undefined && { driftMode }),
    ...(acceptedDrift !== undefined && { acceptedDrift }),
    ...(recreate && { recreate }),
  };
}

/** Left out where it is the default, so that the state of a stack without a cluster says nothing of one. */
function connectivityOf(args: MigratedDatabaseArgs): Partial<SchemaVersionArgs> {
  const { runner, reach, job, forward, kubernetes } = args;
  const usesApi = runner === "job" || reach === "portForward";
  return {
    ...(runner !== "provider" && { runner }),
    ...(reach !== "direct" && { reach }),
    ...(forward && { forward }),
    ...(usesApi && kubernetes && { kubernetes }),
    ...(runner === "job" &&
      job && {
        job: { namespace: job.namespace, name: job.jobName },
        jobDeadlineSeconds: job.deadlineSeconds,
      }),
  };
}
