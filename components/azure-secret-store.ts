import * as pulumi from "@pulumi/pulumi";

import type { StoreReference } from "./external-secret-spec";
import { labels } from "./labels";
import { core, customResource } from "./sdk";

export interface AzureSecretStoreArgs {
  readonly kind: StoreReference["kind"];
  readonly name: string;
  readonly vaultName: string;
  readonly tenantId: string;
  /** The namespace whose ExternalSecrets use it. */
  readonly namespace: string;
  readonly serviceAccount: {
    readonly name: string;
    readonly namespace?: string;
    /** Client id of the identity that may read the vault: with it the service account is made here. */
    readonly clientId?: string;
  };
}

/**
 * A store of the External Secrets Operator that reads an Azure Key Vault with workload identity: the operator acts as a
 * service account that Azure trusts, and no password of Azure is in the cluster.
 */
export class AzureSecretStore extends pulumi.ComponentResource {
  readonly reference: StoreReference;

  constructor(
    name: string,
    args: AzureSecretStoreArgs,
    opts: pulumi.ComponentResourceOptions = {},
  ) {
    super("tidemark:index:AzureSecretStore", name, {}, opts);
    const account = serviceAccount(name, args, { parent: this, dependsOn: opts.dependsOn });
    const CustomResource = customResource();
    const resource = new CustomResource(
      name,
      {
        apiVersion: "external-secrets.io/v1",
        kind: args.kind,
        metadata: {
          name: args.name,
          ...(args.kind === "SecretStore" && { namespace: args.namespace }),
          labels: labels(),
        },
        spec: storeSpec(args),
      },
      { parent: this, dependsOn: account ?? opts.dependsOn },
    );
    this.reference = { kind: args.kind, name: args.name, resource };
    this.registerOutputs({});
  }
}

function serviceAccount(
  name: string,
  { serviceAccount: account, tenantId, namespace }: AzureSecretStoreArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource | undefined {
  if (account.clientId === undefined) return undefined;
  const { ServiceAccount } = core();
  return new ServiceAccount(
    name,
    {
      metadata: {
        name: account.name,
        namespace: account.namespace ?? namespace,
        labels: labels(),
        annotations: {
          "azure.workload.identity/client-id": account.clientId,
          "azure.workload.identity/tenant-id": tenantId,
        },
      },
      automountServiceAccountToken: false,
    },
    opts,
  );
}

function storeSpec(args: AzureSecretStoreArgs): Record<string, unknown> {
  const { kind, vaultName, tenantId, serviceAccount: account, namespace } = args;
  const isCluster = kind === "ClusterSecretStore";
  return {
    // Without it every namespace of the cluster could read the vault.
    ...(isCluster && { conditions: [{ namespaces: [namespace] }] }),
    provider: {
      azurekv: {
        authType: "WorkloadIdentity",
        vaultUrl: `https://${vaultName.toLowerCase()}.vault.azure.net`,
        tenantId,
        serviceAccountRef: {
          name: account.name,
          ...(isCluster && { namespace: account.namespace ?? namespace }),
        },
      },
    },
  };
}
