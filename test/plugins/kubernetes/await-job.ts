/** Waiting for a Job as the Kubernetes plugin does: Complete is ready, Failed fails at once, both with the pods' words. */
import { setTimeout as sleep } from "node:timers/promises";

import type { Log } from "../rpc";
import { at, type Properties } from "../values";
import type { KubeClient } from "./client";
import { type Kind, MANAGED, OBSERVED } from "./kinds";

const JOB = MANAGED.find(({ kind }) => kind === "Job") as Kind;
const POD = OBSERVED.find(({ kind }) => kind === "Pod") as Kind;
const PATIENCE = 10 * 60_000;
const INTERVAL = 200;

export interface Awaited {
  readonly live: Properties;
  /** What keeps it from being ready; empty: it is. */
  readonly reasons: readonly string[];
}

export async function awaitJob(
  client: KubeClient,
  namespace: string,
  name: string,
  log: Log,
): Promise<Awaited> {
  const end = Date.now() + PATIENCE;
  for (let live: Properties | undefined; Date.now() < end; await sleep(INTERVAL)) {
    live = await client.get(JOB, namespace, name);
    if (!live) return { live: {}, reasons: [`Job ${namespace}/${name} has been deleted`] };
    if (isComplete(live)) {
      for (const message of await messagesOf(client, live)) log("warning", message, true);
      return { live, reasons: [] };
    }
    const failed = conditionOf(live, "Failed");
    if (failed) return { live, reasons: [failed, ...(await messagesOf(client, live))] };
    log("info", `waiting for Job ${namespace}/${name} to complete`, true);
  }
  const live = (await client.get(JOB, namespace, name)) ?? {};
  const reasons = [`'${name}' timed out waiting to be Ready`, ...(await messagesOf(client, live))];
  return { live, reasons };
}

export const isComplete = (job: Properties) => conditionOf(job, "Complete") !== undefined;

function conditionOf(job: Properties, type: string): string | undefined {
  const conditions = (at(job, "status", "conditions") ?? []) as readonly Properties[];
  const found = conditions.find((one) => one.type === type && one.status === "True");
  return found && `[${text(found.reason, type)}] ${text(found.message)}`.trim();
}

const text = (value: unknown, otherwise = "") => (typeof value === "string" ? value : otherwise);

/** What the Job's pods have said when they ended, and why those that wait do. */
async function messagesOf(client: KubeClient, job: Properties): Promise<string[]> {
  const namespace = at(job, "metadata", "namespace") as string | undefined;
  const uid = at(job, "metadata", "uid") as string | undefined;
  if (namespace === undefined || uid === undefined) return [];
  const query = { labelSelector: `batch.kubernetes.io/controller-uid=${uid}` };
  const pods = await client.list(POD, namespace, query);
  return pods.flatMap((pod) => {
    const statuses = (at(pod, "status", "containerStatuses") ?? []) as readonly Properties[];
    return statuses.flatMap(({ name, state }) => {
      const [ended, waiting] = [at(state, "terminated"), at(state, "waiting")];
      const said = at(ended, "message") ?? at(waiting, "message");
      const where = `[Pod ${namespace}/${text(at(pod, "metadata", "name"))}] container ${text(name)}`;
      const reason = text(at(ended, "reason") ?? at(waiting, "reason"));
      return said === undefined ? [] : [`${where}: ${reason}: ${text(said)}`];
    });
  });
}
