/** No password in anything but a secret; names and specs that vault, operator and cluster accept. */
import assert from "node:assert/strict";

import fc from "fast-check";

import { KeyVaultSecret } from "../../components";
import { externalSecretSpec, validated } from "../../components/external-secret-spec";
import { labelValue } from "../../components/labels";
import { jobBaseName, variableName } from "../../config/names";
import { canariesIn, CANARY } from "../support/canary";
import {
  EXTERNAL_SECRET,
  find,
  JOB,
  LOCAL,
  ofType,
  recorded,
  recordedStack,
  recorder,
  SECRET,
  STAGING,
  VAULT_SECRET,
} from "./record";

const SERVER = { ...STAGING.server, password: CANARY };
const FLYWAY = { url: "FLYWAY_URL", user: "FLYWAY_USER", password: "FLYWAY_PASSWORD" };

describe("components: a password", () => {
  const all = { ...STAGING, server: SERVER };
  const options = { placeholders: { p: CANARY }, initSql: `SET a.b = '${CANARY}'` };
  const stacks: [string, Record<string, unknown>][] = [
    [
      "with a vault",
      { ...all, databases: { agents: options, platform: { migrationSecret: FLYWAY } } },
    ],
    ["without a vault", { ...LOCAL, server: SERVER, databases: { agents: options } }],
    ["with a Job for each database", { ...all, job: { ...all.job, mode: "perDatabase" } }],
    ["with runner provider", { ...all, runner: "provider", reach: "portForward" }],
  ];
  for (const [title, values] of stacks) {
    it(`${title} stands in secrets only`, async () => {
      const { isSecret } = await recorder();
      const registrations = await recordedStack(values);
      const secrets: unknown[] = [];
      const open = JSON.stringify(registrations, (_, value: unknown) => {
        if (!isSecret(value)) return value;
        secrets.push(value.value);
        return "(secret)";
      });
      assert.deepEqual(canariesIn(open), []);
      assert.notDeepEqual(canariesIn(JSON.stringify(secrets)), []);
    });
  }

  it("of the vault is JSON with the user; its tags and attributes reveal nothing", async () => {
    const { isSecret } = await recorder();
    const { secretStore } = STAGING;
    const registrations = await recordedStack({
      ...all,
      secretStore: { ...secretStore, expires: "2027-06-30" },
    });
    const secret = find(registrations, VAULT_SECRET, "db-migrations-agents-database-url");
    const { value, ...properties } = secret.inputs.properties as Record<string, unknown>;
    assert.ok(isSecret(value));
    assert.deepEqual(JSON.parse(value.value as string), { user: "app", password: CANARY });
    assert.deepEqual(properties, {
      contentType: "application/json",
      attributes: { enabled: true, expires: Date.UTC(2027, 5, 30) / 1000 },
    });
    assert.deepEqual(secret.inputs.tags, {
      "managed-by": "tidemark",
      stack: "test",
      database: "agents",
    });
  });

  it("of a Secret without a vault is in stringData, under the same keys", async () => {
    const { isSecret } = await recorder();
    const databases = { agents: {}, platform: { migrationSecret: FLYWAY } };
    const registrations = await recordedStack({ ...LOCAL, server: SERVER, databases });
    const { stringData } = find(registrations, SECRET, "db-migrations-local").inputs;
    assert.ok(isSecret(stringData));
    const values = stringData.value as Record<string, string>;
    assert.deepEqual(Object.keys(values).sort(), [
      "AGENTS_DATABASE_URL",
      "FLYWAY_PASSWORD",
      "FLYWAY_URL",
      "FLYWAY_USER",
    ]);
    assert.equal(values.FLYWAY_PASSWORD, CANARY);
  });

  it("that changes gives the Secret another revision", async () => {
    const revision = async (password: string): Promise<unknown> => {
      const registrations = await recordedStack({ ...LOCAL, server: { ...SERVER, password } });
      return (
        find(registrations, SECRET, "db-migrations-local").inputs.metadata as {
          annotations: unknown;
        }
      ).annotations;
    };
    assert.deepEqual(await revision("a"), await revision("a"));
    assert.notDeepEqual(await revision("a"), await revision("b"));
  });

  it("that changes in the vault gives the ExternalSecret another revision", async () => {
    const revision = async (version: string): Promise<unknown> => {
      const answer = (type: string): object =>
        type === VAULT_SECRET ? { properties: { secretUriWithVersion: version } } : {};
      const registrations = await recordedStack(STAGING, answer);
      const spec = find(registrations, EXTERNAL_SECRET, "db-migrations").inputs.spec as {
        target: { template: { metadata: { annotations: Record<string, string> } } };
      };
      return spec.target.template.metadata.annotations["tidemark.dev/revision"];
    };
    assert.match(String(await revision("a")), /^[0-9a-f]{16}$/);
    assert.equal(await revision("a"), await revision("a"));
    assert.notEqual(await revision("a"), await revision("b"));
  });
});

