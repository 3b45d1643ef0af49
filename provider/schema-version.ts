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

/** What Pulumi's host for Node.js takes as: failed, and the user knows why (cmd/run of the Pulumi SDK). */
const FAILED_AND_SAID_WHY = 32;

/** The schema version of one database, as a resource of the stack. */
export class SchemaVersion extends pulumi.CustomResource {
  declare readonly schemaVersion: pulumi.Output<string | null>;
  /** The script of a failed row in the history; undefined in a state of an earlier version. */
  declare readonly failed: pulumi.Output<string | null | undefined>;
  declare readonly fingerprint: pulumi.Output<string | null>;
  declare readonly applied: pulumi.Output<number>;
  declare private readonly fault: pulumi.Output<string | undefined>;

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
      fault: undefined,
      schemaVersion: undefined,
      failed: undefined,
      fingerprint: undefined,
      applied: undefined,
      history: undefined,
      catalog: undefined,
      catalogText: undefined,
      catalogFormat: undefined,
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
    // The program goes on to register the rest, and fails at its end.
    this.fault.apply(async (fault) => {
      if (fault === undefined) return;
      await pulumi.log.error(fault, this);
      process.exitCode = FAILED_AND_SAID_WHY;
    });
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
