/**
 * A small Kubernetes API server in memory: the kinds that the program makes and looks at, by the paths, verbs, refusals
 * and watches of the real one, under strict validation by its recorded schemas. Nothing happens by itself: what
 * operators and kubelets do comes from `kube-controllers.ts` or from the test.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { parse, stringify } from "yaml";

import { type Kind, MANAGED, OBSERVED } from "./kubernetes/kinds";
import { validate } from "./kubernetes/schema";
import { metadataOf, notFound, ObjectStore, Refusal, type WatchEvent } from "./kubernetes/store";
import { at, isObject, type Properties } from "./values";

const KINDS = [...MANAGED, ...OBSERVED];
const OPERATOR_GROUP = "external-secrets.io";

export interface KubeApiOptions {
  /** Whether the External Secrets Operator's kinds are there; default: yes. */
  readonly operator?: boolean;
  readonly namespaces?: readonly string[];
}

interface Target {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

export class KubeApi {
  readonly store = new ObjectStore();
  /** Each request, such as `GET /api/v1/namespaces/ameide`. */
  readonly requests: string[] = [];
  operator: boolean;
  readonly #server: Server;

  private constructor(server: Server, { operator = true, namespaces = [] }: KubeApiOptions) {
    this.#server = server;
    this.operator = operator;
    const kind = kindNamed("Namespace");
    for (const name of ["default", ...namespaces])
      this.store.create(kind, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }

  static async open(options: KubeApiOptions = {}): Promise<KubeApi> {
    const server = createServer();
    const api = new KubeApi(server, options);
    server.on("request", (request, response) => void api.#serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The content of a kubeconfig for this server. */
  get kubeconfig(): string {
    return stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "tests",
      clusters: [
        { name: "tests", cluster: { server: this.url, "insecure-skip-tls-verify": true } },
      ],
      users: [{ name: "tests", user: { token: "a token of the tests" } }],
      contexts: [{ name: "tests", context: { cluster: "tests", user: "tests" } }],
    });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://localhost");
    this.requests.push(`${request.method} ${url.pathname}`);
    try {
      const discovered = this.#discover(url.pathname);
      if (discovered) return send(response, 200, discovered);
      const target = this.#targetOf(url.pathname);
      if (url.searchParams.get("watch") === "true") return this.#watch(target, url, response);
      const body = await readBody(request);
      const created = request.method === "POST" ? 201 : 200;
      send(
        response,
        created,
        this.#answer(request.method ?? "GET", target, url.searchParams, body),
      );
    } catch (error) {
      const refusal =
        error instanceof Refusal ? error : new Refusal(500, "InternalError", String(error));
      const { status: code, reason, message } = refusal;
      const failure = {
        apiVersion: "v1",
        kind: "Status",
        status: "Failure",
        code,
        reason,
        message,
      };
      send(response, code, failure);
    }
  }

  /** What says which kinds there are. */
  #discover(path: string): Properties | undefined {
    if (path === "/version") return { major: "1", minor: "34", gitVersion: "v1.34.2" };
    if (["/readyz", "/livez", "/healthz"].includes(path)) return { status: "ok" };
    const [, root, group, version, ...rest] = path.split("/");
    if (root === "apis" && group === undefined)
      return { kind: "APIGroupList", groups: this.#groups() };
    if (root === "apis" && version === undefined) {
      const found = this.#groups().find(({ name }) => name === group);
      if (!found)
        throw new Refusal(404, "NotFound", "the server could not find the requested resource");
      return { kind: "APIGroup", apiVersion: "v1", ...found };
    }
    const groupVersion = root === "api" ? group : `${group}/${version}`;
    if (rest.length > 0 || (root === "api" && version !== undefined)) return undefined;
    const kinds = this.#kinds().filter(({ apiVersion }) => apiVersion === groupVersion);
    if (kinds.length === 0) return undefined;
    const resources = kinds.map(({ kind, plural: name, namespaced }) => ({
      name,
      kind,
      namespaced,
    }));
    return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources };
  }

  #kinds(): Kind[] {
    return KINDS.filter(
      ({ apiVersion }) => this.operator || !apiVersion.startsWith(OPERATOR_GROUP),
    );
  }

  #groups() {
    const versions = new Set(this.#kinds().map(({ apiVersion }) => apiVersion));
    return [...versions]
      .filter((groupVersion) => groupVersion.includes("/"))
      .map((groupVersion) => {
        const [name = "", version = ""] = groupVersion.split("/");
        return { name, versions: [{ groupVersion, version }] };
      });
  }

