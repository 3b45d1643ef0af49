/** What may only follow from another mistake is not reported beside it; what is wrong by itself is. */
import assert from "node:assert/strict";

import { ID, OWN_STORE, problemsIn, STAGING, withValues } from "../support/cluster-file";

type Values = Record<string, unknown>;

/** Paths that are reported. */
const paths = (values: Values): string[] => problemsIn(values).map(([path]) => path);

/** A configuration with one contradiction, where it is reported, and mistakes of which each hides it. */
const CASES: [what: string, values: Values, path: string, mistakes: [string, unknown][]][] = [
  [
    "a missing host",
    withValues(STAGING, {
      "server.host": undefined,
      runner: "provider",
      "databases.two": undefined,
    }),
    "server.host",
    [
      ["server.file", "/nowhere/server.json"],
      ["databases.one.server.host", 5],
    ],
  ],
  [
    "a missing user",
    withValues(STAGING, { "server.user": undefined, "databases.two": undefined }),
    "server.user",
    [["databases.one.server.user", 5]],
  ],
  [
    "a missing password of the vault",
    withValues(STAGING, { "server.password": undefined, "databases.two": undefined }),
    "server.password",
    [
      ["server.file", "/nowhere/server.json"],
      ["databases.one.server.password", 5],
    ],
  ],
  [
    "no way to a database of the stack",
    withValues(STAGING, { runner: "provider", reach: "none", "databases.two": undefined }),
    "reach",
    [
      ["runner", "jobs"],
      ["databases.one.runner", "jobs"],
      ["databases.one.reach", "way"],
    ],
  ],
  [
    "no way to a database by its own words",
    withValues(STAGING, { runner: "provider", "databases.one.reach": "none" }),
    "databases.one.reach",
    [
      ["reach", "way"],
      ["runner", "jobs"],
      ["databases.one.runner", "jobs"],
    ],
  ],
  [
    "a Job without a namespace",
    withValues(STAGING, {
      namespace: undefined,
      secretStore: { kind: "plain" },
      "databases.two": undefined,
    }),
    "namespace",
    [
      ["runner", "jobs"],
      ["databases.one.runner", "jobs"],
    ],
  ],
  [
    "a Job without an image",
    withValues(STAGING, { "job.image": undefined }),
    "job.image",
    [
      ["runner", "jobs"],
      ["databases.one.runner", "jobs"],
    ],
  ],
  [
    "a tunnel to nowhere",
    withValues(STAGING, {
      reach: "portForward",
      "server.host": "db.example.com",
      "databases.two": undefined,
    }),
    "portForward",
    [
      ["server", 5],
      ["databases.one.server.host", 5],
      ["reach", "way"],
      ["databases.one.reach", "way"],
    ],
  ],
  [
    "a default schema that is not managed",
    withValues(STAGING, { "databases.one": { schemas: ["a", "b"], defaultSchema: "c" } }),
    "databases.one.defaultSchema",
    [],
  ],
  [
    "one database twice",
    withValues(STAGING, { "databases.one.database": "x", "databases.two.database": "x" }),
    "databases.two",
    [
      ["databases.one.database", 5],
      ["databases.one.server.host", 5],
      ["databases.one.server.port", 0],
      ["databases.one.schemas", "a"],
      ["databases.one.defaultSchema", 5],
      ["databases.one.table", 5],
    ],
  ],
  [
    "a wait beyond the Job's deadline",
    withValues(STAGING, { "job.deadline": "50s" }),
    "job.deadline",
    [],
  ],
  [
    "a host that is none",
    withValues(STAGING, { "server.host": "a/b", "databases.two": undefined }),
    "server.host",
    [["databases.one.server.host", 5]],
  ],
  [
    "two stores",
    withValues(OWN_STORE, { "secretStore.clusterSecretStore": "x" }),
    "secretStore.store",
    [["secretStore.clusterSecretStore", "X"]],
  ],
  [
    "no store",
    withValues(OWN_STORE, { "secretStore.store": undefined }),
    "secretStore.store",
    [
      ["secretStore.clusterSecretStore", "X"],
      ["secretStore.store", { kind: "X", name: "s", tenantId: ID, serviceAccount: { name: "r" } }],
    ],
  ],
  [
    "an account of another namespace",
    withValues(OWN_STORE, { "secretStore.store.serviceAccount.namespace": "other" }),
    "secretStore.store.serviceAccount.namespace",
    [
      ["namespace", "A"],
      ["secretStore.store.kind", "X"],
      ["secretStore.store.name", "X"],
      ["secretStore.store.tenantId", "X"],
      ["secretStore.store.serviceAccount.name", "X"],
      ["secretStore.store.serviceAccount.clientId", "X"],
    ],
  ],
  [
    "two databases of one key",
    withValues(STAGING, { "databases.two.migrationSecret": { url: "ONE_DATABASE_URL" } }),
    "databases.two.migrationSecret.url",
    [["databases.one.migrationSecret", { url: "a-b" }]],
  ],
  [
    "two databases of one vault secret",
    withValues(STAGING, { "databases.two.vaultSecret": "DB-migrations-one-database-url" }),
    "databases.two.vaultSecret",
    [["databases.one.vaultSecret", "a_b"]],
  ],
  [
    "two services of one Secret",
    withValues(STAGING, { "databases.two.secret": { name: "one-db-secret" } }),
    "databases.two.secret.name",
    [["databases.one.secret", { name: "A" }]],
  ],
];

describe("config: what follows from another mistake", () => {
  for (const [what, values, path, mistakes] of CASES) {
    it(`${what} is reported once, at ${path}`, () => assert.deepEqual(paths(values), [path]));
    for (const [at, wrong] of mistakes) {
      it(`${what} is not reported beside a wrong ${at}`, () => {
        const found = paths(withValues(values, { [at]: wrong }));
        assert.ok(
          found.some((each) => each.startsWith(at)),
          found.join(),
        );
        assert.deepEqual(
          found.filter((each) => !each.startsWith(at)),
          [],
        );
      });
    }
  }

  it("a wait of one database beyond the deadline is not reported beside a wrong wait", () => {
    const values = withValues(STAGING, { "job.deadline": "40s", "databases.two.lockWait": "30s" });
    assert.deepEqual(paths(values), ["job.deadline"]);
    const wrong = withValues(values, { "databases.one.lockWait": "x" });
    assert.deepEqual(paths(wrong), ["databases.one.lockWait"]);
  });
});
