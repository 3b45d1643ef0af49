import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { KubernetesClient } from "../../../provider/kubernetes/client";
import { KubernetesError } from "../../../provider/kubernetes/error";
import type { KubernetesAccess } from "../../../provider/kubernetes-access";
import { KubeApi } from "../../support/kube-api";

/** A token that nothing may ever show. */
const TOKEN = "canary-7f3a9c-token";

async function failure(work: Promise<unknown>): Promise<KubernetesError> {
  const error: unknown = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  assert.ok(error instanceof KubernetesError, String(error));
  const shown = `${error.message} ${error.remedy} ${error.stack ?? ""} ${JSON.stringify(error)}`;
  assert.ok(!shown.includes("canary"), shown);
  assert.notEqual(error.remedy, "");
  return error;
}

describe("the way to a cluster", () => {
  let folder: string;
  let environment: NodeJS.ProcessEnv;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-kubeconfig-"));
    environment = { ...process.env };
    delete process.env.KUBERNETES_SERVICE_HOST;
    delete process.env.KUBECONFIG;
    process.env.HOME = folder;
  });

  afterEach(() => {
    process.env = environment;
    rmSync(folder, { recursive: true, force: true });
  });

  const contents = JSON.stringify({
    clusters: [{ name: "c", cluster: { server: "https://user:canary@api.example:6443" } }],
    users: [{ name: "u", user: { token: TOKEN } }],
    contexts: [
      { name: "staging", context: { cluster: "c", user: "u" } },
      { name: "empty", context: { cluster: "absent", user: "u" } },
    ],
    "current-context": "staging",
  });

  const file = (name: string, text = contents): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it("is the content of a kubeconfig, or a file", async () => {
    for (const kubeconfig of [contents, file("config")]) {
      const { server } = await KubernetesClient.open({ kubeconfig, context: "staging" });
      assert.equal(server, "https://api.example:6443");
    }
  });

  it("is the file that KUBECONFIG names, where nothing else is said", async () => {
    process.env.KUBECONFIG = file("ambient");
    assert.equal((await KubernetesClient.open()).server, "https://api.example:6443");
  });

  const wrong: readonly [
    what: string,
    access: () => KubernetesAccess,
    message: RegExp,
    remedy: RegExp,
  ][] = [
    [
      "a file that does not exist",
      () => ({ kubeconfig: "/no/such/file" }),
      /kubeconfig \/no\/such\/file does not exist/,
      /Correct the path/,
    ],
    [
      "KUBECONFIG that names no file",
      () => ((process.env.KUBECONFIG = "/no/such/ambient"), {}),
      /\/no\/such\/ambient does not exist\. KUBECONFIG names it/,
      /Correct the path/,
    ],
    ["none at all", () => ({}), /There is no kubeconfig/, /tidemark:kubernetes/],
    [
      "a context that it does not have",
      () => ({ kubeconfig: contents, context: "production" }),
      /has no context "production"/,
      /one of: staging, empty/,
    ],
    [
      "a context without a cluster",
      () => ({ kubeconfig: contents, context: "empty" }),
      /"empty" names no cluster/,
      /one of: staging/,
    ],
    [
      "content that is no YAML",
      () => ({ kubeconfig: `users: [{ token: canary\n  : ]` }),
      /content of tidemark:kubernetes\.kubeconfig is no kubeconfig/,
      /kubectl config view/,
    ],
    [
      "a file that is no kubeconfig",
      () => ({ kubeconfig: file("text", "canary") }),
      /is no kubeconfig|no current context/,
      /kubeconfig/,
    ],
    [
      "a credentials plugin that is not installed",
      () => ({
        kubeconfig: JSON.stringify({
          clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
          users: [
            {
              name: "u",
              user: {
                exec: {
                  apiVersion: "client.authentication.k8s.io/v1",
                  command: "no-such-kubelogin",
                  args: ["--token", TOKEN],
                },
              },
            },
          ],
          contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
          "current-context": "x",
        }),
      }),
      /credentials plugin no-such-kubelogin failed \(ENOENT\)/,
      /Install it or log in/,
    ],
  ];
  for (const [what, access, message, remedy] of wrong)
    it(`is refused with a reason: ${what}`, async () => {
      const work = async () => (await KubernetesClient.open(access())).serverVersion();
      const error = await failure(work());
      assert.equal(error.class, "usage");
      assert.match(error.message, message);
      assert.match(error.remedy, remedy);
    });
});

