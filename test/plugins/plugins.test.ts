import { strict as assert } from "node:assert";

import { canariesIn, CANARY } from "../support/canary";
import { KeyVault } from "./azure/key-vault";
import { kindNamed, KubeApi } from "./kube-api";
import { type Declared, TinyProgram } from "./program";
import { at } from "./values";

const NAMESPACE = "ameide";

const secret = (password: string): Declared => ({
  type: "Secret",
  name: "credentials",
  args: {
    metadata: { name: "credentials", namespace: NAMESPACE },
    stringData: { password: { $secret: password } },
  },
});

const job = (image: string, annotations = {}): Declared => ({
  type: "Job",
  name: "work",
  args: {
    metadata: {
      name: "work",
      namespace: NAMESPACE,
      annotations: { "pulumi.com/skipAwait": "true", ...annotations },
    },
    spec: {
      backoffLimit: 1,
      template: {
        spec: { restartPolicy: "Never", containers: [{ name: "work", image, args: ["--once"] }] },
      },
    },
  },
});

const externalSecret = (spec: object): Declared => ({
  type: "CustomResource",
  name: "url",
  args: {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata: { name: "url", namespace: NAMESPACE },
    spec: {
      refreshInterval: "1h",
      secretStoreRef: { kind: "ClusterSecretStore", name: "vault" },
      target: { name: "url" },
      data: [{ secretKey: "password", remoteRef: { key: "database" } }],
      ...spec,
    },
  },
});

const vaultSecret = (value: string, name = "database", others = {}): Declared => ({
  type: "VaultSecret",
  name,
  args: {
    resourceGroupName: "group",
    vaultName: "tests-kv",
    secretName: name,
    properties: { value: { $secret: value }, contentType: "application/json" },
    ...others,
  },
});

