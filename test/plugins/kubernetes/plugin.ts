/**
 * A stand-in for the Kubernetes provider plugin, against a real API server or the tests' own (../kube-api.ts): server-side
 * apply, autonaming, replacement and waiting as the real plugin does them, and stricter in one thing: an object that
 * the recorded schemas of the API do not allow never leaves it.
 */
import { setTimeout as sleep } from "node:timers/promises";

import {
  type CheckAnswer,
  type CheckRequest,
  type CreateAnswer,
  type CreateRequest,
  type DeleteRequest,
  type DiffAnswer,
  type DiffRequest,
  PartialFailure,
  type ProviderPlugin,
  type ReadAnswer,
  type ReadRequest,
  type UpdateRequest,
} from "../rpc";
import {
  at,
  hideLike,
  holdsUnknown,
  isObject,
  type Properties,
  reveal,
  secret,
  UNKNOWN,
  without,
} from "../values";
import { awaitJob, isComplete } from "./await-job";
import { ApiError, KubeClient } from "./client";
import { differences, normalize, prune, replacing } from "./diff";
import { type Kind, kindOfType, pathOf } from "./kinds";
import { validate } from "./schema";

const AUTONAMED = "pulumi.com/autonamed";
const DELETED_WITHIN = 120_000;

export interface KubernetesPluginOptions {
  /** A kubeconfig (path or content) for providers that are configured with none. */
  readonly kubeconfig: string;
}

export class KubernetesPlugin implements ProviderPlugin {
  readonly version = "4.34.2";
  /** Each change that was asked for, such as `create ameide/db-migrations`; previews are not changes. */
  readonly changes: string[] = [];
  readonly #fallback: string;
  #settings: Properties = {};
  #client: KubeClient | undefined;

  constructor({ kubeconfig }: KubernetesPluginOptions) {
    this.#fallback = kubeconfig;
  }

  configure(inputs: Properties): void {
    this.#settings = reveal(inputs);
    this.#client = undefined;
  }

