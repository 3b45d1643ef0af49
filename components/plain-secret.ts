import * as pulumi from "@pulumi/pulumi";

import type { KubernetesAccessArgs } from "../provider/kubernetes-access";
import { SyncedSecret } from "../provider/synced-secret";
import { slowDigest } from "./digest";
import { REVISION_ANNOTATION } from "./external-secret-spec";
import { labels } from "./labels";
import { core } from "./sdk";

export interface PlainSecretArgs {
  readonly namespace: string;
  readonly secretName: string;
  /** The keys, which are no secret. */
  readonly keys: readonly string[];
  /** Their values. */
  readonly values: pulumi.Input<Readonly<Record<string, string>>>;
  readonly kubernetes?: KubernetesAccessArgs;
}

const REVISION_LENGTH = 16;
const SYNC_TIMEOUT_SECONDS = 30;

/** A Secret with database URLs that the stack itself writes: for a cluster without a vault. */
export class PlainSecret extends pulumi.ComponentResource {
  readonly secretName: string;
  /** Changes whenever the Secret does. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: PlainSecretArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("tidemark:index:PlainSecret", name, {}, opts);
    const { namespace, secretName } = args;
    const values = pulumi.secret(args.values);
    const revision = pulumi.unsecret(
      values.apply((all) => slowDigest(all, `${namespace}/${secretName}`, REVISION_LENGTH)),
    );
    const { Secret } = core();
    const secret = new Secret(
      name,
      {
        metadata: {
          name: secretName,
          namespace,
          labels: labels(),
          annotations: { [REVISION_ANNOTATION]: revision },
        },
        type: "Opaque",
        stringData: values,
      },
      { parent: this, dependsOn: opts.dependsOn },
    );
    const synced = new SyncedSecret(
      name,
      {
        kubernetes: args.kubernetes,
        namespace,
        name: secretName,
        revision,
        keys: [...args.keys].sort(),
        timeoutSeconds: SYNC_TIMEOUT_SECONDS,
      },
      { parent: this, dependsOn: secret },
    );
    this.secretName = secretName;
    this.version = synced.version;
    this.registerOutputs({ version: this.version });
  }
}
