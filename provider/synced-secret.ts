import * as pulumi from "@pulumi/pulumi";

import { type KubernetesAccessArgs, secretAccess } from "./kubernetes-access";
import { providerText } from "./late-bound";

/** Which Secret to wait for, and what has to be in it. */
export interface SyncedSecretArgs {
  readonly kubernetes?: KubernetesAccessArgs;
  readonly namespace: pulumi.Input<string>;
  /** The Secret. */
  readonly name: pulumi.Input<string>;
  /** The ExternalSecret that makes it; absent: the Secret is not the operator's. */
  readonly externalSecret?: pulumi.Input<string | undefined>;
  /** What the Secret's annotation `tidemark.dev/revision` has to say: which version was written; "": whatever it says. */
  readonly revision: pulumi.Input<string>;
  /** Keys that have to be there. */
  readonly keys: pulumi.Input<pulumi.Input<string>[]>;
  readonly timeoutSeconds: pulumi.Input<number>;
}

const TYPE = "pulumi-nodejs:tidemark:SyncedSecret";

/**
 * A Secret that holds what it is meant to hold by now: the operator has written the newest version of the
 * ExternalSecret, with all keys. (The ExternalSecret's own Ready condition may still be that of the version before.)
 */
export class SyncedSecret extends pulumi.CustomResource {
  /** The Secret's resourceVersion: it changes when a value does, so that what uses the Secret can run again. */
  declare readonly version: pulumi.Output<string>;

  constructor(name: string, args: SyncedSecretArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { kubernetes, secretOutputs } = secretAccess(args.kubernetes);
    const props = {
      __provider: providerText("#synced-secret-operations"),
      resourceUrn: pulumi.createUrn(name, TYPE, opts.parent),
      ...args,
      kubernetes,
      observedVersion: undefined,
      version: undefined,
    };
    const additionalSecretOutputs = [...(opts.additionalSecretOutputs ?? []), ...secretOutputs];
    super(TYPE, name, props, { ...opts, additionalSecretOutputs });
  }
}
