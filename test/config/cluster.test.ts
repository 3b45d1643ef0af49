/** Configuration of vault, Secrets, Job and tunnel as a whole; bounds of single values are in values.test.ts and beside it. */
import assert from "node:assert/strict";

import { parseStackConfig } from "../../config/parse";
import { usesCluster } from "../../config/stack-config";
import { ID, STAGING, VAULT } from "../support/cluster-file";
import { asPulumiGivesIt, problemsOf } from "../support/stack-file";

const STORE = { name: "s", tenantId: ID, serviceAccount: { name: "reader" } };
const defined = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
const vault = (more: object): object => ({ secretStore: { ...STAGING.secretStore, ...more } });
const job = (more: object): object => ({ job: { ...STAGING.job, ...more } });
const databases = (one: object, two: object = {}): object => ({ databases: { one, two } });

describe("config: a cluster", () => {
  it("is accepted as it is meant to be", () => {
    const config = parseStackConfig("staging", asPulumiGivesIt(STAGING));
    assert.equal(
      config.secretStore.kind === "azureKeyVault" && config.secretStore.refreshInterval,
      "1h",
    );
    assert.equal(config.job.deadline, 900_000);
    assert.equal(config.job.mode, "sequential");
    assert.equal(config.job.backoffLimit, 3);
    assert.equal(config.job.attempt, "1");
  });

  it("is needed for a vault, a Job or a Secret, and for nothing else", () => {
    const needs = (more: object): boolean =>
      usesCluster(parseStackConfig("s", asPulumiGivesIt({ ...STAGING, ...more })));
    const plain = { secretStore: { kind: "plain" } };
    assert.equal(needs({ runner: "provider" }), true);
    assert.equal(needs(plain), true);
    assert.equal(needs({ ...plain, runner: "provider" }), false);
    assert.equal(needs({ ...plain, runner: "provider", reach: "portForward" }), false);
    assert.equal(needs({ secretStore: { kind: "plain", secret: true }, runner: "provider" }), true);
  });

  it("an attempt may be the number that `pulumi config set --path` writes", () => {
    const { job: made } = parseStackConfig(
      "s",
      asPulumiGivesIt({ ...STAGING, ...job({ attempt: 2 }) }),
    );
    assert.equal(made.attempt, "2");
  });

  const cases: [string, object, string, RegExp][] = [
    ["two stores", vault({ store: STORE }), "secretStore.store", /both there.*Remove one/],
    ["no store", { secretStore: VAULT }, "secretStore.store", /clusterSecretStore/],
    [
      "a vault without a namespace",
      { namespace: undefined, runner: "provider" },
      "namespace",
      /missing/,
    ],
    [
      "a vault without a password",
      { server: { host: "pg.apps.svc", user: "app" } },
      "server.password",
      /config set --secret/,
    ],
    [
      "a host that is none",
      { server: { ...STAGING.server, host: "pg/{{ .x }}" } },
      "server.host",
      /host name/,
    ],
    ["a Job without an image", { job: {} }, "job.image", /missing.*sha256/],
    [
      "a placeholder for an image",
      job({ image: `registry.example.com/tidemark@sha256:${"0".repeat(64)}` }),
      "job.image",
      /digest of zeros.*npm run image/,
    ],
    [
      "a deadline within the wait for the lock",
      job({ deadline: "50s" }),
      "job.deadline",
      /lockWait/,
    ],
    [
      "a wait for the lock beyond the deadline",
      databases({ lockWait: "20m" }),
      "job.deadline",
      /database one/,
    ],
    [
      "a label that is ours",
      job({ labels: { "tidemark.dev/x": "y" } }),
      'job.labels["tidemark.dev/x"]',
      /itself/,
    ],
    ["a label's value with a blank", job({ labels: { a: "b c" } }), "job.labels.a", /63 letters/],
    ["a label that is no text", job({ labels: { a: true } }), "job.labels.a", /in quotes/],
    [
      "an annotation's bad name",
      job({ annotations: { "a b": "x" } }),
      'job.annotations["a b"]',
      /example.com/,
    ],
    [
      "an unknown affinity",
      job({ affinity: { podAffinty: {} } }),
      "job.affinity.podAffinty",
      /podAffinity/,
    ],
    [
      "an unknown key of the Job",
      job({ imagePullSecret: "x" }),
      "job.imagePullSecret",
      /Known here: .*imagePullSecrets/,
    ],
    [
      "a tunnel to nowhere",
      { reach: "portForward", server: { ...STAGING.server, host: "db.example.com" } },
      "portForward",
      /db\.example\.com.*service/,
    ],
    ["an empty kubeconfig", { kubernetes: { kubeconfig: "" } }, "kubernetes.kubeconfig", /empty/],
    [
      "two databases of one key",
      databases({}, { migrationSecret: { url: "ONE_DATABASE_URL" } }),
      "databases.two.migrationSecret.url",
      /database one/,
    ],
    [
      "one key for two values",
      databases({ migrationSecret: { url: "X", user: "X", password: "Y" } }),
      "databases.one.migrationSecret.user",
      /second time/,
    ],
    [
      "two services of one Secret",
      databases({ secret: { name: "x" } }, { secret: { name: "x" } }),
      "databases.two.secret.name",
      /database one/,
    ],
    [
      "a service with the migrations' Secret",
      databases({ secret: { name: "db-migrations" } }),
      "databases.one.secret.name",
      /Secret of the migrations/,
    ],
  ];
  for (const [title, more, path, message] of cases) {
    it(`${title}: ${path}`, () => {
      const found = problemsOf(defined({ ...STAGING, ...more }));
      assert.deepEqual(Object.keys(found), [path]);
      assert.match(found[path] ?? "", message);
    });
  }

  it("more databases than one report can hold", () => {
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`d${index}`, {}]));
    const found = problemsOf({ ...STAGING, databases: many });
    assert.deepEqual(Object.keys(found), ["job.mode"]);
    assert.match(found["job.mode"] ?? "", /51 databases.*perDatabase/);
    const each = { ...STAGING, databases: many, ...job({ mode: "perDatabase" }) };
    assert.equal(parseStackConfig("s", asPulumiGivesIt(each)).databases.length, 51);
  });

  it("where to go is read from the host, or from the configuration", () => {
    const forward = (more: object): unknown =>
      parseStackConfig("s", asPulumiGivesIt({ ...STAGING, reach: "portForward", ...more }))
        .databases[0]?.forward;
    assert.deepEqual(forward({}), { namespace: "apps", service: "pg", port: 5432 });
    const server = { ...STAGING.server, host: "db.example.com", port: 6432 };
    assert.deepEqual(forward({ server, portForward: { selector: "app=pg", port: 5432 } }), {
      namespace: "apps",
      selector: "app=pg",
      port: 5432,
    });
    assert.deepEqual(forward({ portForward: { port: 5433 } }), {
      namespace: "apps",
      service: "pg",
      port: 5433,
    });
  });

  it("a service may have no Secret, or one of its own name and key", () => {
    const { databases: made } = parseStackConfig(
      "s",
      asPulumiGivesIt({
        ...STAGING,
        ...databases({ secret: "none" }, { secret: { key: "PG_URL" } }),
      }),
    );
    assert.equal(made[0]?.serviceSecret, undefined);
    assert.deepEqual(made[1]?.serviceSecret, { name: "two-db-secret", key: "PG_URL" });
  });
});
