/** Stack configuration as a program gets it: keys without the namespace, maps and lists as JSON, all else as text. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { parseStackConfig } from "../../config/parse";
import { ConfigError } from "../../config/problem";

// Compiled, this file lies in bin/test/support.
const ROOT = join(__dirname, "../../..");

export type RawConfig = Readonly<Record<string, string>>;

/** What `Pulumi.<stack>.yaml` of this repository says. */
export function readStackFile(stack: string): Record<string, unknown> {
  const text = readFileSync(join(ROOT, `Pulumi.${stack}.yaml`), "utf8");
  const { config } = parse(text) as { config: Record<string, unknown> };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(/^tidemark:/, ""), value]),
  );
}

export function asPulumiGivesIt(values: Readonly<Record<string, unknown>>): RawConfig {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

/** The least that is accepted. */
export const GOOD = {
  server: { host: "db.example", user: "app" },
  secretStore: { kind: "plain" },
  databases: { platform: {} },
};

/** The error for a configuration that is to be refused. */
export function configErrorOf(values: Record<string, unknown>): ConfigError {
  try {
    parseStackConfig("dev", asPulumiGivesIt(values));
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  assert.fail("it was to throw a ConfigError");
}

/** Path without the namespace → message. */
export const problemsOf = (values: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    configErrorOf(values).problems.map(({ path, message }) => [
      path.replace(/^tidemark:/, ""),
      message,
    ]),
  );