  #targetOf(path: string): Target {
    const keys = path.split("/").slice(1).map(decodeURIComponent);
    const apiVersion = keys[0] === "api" ? keys[1] : `${keys[1]}/${keys[2]}`;
    const rest = keys.slice(keys[0] === "api" ? 2 : 3);
    const scoped = rest[0] === "namespaces" && rest.length > 2;
    const namespace = scoped ? rest[1] : undefined;
    const [plural, name, subresource] = scoped ? rest.slice(2) : rest;
    const kind = this.#kinds().find(
      (known) => known.apiVersion === apiVersion && known.plural === plural,
    );
    if (!kind)
      throw new Refusal(404, "NotFound", "the server could not find the requested resource");
    return { kind, namespace, name, subresource };
  }

  #answer(method: string, target: Target, query: URLSearchParams, body: Properties): Properties {
    const { kind, namespace, name = "" } = target;
    const dryRun = query.get("dryRun") === "All";
    if (method === "GET")
      return target.name === undefined ? this.#list(target, query) : this.#get(target);
    if (method === "DELETE") {
      const uid = at(body, "preconditions", "uid") as string | undefined;
      return this.store.delete(kind, namespace, name, uid);
    }
    if (kind.kind === "SelfSubjectAccessReview") return { ...body, status: { allowed: true } };
    if (method === "PATCH" && query.get("fieldManager") === null)
      return this.store.patch(kind, namespace, name, body);
    const object = this.#admit(target, query, body);
    if (method === "POST") return this.store.create(kind, object, dryRun);
    if (method === "PUT") return this.store.replace(kind, object);
    return this.store.apply(kind, query.get("fieldManager") ?? "", object, dryRun);
  }

  #get({ kind, namespace, name = "" }: Target): Properties {
    const found = this.store.get(kind, namespace, name);
    if (!found) throw notFound(kind, name);
    return found;
  }

  #list({ kind, namespace }: Target, query: URLSearchParams): Properties {
    const items = this.store.list(kind, namespace).filter(selector(query));
    const metadata = { resourceVersion: this.store.version };
    return { apiVersion: kind.apiVersion, kind: `${kind.kind}List`, metadata, items };
  }

  /** Admission: the namespace is there, the name is one, the schema allows it. */
  #admit({ kind, namespace, name }: Target, query: URLSearchParams, body: Properties): Properties {
    const { kind: kindName, apiVersion } = kind;
    const metadata = { ...(body.metadata as Properties) };
    if (name !== undefined) metadata.name = name;
    if (namespace !== undefined) metadata.namespace = namespace;
    const object: Properties = { ...body, apiVersion, kind: kindName, metadata };
    const own = metadataOf(object).name;
    if (namespace !== undefined && !this.store.get(kindNamed("Namespace"), undefined, namespace))
      throw new Refusal(404, "NotFound", `namespaces "${namespace}" not found`);
    const limit = ["Job", "Namespace"].includes(kindName) ? 63 : 253;
    if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(own) || own.length > limit)
      throw new Refusal(
        422,
        "Invalid",
        `${kindName} "${own}" is invalid: metadata.name: Invalid value`,
      );
    if (MANAGED.includes(kind)) refuseInvalid(kind, own, object, query.get("fieldValidation"));
    const size = Buffer.byteLength(JSON.stringify([body.data, body.binaryData, body.stringData]));
    if (["ConfigMap", "Secret"].includes(kindName) && size > 1_400_000)
      throw new Refusal(
        422,
        "Invalid",
        `${kindName} "${own}" is invalid: []: Too long: may not be more than 1048576 bytes`,
      );
    return object;
  }

  #watch({ kind, namespace, name }: Target, { searchParams }: URL, response: ServerResponse): void {
    const fits = selector(searchParams);
    const inScope = (object: Properties) => {
      const own = metadataOf(object);
      return (
        (namespace === undefined || own.namespace === namespace) &&
        (name === undefined || own.name === name) &&
        fits(object)
      );
    };
    const write = ({ type, object }: Pick<WatchEvent, "type" | "object">) =>
      response.write(`${JSON.stringify({ type, object })}\n`);
    response.writeHead(200, { "content-type": "application/json" });
    const since = searchParams.get("resourceVersion");
    for (const object of this.store.list(kind, namespace)) {
      const version = Number(at(object, "metadata", "resourceVersion"));
      if (inScope(object) && version > Number(since ?? 0)) write({ type: "ADDED", object });
    }
    const stop = this.store.watch((event) => {
      if (event.kind.plural === kind.plural && inScope(event.object)) write(event);
    });
    response.on("close", stop);
    const seconds = Number(searchParams.get("timeoutSeconds") ?? 0);
    if (seconds > 0) setTimeout(() => response.end(), seconds * 1000).unref();
  }
}

export const kindNamed = (name: string): Kind => {
  const found = KINDS.find(({ kind }) => kind === name);
  if (!found) throw new Error(`the tests' API server has no kind ${name}`);
  return found;
};

function refuseInvalid(kind: Kind, name: string, object: Properties, level: string | null): void {
  const problems = validate(kind, object);
  const serious = problems.filter(
    ({ reason }) => level === "Strict" || reason !== "field not declared in schema",
  );
  if (serious.length === 0) return;
  const text = serious.map(({ path, reason }) => `${path}: ${reason}`).join(", ");
  throw new Refusal(422, "Invalid", `${kind.kind} "${name}" is invalid: ${text}`);
}

/** Label and field selectors of equality, as clients of this program use them. */
function selector(query: URLSearchParams): (object: Properties) => boolean {
  const labels = pairs(query.get("labelSelector"));
  const fields = pairs(query.get("fieldSelector"));
  return (object) =>
    labels.every(([key, value]) => {
      const found = at(object, "metadata", "labels", key);
      return value === undefined ? found !== undefined : found === value;
    }) && fields.every(([path, value]) => String(at(object, ...path.split("."))) === value);
}

function pairs(text: string | null): [string, string | undefined][] {
  return (text ?? "")
    .split(",")
    .filter(Boolean)
    .map((pair) => {
      const [key = "", value] = pair.split(/==?/);
      return [key, value];
    });
}

async function readBody(request: IncomingMessage): Promise<Properties> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = parse(Buffer.concat(chunks).toString() || "{}") as unknown;
  if (!isObject(body)) throw new Refusal(400, "BadRequest", "the body is not an object");
  return body;
}

function send(response: ServerResponse, status: number, body: Properties): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
