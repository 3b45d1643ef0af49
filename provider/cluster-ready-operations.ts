/** The real methods of ClusterReady; the state holds only a closure that finds this module at run time. */
import type * as pulumi from "@pulumi/pulumi";
// Not from the package's root: the provider process has this module already, and would load the rest for it alone.
import { unknownValue } from "@pulumi/pulumi/runtime/rpc";

import { describeFailure } from "./failure";
import { KubernetesClient } from "./kubernetes/client";
import { KubernetesError } from "./kubernetes/error";
import type { KubernetesAccess } from "./kubernetes-access";

interface Inputs {
  readonly resourceUrn: string;
  readonly kubernetes?: KubernetesAccess;
  readonly namespace: string;
  readonly operator: boolean;
}

type Outputs = Inputs & { readonly serverVersion: string };

const OPERATOR_GROUP = "external-secrets.io";
const OPERATOR_VERSION = "v1";

/** Asks the cluster at once, in a preview too: nothing is begun that cannot be ended. */
export async function check(
  _olds: Partial<Inputs>,
  news: Inputs,
): Promise<pulumi.dynamic.CheckResult> {
  const { kubernetes, namespace } = news;
  const isUnknown = JSON.stringify({ kubernetes, namespace }).includes(unknownValue);
  if (isUnknown) return { inputs: news, failures: [] };
  try {
    await makeSure(news);
    return { inputs: news, failures: [] };
  } catch (error) {
    const failures = describeFailure(error).map((reason) => ({ property: "", reason }));
    return { inputs: news, failures };
  }
}

export async function diff(
  _id: string,
  olds: Outputs,
  news: Inputs,
): Promise<pulumi.dynamic.DiffResult> {
  const isSame =
    olds.namespace === news.namespace &&
    olds.operator === news.operator &&
    olds.kubernetes?.context === news.kubernetes?.context;
  return { changes: !isSame };
}

export async function create(inputs: Inputs): Promise<pulumi.dynamic.CreateResult> {
  return { id: inputs.namespace, outs: await outputsOf(inputs) };
}

export async function update(
  _id: string,
  _olds: Outputs,
  news: Inputs,
): Promise<pulumi.dynamic.UpdateResult> {
  return { outs: await outputsOf(news) };
}

/** Each check asks anew; a refresh does not have to. */
export async function read(id: string, props: Outputs): Promise<pulumi.dynamic.ReadResult> {
  return { id, props };
}

/** There is nothing of ours in the cluster. */
export async function del(): Promise<void> {}
export { del as delete };

async function outputsOf(inputs: Inputs): Promise<Outputs> {
  try {
    const serverVersion = await makeSure(inputs);
    return JSON.parse(JSON.stringify({ ...inputs, serverVersion })) as Outputs;
  } catch (error) {
    // Without the cause: the provider process prints what it carries, and that may hold a secret.
    // eslint-disable-next-line preserve-caught-error
    throw new Error(describeFailure(error).join("\n"));
  }
}

/** @returns the cluster's version */
async function makeSure({ kubernetes, namespace, operator }: Inputs): Promise<string> {
  const client = await KubernetesClient.open(kubernetes);
  const version = await client.serverVersion();
  if (!(await client.namespaceExists(namespace)))
    throw new KubernetesError(
      "usage",
      `There is no namespace ${namespace} in the cluster ${client.server}.`,
      `Make it: kubectl create namespace ${namespace}. Or correct tidemark:namespace, or the context of the kubeconfig.`,
    );
  if (operator) await makeSureOfOperator(client);
  return version;
}

async function makeSureOfOperator(client: KubernetesClient): Promise<void> {
  const versions = await client.servedVersions(OPERATOR_GROUP);
  if (versions.includes(OPERATOR_VERSION)) return;
  throw versions.length === 0
    ? new KubernetesError(
        "usage",
        `The External Secrets Operator is not installed in the cluster ${client.server}: it does not serve ${OPERATOR_GROUP}/${OPERATOR_VERSION}.`,
        "Install it: helm repo add external-secrets https://charts.external-secrets.io && helm install external-secrets external-secrets/external-secrets -n external-secrets --create-namespace (docs/azure.md).",
      )
    : new KubernetesError(
        "usage",
        `The External Secrets Operator in the cluster ${client.server} is too old: it serves ${OPERATOR_GROUP} in ${versions.join(", ")}, not in ${OPERATOR_VERSION}.`,
        "Upgrade it to 0.17 or later (docs/azure.md).",
      );
}
