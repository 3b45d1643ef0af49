import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

import type { KubernetesAccess } from "../kubernetes-access";
import { KubernetesError, type Question, refusal, unreachable } from "./error";
import { type Cluster, loadCluster, requestOptions } from "./kubeconfig";
import type {
  EndpointSlice,
  ExternalSecret,
  Job,
  KubernetesEvent,
  KubernetesObject,
  List,
  Pod,
  Service,
} from "./objects";

const TIMEOUT_MS = 15_000;

/** Metadata alone: what is in a Secret does not leave the server. */
const METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

interface Call extends Question {
  readonly path: string;
  readonly accept?: string;
  readonly body?: unknown;
}

/**
 * The questions and the few changes that the provider has for a cluster. Objects come as the API has written them, so
 * that one can be made anew from what was read. Each call is a connection of its own: none keeps the process alive.
 */
export class KubernetesClient {
  readonly cluster: Cluster;
  #serverTime: Date | undefined;

  private constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  /** @throws KubernetesError where the kubeconfig is wrong; the cluster is not asked yet. */
  static async open(access: KubernetesAccess = {}): Promise<KubernetesClient> {
    return new KubernetesClient(await loadCluster(access));
  }

  get server(): string {
    return this.cluster.server;
  }

  /** The cluster's clock as of its last answer: its objects' times are not to be held against this machine's. */
  get serverTime(): Date {
    return this.#serverTime ?? new Date();
  }

  async serverVersion(): Promise<string> {
    const question = { verb: "get", resource: "version", group: "", path: "/version" };
    const { gitVersion } = await this.#json<{ gitVersion?: string }>(question);
    return gitVersion ?? "unknown";
  }

