/**
 * A small Kubernetes API for tests of the provider: real HTTP, one namespace's worth of objects, and strict. What it
 * does not know it refuses with 404 and remembers as unexpected; a login without the right token is refused with 401.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** Every request that came in, in order. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string;
  readonly body: unknown;
}

/** What a path answers: an object (200), or a status with a message. A function is asked at each request. */
export type Answer = object | (() => object | undefined) | undefined;

interface ApiObject {
  metadata?: { uid?: string; resourceVersion?: string };
  status?: unknown;
}

/** Channels of the port-forward protocol. */
const DATA = 0;
const ERROR = 1;

interface WebSocketLike {
  on(event: "message", listener: (data: Buffer) => void): void;
  on(event: "close", listener: () => void): void;
  send(data: Buffer): void;
  close(): void;
  terminate(): void;
}

interface WebSocketServerLike {
  handleUpgrade(
    request: IncomingMessage,
    socket: unknown,
    head: Buffer,
    done: (socket: WebSocketLike) => void,
  ): void;
}

export class KubeApi {
  readonly token: string;
  readonly requests: ApiRequest[] = [];
  readonly unexpected: string[] = [];
  readonly #server: Server;
  readonly #answers = new Map<string, Answer>();
  readonly #refusals = new Map<string, { status: number; message: string }>();
  readonly #sockets = new Set<Socket>();
  readonly tunnels = new Set<WebSocketLike>();
  #created = 0;
  /** Kept when the server is closed: then nothing listens there. */
  #port = 0;
  /** Called when a Job is made anew. */
  onCreate: (path: string, object: ApiObject) => void = () => undefined;
  /** Where a forwarded port leads; undefined: the pod refuses the connection. */
  forwardTo: ((pod: string, port: number) => number | undefined) | undefined;

  private constructor(token: string) {
    this.token = token;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("upgrade", (request, socket, head) => {
      this.#upgrade(request, socket as Socket, head);
    });
  }

