/** The objects of the tests' API server, with what the real one does to them: versions, generations, ownership, watches. */
import { randomUUID } from "node:crypto";

import { at, isObject, type Properties, without } from "../values";
import { normalize } from "./diff";
import { type Kind, pathOf } from "./kinds";

export type WatchEvent = {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly kind: Kind;
  readonly object: Properties;
};

/** A refusal, as the API puts it. */
export class Refusal extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

interface Entry {
  readonly kind: Kind;
  object: Properties;
  /** Who applied what: server-side apply takes back what a manager does not say any more. */
  readonly applied: Map<string, Properties>;
}

export class ObjectStore {
  readonly #entries = new Map<string, Entry>();
  readonly #watchers = new Set<(event: WatchEvent) => void>();
  #version = 1;

  get version(): string {
    return String(this.#version);
  }

  get(kind: Kind, namespace: string | undefined, name: string): Properties | undefined {
    return this.#entries.get(pathOf(kind, namespace, name))?.object;
  }

  list(kind: Kind, namespace?: string): Properties[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.kind.plural === kind.plural)
      .map(({ object }) => object)
      .filter(
        (object) => namespace === undefined || at(object, "metadata", "namespace") === namespace,
      );
  }

  watch(listener: (event: WatchEvent) => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  create(kind: Kind, object: Properties, dryRun = false): Properties {
    const { namespace, name } = metadataOf(object);
    if (this.get(kind, namespace, name))
      throw new Refusal(409, "AlreadyExists", `${kind.plural} "${name}" already exists`);
    return this.#save(kind, { ...object, status: undefined }, undefined, dryRun);
  }

  /** Server-side apply. */
  apply(kind: Kind, manager: string, manifest: Properties, dryRun = false): Properties {
    const { namespace, name } = metadataOf(manifest);
    const entry = this.#entries.get(pathOf(kind, namespace, name));
    const wanted = normalize(kind, manifest);
    const kept = takeBack(entry?.object ?? {}, entry?.applied.get(manager) ?? {}, wanted);
    const saved = this.#save(kind, merge(kept, wanted) as Properties, entry?.object, dryRun);
    if (!dryRun) this.#entries.get(pathOf(kind, namespace, name))?.applied.set(manager, wanted);
    return saved;
  }

  /** The whole object anew; `status` only where the caller is its controller. */
  replace(kind: Kind, object: Properties): Properties {
    const { namespace, name } = metadataOf(object);
    const old = this.get(kind, namespace, name);
    if (!old) throw notFound(kind, name);
    const version = at(object, "metadata", "resourceVersion");
    if (version !== undefined && version !== at(old, "metadata", "resourceVersion"))
      throw new Refusal(409, "Conflict", `${kind.plural} "${name}": the object has been modified`);
    return this.#save(kind, object, old, false);
  }

  /** A change by a controller: merged into what is there. */
  patch(kind: Kind, namespace: string | undefined, name: string, change: Properties): Properties {
    const old = this.get(kind, namespace, name);
    if (!old) throw notFound(kind, name);
    return this.#save(kind, merge(old, change) as Properties, old, false);
  }

  delete(kind: Kind, namespace: string | undefined, name: string, uid?: string): Properties {
    const old = this.get(kind, namespace, name);
    if (!old) throw notFound(kind, name);
    const found = at(old, "metadata", "uid") as string;
    if (uid !== undefined && uid !== found)
      throw new Refusal(
        409,
        "Conflict",
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${found}`,
      );
    this.#entries.delete(pathOf(kind, namespace, name));
    this.#version += 1;
    this.#notify({ type: "DELETED", kind, object: old });
    this.#deleteDependents(found);
    return old;
  }

  /** What the garbage collector does with foreground deletion. */
  #deleteDependents(uid: string): void {
    for (const { kind, object } of [...this.#entries.values()]) {
      const owners = (at(object, "metadata", "ownerReferences") ?? []) as readonly Properties[];
      const { namespace, name } = metadataOf(object);
      if (owners.some((owner) => owner.uid === uid)) this.delete(kind, namespace, name);
    }
  }

  #save(kind: Kind, given: Properties, old: Properties | undefined, dryRun: boolean): Properties {
    const object = JSON.parse(JSON.stringify(normalize(kind, given))) as Properties;
    refuseImmutable(kind, old, object);
    const { namespace, name } = metadataOf(object);
    const metadata = {
      ...(object.metadata as Properties),
      uid: at(old, "metadata", "uid") ?? randomUUID(),
      creationTimestamp: at(old, "metadata", "creationTimestamp") ?? now(),
      generation: generationOf(old, object),
    };
    const unchanged = old && same({ ...object, metadata: withoutVersion(metadata) }, old);
    if (unchanged) return old;
    const resourceVersion = String(this.#version + 1);
    const saved = { ...object, metadata: { ...metadata, resourceVersion } };
    if (dryRun) return saved;
    this.#version += 1;
    const path = pathOf(kind, namespace, name);
    const entry = this.#entries.get(path);
    if (entry) entry.object = saved;
    else this.#entries.set(path, { kind, object: saved, applied: new Map() });
    this.#notify({ type: entry ? "MODIFIED" : "ADDED", kind, object: saved });
    return saved;
  }

  #notify(event: WatchEvent): void {
    // Later, as over the network: who made the change hears of it first.
    setImmediate(() => this.#watchers.forEach((listener) => listener(event)));
  }
}

export function metadataOf(object: Properties) {
  const { name = "", namespace } = (object.metadata ?? {}) as Record<string, string | undefined>;
  return { name, namespace };
}

export const notFound = ({ plural }: Kind, name: string) =>
  new Refusal(404, "NotFound", `${plural} "${name}" not found`);

const now = () => new Date().toISOString().replace(/\.\d+Z$/, "Z");
const same = (one: Properties, other: Properties) =>
  canonical({ ...one }) ===
  canonical({ ...other, metadata: withoutVersion(other.metadata as Properties) });

const withoutVersion = (metadata: Properties) => without(metadata, "resourceVersion");

/** The same text for the same object, whatever the order of its keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    isObject(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/** Counts changes of what is wanted; status, labels and annotations are not of that. */
function generationOf(old: Properties | undefined, object: Properties): number {
  const last = (at(old, "metadata", "generation") as number | undefined) ?? 0;
  return old && canonical(old.spec) === canonical(object.spec) ? last : last + 1;
}

/** Objects and maps are merged; a list is the new one's. */
function merge(old: unknown, wanted: unknown): unknown {
  if (!isObject(old) || !isObject(wanted)) return wanted;
  const merged = Object.entries(wanted).map(([key, value]) => [key, merge(old[key], value)]);
  return { ...old, ...(Object.fromEntries(merged) as Properties) };
}

/** `live` without what was applied before and is not wanted any more. */
function takeBack(live: Properties, applied: Properties, wanted: Properties): Properties {
  const kept = Object.entries(live).filter(([key]) => !(key in applied && !(key in wanted)));
  return Object.fromEntries(
    kept.map(([key, value]) => {
      const [before, after] = [applied[key], wanted[key]];
      const deeper = isObject(value) && isObject(before) && isObject(after);
      return [key, deeper ? takeBack(value, before, after) : value];
    }),
  );
}

const JOB_FROZEN = [
  "selector",
  "template",
  "completionMode",
  "podFailurePolicy",
  "podReplacementPolicy",
];

function refuseImmutable(kind: Kind, old: Properties | undefined, object: Properties): void {
  if (!old) return;
  const { name } = metadataOf(object);
  const invalid = (field: string) =>
    new Refusal(422, "Invalid", `${kind.kind} "${name}" is invalid: ${field}: field is immutable`);
  if (kind.kind === "Job")
    for (const field of JOB_FROZEN)
      if (canonical(at(old, "spec", field)) !== canonical(at(object, "spec", field)))
        throw invalid(`spec.${field}`);
  if (old.immutable === true)
    for (const field of ["data", "binaryData", "immutable"])
      if (canonical(old[field]) !== canonical(object[field])) throw invalid(field);
  if (kind.kind === "Secret" && object.type !== undefined && old.type !== object.type)
    throw invalid("type");
}