  /** Made at the first need: a kubeconfig that is wrong fails the resource, not the plugin. */
  get #api(): KubeClient {
    const { kubeconfig, context } = this.#settings as Record<string, string | undefined>;
    this.#client ??= new KubeClient(kubeconfig ?? this.#fallback, context);
    return this.#client;
  }

  async check({ type, name, olds, news, seed }: CheckRequest): Promise<CheckAnswer> {
    const kind = kindOfType(type);
    const manifest = reveal<Properties>(news);
    const metadata = { ...(manifest.metadata as Properties | undefined) };
    if (kind.namespaced) metadata.namespace ??= this.#settings.namespace ?? this.#api.namespace;
    if (metadata.name === undefined) autoname(metadata, name, reveal(olds), seed);
    const inputs = { ...manifest, apiVersion: kind.apiVersion, kind: kind.kind, metadata };
    const failures = validate(kind, inputs).map(({ path, reason }) => ({
      property: path.replace(/^\./, ""),
      reason: `${reason} (${kind.apiVersion}/${kind.kind} ${String(metadata.name)}: ${path})`,
    }));
    return { inputs: hideLike(news, inputs) as Properties, failures };
  }

  async diff({ type, outputs, olds, news }: DiffRequest): Promise<DiffAnswer> {
    const kind = kindOfType(type);
    const wanted = normalize(kind, reveal(news));
    const before = normalize(kind, reveal(olds));
    const live = prune(reveal(outputs), before);
    const paths = differences(live, wanted);
    const replaces = replacing(kind, Object.keys(paths), before);
    if (await this.#isUnready(kind, wanted)) {
      const path = 'metadata.annotations["pulumi.com/replaceUnready"]';
      paths[path] = "update";
      replaces.push(path);
    }
    const sameName = nameOf(wanted).id === nameOf(before).id && !isAutonamed(wanted);
    return {
      changed: Object.keys(paths).length > 0,
      paths,
      replaces,
      deleteBeforeReplace: replaces.length > 0 && sameName,
    };
  }

  async create({ type, inputs, preview, log }: CreateRequest): Promise<CreateAnswer> {
    const kind = kindOfType(type);
    const manifest = reveal<Properties>(inputs);
    const { id, namespace, name } = nameOf(manifest);
    if (preview && holdsUnknown(manifest)) return { id, outputs: inputs };
    const existing = await this.#api.get(kind, namespace, name);
    if (existing && !preview)
      throw new Error(
        `resource "${id}" was not successfully created by the Kubernetes API server: ` +
          `${kind.plural} "${name}" already exists`,
      );
    if (!preview) this.changes.push(`create ${kind.kind} ${id}`);
    const live = existing ?? (await this.#apply(kind, manifest, preview, "created"));
    return { id, outputs: await this.#settle(kind, inputs, live, preview, log) };
  }

  async update(request: UpdateRequest): Promise<Properties> {
    const { type, inputs, preview, log } = request;
    const kind = kindOfType(type);
    const manifest = reveal<Properties>(inputs);
    if (preview && holdsUnknown(manifest)) return inputs;
    if (!preview) this.changes.push(`update ${kind.kind} ${nameOf(manifest).id}`);
    const live = await this.#apply(kind, manifest, preview, "updated");
    return this.#settle(kind, inputs, live, preview, log);
  }

  async read({ type, id, inputs, outputs }: ReadRequest): Promise<ReadAnswer | undefined> {
    const kind = kindOfType(type);
    const [name = "", namespace] = id.split("/").reverse();
    const live = await this.#api.get(kind, namespace, name);
    if (!live) return undefined;
    const pattern = Object.keys(inputs).length > 0 ? inputs : outputs;
    return { id, outputs: outputsOf(kind, pattern, live), inputs };
  }

  async delete({ type, id }: DeleteRequest): Promise<void> {
    const kind = kindOfType(type);
    const [name = "", namespace] = id.split("/").reverse();
    this.changes.push(`delete ${kind.kind} ${id}`);
    const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: "Foreground" };
    const path = pathOf(kind, namespace, name);
    await this.#api.call(path, { method: "DELETE", body }).catch(ignoreMissing);
    for (const end = Date.now() + DELETED_WITHIN; await this.#api.get(kind, namespace, name);) {
      if (Date.now() > end) throw new Error(`timed out waiting for ${id} to be deleted`);
      await sleep(100);
    }
  }

  async #isUnready(kind: Kind, manifest: Properties): Promise<boolean> {
    if (kind.kind !== "Job" || annotationOf(manifest, "pulumi.com/replaceUnready") !== "true")
      return false;
    const { namespace, name } = nameOf(manifest);
    const live = await this.#api.get(kind, namespace, name).catch(() => undefined);
    return live !== undefined && !isComplete(live);
  }

  async #apply(kind: Kind, manifest: Properties, preview: boolean, done: string) {
    const { id, namespace, name } = nameOf(manifest);
    const query = {
      fieldManager: "pulumi-kubernetes-tests",
      fieldValidation: "Strict",
      force: "true",
      ...(preview && { dryRun: "All" }),
    };
    const contentType = "application/apply-patch+yaml";
    const call = { method: "PATCH", query, body: manifest, contentType } as const;
    try {
      return await this.#api.call(pathOf(kind, namespace, name), call);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const verb = preview ? `previewed as ${done}` : done;
      throw new Error(
        `resource "${id}" was not successfully ${verb} by the Kubernetes API server: ${error.message}`,
        { cause: error },
      );
    }
  }

  /** Waits for what has to be waited for, and says what the state shall hold. */
  async #settle(
    kind: Kind,
    inputs: Properties,
    live: Properties,
    preview: boolean,
    log: CreateRequest["log"],
  ): Promise<Properties> {
    if (preview) return outputsOf(kind, inputs, withoutIdentity(live));
    if (kind.kind !== "Job" || annotationOf(live, "pulumi.com/skipAwait") === "true")
      return outputsOf(kind, inputs, live);
    const { id, namespace, name } = nameOf(live);
    const awaited = await awaitJob(this.#api, namespace ?? "", name, log);
    const outputs = outputsOf(kind, inputs, awaited.live);
    if (awaited.reasons.length === 0) return outputs;
    const message =
      `resource "${id}" was successfully created, but the Kubernetes API server reported that it ` +
      `failed to fully initialize or become live: ${awaited.reasons.join("; ")}`;
    throw new PartialFailure(message, { id, outputs, inputs, reasons: awaited.reasons });
  }
}

function autoname(metadata: Properties, name: string, olds: Properties, seed: Uint8Array): void {
  const old = isAutonamed(olds) ? at(olds, "metadata", "name") : undefined;
  const suffix = Buffer.from(seed).toString("hex").slice(0, 8).padEnd(8, "0");
  metadata.name = old ?? `${name}-${suffix}`;
  metadata.annotations = { ...(metadata.annotations as Properties), [AUTONAMED]: "true" };
}

const isAutonamed = (manifest: Properties) => annotationOf(manifest, AUTONAMED) === "true";

const annotationOf = (manifest: Properties, name: string) =>
  at(manifest, "metadata", "annotations", name);

function nameOf(manifest: Properties) {
  const { name = "", namespace } = (manifest.metadata ?? {}) as Record<string, string | undefined>;
  return { id: namespace === undefined ? name : `${namespace}/${name}`, namespace, name };
}

/** The live object as the state holds it: whatever is secret in the inputs, and all of a Secret's data, stays so. */
function outputsOf({ kind }: Kind, inputs: Properties, live: Properties): Properties {
  const metadata = without(live.metadata, "managedFields");
  const outputs = hideLike(inputs, { ...live, metadata }) as Properties;
  if (kind !== "Secret") return outputs;
  for (const key of ["data", "stringData"]) {
    const value = outputs[key] ?? inputs[key];
    if (isObject(value)) outputs[key] = secret(reveal(value));
  }
  return outputs;
}

/** What a dry run makes up and an update makes anew. */
function withoutIdentity(live: Properties): Properties {
  const unknown = { uid: UNKNOWN, resourceVersion: UNKNOWN, generation: UNKNOWN };
  const metadata = without(live.metadata, "creationTimestamp");
  return { ...live, metadata: { ...metadata, ...unknown } };
}

function ignoreMissing(error: unknown): Properties {
  if (error instanceof ApiError && error.status === 404) return {};
  throw error;
}
