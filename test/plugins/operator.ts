/** What the External Secrets Operator does, for the tests' API server: Secrets from ExternalSecrets and a vault. */
import type { KeyVault } from "./azure/key-vault";
import { kindNamed, type KubeApi } from "./kube-api";
import { metadataOf } from "./kubernetes/store";
import { renderTemplate } from "./template";
import { at, isObject, type Properties } from "./values";

export class OperatorDouble {
  /** While true it looks at nothing, as one that does not run. */
  paused = false;
  readonly #api: KubeApi;
  readonly #vault: KeyVault;
  readonly #stop: () => void;

  constructor(api: KubeApi, vault: KeyVault) {
    this.#api = api;
    this.#vault = vault;
    this.#stop = api.store.watch(({ kind, type, object }) => {
      if (kind.kind !== "ExternalSecret" || type === "DELETED" || this.paused) return;
      if (handledGeneration(object) !== generationOf(object)) this.#sync(object);
    });
  }

  /** As when the refresh interval is over. */
  refresh(): void {
    for (const object of this.#api.store.list(kindNamed("ExternalSecret"))) this.#sync(object);
  }

  close(): void {
    this.#stop();
  }

  #sync(object: Properties): void {
    const { name, namespace } = metadataOf(object);
    const generation = generationOf(object);
    try {
      this.#write(object);
      this.#report(object, "True", "SecretSynced", "secret synced", {
        syncedResourceVersion: `${generation}-tests`,
      });
    } catch (error) {
      const message = `could not update secret ${namespace}/${name}: ${(error as Error).message}`;
      this.#report(object, "False", "SecretSyncedError", message, { seen: generation });
    }
  }

  #write(object: Properties): void {
    const { name, namespace } = metadataOf(object);
    const target = at(object, "spec", "target");
    const template = at(target, "template");
    const values = Object.fromEntries(
      (at(object, "spec", "data") as readonly Properties[]).map((entry, index) => [
        String(entry.secretKey as string),
        this.#fetch(entry, index),
      ]),
    );
    const templates = (at(template, "data") ?? {}) as Readonly<Record<string, string>>;
    const rendered = Object.entries(templates).map(([key, text]) => [
      key,
      renderTemplate(text, values),
    ]);
    const content: Properties =
      rendered.length > 0 ? (Object.fromEntries(rendered) as Properties) : values;
    const secretName = (at(target, "name") as string | undefined) ?? name;
    const secret = kindNamed("Secret");
    const uid = at(object, "metadata", "uid");
    const existing = this.#api.store.get(secret, namespace, secretName);
    const owner = at(existing, "metadata", "ownerReferences", 0, "uid");
    if (existing && owner !== uid) throw new Error("target is owned by another object");
    this.#api.store.apply(secret, "external-secrets", {
      apiVersion: "v1",
      kind: "Secret",
      type: "Opaque",
      metadata: {
        name: secretName,
        namespace,
        ...(at(template, "metadata") as Properties | undefined),
        ownerReferences: [
          { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", name, uid },
        ],
      },
      stringData: content,
    });
  }

  #fetch({ remoteRef }: Properties, index: number): string {
    const [key, property] = [at(remoteRef, "key"), at(remoteRef, "property")] as string[];
    const fail = (why: string) =>
      new Error(`error processing spec.data[${index}] (key: ${key}), err: ${why}`);
    if (this.#vault.forbidden)
      throw fail("403 Forbidden: the user does not have secrets get permission");
    const value = this.#vault.get(key ?? "")?.value;
    if (value === undefined) throw fail("Secret does not exist");
    if (property === undefined) return value;
    const content = parse(value);
    const found = content[property];
    if (typeof found !== "string") throw fail(`property ${property} does not exist in key ${key}`);
    return found;
  }

  #report(object: Properties, status: string, reason: string, message: string, more: Properties) {
    const { name, namespace } = metadataOf(object);
    const condition = { type: "Ready", status, reason, message };
    const change = { status: { conditions: [condition], ...more } };
    this.#api.store.patch(kindNamed("ExternalSecret"), namespace, name, change);
  }
}

const generationOf = (object: Properties) => Number(at(object, "metadata", "generation"));

function handledGeneration(object: Properties): number {
  const { syncedResourceVersion, seen } = (object.status ?? {}) as Properties;
  const synced = Number.parseInt((syncedResourceVersion as string | undefined) ?? "0", 10);
  return Math.max(synced, Number(seen ?? 0));
}

function parse(value: string): Properties {
  try {
    const content = JSON.parse(value) as unknown;
    return isObject(content) ? content : {};
  } catch {
    return {};
  }
}
