import assert from "node:assert/strict";

import { TidemarkError } from "../../../engine/index";
import { migratorOf } from "../../../provider/target";
import type { DesiredInputs, ForwardTarget } from "../../../provider/types";
import { canariesIn, CANARY } from "../../support/canary";
import { KubeApi } from "../../support/kube-api";
import { type TestDatabase, testServer, withTestDatabase } from "../../support/postgres";

const POD_PORT = 15432;

describe("a tunnel to a pod", () => {
  let api: KubeApi;

  beforeEach(async () => {
    api = await KubeApi.start(`token-${CANARY}`.replaceAll(/[^\x21-\x7e]/g, "-"));
    const { port } = await testServer();
    api.forwardTo = (pod, podPort) => (pod === "db-1" && podPort === POD_PORT ? port : undefined);
    api
      .put("/api/v1/namespaces/data/services/postgres", {
        metadata: { name: "postgres" },
        spec: { ports: [{ name: "pg", port: 5432, targetPort: "postgres" }] },
      })
      .list("/apis/discovery.k8s.io/v1/namespaces/data/endpointslices", [
        {
          metadata: {},
          ports: [{ name: "pg", port: POD_PORT }],
          endpoints: [
            { conditions: { ready: false }, targetRef: { kind: "Pod", name: "db-0" } },
            { conditions: { ready: true }, targetRef: { kind: "Pod", name: "db-1" } },
          ],
        },
      ]);
  });

  afterEach(() => api.close());

  const viaService: ForwardTarget = { namespace: "data", service: "postgres", port: 5432 };

  function inputs(db: TestDatabase, forward: ForwardTarget): DesiredInputs {
    const url = new URL(db.url);
    return {
      resourceUrn: "urn",
      name: "platform",
      host: "postgres.data.svc",
      port: 5432,
      database: db.name,
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      sslmode: "prefer",
      createDatabase: false,
      locations: [],
      options: {},
      reach: "portForward",
      kubernetes: { kubeconfig: api.kubeconfig() },
      forward,
    };
  }

  async function failure(forward: ForwardTarget): Promise<TidemarkError> {
    return withTestDatabase(async (db) => {
      const error: unknown = await migratorOf(inputs(db, forward))
        .observe()
        .catch((e: unknown) => e);
      assert.ok(error instanceof TidemarkError, String(error));
      assert.deepEqual(canariesIn(`${error.message} ${error.remedy}`), []);
      assert.equal(error.code, "DB_CONNECTION");
      return error;
    });
  }

  it("reaches the database behind a service, through a pod that is ready", async () => {
    await withTestDatabase(async (db) => {
      await db.client.query("CREATE TABLE bins (id int)");
      const { catalog } = await migratorOf(inputs(db, viaService)).observe();
      assert.ok("table public.bins" in catalog);
    });
    const [upgrade] = api.requests.filter(({ method }) => method === "UPGRADE");
    assert.equal(upgrade?.path, "/api/v1/namespaces/data/pods/db-1/portforward");
    assert.equal(upgrade?.query.get("ports"), String(POD_PORT));
    assert.deepEqual(api.unexpected, []);
  });

  it("reaches it through a pod by name, and by its labels", async () => {
    const ready = { conditions: [{ type: "Ready", status: "True" }] };
    const pod = { metadata: { name: "db-1" }, status: ready };
    api.put("/api/v1/namespaces/data/pods/db-1", pod);
    api.list("/api/v1/namespaces/data/pods", [{ metadata: { name: "db-0" } }, pod]);
    await withTestDatabase(async (db) => {
      const target = { namespace: "data", port: POD_PORT };
      await migratorOf(inputs(db, { ...target, pod: "db-1" })).observe();
      await migratorOf(inputs(db, { ...target, selector: "app=postgres" })).observe();
    });
    const [listed] = api.asked("GET", "/api/v1/namespaces/data/pods");
    assert.equal(listed?.query.get("labelSelector"), "app=postgres");
  });

  it("is closed with the session, on both sides", async () => {
    await withTestDatabase((db) => migratorOf(inputs(db, viaService)).observe());
    const end = Date.now() + 3000;
    while (api.tunnels.size > 0 && Date.now() < end) await new Promise((r) => setTimeout(r, 20));
    assert.equal(api.tunnels.size, 0);
  });

  it("brings megabytes through unharmed", async () => {
    await withTestDatabase(async (db) => {
      await db.client.query(
        `CREATE VIEW v AS SELECT ${Array.from({ length: 1500 }, (_, i) => `${i} AS "column ${"x".repeat(40)} ${i}"`).join(", ")}`,
      );
      const direct = await migratorOf({
        ...inputs(db, viaService),
        ...(await directly(db)),
      }).observe();
      const tunnelled = await migratorOf(inputs(db, viaService)).observe();
      assert.deepEqual(tunnelled.catalog, direct.catalog);
      assert.ok(JSON.stringify(direct.catalog).length > 100_000);
    });
  });

  async function directly(db: TestDatabase): Promise<Partial<DesiredInputs>> {
    const { hostname, port } = new URL(db.url);
    return { reach: "direct", host: hostname, port: Number(port) };
  }

  it("says which right is missing", async () => {
    api.refuse("UPGRADE", "/api/v1/namespaces/data/pods/db-1/portforward", 403);
    const error = await failure(viaService);
    assert.equal(error.class, "usage");
    assert.match(error.message, /forbids to get pods\/portforward db-1 in namespace data \(403\)/);
    assert.match(error.remedy, /Role in data: .*"pods\/portforward"\], verbs \["get", "create"\]/);
  });

  it("says that the pod does not listen there", async () => {
    api.forwardTo = () => undefined;
    const error = await failure(viaService);
    assert.equal(error.class, "temporary");
    assert.match(error.message, /broke: error forwarding port 15432: connection refused/);
    assert.match(error.remedy, /PostgreSQL listens on that port/);
  });

  const wrong: readonly [
    what: string,
    forward: ForwardTarget,
    change: (api: KubeApi) => void,
    errorClass: string,
    message: RegExp,
  ][] = [
    [
      "no service",
      { ...viaService, service: "absent" },
      () => undefined,
      "usage",
      /no service absent in namespace data/,
    ],
    [
      "no such port",
      { ...viaService, port: 1 },
      () => undefined,
      "usage",
      /no port 1; it has 5432/,
    ],
    [
      "no ready pod",
      viaService,
      (a) => a.list("/apis/discovery.k8s.io/v1/namespaces/data/endpointslices", []),
      "temporary",
      /No pod is ready behind the service postgres/,
    ],
    [
      "a service that stands for another host",
      viaService,
      (a) =>
        a.put("/api/v1/namespaces/data/services/postgres", {
          metadata: {},
          spec: { type: "ExternalName", externalName: "db.example" },
        }),
      "usage",
      /it stands for db\.example/,
    ],
    [
      "a wrong login",
      viaService,
      (a) => a.put("/api/v1/namespaces/data/services/postgres", undefined) && rejectLogin(a),
      "usage",
      /does not accept the credentials of the kubeconfig \(401\)/,
    ],
  ];
  const rejectLogin = (a: KubeApi) =>
    a.refuse("GET", "/api/v1/namespaces/data/services/postgres", 401, "Unauthorized");
  for (const [what, forward, change, errorClass, message] of wrong)
    it(`says what is wrong: ${what}`, async () => {
      change(api);
      const error = await failure(forward);
      assert.equal(error.class, errorClass);
      assert.match(error.message, message);
      assert.notEqual(error.remedy, "");
    });

  it("says that the connection was lost when it breaks in the middle", async () => {
    await withTestDatabase(async (db) => {
      const target = inputs(db, viaService);
      const migrator = migratorOf({ ...target, options: { initSql: "SELECT pg_sleep(20)" } });
      const running = migrator.observe().catch((e: unknown) => e);
      while (api.tunnels.size === 0) await new Promise((r) => setTimeout(r, 20));
      await new Promise((r) => setTimeout(r, 300));
      for (const tunnel of api.tunnels) tunnel.terminate();
      const error = await running;
      assert.ok(error instanceof TidemarkError, String(error));
      assert.match(error.message, /the tunnel to the service postgres in namespace data broke/);
    });
  });

  it("does not keep the process alive when nobody answers", async () => {
    await api.close();
    const error = await failure(viaService);
    assert.equal(error.class, "temporary");
    assert.match(error.message, /cannot be reached: nothing listens there/);
    api = await KubeApi.start();
  });
});
