import assert from "node:assert/strict";

import * as clusterReady from "../../provider/cluster-ready-operations";
import * as syncedSecret from "../../provider/synced-secret-operations";
import { KubeApi } from "../support/kube-api";

const NAMESPACE = "/api/v1/namespaces/ameide";
const OPERATOR = "/apis/external-secrets.io";

const created = (result: { id: string; outs?: unknown }) => ({
  id: result.id,
  outs: result.outs as object,
});

describe("ClusterReady", () => {
  let api: KubeApi;

  beforeEach(async () => {
    api = await KubeApi.start();
    api.put("/version", { gitVersion: "v1.34.2" }).put(NAMESPACE, { metadata: { name: "ameide" } });
    api.put(OPERATOR, { versions: [{ version: "v1" }] });
  });

  afterEach(() => api.close());

  const inputs = () => ({
    resourceUrn: "urn",
    kubernetes: { kubeconfig: api.kubeconfig() },
    namespace: "ameide",
    operator: true,
  });

  const reasons = async (more: object = {}) =>
    ((await clusterReady.check({}, { ...inputs(), ...more })).failures ?? []).map((f) => f.reason);

  it("is ready when the namespace is there and the operator is installed", async () => {
    assert.deepEqual(await reasons(), []);
    const { id, outs } = created(await clusterReady.create(inputs()));
    assert.equal(id, "ameide");
    assert.equal((outs as { serverVersion: string }).serverVersion, "v1.34.2");
    assert.deepEqual(await clusterReady.diff("x", outs as never, inputs()), { changes: false });
  });

  const cases: readonly [what: string, change: () => void, reason: RegExp][] = [
    [
      "no namespace",
      () => api.put(NAMESPACE, undefined),
      /no namespace ameide[^]*kubectl create namespace ameide/,
    ],
    ["no operator", () => api.put(OPERATOR, undefined), /not installed[^]*helm install/],
    [
      "an old operator",
      () => api.put(OPERATOR, { versions: [{ version: "v1beta1" }] }),
      /too old: it serves external-secrets\.io in v1beta1/,
    ],
    [
      "a right that is missing",
      () => api.refuse("GET", NAMESPACE, 403, "namespaces is forbidden"),
      /forbids to get namespaces ameide/,
    ],
  ];
  for (const [what, change, reason] of cases)
    it(`says in a preview what is missing: ${what}`, async () => {
      change();
      const [first, ...others] = await reasons();
      assert.match(first ?? "", reason);
      assert.deepEqual(others, []);
      await assert.rejects(clusterReady.create(inputs()), reason);
    });

  it("does not ask for an operator that is not needed", async () => {
    api.put(OPERATOR, undefined);
    assert.deepEqual(await reasons({ operator: false }), []);
  });

  it("says in a preview that the cluster cannot be reached, without the login", async () => {
    await api.close();
    const [first = ""] = await reasons();
    assert.match(first, /cannot be reached: nothing listens there/);
    assert.ok(!first.includes(api.token));
    api = await KubeApi.start();
  });
});

describe("SyncedSecret", () => {
  const EXTERNAL = "/apis/external-secrets.io/v1/namespaces/ameide/externalsecrets/db-migrations";
  const SECRET = "/api/v1/namespaces/ameide/secrets/db-migrations";
  const VALUE = "canary-of-the-secret";
  let api: KubeApi;

  beforeEach(async () => {
    api = await KubeApi.start();
  });

  afterEach(() => api.close());

  const inputs = (more: object = {}) => ({
    resourceUrn: "urn",
    kubernetes: { kubeconfig: api.kubeconfig() },
    namespace: "ameide",
    name: "db-migrations",
    externalSecret: "db-migrations",
    revision: "r1",
    keys: ["FLYWAY_URL"],
    timeoutSeconds: 5,
    ...more,
  });

  const external = (generation: number, synced: string) => ({
    metadata: { generation },
    status: { syncedResourceVersion: synced, conditions: [{ type: "Ready", status: "True" }] },
  });

  const secret = (resourceVersion: string, revision = "r1") => ({
    metadata: { resourceVersion, annotations: { "tidemark.dev/revision": revision } },
    data: { FLYWAY_URL: VALUE },
  });

  it("waits for the newest version, and records the Secret's", async () => {
    let looks = 0;
    api.put(EXTERNAL, () => (looks++ > 1 ? external(2, "2-x") : external(2, "1-x")));
    api.put(SECRET, () => (looks > 2 ? secret("12") : secret("11", "r0")));
    const { id, outs } = created(await syncedSecret.create(inputs()));
    assert.equal(id, "ameide/db-migrations");
    assert.equal((outs as { version: string }).version, "12");
    assert.ok(looks >= 3);
    assert.ok(!JSON.stringify(outs).includes(VALUE));
  });

  it("ends at its time-out with the operator's own words", async () => {
    api.put(EXTERNAL, {
      metadata: { generation: 1 },
      status: {
        conditions: [
          { type: "Ready", status: "False", reason: "SecretSyncedError", message: "boom" },
        ],
      },
    });
    api.put(SECRET, undefined);
    await assert.rejects(
      syncedSecret.create(inputs({ timeoutSeconds: 1 })),
      /ameide\/db-migrations is not ready after 1 s: .*SecretSyncedError: boom/,
    );
  });

  it("shows a value that was rotated as an update, in a preview too", async () => {
    api.put(EXTERNAL, external(1, "1-x")).put(SECRET, secret("11"));
    const { outs } = created(await syncedSecret.create(inputs()));
    const same = (await syncedSecret.check({}, inputs())).inputs as never;
    assert.deepEqual(await syncedSecret.diff("x", outs as never, same), { changes: false });
    api.put(SECRET, secret("12"));
    const rotated = (await syncedSecret.check({}, inputs())).inputs as never;
    assert.deepEqual(await syncedSecret.diff("x", outs as never, rotated), { changes: true });
    const other = { ...(same as object), revision: "r2" } as never;
    assert.deepEqual(await syncedSecret.diff("x", outs as never, other), { changes: true });
  });

  it("leaves it to ClusterReady to say that there is no cluster", async () => {
    const given = inputs();
    await api.close();
    const checked = await syncedSecret.check({}, given);
    assert.deepEqual(checked.failures, []);
    assert.ok(!("observedVersion" in (checked.inputs as object)));
    api = await KubeApi.start();
  });

  it("says which right is missing", async () => {
    api.refuse("GET", SECRET, 403, "secrets is forbidden");
    const { failures } = await syncedSecret.check({}, inputs());
    assert.match(failures?.[0]?.reason ?? "", /forbids to get secrets db-migrations/);
  });
});
