import * as pulumi from "@pulumi/pulumi";

import { type KubernetesAccessArgs, secretAccess } from "./kubernetes-access";
import { providerText } from "./late-bound";

/** What a cluster has to have before anything is put into it. */
export interface ClusterReadyArgs {
  readonly kubernetes?: KubernetesAccessArgs;
  /** Must exist: the stack puts its objects there and does not make it. */
  readonly namespace: pulumi.Input<string>;
  /** Whether the External Secrets Operator is needed. */
  readonly operator: pulumi.Input<boolean>;
}

const TYPE = "pulumi-nodejs:tidemark:ClusterReady";

/**
 * Fails, in a preview too, where the cluster does not answer, the namespace is missing or the External Secrets Operator
 * is not installed. Whatever the stack puts into the cluster depends on it.
 */
export class ClusterReady extends pulumi.CustomResource {
  declare readonly serverVersion: pulumi.Output<string>;

  constructor(name: string, args: ClusterReadyArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { kubernetes, secretOutputs } = secretAccess(args.kubernetes);
    const props = {
      __provider: providerText("#cluster-ready-operations"),
      resourceUrn: pulumi.createUrn(name, TYPE, opts.parent),
      ...args,
      kubernetes,
      serverVersion: undefined,
    };
    const additionalSecretOutputs = [...(opts.additionalSecretOutputs ?? []), ...secretOutputs];
    super(TYPE, name, props, { ...opts, additionalSecretOutputs });
  }
}
