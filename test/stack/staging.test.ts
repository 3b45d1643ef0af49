import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { escapeLiteral } from "pg";

import { KeyVault } from "../plugins/azure/key-vault";
import { kindNamed, KubeApi } from "../plugins/kube-api";
import { KubeletDouble } from "../plugins/kubelet";
import { metadataOf } from "../plugins/kubernetes/store";
import { OperatorDouble } from "../plugins/operator";
import { at } from "../plugins/values";
import { canariesIn } from "../support/canary";
import { historyOf, StackServer } from "../support/stack-server";
import { DATABASES, fail, StagingProject, succeed } from "../support/staging-project";

const NAMESPACE = "ameide";

describe("The staging stack, with doubles of cluster and vault", function () {
  this.timeout(120_000);
  let server: StackServer;
  let api: KubeApi;
  let vault: KeyVault;
  let operator: OperatorDouble;
  let kubelet: KubeletDouble;
  let stack: StagingProject;
  const folder = mkdtempSync(join(tmpdir(), "tidemark-staging-"));
  const databaseOf: Record<string, string> = {};

  before(async () => {
    server = await StackServer.open();
    for (const name of DATABASES) databaseOf[name] = await server.createDatabase();
    api = await KubeApi.open({ namespaces: [NAMESPACE] });
    vault = new KeyVault("ameide-stg-kv");
    operator = new OperatorDouble(api, vault);
    kubelet = new KubeletDouble(api);
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, api.kubeconfig);
    const { host, port, user, password } = server;
    const databases = Object.entries(databaseOf).map(([name, database]) => [name, { database }]);
    stack = await StagingProject.open({
      kubeconfig,
      vault,
      password,
      config: {
        reach: "direct",
        server: { host, port, user, sslmode: "disable" },
        databases: Object.fromEntries(databases) as object,
        job: { image: `registry.example.com/tidemark@sha256:${"a".repeat(64)}` },
      },
    });
  });

  after(async () => {
    await stack?.close();
    await kubelet?.close();
    operator?.close();
    await api?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const names = (kind: string) =>
    api.store.list(kindNamed(kind), NAMESPACE).map((object) => metadataOf(object).name);
  const secretValue = (name: string, key: string) => {
    const data = at(api.store.get(kindNamed("Secret"), NAMESPACE, name), "data", key) as string;
    return Buffer.from(data, "base64").toString();
  };

  it("says at once that the operator or the namespace is missing", async () => {
    api.operator = false;
    await fail(stack.preview(), /external-secrets\.io/);
    api.operator = true;
    await stack.configure({ namespace: "nowhere" });
    await fail(stack.preview(), /nowhere[^]*kubectl create namespace nowhere/);
    await stack.configure({});
  });

  it("makes secrets, URLs and one Job, and migrates", async () => {
    await succeed(stack.preview());
    assert.deepEqual(stack.plugins.kubernetes.changes, []);
    await succeed(stack.up());
    const expected = {
      platform: "3",
      agents: "3",
      workflows: "1",
      langgraph: "1",
      analytics: null,
    };
    assert.deepEqual(await stack.versions(), expected);
    assert.equal(kubelet.pods, 1);
    assert.equal(vault.changes.length, DATABASES.length);
    const url = new URL(secretValue("agents-db-secret", "DATABASE_URL"));
    assert.equal(decodeURIComponent(url.password), server.password);
    assert.match(secretValue("db-migrations", "FLYWAY_URL"), /^jdbc:postgresql:/);
    assert.equal(secretValue("db-migrations", "FLYWAY_PASSWORD"), server.password);
  });

  it("changes nothing when it is run again", async () => {
    const before = stack.plugins.kubernetes.changes.length;
    await succeed(stack.up());
    assert.equal(stack.plugins.kubernetes.changes.length, before);
    assert.equal(kubelet.pods, 1);
  });

  it("runs a Job again whose pod was killed, and tells why it failed", async () => {
    const [job] = names("Job");
    stack.write("migrations/langgraph/V2__a.sql", "CREATE TABLE public.a (id integer);");
    kubelet.run = async () => ({ exitCode: 137, message: "", reason: "OOMKilled" });
    await fail(stack.up(), /OOMKilled|memory/);
    assert.equal((await stack.versions()).langgraph, "1");
    kubelet.run = (object) => kubelet.execute(object);
    await succeed(stack.up());
    assert.equal((await stack.versions()).langgraph, "2");
    assert.notDeepEqual(names("Job"), [job]);
  });

  it("does not run again what would fail again, and shows its error again", async () => {
    stack.write("migrations/agents/V4__broken.sql", "ALTER TABLE agents.nowhere ADD x text;");
    await fail(stack.up(), /V4__broken\.sql/, /agents\.nowhere/);
    const pods = kubelet.pods;
    await fail(stack.up(), /V4__broken\.sql/, /agents\.nowhere/);
    assert.equal(kubelet.pods, pods);
    stack.write("migrations/agents/V4__broken.sql", "ALTER TABLE agents.nodes ADD x text;");
    await succeed(stack.up());
    assert.equal((await stack.versions()).agents, "4");
  });

  it("runs again, harmlessly, when the vault's secret was rotated by hand", async () => {
    const history = await historyOf(server, databaseOf.platform ?? "");
    const jobs = names("Job");
    await server.administer(`ALTER ROLE ${server.user} PASSWORD 'changed by hand'`);
    const value = JSON.stringify({ user: server.user, password: "changed by hand" });
    for (const name of DATABASES) vault.rotate(`db-migrations-${name}-database-url`, value);
    operator.refresh();
    await stack.setPassword("changed by hand");
    await succeed(stack.up());
    assert.notDeepEqual(names("Job"), jobs);
    assert.equal((await stack.versions()).agents, "4");
    await server.administer(`ALTER ROLE ${server.user} PASSWORD ${escapeLiteral(server.password)}`);
    assert.deepEqual(await historyOf(server, databaseOf.platform ?? ""), history);
  });

  it("has shown the password nowhere but in Secrets", () => {
    const visible = ["Job", "Pod", "ConfigMap", "ExternalSecret"].flatMap((kind) =>
      api.store.list(kindNamed(kind)),
    );
    assert.deepEqual(canariesIn(JSON.stringify(visible)), []);
    assert.deepEqual(canariesIn(kubelet.logs.join("")), []);
  });

  it("is destroyed without a loss", async () => {
    await succeed(stack.destroy());
    assert.deepEqual(names("Job"), []);
    assert.equal((await historyOf(server, databaseOf.platform ?? ""))?.length, 3);
    assert.ok(vault.get("db-migrations-agents-database-url"), "the vault has lost its secret");
  });
});
