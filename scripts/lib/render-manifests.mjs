// The Kubernetes manifests of a recorded program, for people to read.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { mapValues, withoutSecrets } from "./render-dump.mjs";
import { UNKNOWN } from "./render-recorder.mjs";

/** The Kubernetes manifests in the order in which they would be applied. */
export function manifests(registrations) {
  return registrations
    .filter(({ type }) => /^kubernetes:(?!yaml|helm|kustomize).*\/v\d/.test(type))
    .map(({ name, inputs }) => withPlaceholders(withoutSecrets(inputs), name));
}

/** Names end with a hash that counts in the Secret's version; the other unknowns are versions themselves. */
function withPlaceholders(value, name, key = "") {
  if (value === UNKNOWN) return key === "name" ? `${name}-<hash>` : "<known when it is applied>";
  if (Array.isArray(value)) return value.map((inner) => withPlaceholders(inner, name));
  if (typeof value !== "object" || value === null) return value;
  return mapValues(value, (inner, own) => withPlaceholders(inner, name, own));
}

export const asDocument = (manifest) => `---\n${stringify(manifest, { lineWidth: 0 })}`;

/** One file for each, numbered in the order in which they would be applied. */
export function writeManifests(folder, all) {
  mkdirSync(folder, { recursive: true });
  all.forEach((manifest, index) => {
    const number = String(index + 1).padStart(2, "0");
    const name = manifest.metadata.name.replace(/[^A-Za-z0-9.-]/g, "");
    const file = `${number}-${manifest.kind.toLowerCase()}-${name}.yaml`;
    writeFileSync(join(folder, file), asDocument(manifest));
  });
}
