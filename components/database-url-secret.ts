import * as pulumi from "@pulumi/pulumi";

import type { KubernetesAccessArgs } from "../provider/kubernetes-access";
import { SyncedSecret } from "../provider/synced-secret";
import { digest } from "./digest";
import {
  type ExternalSecretArgs,
  externalSecretSpec,
  type StoreReference,
  type VaultValue,
  withRevision,
} from "./external-secret-spec";
import { labels } from "./labels";
import { customResource } from "./sdk";

/** One value of the vault with the version that it has now. */
export interface VersionedVaultValue extends VaultValue {
  readonly version: pulumi.Input<string>;
}

export interface DatabaseUrlSecretArgs {
  readonly namespace: string;
  /** Of the ExternalSecret and of the Secret that it makes. */
  readonly secretName: string;
  readonly store: StoreReference;
  readonly refreshInterval: string;
  readonly values: readonly VersionedVaultValue[];
  /** Key of the Secret → template of the operator (engine v2). */
  readonly templates: Readonly<Record<string, string>>;
  readonly kubernetes?: KubernetesAccessArgs;
  readonly protect?: boolean;
}

const REVISION_LENGTH = 16;
const SYNC_TIMEOUT_SECONDS = 120;

/**
 * A Secret with database URLs that the External Secrets Operator makes from the vault's user and password. It is there,
 * with its newest version, when this component is.
 */
export class DatabaseUrlSecret extends pulumi.ComponentResource {
  readonly secretName: string;
  /** Changes whenever a value of the Secret does. */
  readonly version: pulumi.Output<string>;

  constructor(
    name: string,
    args: DatabaseUrlSecretArgs,
    opts: pulumi.ComponentResourceOptions = {},
  ) {
    super("tidemark:index:DatabaseUrlSecret", name, {}, opts);
    const { namespace, secretName, store, refreshInterval, values, templates } = args;
    const own = labels();
    const specArgs: ExternalSecretArgs = {
      name: secretName,
      store,
      refreshInterval,
      values,
      templates,
      labels: own,
    };
    const unversioned = externalSecretSpec(specArgs);
    // A new version in the vault changes the spec, and so the operator reads the vault at once and not in an hour.
    const revision = pulumi
      .all(values.map(({ version }) => version))
      .apply((versions) => digest({ unversioned, versions }, REVISION_LENGTH));
    const CustomResource = customResource();
    const external = new CustomResource(
      name,
      {
        apiVersion: "external-secrets.io/v1",
        kind: "ExternalSecret",
        metadata: { name: secretName, namespace, labels: own },
        spec: withRevision(unversioned, revision),
      },
      { parent: this, protect: args.protect, dependsOn: afterStore(store, opts) },
    );
    const synced = new SyncedSecret(
      name,
      {
        kubernetes: args.kubernetes,
        namespace,
        name: secretName,
        externalSecret: secretName,
        revision,
        keys: Object.keys(templates).sort(),
        timeoutSeconds: SYNC_TIMEOUT_SECONDS,
      },
      { parent: this, dependsOn: external },
    );
    this.secretName = secretName;
    this.version = synced.version;
    this.registerOutputs({ version: this.version });
  }
}

function afterStore(
  { resource }: StoreReference,
  { dependsOn }: pulumi.ComponentResourceOptions,
): pulumi.ResourceOptions["dependsOn"] {
  if (resource === undefined) return dependsOn;
  return pulumi
    .output(dependsOn ?? [])
    .apply((others) => [...(Array.isArray(others) ? others : [others]), resource]);
}
