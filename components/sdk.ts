/**
 * The SDKs of Kubernetes and Azure, loaded when the first object is made with them: stack dev makes none, and the two
 * together would add seconds to each of its commands (docs/decisions/0007).
 */
/* eslint-disable @typescript-eslint/no-require-imports -- the one place that loads late */
import type * as kubernetesTypes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

export const batch = (): typeof kubernetesTypes.batch.v1 =>
  require("@pulumi/kubernetes/batch/v1") as typeof kubernetesTypes.batch.v1;

export const core = (): typeof kubernetesTypes.core.v1 =>
  require("@pulumi/kubernetes/core/v1") as typeof kubernetesTypes.core.v1;

export const networking = (): typeof kubernetesTypes.networking.v1 =>
  require("@pulumi/kubernetes/networking/v1") as typeof kubernetesTypes.networking.v1;

export const customResource = (): typeof kubernetesTypes.apiextensions.CustomResource =>
  (
    require("@pulumi/kubernetes/apiextensions/customResource") as typeof kubernetesTypes.apiextensions
  ).CustomResource;

export const kubernetesProvider = (): typeof kubernetesTypes.Provider =>
  (require("@pulumi/kubernetes/provider") as typeof kubernetesTypes).Provider;

/** What is used of a vault's secret. The SDK's own types are 16 MB of text for the compiler to read. */
interface VaultSecretClass {
  new (
    name: string,
    args: {
      resourceGroupName: pulumi.Input<string>;
      vaultName: pulumi.Input<string>;
      secretName: pulumi.Input<string>;
      properties: {
        value: pulumi.Input<string>;
        contentType: pulumi.Input<string>;
        attributes: { enabled: boolean; expires?: pulumi.Input<number> };
      };
      tags: Record<string, pulumi.Input<string>>;
    },
    opts?: pulumi.CustomResourceOptions,
  ): pulumi.CustomResource & {
    readonly properties: pulumi.Output<{ readonly secretUriWithVersion: string }>;
  };
}

export const vaultSecret = (): VaultSecretClass =>
  (require("@pulumi/azure-native/keyvault/secret") as { Secret: VaultSecretClass }).Secret;