  static async start(token = "token-of-the-test"): Promise<KubeApi> {
    const api = new KubeApi(token);
    await new Promise<void>((resolve) => api.#server.listen(0, "127.0.0.1", resolve));
    api.#port = (api.#server.address() as AddressInfo).port;
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The content of a kubeconfig for this server. */
  kubeconfig(token = this.token): string {
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "test", cluster: { server: this.url, "insecure-skip-tls-verify": true } }],
      users: [{ name: "tester", user: { token } }],
      contexts: [{ name: "test", context: { cluster: "test", user: "tester" } }],
      "current-context": "test",
    });
  }

  /** What GET on a path answers. */
  put(path: string, answer: Answer): this {
    this.#answers.set(path, answer);
    return this;
  }

  /** GET on a path answers a list. */
  list(path: string, items: readonly object[] | (() => readonly object[])): this {
    return this.put(path, () => ({ items: typeof items === "function" ? items() : items }));
  }

  refuse(method: string, path: string, status: number, message = "refused"): this {
    this.#refusals.set(`${method} ${path}`, { status, message });
    return this;
  }

  asked(method: string, path: string): readonly ApiRequest[] {
    return this.requests.filter((r) => r.method === method && r.path === path);
  }

  async close(): Promise<void> {
    for (const tunnel of this.tunnels) tunnel.terminate();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { path, query } = pathOf(request);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    const method = request.method ?? "";
    const accept = request.headers.accept ?? "";
    this.requests.push({ method, path, query, accept, body });
    const [status, answer] = this.#answer(request, method, path, accept, body);
    const isText = typeof answer === "string";
    response.writeHead(status, { "content-type": isText ? "text/plain" : "application/json" });
    response.end(isText ? answer : JSON.stringify(answer));
  }

  #answer(
    request: IncomingMessage,
    method: string,
    path: string,
    accept: string,
    body: unknown,
  ): [number, object | string] {
    if (request.headers.authorization !== `Bearer ${this.token}`)
      return failure(401, "Unauthorized");
    const refusal = this.#refusals.get(`${method} ${path}`);
    if (refusal) return failure(refusal.status, refusal.message);
    switch (method) {
      case "GET":
        return this.#get(path, accept);
      case "DELETE":
        return this.#delete(path, body as { preconditions?: { uid?: string } });
      case "POST":
        return this.#create(path, body as ApiObject & { metadata: { name: string } });
      default:
        this.unexpected.push(`${method} ${path}`);
        return failure(405, "method not allowed");
    }
  }

  #get(path: string, accept: string): [number, object | string] {
    const answer = this.#current(path);
    if (answer === undefined) {
      if (!this.#answers.has(path)) this.unexpected.push(`GET ${path}`);
      return failure(404, `${path} not found`);
    }
    if ("text" in answer && typeof answer.text === "string") return [200, answer.text];
    if (accept.includes("as=PartialObjectMetadata"))
      return [200, { kind: "PartialObjectMetadata", metadata: (answer as ApiObject).metadata }];
    return [200, answer];
  }

  #current(path: string): object | undefined {
    const answer = this.#answers.get(path);
    return typeof answer === "function" ? (answer as () => object | undefined)() : answer;
  }

  #delete(path: string, options: { preconditions?: { uid?: string } }): [number, object] {
    const found = this.#current(path) as ApiObject | undefined;
    if (!found) return failure(404, `${path} not found`);
    const uid = options.preconditions?.uid;
    if (uid !== undefined && uid !== found.metadata?.uid)
      return failure(409, `Precondition failed: UID in precondition: ${uid}`);
    this.#answers.set(path, undefined);
    return [200, { kind: "Status", status: "Success" }];
  }

  #create(
    collection: string,
    object: ApiObject & { metadata: { name: string } },
  ): [number, object] {
    const path = `${collection}/${object.metadata.name}`;
    if (this.#current(path)) return failure(409, `"${object.metadata.name}" already exists`);
    const { uid, resourceVersion } = object.metadata as ApiObject["metadata"] & object;
    if (uid !== undefined || resourceVersion !== undefined || object.status !== undefined)
      return failure(422, "metadata.uid, resourceVersion and status are the server's");
    this.#created += 1;
    const made = { ...object, metadata: { ...object.metadata, uid: `made-${this.#created}` } };
    this.put(path, made);
    this.onCreate(path, made);
    return [201, made];
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const { path, query } = pathOf(request);
    this.requests.push({ method: "UPGRADE", path, query, accept: "", body: undefined });
    const match = /^\/api\/v1\/namespaces\/[^/]+\/pods\/([^/]+)\/portforward$/.exec(path);
    const refusal = this.#refusals.get(`UPGRADE ${path}`);
    const isKnown = request.headers.authorization === `Bearer ${this.token}`;
    if (!match || refusal || !isKnown) {
      const status = refusal?.status ?? (isKnown ? 404 : 401);
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- comes with the client library, without types
    const { WebSocketServer } = require("ws") as {
      WebSocketServer: new (options: object) => WebSocketServerLike;
    };
    const server = new WebSocketServer({
      noServer: true,
      handleProtocols: (offered: Set<string>) =>
        offered.has("v4.channel.k8s.io") ? "v4.channel.k8s.io" : false,
    });
    const port = Number(query.get("ports"));
    server.handleUpgrade(request, socket, head, (ws) => this.#forward(ws, match[1] ?? "", port));
  }

  #forward(ws: WebSocketLike, pod: string, port: number): void {
    this.tunnels.add(ws);
    const header = Buffer.alloc(2);
    header.writeUInt16LE(port);
    for (const channel of [DATA, ERROR]) ws.send(Buffer.concat([Buffer.from([channel]), header]));
    const target = this.forwardTo?.(pod, port);
    const refuse = (why: string) =>
      ws.send(Buffer.concat([Buffer.from([ERROR]), Buffer.from(why)]));
    if (target === undefined) return refuse(`error forwarding port ${port}: connection refused`);
    const upstream = connect(target, "127.0.0.1");
    upstream.on("data", (data) => ws.send(Buffer.concat([Buffer.from([DATA]), data])));
    upstream.on("error", (error) => refuse(error.message));
    upstream.on("close", () => ws.close());
    ws.on("message", (data) => {
      if (data[0] === DATA) upstream.write(data.subarray(1));
    });
    ws.on("close", () => {
      this.tunnels.delete(ws);
      upstream.destroy();
    });
  }
}

function failure(code: number, message: string): [number, object] {
  return [code, { kind: "Status", apiVersion: "v1", status: "Failure", message, code }];
}

function pathOf(request: IncomingMessage): { path: string; query: URLSearchParams } {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  return { path: url.pathname, query: url.searchParams };
}
