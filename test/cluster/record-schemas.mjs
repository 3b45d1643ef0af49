// node test/cluster/record-schemas.mjs: asks the running test cluster for the schemas of the objects that the program
// makes, and writes them, trimmed to what validates, to test/plugins/schemas.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { kubectl } from "./lib/kubectl.mjs";

const TARGET = resolve(dirname(fileURLToPath(import.meta.url)), "../plugins/schemas");

/** File → where the API serves it, and which kinds of it are wanted. */
const SOURCES = {
  core: ["api/v1", "v1", ["ConfigMap", "Namespace", "Secret", "ServiceAccount"]],
  batch: ["apis/batch/v1", "batch/v1", ["Job"]],
  networking: ["apis/networking.k8s.io/v1", "networking.k8s.io/v1", ["NetworkPolicy"]],
  "external-secrets": [
    "apis/external-secrets.io/v1",
    "external-secrets.io/v1",
    ["ClusterSecretStore", "ExternalSecret", "SecretStore"],
  ],
};

/** Of some forty providers of stores, those that are used here. */
const PROVIDERS = ["azurekv", "fake", "kubernetes"];

/** `{ kinds, schemas }`: the kinds, and every schema that they lead to, without texts. */
export function trim(document, apiVersion, kinds) {
  const all = document.components.schemas;
  const result = { kinds: {}, schemas: {} };
  const add = (name) => {
    if (result.schemas[name]) return;
    result.schemas[name] = {}; // first: schemas may lead back to themselves
    result.schemas[name] = strict(all[name], add);
  };
  for (const kind of kinds) {
    const name = nameOf(all, apiVersion, kind);
    result.kinds[`${apiVersion}/${kind}`] = name;
    add(name);
  }
  return result;
}

function nameOf(all, apiVersion, kind) {
  const [version, group = ""] = apiVersion.split("/").reverse();
  const found = Object.entries(all).find(([, schema]) =>
    schema["x-kubernetes-group-version-kind"]?.some(
      (known) => known.group === group && known.version === version && known.kind === kind,
    ),
  );
  if (!found) throw new Error(`the API server publishes no schema of ${apiVersion} ${kind}`);
  return found[0];
}

const KEPT = [
  "type",
  "format",
  "enum",
  "pattern",
  "required",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
];

// An object with properties allows no others, unless it says so: the API drops what it does not know, and a typing
// mistake with it.
function strict(schema, add) {
  if (schema.$ref) return reference(schema.$ref, add);
  if (schema.allOf?.length === 1 && schema.allOf[0].$ref)
    return reference(schema.allOf[0].$ref, add);
  const result = Object.fromEntries(
    KEPT.filter((key) => key in schema).map((key) => [key, schema[key]]),
  );
  for (const key of ["oneOf", "anyOf", "allOf"])
    if (schema[key]) result[key] = schema[key].map((one) => alternative(one, add));
  if (schema.items) result.items = strict(schema.items, add);
  if (schema["x-kubernetes-int-or-string"]) {
    delete result.type;
    result.anyOf = [{ type: "integer" }, { type: "string" }];
  }
  if (typeof schema.additionalProperties === "object")
    result.additionalProperties = strict(schema.additionalProperties, add);
  if (schema.properties) {
    result.properties = properties(schema.properties, add);
    if (!schema.additionalProperties && !schema["x-kubernetes-preserve-unknown-fields"])
      result.additionalProperties = false;
  }
  return result;
}

// `oneOf: [{ required: [a] }, …]` speaks of the object around it, and is not one of its own.
const alternative = (one, add) =>
  one.properties || one.$ref || one.type ? strict(one, add) : { ...one };

function properties(all, add) {
  const isProvider = "azurekv" in all && "fake" in all;
  const names = Object.keys(all).filter((name) => !isProvider || PROVIDERS.includes(name));
  return Object.fromEntries(names.map((name) => [name, strict(all[name], add)]));
}

function reference($ref, add) {
  const name = $ref.replace("#/components/schemas/", "");
  add(name);
  return { $ref: `recorded#/$defs/${name}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(TARGET, { recursive: true });
  for (const [file, [path, apiVersion, kinds]] of Object.entries(SOURCES)) {
    const document = JSON.parse(await kubectl(["get", "--raw", `/openapi/v3/${path}`]));
    const text = JSON.stringify(trim(document, apiVersion, kinds));
    writeFileSync(join(TARGET, `${file}.json`), `${text}\n`);
    console.log(`${file}.json: ${kinds.join(", ")}; ${text.length} bytes`);
  }
}
