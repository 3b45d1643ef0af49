/** The configuration of a stack as JSON Schema, for editors: `# yaml-language-server: $schema=…` in a stack file. */
import { z } from "zod";

import type { KeyMeta } from "../engine/options/schemas";
import { stackSchema } from "./schema";

type Schema = z.core.JSONSchema.BaseSchema;

const SECURE = { $ref: "#/definitions/secure" };
const DEFINITIONS = {
  secure: {
    description: "Encrypted by pulumi config set --secret.",
    type: "object",
    properties: { secure: { type: "string" } },
    required: ["secure"],
    additionalProperties: false,
  },
};

/** A draft 7 schema (what editors know best) of `Pulumi.<stack>.yaml`. Keys of other namespaces are none of ours. */
export function stackFileSchema(): object {
  const { properties = {} } = z.toJSONSchema(stackSchema, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
    override: ({ jsonSchema, path }) => {
      describeKey(jsonSchema);
      if (path.at(-1) !== "propertyNames") allowSecure(jsonSchema);
    },
  }) as Schema;
  const keys = Object.keys(properties);
  const entries = Object.entries(properties).map(([key, schema]) => [
    `tidemark:${key}`,
    ofWholeKey(schema as Schema),
  ]);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Stack configuration of Tidemark",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries(entries) as object,
        patternProperties: { [`^tidemark:(?!(?:${keys.join("|")})$)`]: false },
      },
    },
    definitions: DEFINITIONS,
  };
}

/** What holds where a key is absent becomes part of its description: it is not always a value. */
function describeKey(schema: Schema): void {
  const { unset, description } = schema as KeyMeta;
  delete schema.unset;
  if (unset) schema.description = `${description}. Default: ${unset}`;
}

/** Any text may stand there encrypted. */
function allowSecure(schema: Schema): void {
  if (schema.type !== "string" || schema.enum !== undefined || schema.const !== undefined) return;
  const { description, ...text } = schema;
  for (const key of Object.keys(text)) delete schema[key];
  Object.assign(schema, { ...(description && { description }), anyOf: [text, SECURE] });
}

/** `pulumi config set` without --path writes true and false as texts, and --secret encrypts whatever it is. */
function ofWholeKey(schema: Schema): Schema {
  if (schema.type === "boolean") return { anyOf: [schema, { enum: ["true", "false"] }, SECURE] };
  const isText = schema.anyOf?.some(({ $ref }) => $ref === SECURE.$ref) ?? false;
  return isText ? schema : { anyOf: [schema, SECURE] };
}
