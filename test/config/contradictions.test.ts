/** What does not fit together: where exactly it begins, and what is said of it. */
import assert from "node:assert/strict";

import { OWN_STORE, parse, problemsIn, STAGING, withValues } from "../support/cluster-file";

type Values = Record<string, unknown>;

const plain: Values = { secretStore: { kind: "plain" }, runner: "provider" };
const PLAIN = withValues(STAGING, plain);

describe("config: contradictions", () => {
  const said: [what: string, Values, path: string, message: RegExp][] = [
    [
      "a schema that is not among several",
      withValues(STAGING, { "databases.one": { schemas: ["a", "b"], defaultSchema: "c" } }),
      "databases.one.defaultSchema",
      /^is not one of schemas \(a, b\)\.$/,
    ],
    [
      "a database to be made anew that is none",
      withValues(STAGING, { recreate: ["one", "three"] }),
      "recreate.1",
      /^"three" is no database of this stack\.$/,
    ],
    [
      "a former name that is still a database",
      withValues(STAGING, { "databases.two.renamedFrom": "one" }),
      "databases.two.renamedFrom",
      /^"one" is still a database of this stack\. Remove one of the two\.$/,
    ],
    [
      "the options' key as another's",
      withValues(STAGING, {
        "databases.one.initSql": "SET x = 1",
        "databases.two.migrationSecret": { url: "ONE_OPTIONS" },
      }),
      "databases.two.migrationSecret.url",
      /^is the key ONE_OPTIONS, which database one has already/,
    ],
    [
      "the options' key as its own",
      withValues(STAGING, {
        "databases.one.placeholders": { a: "b" },
        "databases.one.migrationSecret": { url: "ONE_OPTIONS" },
      }),
      "databases.one.migrationSecret",
      /^is the key ONE_OPTIONS a second time for the same database/,
    ],
    [
      "the Secret of the migrations where no vault fills it",
      withValues(STAGING, { "databases.one.secret": { name: "db-migrations-local" } }),
      "databases.one.secret.name",
      /^is db-migrations-local, the Secret of the migrations/,
    ],
    [
      "a name of the vault in other letters",
      withValues(STAGING, { "databases.two.vaultSecret": "DB-MIGRATIONS-one-database-url" }),
      "databases.two.vaultSecret",
      /^is the vault's secret db-migrations-one-database-url, which database one has already/,
    ],
    [
      "an account of another namespace",
      withValues(OWN_STORE, { "secretStore.store.serviceAccount.namespace": "other" }),
      "secretStore.store.serviceAccount.namespace",
      /^is other, but .* its own namespace \(apps\)/,
    ],
  ];
  for (const [what, values, path, message] of said) {
    it(`${what}: ${path}`, () => {
      const [problem, ...more] = problemsIn(values);
      assert.deepEqual([problem?.[0], more], [path, []]);
      assert.match(problem?.[1] ?? "", message);
    });
  }

  const fine: [string, Values][] = [
    [
      "a key of options that nobody needs",
      withValues(STAGING, { "databases.two.migrationSecret": { url: "ONE_OPTIONS" } }),
    ],
    [
      "an account of another namespace for a ClusterSecretStore",
      withValues(OWN_STORE, {
        "secretStore.store.kind": "ClusterSecretStore",
        "secretStore.store.serviceAccount.namespace": "other",
      }),
    ],
    [
      "a former name that is no database",
      withValues(STAGING, { "databases.two.renamedFrom": "x" }),
    ],
    ["a database to be made anew", withValues(STAGING, { recreate: ["two"] })],
    [
      "no way to a database without migrations",
      withValues(PLAIN, {
        reach: "none",
        "databases.one.migrations": "none",
        "databases.two.migrations": "none",
      }),
    ],
    ["any password without a vault", withValues(PLAIN, { "server.password": "x".repeat(30_000) })],
    ["no password without a vault", withValues(PLAIN, { "server.password": undefined })],
    ["any host without a cluster", withValues(PLAIN, { "server.host": "a/b" })],
    [
      "one vault secret without a vault",
      withValues(PLAIN, {
        runner: "job",
        "databases.one.vaultSecret": "x",
        "databases.two.vaultSecret": "x",
      }),
    ],
    [
      "one Secret twice without a cluster",
      withValues(PLAIN, {
        "databases.one.secret": { name: "x" },
        "databases.two.secret": { name: "x" },
      }),
    ],
    [
      "no image where the only Job has nothing to do",
      withValues(PLAIN, {
        "databases.one.runner": "job",
        "databases.one.migrations": "none",
      }),
    ],
  ];
  for (const [what, values] of fine) {
    it(`${what} is none`, () => assert.deepEqual(problemsIn(values), []));
  }

  it("counts for one report the databases that have a Job, and something to do in it", () => {
    const many = (count: number, more: (at: number) => object) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`d${i}`, more(i)]));
    const stack = (databases: object) => problemsIn(withValues(STAGING, { databases }));
    assert.deepEqual(stack(many(50, () => ({}))), []);
    assert.deepEqual(stack(many(51, (i) => (i === 0 ? { migrations: "none" } : {}))), []);
    assert.deepEqual(stack(many(51, (i) => (i === 0 ? { runner: "provider" } : {}))), []);
    assert.equal(stack(many(51, () => ({}))).length, 1);
  });

  it("measures the vault's room in bytes of user and password together", () => {
    const empty = JSON.stringify({ user: "app", password: "" }).length;
    const password = (length: number) => "x".repeat(length - empty);
    const stack = (text: string) => problemsIn(withValues(STAGING, { "server.password": text }));
    assert.deepEqual(stack(password(25_000)), []);
    assert.equal(stack(password(25_001)).length, 2);
    assert.equal(stack("é".repeat(12_501)).length, 2);
  });

  it("takes hosts for one whatever the case of their letters, and ports, names and tables apart", () => {
    const twice = (more: Values) =>
      problemsIn(
        withValues(PLAIN, {
          "databases.one.database": "x",
          "databases.two.database": "x",
          ...more,
        }),
      );
    assert.equal(twice({ "databases.two.server": { host: "PG.apps.svc" } }).length, 1);
    assert.equal(twice({ "databases.two.schemas": ["public", "a"] }).length, 1);
    assert.equal(twice({ "databases.two.defaultSchema": "public" }).length, 1);
    assert.deepEqual(twice({ "databases.two.server": { port: 5433 } }), []);
    assert.deepEqual(twice({ "databases.two": { database: "x", schemas: ["a", "public"] } }), []);
    assert.deepEqual(twice({ "databases.two": { database: "x", defaultSchema: "a" } }), []);
    assert.deepEqual(twice({ "databases.two": { database: "x", table: "t" } }), []);
  });

  it("waits no longer for another migrator than the Job may live: 50 s unless said otherwise", () => {
    const stack = (deadline: string, lockWait?: string) =>
      problemsIn(
        withValues(STAGING, {
          "job.deadline": deadline,
          "databases.two": undefined,
          "databases.one.lockWait": lockWait,
        }),
      ).length;
    assert.deepEqual([stack("50s"), stack("50.001s")], [1, 0]);
    assert.deepEqual([stack("30s", "30s"), stack("31s", "30s")], [1, 0]);
  });
});