const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const hostile = fc
  .stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
  .filter((name) => NAME.test(name));

describe("components: names", () => {
  it("of Jobs have room for their hash, and are names", () => {
    fc.assert(
      fc.property(hostile, (database) => {
        const name = `${jobBaseName(database)}-0123456789`;
        assert.ok(name.length <= 63, name);
        assert.match(name, NAME);
      }),
    );
  });

  it("of variables and labels are such", () => {
    fc.assert(
      fc.property(hostile, (database) => {
        assert.match(variableName(database), /^[A-Z_][A-Z0-9_]*$/);
        assert.match(labelValue(database), /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/);
      }),
    );
  });

  it("of databases that are long, or begin with a digit, fit everywhere", async () => {
    const databases = Object.fromEntries(
      ["1", `${"x".repeat(62)}1`, `${"x".repeat(62)}2`, `a${"-".repeat(61)}b`].map((name) => [
        name,
        { migrations: "migrations/agents" },
      ]),
    );
    const job = { ...STAGING.job, mode: "perDatabase" };
    const all = await recordedStack({ ...STAGING, job, databases });
    const names = ofType(all, JOB).map(({ inputs }) => (inputs.metadata as { name: string }).name);
    assert.equal(new Set(names).size, 4);
    for (const name of names) assert.ok(name.length <= 63 && NAME.test(name), name);
    for (const { inputs } of ofType(all, VAULT_SECRET))
      assert.match(inputs.secretName as string, /^[a-zA-Z0-9-]{1,127}$/);
    for (const { inputs } of ofType(all, EXTERNAL_SECRET))
      assert.ok((inputs.metadata as { name: string }).name.length <= 253);
  });

  it("of a vault's secret that the vault would refuse are refused before", async () => {
    const args = {
      resourceGroup: "g",
      vaultName: "v",
      secretName: "a_b",
      credentials: { user: "u", password: "p" },
      database: "d",
    };
    const make = (): void => {
      new KeyVaultSecret("k", args);
    };
    await assert.rejects(
      recorded(make),
      /"a_b" cannot be the name of a secret in Key Vault\. Remedy/,
    );
  });
});

describe("components: spec of an ExternalSecret", () => {
  const args = {
    name: "s",
    store: { kind: "SecretStore", name: "store" },
    refreshInterval: "1h",
    values: [{ variable: "user", vaultSecret: "v", property: "user" }],
    templates: { KEY: "{{ .user }}" },
    labels: {},
  } as const;
  /** The right spec with one more key, or another value, at a path. */
  const changed = (path: readonly (string | number)[], value: unknown): unknown => {
    const spec = structuredClone(externalSecretSpec(args)) as unknown;
    const holder = path
      .slice(0, -1)
      .reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], spec);
    (holder as Record<string, unknown>)[path.at(-1) ?? ""] = value;
    return spec;
  };

  it("is what it is meant to be", () => {
    const { target, refreshPolicy, refreshInterval } = externalSecretSpec(args);
    assert.deepEqual([refreshPolicy, refreshInterval], ["Periodic", "1h"]);
    assert.deepEqual(
      [target.creationPolicy, target.deletionPolicy, target.template.engineVersion],
      ["Owner", "Retain", "v2"],
    );
  });

  const data = ["target", "template", "data"];
  const wrong: [string, unknown, RegExp][] = [
    ["a key that nobody knows", changed(["refreshIntervall"], "1h"), /refreshIntervall/],
    [
      "a key that nobody knows, deep down",
      changed(["data", 0, "remoteReff"], {}),
      /spec\.data\.0.*remoteReff/,
    ],
    [
      "a duration that stops the operator",
      changed(["refreshInterval"], "1hour"),
      /spec\.refreshInterval.*"1h"/,
    ],
    ["no values", changed(["data"], []), /spec\.data/],
    ["a key with a slash", changed([...data, "a/b"], ""), /a\/b/],
    [
      "a template with a variable of no value",
      changed([...data, "K"], "{{ .nobody }}"),
      /spec\.target\.template\.data\.K: uses \.nobody/,
    ],
  ];
  for (const [title, spec, message] of wrong) {
    it(`${title} is refused, by its path`, () => {
      assert.throws(
        () => validated(spec, "s"),
        (error: Error) => message.test(error.message) && /Remedy/.test(error.message),
      );
    });
  }
});
