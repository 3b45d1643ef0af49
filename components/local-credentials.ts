import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

import * as pulumi from "@pulumi/pulumi";

import { LOCAL_CREDENTIALS } from "../config/names";
import type { KubernetesAccess } from "../provider/kubernetes-access";
import type { Credentials } from "./database-url";

const TIMEOUT_MS = 10_000;

/**
 * User and password from the Secret `platform-db-credentials` (keys username, password) where the cluster has it.
 * undefined: it does not, or the cluster cannot be asked; the latter ClusterReady reports, with its remedy.
 */
export async function readLocalCredentials(
  access: KubernetesAccess,
  namespace: string,
): Promise<Credentials | undefined> {
  const answer = await ask(access, namespace).catch(() => undefined);
  if (answer === undefined || answer.status === 404) return undefined;
  if (answer.status !== 200) {
    throw new pulumi.RunError(
      `The Secret ${LOCAL_CREDENTIALS} of namespace ${namespace} cannot be read (${answer.status}). Remedy: grant get on secrets in that namespace.`,
    );
  }
  return credentialsOf(answer.text, namespace);
}

function credentialsOf(text: string, namespace: string): Credentials {
  const { data = {} } = JSON.parse(text) as { data?: Record<string, string> };
  const { username, password } = data;
  if (username !== undefined && password !== undefined)
    return { user: decoded(username), password: decoded(password) };
  throw new pulumi.RunError(
    `The Secret ${LOCAL_CREDENTIALS} of namespace ${namespace} has not both keys username and password. Remedy: add them, or delete the Secret to use the configuration's.`,
  );
}

const decoded = (base64: string): string => Buffer.from(base64, "base64").toString("utf8");

async function ask(
  access: KubernetesAccess,
  namespace: string,
): Promise<{ readonly status: number; readonly text: string }> {
  // Loaded here: a stack with a vault never asks.
  const { loadCluster, requestOptions } = await import("../provider/kubernetes/kubeconfig.js");
  const cluster = await loadCluster(access);
  const options = await requestOptions(cluster);
  const base = (cluster.config.getCurrentCluster()?.server ?? "").replace(/\/+$/, "");
  const url = new URL(`${base}/api/v1/namespaces/${namespace}/secrets/${LOCAL_CREDENTIALS}`);
  const send = url.protocol === "http:" ? requestHttp : requestHttps;
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const request = send(url, { ...options, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
    request.on("error", reject);
    request.end();
  });
}
