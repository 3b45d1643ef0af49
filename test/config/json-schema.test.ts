import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { Ajv } from "ajv";
import { parse } from "yaml";

import { stackFileSchema } from "../../config/json-schema";
import { GOOD } from "../support/stack-file";

const ROOT = resolve(__dirname, "../../.."); // compiled, this file lies in bin/test/config

const validate = new Ajv({
  allErrors: true,
  allowUnionTypes: true,
  validateFormats: false,
}).compile(stackFileSchema());

function isAccepted(values: Record<string, unknown>, others: object = {}): boolean {
  const own = Object.entries(values).map(([key, value]) => [`tidemark:${key}`, value]);
  return validate({ config: { ...others, ...(Object.fromEntries(own) as object) } });
}

describe("the JSON Schema of stack files", () => {
  for (const stack of ["dev", "staging", "production"]) {
    it(`accepts Pulumi.${stack}.yaml, which names it for editors`, () => {
      const text = readFileSync(join(ROOT, `Pulumi.${stack}.yaml`), "utf8");
      assert.ok(validate(parse(text) as unknown), JSON.stringify(validate.errors));
      assert.match(
        text,
        /^# yaml-language-server: \$schema=\.\/schemas\/tidemark-stack\.schema\.json$/m,
      );
    });
  }

  const good: [string, Record<string, unknown>, object?][] = [
    ["the least that a stack needs", GOOD],
    ["a database without a word", { ...GOOD, databases: { platform: null } }],
    [
      "an encrypted password",
      { ...GOOD, server: { ...GOOD.server, password: { secure: "v1:x" } } },
    ],
    ["a key that is encrypted as a whole", { ...GOOD, server: { secure: "v1:x" } }],
    ["true as pulumi config set writes it", { ...GOOD, protect: "true" }],
    ["a list of scripts", { ...GOOD, databases: { a: { allowDestructive: ["V7__x.sql"] } } }],
    ["keys of other namespaces", GOOD, { "azure-native:location": "westeurope" }],
  ];
  for (const [what, values, others] of good) {
    it(`accepts ${what}`, () => {
      assert.ok(isAccepted(values, others), JSON.stringify(validate.errors));
    });
  }

  const bad: [string, Record<string, unknown>][] = [
    ["an unknown key", { ...GOOD, crateDatabase: true }],
    ["an unknown key of a database", { ...GOOD, databases: { a: { migration: "x" } } }],
    ["a version that is a number", { ...GOOD, databases: { a: { target: 4 } } }],
    ["a duration without a unit", { ...GOOD, databases: { a: { lockTimeout: "5" } } }],
    ["an unknown runner", { ...GOOD, runner: "jobs" }],
    ["a database's name with capitals", { ...GOOD, databases: { Bad: {} } }],
  ];
  for (const [what, values] of bad) {
    it(`refuses ${what}`, () => {
      assert.ok(!isAccepted(values));
    });
  }
});
