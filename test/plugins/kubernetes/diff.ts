/** What differs between two manifests, and what of it an object cannot take over: pure. */
import { at, isObject, type Properties, UNKNOWN } from "../values";
import type { Kind } from "./kinds";

export type Change = "add" | "update" | "delete";

/** Fields that the Kubernetes plugin replaces the object for. */
const REPLACES: Readonly<Record<string, readonly string[]>> = {
  "v1/ConfigMap": ["binaryData", "data"],
  "v1/Secret": ["type", "stringData", "data"],
  "batch/v1/Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
};

/** Path → what happens to it, down to the single field. */
export function differences(old: unknown, wanted: unknown): Record<string, Change> {
  const found: Record<string, Change> = {};
  compare(old, wanted, "", found);
  return found;
}

function compare(old: unknown, wanted: unknown, path: string, found: Record<string, Change>): void {
  if (isObject(old) && isObject(wanted)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(wanted)]))
      compare(old[key], wanted[key], path === "" ? key : path + segment(key), found);
    return;
  }
  if (Array.isArray(old) && Array.isArray(wanted)) {
    const length = Math.max(old.length, wanted.length);
    for (let index = 0; index < length; index += 1)
      compare(old[index], wanted[index], `${path}[${index}]`, found);
    return;
  }
  if (old === wanted && wanted !== UNKNOWN) return;
  found[path] = old === undefined ? "add" : wanted === undefined ? "delete" : "update";
}

const segment = (key: string) => (/^[A-Za-z_][\w-]*$/.test(key) ? `.${key}` : `["${key}"]`);

/** Those of the paths for which a new object has to take the place of the old one. */
export function replacing({ apiVersion, kind }: Kind, paths: readonly string[], old: unknown) {
  const immutable = at(old, "immutable") === true;
  const frozen = [
    "metadata.name",
    "metadata.namespace",
    ...(REPLACES[`${apiVersion}/${kind}`] ?? []),
    ...(immutable ? ["immutable"] : []),
  ];
  return paths.filter((path) =>
    frozen.some(
      (field) => path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`),
    ),
  );
}

/** As the API server keeps it: a Secret's `stringData` becomes `data`. */
export function normalize({ kind }: Kind, manifest: Properties): Properties {
  if (kind !== "Secret" || !isObject(manifest.stringData)) return manifest;
  const { stringData, ...others } = manifest;
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    value === UNKNOWN ? UNKNOWN : Buffer.from(String(value)).toString("base64"),
  ]);
  const data = isObject(others.data) ? others.data : {};
  return { ...others, data: { ...data, ...(Object.fromEntries(encoded) as Properties) } };
}

/** Of a live object, what a manifest says something about: defaults and status are the cluster's own. */
export function prune(live: unknown, manifest: unknown): unknown {
  if (isObject(live) && isObject(manifest)) {
    const keys = Object.keys(manifest).filter((key) => live[key] !== undefined);
    return Object.fromEntries(keys.map((key) => [key, prune(live[key], manifest[key])]));
  }
  if (Array.isArray(live) && Array.isArray(manifest))
    return (live as unknown[]).map((item, index) =>
      index < manifest.length ? prune(item, manifest[index]) : item,
    );
  return sameQuantity(live, manifest) ? manifest : live;
}

/** The server writes quantities in a form of its own: `1000m` comes back as `1`. */
function sameQuantity(live: unknown, manifest: unknown): boolean {
  const [one, other] = [quantity(live), quantity(manifest)];
  return one !== undefined && one === other;
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

function quantity(value: unknown): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)(m|k|M|G|Ki|Mi|Gi)?$/.exec(String(value)) ?? [];
  return amount === undefined ? undefined : Number(amount) * (UNITS[unit] ?? 1);
}