describe("the Kubernetes API", () => {
  let api: KubeApi;
  let client: KubernetesClient;

  beforeEach(async () => {
    api = await KubeApi.start(TOKEN);
    client = await KubernetesClient.open({ kubeconfig: api.kubeconfig() });
  });

  afterEach(() => api.close());

  const JOB = "/apis/batch/v1/namespaces/ameide/jobs/db-migrations";

  it("gives objects as they are, and nothing for what is not there", async () => {
    const job = { metadata: { name: "db-migrations", uid: "1" }, spec: { odd: { kept: true } } };
    api.put(JOB, job);
    assert.deepEqual(await client.readJob("ameide", "db-migrations"), job);
    assert.equal(await client.readJob("ameide", "absent"), undefined);
  });

  it("never sends the values of a Secret where the metadata are enough", async () => {
    const secret = { metadata: { resourceVersion: "7" }, data: { URL: "canary", USER: "canary" } };
    api.put("/api/v1/namespaces/ameide/secrets/db", secret);
    const metadata = await client.readSecretMetadata("ameide", "db");
    assert.equal(metadata?.metadata.resourceVersion, "7");
    assert.ok(!("data" in metadata));
    const keys = await client.readSecretKeys("ameide", "db");
    assert.deepEqual(keys, { metadata: { resourceVersion: "7" }, keys: ["URL", "USER"] });
    const [first] = api.requests;
    assert.match(first?.accept ?? "", /as=PartialObjectMetadata/);
  });

  it("deletes only the very Job that was meant", async () => {
    api.put(JOB, { metadata: { uid: "new" } });
    const error = await failure(client.deleteJob("ameide", "db-migrations", "old"));
    assert.equal(error.status, 409);
    assert.ok(await client.readJob("ameide", "db-migrations"));
    await client.deleteJob("ameide", "db-migrations", "new");
    assert.equal(await client.readJob("ameide", "db-migrations"), undefined);
    const [, deletion] = api.asked("DELETE", JOB);
    assert.deepEqual(deletion?.body, {
      kind: "DeleteOptions",
      apiVersion: "v1",
      propagationPolicy: "Foreground",
      preconditions: { uid: "new" },
    });
  });

  it("makes a Job in the name of whoever made the one before", async () => {
    const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "db-migrations" } };
    await client.createJob("ameide", job, "pulumi-kubernetes-1a2b3c4d");
    const [made] = api.requests;
    assert.equal(made?.query.get("fieldManager"), "pulumi-kubernetes-1a2b3c4d");
  });

  it("lists the versions that it serves", async () => {
    api.put("/apis/external-secrets.io", { versions: [{ version: "v1" }, { version: "v1beta1" }] });
    assert.deepEqual(await client.servedVersions("external-secrets.io"), ["v1", "v1beta1"]);
    assert.deepEqual(await client.servedVersions("absent.io"), []);
  });

  const refusals: readonly [number, string, string, RegExp, RegExp][] = [
    [
      403,
      'jobs.batch "db-migrations" is forbidden',
      "usage",
      /forbids to get jobs db-migrations in namespace ameide \(403\): jobs\.batch/,
      /Role in ameide: apiGroups \["batch"\], resources \["jobs"\], verbs \["get"\]/,
    ],
    [
      403,
      "pods is forbidden: exceeded quota: small",
      "usage",
      /refused to get jobs .* exceeded quota/,
      /Correct what it names/,
    ],
    [401, "Unauthorized", "usage", /does not accept the credentials/, /Log in again/],
    [503, "starting", "temporary", /refused to get jobs .* \(503\): starting/, /Try again/],
    [429, "slow down", "temporary", /\(429\)/, /Try again/],
  ];
  for (const [status, said, errorClass, message, remedy] of refusals)
    it(`is understood when it refuses: ${status}, ${said}`, async () => {
      api.refuse("GET", JOB, status, said);
      const error = await failure(client.readJob("ameide", "db-migrations"));
      assert.equal(error.status, status);
      assert.equal(error.class, errorClass);
      assert.match(error.message, message);
      assert.match(error.remedy, remedy);
    });

  it("is not mistaken for a server that is something else", async () => {
    api.put("/version", { text: "<html>Log in</html>" });
    assert.match(
      (await failure(client.serverVersion())).message,
      /does not answer as a Kubernetes/,
    );
  });

  it("is named when it cannot be reached, and its login is not", async () => {
    await api.close();
    const error = await failure(client.serverVersion());
    assert.equal(error.class, "temporary");
    assert.ok(error.message.includes(`${api.url} cannot be reached: nothing listens there`));
    api = await KubeApi.start();
  });
});
