// What a recorded program would register, as plain data without secrets.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { paths } from "./paths.mjs";
import { BLANK } from "./render-program.mjs";
import { isSecret } from "./render-recorder.mjs";

/** Every registration, sorted by type and name; the order of an update is in `dependsOn`. */
export function dump(registrations) {
  return registrations
    .map(({ inputs, ...rest }) => ({ ...rest, inputs: withoutSecrets(tidied(inputs)) }))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

const keyOf = ({ type, name }) => `${type}::${name}`;

/**
 * The text of a dynamic provider is the same for all, and has a test of its own. The bytes of a bundle depend on the
 * version of Node; what is in it does not.
 */
function tidied({ __provider, binaryData, ...inputs }) {
  return {
    ...inputs,
    ...(__provider !== undefined && { __provider: "(provider)" }),
    ...(binaryData && { binaryData: mapValues(binaryData, (base64) => unpacked(base64)) }),
  };
}

function unpacked(base64) {
  const require = createRequire(import.meta.url);
  const { unpackBundle } = require(join(paths.bin, "engine", "job", "bundle.js"));
  const files = unpackBundle(Buffer.from(base64, "base64"));
  const hash = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  return Object.fromEntries([...files].map(([path, bytes]) => [path, hash(bytes)]));
}

export const mapValues = (map, change) =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]));

/** Blanks secrets; of a secret map the keys stay. */
export function withoutSecrets(value) {
  if (isSecret(value)) return blank(value.value);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  return mapValues(value, (inner) => withoutSecrets(inner));
}

function blank(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return BLANK;
  return mapValues(value, () => BLANK);
}
