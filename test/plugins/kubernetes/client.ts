/** A small client of the Kubernetes API: what a kubeconfig says, and JSON over HTTP. */
import { existsSync, readFileSync } from "node:fs";
import { request as requestHttp } from "node:http";
import { Agent, request as requestHttps, type RequestOptions } from "node:https";
import { homedir } from "node:os";
import { join } from "node:path";

import { parse } from "yaml";

import { at, type Properties } from "../values";
import { type Kind, pathOf } from "./kinds";

/** The API server has said no. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, body: string) {
    const { message, reason } = parseStatus(body);
    super(message ?? `HTTP ${status}: ${body.slice(0, 500)}`);
    this.status = status;
    this.reason = reason ?? "";
  }
}

function parseStatus(body: string): { readonly message?: string; readonly reason?: string } {
  try {
    return JSON.parse(body) as { message?: string; reason?: string };
  } catch {
    return {};
  }
}

export interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Properties;
  readonly contentType?: string;
}

export class KubeClient {
  readonly namespace: string;
  readonly #server: URL;
  readonly #options: RequestOptions;

  /** @param source a kubeconfig: its path or its content; without one, that of the environment */
  constructor(source?: string, contextName?: string) {
    const config = parse(readKubeconfig(source)) as unknown;
    const wanted = contextName ?? at(config, "current-context");
    const context = named(config, "contexts", wanted, "context");
    const cluster = named(config, "clusters", at(context, "cluster"), "cluster");
    const user = named(config, "users", at(context, "user"), "user");
    this.namespace = (at(context, "namespace") as string | undefined) ?? "default";
    this.#server = new URL(at(cluster, "server") as string);
    const token = at(user, "token") as string | undefined;
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.#options = { headers };
    if (this.#server.protocol === "https:") {
      const ca = decode(at(cluster, "certificate-authority-data"));
      const cert = decode(at(user, "client-certificate-data"));
      const key = decode(at(user, "client-key-data"));
      this.#options.agent = new Agent({ ca, cert, key, keepAlive: true });
    }
  }

  get(kind: Kind, namespace: string | undefined, name: string): Promise<Properties | undefined> {
    return this.call(pathOf(kind, namespace, name)).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    });
  }

  async list(
    kind: Kind,
    namespace: string | undefined,
    query: Readonly<Record<string, string>> = {},
  ): Promise<Properties[]> {
    const { items } = await this.call(pathOf(kind, namespace), { query });
    return items as Properties[];
  }

  async call(path: string, call: Call = {}): Promise<Properties> {
    return JSON.parse(await this.text(path, call)) as Properties;
  }

  text(
    path: string,
    { method = "GET", query = {}, body, contentType }: Call = {},
  ): Promise<string> {
    const url = new URL(path, this.#server);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      ...this.#options.headers,
      accept: "application/json",
      ...(payload && {
        "content-type": contentType ?? "application/json",
        "content-length": payload.length,
      }),
    };
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    return new Promise((resolve, reject) => {
      const request = send(url, { ...this.#options, method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          const status = response.statusCode ?? 0;
          if (status < 300) resolve(text);
          else reject(new ApiError(status, text));
        });
      });
      request.on("error", reject);
      request.end(payload);
    });
  }
}

function readKubeconfig(source: string | undefined): string {
  if (source?.includes("\n")) return source;
  const file = source ?? process.env.KUBECONFIG ?? join(homedir(), ".kube", "config");
  if (!existsSync(file)) throw new Error(`there is no kubeconfig ${file}`);
  return readFileSync(file, "utf8");
}

function named(config: unknown, list: string, name: unknown, key: string): unknown {
  const entries = at(config, list) as readonly Properties[] | undefined;
  const entry = entries?.find((candidate) => candidate.name === name);
  if (!entry) throw new Error(`the kubeconfig has no ${key} ${String(name)}`);
  return entry[key];
}

const decode = (data: unknown) =>
  typeof data === "string" ? Buffer.from(data, "base64") : undefined;
