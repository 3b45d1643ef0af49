import { existsSync } from "node:fs";
import type { RequestOptions } from "node:https";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import type { KubeConfig } from "@kubernetes/client-node" with { "resolution-mode": "import" };

import type { KubernetesAccess } from "../kubernetes-access";
import { KubernetesError } from "./error";

/** A cluster and the way to log in to it. */
export interface Cluster {
  readonly config: KubeConfig;
  /** URL of the API server. */
  readonly server: string;
}

/**
 * Reads the kubeconfig: the given path or content, else what kubectl would take (KUBECONFIG, ~/.kube/config, the pod's
 * service account).
 * @throws KubernetesError that names the file or context and never quotes the content, since it may hold a token.
 */
export async function loadCluster({ kubeconfig, context }: KubernetesAccess): Promise<Cluster> {
  // Loaded at the first need: half a second that a stack without a cluster does not pay.
  const library = await import("@kubernetes/client-node");
  const config = new library.KubeConfig();
  const source = describeSource(kubeconfig);
  try {
    if (kubeconfig === undefined) loadAmbient(config);
    else if (isContent(kubeconfig)) config.loadFromString(kubeconfig);
    else config.loadFromFile(existing(expandHome(kubeconfig)));
  } catch (error) {
    if (error instanceof KubernetesError) throw error;
    throw new KubernetesError(
      "usage",
      `${source} is no kubeconfig: it cannot be read as one.`, // the parser's own words quote the content
      "Check it with: kubectl config view --kubeconfig FILE",
    );
  }
  if (context !== undefined) selectContext(config, context, source);
  const server = config.getCurrentCluster()?.server;
  if (!server) throw noCluster(config, source);
  return { config, server: withoutCredentials(server) };
}

/** A kubeconfig is YAML with several lines or JSON; a path is neither. */
function isContent(kubeconfig: string): boolean {
  return kubeconfig.includes("\n") || kubeconfig.trimStart().startsWith("{");
}

function describeSource(kubeconfig: string | undefined): string {
  if (kubeconfig !== undefined)
    return isContent(kubeconfig)
      ? "The content of tidemark:kubernetes.kubeconfig"
      : `The file ${kubeconfig} (tidemark:kubernetes.kubeconfig)`;
  const { KUBECONFIG } = process.env;
  return KUBECONFIG ? `KUBECONFIG (${KUBECONFIG})` : "The kubeconfig ~/.kube/config";
}

function loadAmbient(config: KubeConfig): void {
  const files = (process.env.KUBECONFIG ?? "").split(delimiter).filter((file) => file !== "");
  for (const file of files) existing(file, "KUBECONFIG names it.");
  const isInCluster = process.env.KUBERNETES_SERVICE_HOST !== undefined;
  const isAtHome = existsSync(join(homedir(), ".kube", "config"));
  if (files.length === 0 && !isAtHome && !isInCluster)
    throw new KubernetesError(
      "usage",
      "There is no kubeconfig: neither tidemark:kubernetes nor KUBECONFIG is set, and ~/.kube/config does not exist.",
      "Fetch one (for example az aks get-credentials --name CLUSTER --resource-group GROUP), or set tidemark:kubernetes: { kubeconfig: PATH, context: NAME }.",
    );
  config.loadFromDefault();
}

function existing(file: string, why = "tidemark:kubernetes.kubeconfig names it."): string {
  if (existsSync(file)) return file;
  throw new KubernetesError(
    "usage",
    `The kubeconfig ${file} does not exist. ${why}`,
    "Correct the path, or fetch the kubeconfig (for example az aks get-credentials).",
  );
}

function expandHome(path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
}

function selectContext(config: KubeConfig, context: string, source: string): void {
  if (!config.getContextObject(context)) {
    const known = config.getContexts().map(({ name }) => name);
    throw new KubernetesError(
      "usage",
      `${source} has no context "${context}".`,
      known.length > 0
        ? `Set tidemark:kubernetes.context to one of: ${known.join(", ")}.`
        : "Add the context, or name another kubeconfig.",
    );
  }
  config.setCurrentContext(context);
}

function noCluster(config: KubeConfig, source: string): KubernetesError {
  const current: string | undefined = config.getCurrentContext();
  const known = config.getContexts().map(({ name }) => name);
  return new KubernetesError(
    "usage",
    current
      ? `${source}: its current context "${current}" names no cluster.`
      : `${source} has no current context.`,
    known.length > 0
      ? `Set tidemark:kubernetes.context to one of: ${known.join(", ")}.`
      : "Name a kubeconfig that has a cluster and a context.",
  );
}

/** A URL may carry a user and a password. */
function withoutCredentials(server: string): string {
  return server.replace(/\/\/[^/@]*@/, "//");
}

/**
 * Options for one request: certificates, and a token that is fetched anew where it has expired.
 * @throws KubernetesError where the kubeconfig's credentials plugin fails.
 */
export async function requestOptions({ config, server }: Cluster): Promise<RequestOptions> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options as Parameters<KubeConfig["applyToHTTPSOptions"]>[0]);
  } catch (error) {
    const plugin = config.getCurrentUser()?.exec as { readonly command?: string } | undefined;
    const said = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new KubernetesError(
      "usage",
      plugin?.command
        ? `The kubeconfig's credentials plugin ${plugin.command} failed${said}, so there is no login to ${server}.`
        : `The kubeconfig's credentials for ${server} cannot be read${said}.`,
      plugin?.command
        ? `Install it or log in: kubectl get namespaces must work from here.`
        : "Check client certificate, key and token in the kubeconfig; an http:// server needs insecure-skip-tls-verify.",
    );
  }
  return options;
}
