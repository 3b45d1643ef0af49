/** The real methods of SyncedSecret; the state holds only a closure that finds this module at run time. */
import { setTimeout as sleep } from "node:timers/promises";

import type * as pulumi from "@pulumi/pulumi";
// Not from the package's root: the provider process has this module already, and would load the rest for it alone.
import { unknownValue } from "@pulumi/pulumi/runtime/rpc";

import { TidemarkError } from "../engine/index";
import { resourceLog } from "./engine-log";
import { describeFailure } from "./failure";
import { KubernetesClient } from "./kubernetes/client";
import { KubernetesError } from "./kubernetes/error";
import type { ExternalSecret } from "./kubernetes/objects";
import { syncState, type WantedSecret } from "./kubernetes/sync-state";
import type { KubernetesAccess } from "./kubernetes-access";
import { stopWithoutParent } from "./migrate";
import { withoutKeys } from "./without-keys";

interface Inputs extends WantedSecret {
  readonly resourceUrn: string;
  readonly kubernetes?: KubernetesAccess;
  readonly timeoutSeconds: number;
  /** The Secret's resourceVersion as of the last check; absent: there is none, or it could not be asked. */
  readonly observedVersion?: string;
}

type Outputs = Inputs & { readonly version: string };

const INTERVAL_MS = 500;
const PATIENCE_MS = 60_000;

/** Looks at the live Secret, in a preview too: a value that was rotated since the last update shows as a change. */
export async function check(
  _olds: Partial<Inputs>,
  news: Inputs,
): Promise<pulumi.dynamic.CheckResult> {
  const inputs: Inputs = withoutKeys(news, ["observedVersion"]);
  const { kubernetes, namespace, name } = inputs;
  const isUnknown = JSON.stringify({ kubernetes, namespace, name }).includes(unknownValue);
  if (isUnknown) return { inputs, failures: [] };
  try {
    const client = await KubernetesClient.open(kubernetes);
    const secret = await client.readSecretMetadata(namespace, name);
    const observedVersion = secret?.metadata.resourceVersion;
    return { inputs: observedVersion ? { ...inputs, observedVersion } : inputs, failures: [] };
  } catch (error) {
    // That the cluster cannot be reached is for ClusterReady to say, once.
    const isAway = error instanceof KubernetesError && error.class === "temporary";
    const reasons = isAway ? [] : describeFailure(error);
    return {
      inputs,
      failures: reasons.map((reason) => ({ property: "", reason: `Secret ${name}: ${reason}` })),
    };
  }
}

const COMPARED = ["namespace", "name", "externalSecret", "revision"] as const;

export async function diff(
  _id: string,
  olds: Outputs,
  news: Inputs,
): Promise<pulumi.dynamic.DiffResult> {
  const isOther =
    COMPARED.some((key) => olds[key] !== news[key]) ||
    JSON.stringify(olds.keys) !== JSON.stringify(news.keys);
  const isRotated = news.observedVersion !== undefined && news.observedVersion !== olds.version;
  return { changes: isOther || isRotated };
}

export async function create(inputs: Inputs): Promise<pulumi.dynamic.CreateResult> {
  return { id: `${inputs.namespace}/${inputs.name}`, outs: await waitUntilSynced(inputs) };
}

export async function update(
  _id: string,
  _olds: Outputs,
  news: Inputs,
): Promise<pulumi.dynamic.UpdateResult> {
  return { outs: await waitUntilSynced(news) };
}

/** The next check looks at it; a refresh leaves it. */
export async function read(id: string, props: Outputs): Promise<pulumi.dynamic.ReadResult> {
  return { id, props };
}

/** Forgets that it was waited for. */
export async function del(): Promise<void> {}
export { del as delete };

async function waitUntilSynced(inputs: Inputs): Promise<Outputs> {
  try {
    const version = await waitForVersion(inputs);
    return JSON.parse(JSON.stringify({ ...inputs, observedVersion: version, version })) as Outputs;
  } catch (error) {
    // Without the cause: the provider process prints what it carries, and that may hold a secret.
    // eslint-disable-next-line preserve-caught-error
    throw new Error(describeFailure(error).join("\n"));
  }
}

async function waitForVersion(inputs: Inputs): Promise<string> {
  const { namespace, name, timeoutSeconds } = inputs;
  const log = resourceLog(inputs.resourceUrn);
  const client = await KubernetesClient.open(inputs.kubernetes);
  const begin = Date.now();
  for (let logged = ""; ;) {
    stopWithoutParent();
    const waitedSeconds = (Date.now() - begin) / 1000;
    const state = await look(client, inputs, waitedSeconds);
    if (state.state === "synced") return state.version;
    if (state.state === "failed" || waitedSeconds >= timeoutSeconds)
      throw new TidemarkError({
        code: "ERROR",
        class: "temporary",
        message: `The Secret ${namespace}/${name} is not ready after ${Math.round(waitedSeconds)} s: ${state.why}.`,
        remedy: state.remedy,
      });
    if (state.why !== logged) await log.status(state.why);
    logged = state.why;
    await sleep(Math.min(INTERVAL_MS, timeoutSeconds * 1000));
  }
}

async function look(
  client: KubernetesClient,
  inputs: Inputs,
  waitedSeconds: number,
): Promise<ReturnType<typeof syncState>> {
  const { namespace, name, externalSecret } = inputs;
  try {
    const [operators, secret] = await Promise.all([
      externalSecret === undefined
        ? undefined
        : client.readExternalSecret(namespace, externalSecret),
      client.readSecretKeys(namespace, name),
    ]);
    const events = operators && (await complaints(client, operators));
    return syncState(inputs, { externalSecret: operators, events, secret, waitedSeconds });
  } catch (error) {
    const mayPass = error instanceof KubernetesError && error.class === "temporary";
    if (!mayPass || waitedSeconds * 1000 > PATIENCE_MS) throw error;
    return { state: "waiting", why: error.message, remedy: error.remedy };
  }
}

/** Only to explain; a role that may not read events still gets the rest. */
async function complaints(
  client: KubernetesClient,
  { metadata, status }: ExternalSecret,
): ReturnType<KubernetesClient["listEvents"]> {
  const isRefused = status?.conditions?.some((c) => c.type === "Ready" && c.status === "False");
  const { namespace, uid } = metadata;
  if (!isRefused || !namespace || !uid) return [];
  return client.listEvents(namespace, uid).catch(() => []);
}
