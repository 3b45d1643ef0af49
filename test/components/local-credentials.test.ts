import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { readLocalCredentials } from "../../components/local-credentials";
import { find, LOCAL, recordedStack, recorder, SCHEMA, SECRET } from "./record";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** An API server that knows one answer. */
async function withAnswer<T>(
  status: number,
  body: object,
  work: (kubeconfig: string, asked: string[]) => Promise<T>,
): Promise<T> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const cluster = { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "c",
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user: {} }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
  };
  try {
    return await work(JSON.stringify(kubeconfig), asked);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const DATA = { username: base64("dbuser"), password: base64("päss word") };

describe("components: platform-db-credentials", () => {
  it("gives user and password where the namespace has it", () =>
    withAnswer(200, { data: DATA }, async (kubeconfig, asked) => {
      const found = await readLocalCredentials({ kubeconfig }, "apps");
      assert.deepEqual(found, { user: "dbuser", password: "päss word" });
      assert.deepEqual(asked, ["/api/v1/namespaces/apps/secrets/platform-db-credentials"]);
    }));

  it("fills the local Secret, and the schema version's login", () =>
    withAnswer(200, { data: DATA }, async (kubeconfig) => {
      const { isSecret } = await recorder();
      const all = await recordedStack({ ...LOCAL, kubernetes: { kubeconfig } });
      const { stringData } = find(all, SECRET, "db-migrations-local").inputs;
      assert.ok(isSecret(stringData));
      assert.deepEqual(stringData.value, {
        AGENTS_DATABASE_URL:
          "postgresql://dbuser:p%C3%A4ss%20word@pg-rw.apps.svc.cluster.local:5432/agents",
        ANALYTICS_DATABASE_URL:
          "postgresql://dbuser:p%C3%A4ss%20word@pg-rw.apps.svc.cluster.local:5432/analytics",
      });
      const { user, password } = find(all, SCHEMA).inputs;
      assert.equal(user, "dbuser");
      assert.ok(isSecret(password) && password.value === "päss word");
    }));

  it("is left out where there is none, or nobody answers", async () => {
    await withAnswer(404, {}, async (kubeconfig) =>
      assert.equal(await readLocalCredentials({ kubeconfig }, "apps"), undefined),
    );
    assert.equal(await readLocalCredentials({ kubeconfig: "/nowhere" }, "apps"), undefined);
  });

  it("that may not be read, or lacks a key, is named with its remedy", async () => {
    await withAnswer(403, {}, (kubeconfig) =>
      assert.rejects(
        readLocalCredentials({ kubeconfig }, "apps"),
        /platform-db-credentials of namespace apps cannot be read \(403\)\. Remedy: grant get/,
      ),
    );
    await withAnswer(200, { data: { username: DATA.username } }, (kubeconfig) =>
      assert.rejects(
        readLocalCredentials({ kubeconfig }, "apps"),
        /has not both keys username and password\. Remedy/,
      ),
    );
  });
});
