/** A stack's configuration with a vault and a Job, and single values put into it. */
import assert from "node:assert/strict";

import { parseStackConfig } from "../../config/parse";
import { ConfigError } from "../../config/problem";
import type { StackConfig } from "../../config/stack-config";
import { asPulumiGivesIt } from "./stack-file";

type Values = Record<string, unknown>;

export const ID = "11111111-2222-3333-4444-55555555abCD";
export const IMAGE = `tidemark@sha256:${"a".repeat(64)}`;
export const VAULT = { kind: "azureKeyVault", vaultName: "apps-kv", resourceGroup: "apps" };

/** All is well in it. */
export const STAGING = {
  namespace: "apps",
  server: { host: "pg.apps.svc", user: "app", password: "s3cret" },
  secretStore: { ...VAULT, clusterSecretStore: "apps" },
  runner: "job",
  job: { image: IMAGE },
  databases: { one: {}, two: {} },
};

/** The same, with a store that the stack makes. */
export const OWN_STORE: Values = {
  ...STAGING,
  secretStore: {
    ...VAULT,
    store: { name: "s", tenantId: ID, serviceAccount: { name: "reader" } },
  },
};

/** `values` with each value of `more` at its path, such as `job.image`; undefined takes it out. */
export function withValues(values: Values, more: Values): Values {
  const copy = structuredClone(values);
  for (const [path, value] of Object.entries(more)) {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    let holder = copy;
    for (const key of keys) holder = (holder[key] ??= {}) as Values;
    if (value === undefined) delete holder[last];
    else holder[last] = value;
  }
  return copy;
}

export const parse = (values: Values): StackConfig =>
  parseStackConfig("staging", asPulumiGivesIt(values));

/** What is wrong: path without the namespace and message; nothing where it is accepted. */
export function problemsIn(values: Values): [path: string, message: string][] {
  try {
    parse(values);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message }) => [path.replace(/^tidemark:/, ""), message]);
  }
}

export type Bounds = [path: string, good: unknown[], bad: unknown[], message: RegExp];

/** One test for each row: the good values are accepted at the path, the bad ones refused there, in these words. */
export function checkBounds(base: Values, rows: readonly Bounds[]): void {
  for (const [path, good, bad, message] of rows) {
    it(`${path} is bounded: ${message.source}`, () => {
      for (const value of good)
        assert.deepEqual(
          problemsIn(withValues(base, { [path]: value })),
          [],
          JSON.stringify(value),
        );
      for (const value of bad) {
        const problems = problemsIn(withValues(base, { [path]: value }));
        assert.deepEqual([...new Set(problems.map(([at]) => at))], [path], JSON.stringify(value));
        const words = problems.map(([, text]) => text);
        assert.ok(
          words.some((text) => message.test(text)),
          `${JSON.stringify(value)}: ${words.join()}`,
        );
      }
    });
  }
}