  async namespaceExists(name: string): Promise<boolean> {
    const path = `/api/v1/namespaces/${encodeURIComponent(name)}`;
    const question = { verb: "get", resource: "namespaces", group: "", name, path };
    return (await this.#found<KubernetesObject>(question)) !== undefined;
  }

  /** The versions in which the cluster serves an API group; empty: it does not know the group. */
  async servedVersions(group: string): Promise<readonly string[]> {
    const question = { verb: "get", resource: "apis", group, path: `/apis/${group}` };
    const found = await this.#found<{ versions?: readonly { version: string }[] }>(question);
    return (found?.versions ?? []).map(({ version }) => version);
  }

  async readJob(namespace: string, name: string): Promise<Job | undefined> {
    return this.#found<Job>(inNamespace("get", "jobs", namespace, { group: "batch", name }));
  }

  async createJob(namespace: string, job: KubernetesObject, fieldManager?: string): Promise<Job> {
    const { name } = job.metadata;
    const call = inNamespace("create", "jobs", namespace, { group: "batch" });
    const query: Record<string, string> = fieldManager ? { fieldManager } : {};
    return this.#json<Job>({ ...call, name, path: withQuery(call.path, query), body: job });
  }

  /** Deletes this very Job and its pods: one of the same name that was made since then is left alone. */
  async deleteJob(namespace: string, name: string, uid: string): Promise<void> {
    const call = inNamespace("delete", "jobs", namespace, { group: "batch", name });
    const body = {
      kind: "DeleteOptions",
      apiVersion: "v1",
      propagationPolicy: "Foreground",
      preconditions: { uid },
    };
    await this.#found<unknown>({ ...call, body });
  }

  async listPods(namespace: string, labelSelector: string): Promise<readonly Pod[]> {
    return this.#list<Pod>(inNamespace("list", "pods", namespace), { labelSelector });
  }

  async readPod(namespace: string, name: string): Promise<Pod | undefined> {
    return this.#found<Pod>(inNamespace("get", "pods", namespace, { name }));
  }

  /** The last lines of a container's log; undefined where there is none. */
  async readPodLog(
    namespace: string,
    name: string,
    container: string,
    tailLines: number,
  ): Promise<string | undefined> {
    const call = inNamespace("get", "pods", namespace, { name });
    const path = withQuery(`${call.path}/log`, {
      container,
      tailLines: String(tailLines),
      limitBytes: "8192",
    });
    const { status, text } = await this.#send({ ...call, path, accept: "*/*" });
    return status === 200 ? text : undefined;
  }

  async listEvents(namespace: string, uid: string): Promise<readonly KubernetesEvent[]> {
    return this.#list<KubernetesEvent>(inNamespace("list", "events", namespace), {
      fieldSelector: `involvedObject.uid=${uid}`,
    });
  }

  async readExternalSecret(namespace: string, name: string): Promise<ExternalSecret | undefined> {
    const group = "external-secrets.io";
    return this.#found<ExternalSecret>(
      inNamespace("get", "externalsecrets", namespace, { group, name }),
    );
  }

  /** A Secret without what is in it. */
  async readSecretMetadata(namespace: string, name: string): Promise<KubernetesObject | undefined> {
    const call = inNamespace("get", "secrets", namespace, { name });
    return this.#found<KubernetesObject>({ ...call, accept: METADATA_ONLY });
  }

  /** A Secret's metadata and the names of its keys; the values are dropped at once. */
  async readSecretKeys(
    namespace: string,
    name: string,
  ): Promise<(KubernetesObject & { readonly keys: readonly string[] }) | undefined> {
    const found = await this.#found<KubernetesObject & { data?: object }>(
      inNamespace("get", "secrets", namespace, { name }),
    );
    return found && { metadata: found.metadata, keys: Object.keys(found.data ?? {}) };
  }

  async readService(namespace: string, name: string): Promise<Service | undefined> {
    return this.#found<Service>(inNamespace("get", "services", namespace, { name }));
  }

  async listEndpointSlices(namespace: string, service: string): Promise<readonly EndpointSlice[]> {
    const group = "discovery.k8s.io";
    return this.#list<EndpointSlice>(inNamespace("list", "endpointslices", namespace, { group }), {
      labelSelector: `kubernetes.io/service-name=${service}`,
    });
  }

  async #list<T>(call: Call, query: Readonly<Record<string, string>>): Promise<readonly T[]> {
    const list = await this.#json<List<T>>({ ...call, path: withQuery(call.path, query) });
    return list.items;
  }

  async #found<T>(call: Call): Promise<T | undefined> {
    try {
      return await this.#json<T>(call);
    } catch (error) {
      if (error instanceof KubernetesError && error.status === 404) return undefined;
      throw error;
    }
  }

  async #json<T>(call: Call): Promise<T> {
    const { status, text } = await this.#send(call);
    const answer = parseJson(text);
    if (status < 200 || status > 299) throw refusal(call, this.server, status, answer ?? {});
    if (answer !== undefined) return answer as T;
    throw new KubernetesError(
      "usage",
      `${this.server} does not answer as a Kubernetes API does.`,
      "Check the server of the kubeconfig's context, and proxies on the way.",
      { status },
    );
  }

  async #send(call: Call): Promise<{ readonly status: number; readonly text: string }> {
    const options = await requestOptions(this.cluster);
    const url = new URL(this.#base() + call.path);
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const method = call.verb === "create" ? "POST" : call.verb === "delete" ? "DELETE" : "GET";
    const headers = {
      ...options.headers,
      accept: call.accept ?? "application/json",
      "user-agent": "tidemark",
      ...(body !== undefined && {
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(body)),
      }),
    };
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(unreachable(error, this.server));
      const send = url.protocol === "http:" ? requestHttp : requestHttps;
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const request = send(url, { ...options, method, headers, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", fail);
        response.on("end", () => {
          this.#serverTime = timeOf(response.headers.date);
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode ?? 0, text });
        });
      });
      request.on("error", (error) =>
        fail(signal.aborted ? Object.assign(new Error("timeout"), { code: "ETIMEDOUT" }) : error),
      );
      request.end(body);
    });
  }

  /** The URL as the kubeconfig has it, which may have a path (a proxy) and credentials. */
  #base(): string {
    return (this.cluster.config.getCurrentCluster()?.server ?? "").replace(/\/+$/, "");
  }
}

function inNamespace(
  verb: string,
  resource: string,
  namespace: string,
  { group = "", name }: { readonly group?: string; readonly name?: string } = {},
): Call {
  const api = group === "" ? "/api/v1" : `/apis/${group}/v1`;
  const object = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  const path = `${api}/namespaces/${encodeURIComponent(namespace)}/${resource}${object}`;
  return { verb, resource, group, namespace, name, path };
}

function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString();
  return text === "" ? path : `${path}?${text}`;
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function timeOf(date: string | undefined): Date | undefined {
  const time = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(time) ? undefined : new Date(time);
}
