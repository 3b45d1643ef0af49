import { Duplex, PassThrough } from "node:stream";

import { TidemarkError } from "../../engine/index";
import type { KubernetesAccess } from "../kubernetes-access";
import type { ForwardTarget } from "../types";
import { KubernetesClient } from "./client";
import { KubernetesError, refusal, unreachable } from "./error";
import { describeTarget, findPod, type PodPort } from "./forward-target";
import type { Cluster } from "./kubeconfig";

/** Channels of the protocol v4.channel.k8s.io for one forwarded port; the first frame of each holds the port's number. */
const DATA = 0;
const ERROR = 1;
const PORT_LENGTH = 2;

const HANDSHAKE_MS = 15_000;

/** How long the API server may take to answer that the tunnel is closed. */
const CLOSE_MS = 1000;

/** What of the `ws` package's WebSocket is used. */
interface Socket {
  send(data: Buffer, done: (error?: Error) => void): void;
  close(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  on(event: "close", listener: (code: number, reason: Buffer) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/**
 * A way to a port of a pod, through the Kubernetes API and inside this process: nothing listens anywhere. Behaves as a
 * socket towards the PostgreSQL driver: `connect` opens it, closing it closes all.
 */
export class PodTunnel extends Duplex {
  readonly #access: KubernetesAccess;
  readonly #target: ForwardTarget;
  #socket: Socket | undefined;
  #answered = false;
  #portsRead = new Set<number>();

  constructor(access: KubernetesAccess, target: ForwardTarget) {
    super({ allowHalfOpen: false });
    this.#access = access;
    this.#target = target;
  }

  /** What the driver calls; host and port are the configured ones, and the target says where that is. */
  connect(): this {
    this.#open().then(
      () => this.emit("connect"),
      (error: unknown) => this.destroy(connectionFailure(error, this.#target)),
    );
    return this;
  }

  async #open(): Promise<void> {
    const client = await KubernetesClient.open(this.#access);
    const pod = await findPod(client, this.#target);
    const socket = await openSocket(client.cluster, pod, (channel, data) =>
      this.#receive(channel, data),
    );
    if (this.destroyed) return socket.terminate();
    this.#socket = socket;
    socket.on("error", (error) => this.#lost(error.message));
    socket.on("close", (code) => this.#lost(`closed with code ${code}`));
  }

  #receive(channel: number, frame: Buffer): void {
    const data = this.#withoutPort(channel, frame);
    if (data.length === 0) return;
    if (channel === ERROR) return this.#lost(data.toString("utf8").trim());
    if (channel !== DATA || this.readableEnded || this.destroyed) return;
    this.#answered = true;
    if (!this.push(data)) this.#socket?.pause();
  }

  #withoutPort(channel: number, frame: Buffer): Buffer {
    if (this.#portsRead.has(channel)) return frame;
    this.#portsRead.add(channel);
    return frame.subarray(PORT_LENGTH);
  }

  /** Before the database has answered this is a failed connection; afterwards a lost one, as the engine knows it. */
  #lost(why: string): void {
    if (this.destroyed) return;
    if (this.writableEnded) return void this.destroy(); // we have closed it
    const text = `the tunnel to the ${describeTarget(this.#target)} broke: ${why}`;
    const error = this.#answered
      ? Object.assign(new Error(`Connection terminated: ${text}`), { code: "ECONNRESET" })
      : connectionFailure(
          new KubernetesError(
            "temporary",
            text,
            "Check that PostgreSQL listens on that port in the pod; then try again.",
          ),
          this.#target,
        );
    this.destroy(error);
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    if (!this.#socket) return done(new Error("the tunnel is not open"));
    this.#socket.send(Buffer.concat([Buffer.from([DATA]), chunk]), (error) => {
      if (error) this.#lost(error.message);
      done();
    });
  }

  override _read(): void {
    this.#socket?.resume();
  }

  override _final(done: () => void): void {
    done();
    this.destroy();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) {
      socket.resume(); // what is paused does not see that the other side closes
      socket.close();
      setTimeout(() => socket.terminate(), CLOSE_MS).unref();
    }
    done(error);
  }

  /** There is no delay to switch off. */
  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

async function openSocket(
  cluster: Cluster,
  pod: PodPort,
  receive: (channel: number, data: Buffer) => void,
): Promise<Socket> {
  // The public PortForward would leave the closing of channels, and so our standard streams, to the library.
  const { WebSocketHandler } = await import("@kubernetes/client-node/dist/web-socket-handler.js");
  // What the library ends when the server closes a channel; by default that is this process's own input and output.
  const streams = {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
  };
  const handler = new WebSocketHandler(cluster.config, undefined, streams);
  const name = encodeURIComponent(pod.pod);
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${name}/portforward?ports=${pod.port}`;
  const opening = handler.connect(path, null, (channel, data) => {
    receive(channel, data);
    return true;
  }) as Promise<unknown> as Promise<Socket>;
  try {
    return await withTimeout(opening);
  } catch (error) {
    throw handshakeFailure(error, cluster, pod);
  }
}

/** A handshake that is late is of no use to anybody any more. */
async function withTimeout(opening: Promise<Socket>): Promise<Socket> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      opening.then(
        (socket) => socket.terminate(),
        () => undefined,
      );
      reject(Object.assign(new Error("timeout"), { code: "ETIMEDOUT" }));
    }, HANDSHAKE_MS);
  });
  try {
    return await Promise.race([opening, late]);
  } finally {
    clearTimeout(timer);
  }
}

function handshakeFailure(error: unknown, { server }: Cluster, pod: PodPort): KubernetesError {
  const { error: inner, message } = error as { error?: unknown; message?: unknown };
  const status = /Unexpected server response: (\d{3})/.exec(String(message))?.[1];
  if (status === undefined) return unreachable(inner ?? error, server);
  const { namespace, pod: name } = pod;
  const question = { verb: "get", resource: "pods/portforward", group: "", namespace, name };
  const refused = refusal(question, server, Number(status), {});
  if (refused.status !== 403) return refused;
  return new KubernetesError(
    "usage",
    refused.message,
    `Grant it, with a Role in ${namespace}: apiGroups [""], resources ["pods/portforward"], verbs ["get", "create"].`,
    { status: 403 },
  );
}

/** To the engine a tunnel that cannot be opened is a database that cannot be reached. */
function connectionFailure(error: unknown, target: ForwardTarget): TidemarkError {
  const known = error instanceof TidemarkError;
  const said = error instanceof Error ? error.message : String(error);
  return new TidemarkError({
    code: "DB_CONNECTION",
    class: known ? error.class : "bug",
    message: `No tunnel to port ${target.port} of the ${describeTarget(target)}: ${said}`,
    remedy: known ? error.remedy : "Please report it.",
  });
}
