import type { ForwardTarget } from "../types";
import type { KubernetesClient } from "./client";
import { KubernetesError } from "./error";
import type { EndpointSlice, Pod, Service, ServicePort } from "./objects";

/** Where a tunnel ends. */
export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** The target in words: `service postgres in namespace ameide`. */
export function describeTarget({ namespace, service, pod, selector }: ForwardTarget): string {
  const what =
    service !== undefined
      ? `service ${service}`
      : pod !== undefined
        ? `pod ${pod}`
        : `pods with ${selector ?? "no selector"}`;
  return `${what} in namespace ${namespace}`;
}

/**
 * Finds a ready pod and its port.
 * @throws KubernetesError: no such object, no such port, or none that is ready (temporary).
 */
export async function findPod(client: KubernetesClient, target: ForwardTarget): Promise<PodPort> {
  const { namespace, service, pod, selector, port } = target;
  if (service !== undefined) return findBehindService(client, target, service);
  if (pod !== undefined) {
    const found = await client.readPod(namespace, pod);
    if (!found) throw missing(`pod ${pod}`, target);
    if (!isReady(found)) throw noneReady(target);
    return { namespace, pod, port };
  }
  const pods = await client.listPods(namespace, selector ?? "");
  const [ready] = pods.filter(isReady).sort(byName);
  if (!ready?.metadata.name) throw noneReady(target);
  return { namespace, pod: ready.metadata.name, port };
}

async function findBehindService(
  client: KubernetesClient,
  target: ForwardTarget,
  name: string,
): Promise<PodPort> {
  const service = await client.readService(target.namespace, name);
  if (!service) throw missing(`service ${name}`, target);
  if (service.spec?.type === "ExternalName")
    throw new KubernetesError(
      "usage",
      `The service ${name} in namespace ${target.namespace} has no pods: it stands for ${service.spec.externalName ?? "another host"}.`,
      "Use reach: direct with that host, or name a pod to go through (tidemark:portForward.pod).",
    );
  const port = servicePort(service, target);
  const slices = await client.listEndpointSlices(target.namespace, name);
  const [first] = slices.flatMap((slice) => readyPods(slice, port)).sort(byPod);
  if (!first) throw noneReady(target);
  return { namespace: target.namespace, ...first };
}

function servicePort({ spec }: Service, target: ForwardTarget): ServicePort {
  const ports = spec?.ports ?? [];
  const found = ports.find(({ port }) => port === target.port);
  if (found) return found;
  throw new KubernetesError(
    "usage",
    `The ${describeTarget(target)} has no port ${target.port}; it has ${ports.map(({ port }) => port).join(", ") || "none"}.`,
    "Correct tidemark:portForward.port, or the server's port.",
  );
}

function readyPods(slice: EndpointSlice, wanted: ServicePort): { pod: string; port: number }[] {
  // A slice's ports have the names of the service's; a single port may have none.
  const port = slice.ports?.find(({ name }) => (name ?? "") === (wanted.name ?? ""))?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? [])
    .filter(({ conditions, targetRef }) => conditions?.ready !== false && targetRef?.kind === "Pod")
    .flatMap(({ targetRef }) => (targetRef?.name ? [{ pod: targetRef.name, port }] : []));
}

function isReady({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  return (status?.conditions ?? []).some((c) => c.type === "Ready" && c.status === "True");
}

const byName = (a: Pod, b: Pod): number =>
  (a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1;
const byPod = (a: { pod: string }, b: { pod: string }): number => (a.pod < b.pod ? -1 : 1);

function missing(what: string, { namespace }: ForwardTarget): KubernetesError {
  return new KubernetesError(
    "usage",
    `There is no ${what} in namespace ${namespace}.`,
    "Correct tidemark:portForward (namespace, service, pod or selector), or the server's host if it is derived from that.",
  );
}

function noneReady(target: ForwardTarget): KubernetesError {
  return new KubernetesError(
    "temporary",
    `No pod is ready behind the ${describeTarget(target)}.`,
    "Wait until the database's pod is ready (kubectl get pods), or correct tidemark:portForward.",
  );
}
