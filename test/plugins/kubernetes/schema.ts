/** The recorded schemas of the real API server (test/cluster/record-schemas.mjs), as validators that know no mercy. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import Ajv, { type ErrorObject, type ValidateFunction } from "ajv";

import { at, holdsUnknown, type Properties } from "../values";
import type { Kind } from "./kinds";

/** Compiled, this file lies in bin/test/plugins/kubernetes. */
const FOLDER = resolve(__dirname, "../../../../test/plugins/schemas");

export interface SchemaProblem {
  /** Such as `.spec.template.spec.containers[0].image`. */
  readonly path: string;
  readonly reason: string;
}

/** @returns what is wrong with the object; unknown values are right anywhere */
export function validate({ apiVersion, kind }: Kind, object: Properties): SchemaProblem[] {
  const check = validatorOf(`${apiVersion}/${kind}`);
  if (check(object)) return [];
  return (check.errors ?? []).filter((error) => isFault(error, object)).map(problemOf);
}

interface Recorded {
  /** `<apiVersion>/<kind>` → name of its schema. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly schemas: Readonly<Record<string, object>>;
}

let compiler: Ajv | undefined;
let names: Readonly<Record<string, string>> = {};
const validators = new Map<string, ValidateFunction>();

function validatorOf(kind: string): ValidateFunction {
  let validator = validators.get(kind);
  if (validator) return validator;
  compiler ??= load();
  const name = names[kind];
  if (name === undefined) throw new Error(`no schema of ${kind} is recorded`);
  validator = compiler.compile({ $ref: `recorded#/$defs/${name}` });
  validators.set(kind, validator);
  return validator;
}

function load(): Ajv {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
  const recorded = files.map(
    (name) => JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as Recorded,
  );
  names = Object.assign({}, ...recorded.map(({ kinds }) => kinds)) as Record<string, string>;
  const $defs = Object.assign({}, ...recorded.map(({ schemas }) => schemas)) as object;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  return ajv.addSchema({ $id: "recorded", $defs });
}

/** A choice among schemas fails as a whole where one of the values in it is not known yet. */
function isFault({ instancePath, keyword }: ErrorObject, object: Properties): boolean {
  const value = at(object, ...keysOf(instancePath));
  const choice = ["oneOf", "anyOf", "allOf", "not", "enum", "pattern", "type", "format"];
  return !(choice.includes(keyword) && holdsUnknown(value));
}

function problemOf({ instancePath, keyword, params, message }: ErrorObject): SchemaProblem {
  const path = keysOf(instancePath)
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`))
    .join("");
  if (keyword === "additionalProperties") {
    const { additionalProperty } = params as { readonly additionalProperty: string };
    return { path: `${path}.${additionalProperty}`, reason: "field not declared in schema" };
  }
  const allowed = keyword === "enum" ? `: ${JSON.stringify(at(params, "allowedValues"))}` : "";
  return { path: path || ".", reason: `${message ?? keyword}${allowed}` };
}

const keysOf = (pointer: string): (string | number)[] =>
  pointer
    .split("/")
    .slice(1)
    .map((key) => (/^\d+$/.test(key) ? Number(key) : unescape(key)));

const unescape = (key: string) => key.replaceAll("~1", "/").replaceAll("~0", "~");