describe("config: what is filled in", () => {
  it("a stack without a namespace means Kubernetes' own", () => {
    const { namespace, kubernetes } = parse(withValues(PLAIN, { namespace: undefined }));
    assert.deepEqual([namespace, kubernetes], ["default", {}]);
    const named = parse(withValues(PLAIN, { kubernetes: { context: "c" } }));
    assert.deepEqual(named.kubernetes, { context: "c" });
  });

  it("drift, a rename and what is to be made anew are said of the database alone", () => {
    const config = parse(
      withValues(STAGING, {
        drift: "fail",
        recreate: ["two"],
        "databases.one": { drift: "warn", renamedFrom: "old" },
        "databases.two": { acceptedDrift: "drift-0123456789ab" },
      }),
    );
    const [one, two] = config.databases.map(
      ({ driftMode, acceptedDrift, recreate, renamedFrom }) => ({
        ...{ driftMode, acceptedDrift, recreate, renamedFrom },
      }),
    );
    const none = { driftMode: undefined, acceptedDrift: undefined, recreate: undefined };
    assert.deepEqual(one, { ...none, renamedFrom: "old" });
    assert.deepEqual(two, {
      driftMode: "fail",
      acceptedDrift: "drift-0123456789ab",
      recreate: true,
      renamedFrom: undefined,
    });
    assert.ok(!("driftMode" in (config.databases[0] ?? {})));
  });

  const forward = (more: Values) =>
    parse(withValues(STAGING, { reach: "portForward", ...more })).databases[0]?.forward;
  const ends: [string, Values, object | undefined][] = [
    ["a.b.svc", {}, { namespace: "b", service: "a", port: 5432 }],
    ["a-1.b-2.svc.cluster.local", {}, { namespace: "b-2", service: "a-1", port: 5432 }],
    ["a.b.svc", { "portForward.namespace": "c" }, { namespace: "c", service: "a", port: 5432 }],
    ["h", { "portForward.pod": "p" }, { namespace: "apps", pod: "p", port: 5432 }],
    [
      "h",
      { portForward: { pod: "p", namespace: "c", port: 1 } },
      { namespace: "c", pod: "p", port: 1 },
    ],
  ];
  for (const [host, more, target] of ends) {
    it(`a tunnel to ${host} with ${JSON.stringify(more)} has its end`, () => {
      assert.deepEqual(forward({ "server.host": host, ...more }), target);
    });
  }

  for (const host of ["x.a.b.svc", "a.b.svcs", "a.svc", "-a.b.svc", "a.b-.svc", "A.b.svc"]) {
    it(`a tunnel to ${host} has none`, () => {
      const values = withValues(STAGING, { reach: "portForward", "server.host": host });
      assert.deepEqual(
        problemsIn(values).map(([path]) => path),
        ["portForward"],
      );
    });
  }

  it("a tunnel of the stack is not that of a database with a server of its own", () => {
    const { databases } = parse(
      withValues(STAGING, {
        reach: "portForward",
        "portForward.pod": "p",
        "databases.two.server": { host: "a.b.svc" },
      }),
    );
    assert.deepEqual(databases[1]?.forward, { namespace: "b", service: "a", port: 5432 });
    assert.equal(
      parse(withValues(STAGING, { "portForward.pod": "p" })).databases[0]?.forward,
      undefined,
    );
    const without = parse(
      withValues(PLAIN, { namespace: undefined, reach: "portForward", "portForward.pod": "p" }),
    );
    assert.equal(without.databases[0]?.forward?.namespace, "default");
  });
});
