import * as pulumi from "@pulumi/pulumi";

/** How the provider process gets to the cluster; absent: as kubectl would (KUBECONFIG, ~/.kube/config, in-cluster). */
export interface KubernetesAccess {
  /** Path of a kubeconfig, or its content. Secret. */
  readonly kubeconfig?: string;
  /** Context of the kubeconfig; absent: its current one. */
  readonly context?: string;
}

/** The same as a program gives it. */
export interface KubernetesAccessArgs {
  readonly kubeconfig?: pulumi.Input<string | undefined>;
  readonly context?: pulumi.Input<string | undefined>;
}

/** The access with its kubeconfig marked as a secret, and the outputs that hold it. */
export function secretAccess(access: KubernetesAccessArgs | undefined): {
  readonly kubernetes: pulumi.Inputs | undefined;
  readonly secretOutputs: readonly string[];
} {
  if (access?.kubeconfig === undefined) return { kubernetes: access, secretOutputs: [] };
  return {
    kubernetes: { ...access, kubeconfig: pulumi.secret(access.kubeconfig) },
    secretOutputs: ["kubernetes"],
  };
}
