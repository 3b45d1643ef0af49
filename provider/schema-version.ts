import * as pulumi from "@pulumi/pulumi";

import { type KubernetesAccessArgs, secretAccess } from "./kubernetes-access";
import { providerText } from "./late-bound";
import type { DesiredInputs, ForwardTarget, MigrationOptions } from "./types";

/** Inputs of a SchemaVersion as a program gives them. */
export type SchemaVersionArgs = Pick<DesiredInputs, "options"> & {
  readonly [
    K in keyof Omit<DesiredInputs, "resourceUrn" | "options" | "kubernetes" | "job" | "forward">
  ]: pulumi.Input<DesiredInputs[K]>;
} & {
  /** How the provider process gets to the cluster, for runner job and reach portForward. */
  readonly kubernetes?: KubernetesAccessArgs;
  /** The Job that migrates, for runner job; it has to be there before this resource. */
  readonly job?: {
    readonly namespace: pulumi.Input<string>;
    readonly name: pulumi.Input<string>;
  };
  /** Where the tunnel of reach portForward ends: one of service, pod and selector. */
  readonly forward?: {
    readonly [K in keyof ForwardTarget]: pulumi.Input<ForwardTarget[K]>;
  };
};

/** The type in state and messages (contract: design, "stack outputs"). */
const TYPE = "pulumi-nodejs:tidemark:SchemaVersion";

/** The schema version of one database, as a resource of the stack. */
export class SchemaVersion extends pulumi.CustomResource {
  declare readonly schemaVersion: pulumi.Output<string | null>;
  declare readonly fingerprint: pulumi.Output<string | null>;
  declare readonly applied: pulumi.Output<number>;

  constructor(name: string, args: SchemaVersionArgs, opts: pulumi.CustomResourceOptions = {}) {
    const resourceUrn = pulumi.createUrn(name, TYPE, opts.parent);
    const { kubernetes, secretOutputs } = secretAccess(args.kubernetes);
    const props = {
      __provider: providerText("#schema-version-operations"),
      resourceUrn,
      ...args,
      password: pulumi.secret(args.password),
      options: withSecrets(args.options),
      kubernetes,
      migrations: undefined,
      pending: undefined,
      schemaVersion: undefined,
      fingerprint: undefined,
      applied: undefined,
      history: undefined,
      catalog: undefined,
      catalogText: undefined,
      driftFound: undefined,
      fromReport: undefined,
      completedJob: undefined,
    };
    const additionalSecretOutputs = [
      ...(opts.additionalSecretOutputs ?? []),
      "password",
      ...secretOutputs,
    ];
    super(TYPE, name, props, { ...opts, additionalSecretOutputs });
  }
}

/** Placeholders and initSql may hold secrets, so the state has them encrypted. */
function withSecrets(options: MigrationOptions): pulumi.Inputs {
  const { placeholders, initSql, ...others } = options;
  return {
    ...others,
    ...(placeholders && { placeholders: pulumi.secret(placeholders) }),
    ...(initSql !== undefined && { initSql: pulumi.secret(initSql) }),
  };
}

export type { MigrationOptions };