describe("Stand-in plugins", function () {
  this.timeout(120_000);
  let api: KubeApi;
  let vault: KeyVault;
  let program: TinyProgram;

  beforeEach(async () => {
    api = await KubeApi.open({ namespaces: [NAMESPACE] });
    vault = new KeyVault("tests-kv");
    program = await TinyProgram.open(api.kubeconfig, [vault]);
  });

  afterEach(async () => {
    await program.close();
    await api.close();
  });

  const done = async (command: "up" | "refresh" | "destroy") => {
    const result = await program[command]();
    assert.ok(result.ok, result.output);
    return result.operations;
  };
  const refused = async (command: "up" | "preview", message: RegExp) => {
    const { ok, output } = await program[command]();
    assert.match(output, message);
    assert.equal(ok, false);
  };
  const live = (kind: string, name: string) => api.store.get(kindNamed(kind), NAMESPACE, name);

  it("create, leave alone, update, replace and delete Kubernetes objects", async () => {
    program.declare(secret(CANARY), job("one"), externalSecret({}));
    const created = ["create"];
    assert.deepEqual(await done("up"), { credentials: created, work: created, url: created });
    const stored = at(live("Secret", "credentials"), "data", "password") as string;
    assert.equal(Buffer.from(stored, "base64").toString(), CANARY);
    assert.deepEqual(canariesIn(program.state()), []);

    const same = ["same"];
    assert.deepEqual(await done("up"), { credentials: same, work: same, url: same });

    program.declare(secret(CANARY), job("two"), externalSecret({ refreshInterval: "2h" }));
    const changed = await done("up");
    assert.deepEqual(changed.url, ["update"]);
    assert.deepEqual(changed.work, ["delete-replaced", "replace", "create-replacement"]);
    assert.equal(at(live("ExternalSecret", "url"), "spec", "refreshInterval"), "2h");
    assert.equal(at(live("ExternalSecret", "url"), "metadata", "generation"), 2);

    await done("destroy");
    assert.equal(live("Secret", "credentials"), undefined);
    assert.equal(live("Job", "work"), undefined);
  });

  it("see by a refresh what has changed behind the stack's back", async () => {
    program.declare(job("one"), externalSecret({}));
    await done("up");
    api.store.patch(kindNamed("ExternalSecret"), NAMESPACE, "url", {
      spec: { refreshInterval: "9h" },
    });
    api.store.delete(kindNamed("Job"), NAMESPACE, "work");
    await done("refresh");
    const { work, url } = await done("up");
    assert.deepEqual([work, url], [["create"], ["update"]]);
    assert.equal(at(live("ExternalSecret", "url"), "spec", "refreshInterval"), "1h");
  });

  it("refuse what the API's schemas do not know, in a preview already", async () => {
    program.declare(externalSecret({ refreshIntervall: "1h" }));
    await refused("preview", /refreshIntervall.*\n?.*not declared in schema/);
    program.declare(externalSecret({ secretStoreRef: { kind: "Vault", name: "v" } }));
    await refused("preview", /secretStoreRef\.kind/);
    const { args, ...others } = job("one");
    program.declare({ ...others, args: { ...args, spec: { backoffLimit: "many" } } });
    await refused("preview", /spec\.backoffLimit/);
    assert.deepEqual(program.plugins.kubernetes.changes, []);
  });

  it("wait for a Job, fail with the words of its pod, and run an unready one again", async () => {
    const { args, ...others } = job("one", { "pulumi.com/skipAwait": "false" });
    program.declare({ ...others, args });
    const failing = api.store.watch(({ type, kind, object }) => {
      if (type !== "ADDED" || kind.kind !== "Job") return;
      const uid = at(object, "metadata", "uid");
      api.store.create(kindNamed("Pod"), {
        metadata: {
          name: "work-1",
          namespace: NAMESPACE,
          labels: { "batch.kubernetes.io/controller-uid": uid },
          ownerReferences: [{ kind: "Job", name: "work", uid }],
        },
      });
      const terminated = { exitCode: 65, reason: "Error", message: "V4__d.sql is wrong" };
      api.store.patch(kindNamed("Pod"), NAMESPACE, "work-1", {
        status: { containerStatuses: [{ name: "work", state: { terminated } }] },
      });
      const failed = { type: "Failed", status: "True", reason: "PodFailurePolicy", message: "x" };
      api.store.patch(kind, NAMESPACE, "work", { status: { conditions: [failed] } });
    });
    await refused("up", /\[PodFailurePolicy\][^]*V4__d\.sql is wrong/);
    failing();

    program.declare(job("one", { "pulumi.com/replaceUnready": "true" }));
    const { work } = await done("up");
    assert.ok(work?.includes("create-replacement"), String(work));
    assert.equal(at(live("Job", "work"), "status", "conditions"), undefined);
  });

  it("refuse an object that is there already, and one for a namespace that is not", async () => {
    const { name, args, type } = secret("x");
    program.declare({ type, name, args });
    api.store.create(kindNamed("Secret"), {
      metadata: { name: "credentials", namespace: NAMESPACE },
    });
    await refused("up", /secrets "credentials" already exists/);
    const elsewhere = { metadata: { name: "credentials", namespace: "nowhere" } };
    program.declare({ type, name, args: { ...args, ...elsewhere } });
    await refused("up", /namespaces "nowhere" not found/);
  });

  it("name an object that has no name, and keep the name", async () => {
    const declare = (value: string) =>
      program.declare({
        type: "CustomResource",
        name: "url",
        args: {
          ...externalSecret({ refreshInterval: value }).args,
          metadata: { namespace: NAMESPACE },
        },
      });
    declare("1h");
    await done("up");
    const [first] = api.store.list(kindNamed("ExternalSecret"));
    assert.match(String(at(first, "metadata", "name")), /^url-[0-9a-f]{8}$/);
    declare("2h");
    assert.deepEqual((await done("up")).url, ["update"]);
    assert.equal(api.store.list(kindNamed("ExternalSecret")).length, 1);
  });

  it("keep secrets in a vault: versions, soft deletion, nothing read back", async () => {
    program.declare(vaultSecret(CANARY));
    await done("up");
    const version = vault.get("database")?.version;
    assert.equal(vault.get("database")?.value, CANARY);
    assert.deepEqual(canariesIn(program.state()), []);
    assert.match(program.state(), new RegExp(`secrets/database/${version}`));

    vault.rotate("database", "by hand");
    assert.deepEqual((await done("refresh")).database, ["refresh"]);
    assert.deepEqual((await done("up")).database, ["same"]); // the value is not read back
    program.declare(vaultSecret(`${CANARY}2`));
    assert.deepEqual((await done("up")).database, ["update"]);
    assert.equal(vault.get("database")?.value, `${CANARY}2`);

    await done("destroy");
    assert.equal(vault.isDeleted("database"), true);
    program.declare(vaultSecret(CANARY));
    await refused("up", /deleted but recoverable state/);
  });

  it("refuse what Azure refuses: names, sizes, writes at once, no role", async () => {
    program.declare(vaultSecret("x", "under_score"));
    await refused("preview", /under_score/);
    program.declare(vaultSecret("x".repeat(25_601), "large"));
    await refused("preview", /25601 bytes/);
    const tags = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`t${index}`, "x"]));
    program.declare(vaultSecret("x", "tagged", { tags }));
    await refused("preview", /16 tags/);
    program.declare(vaultSecret("x", "one"), vaultSecret("x", "two"));
    await refused("up", /ConflictError/);
    vault.forbidden = true;
    program.declare(vaultSecret("x", "three"));
    await refused("up", /AuthorizationFailed/);
  });
});
