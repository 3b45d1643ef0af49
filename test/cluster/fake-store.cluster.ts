import { strict as assert } from "node:assert";

import { DATABASES, succeed } from "../support/staging-project";
import { Lab } from "./support/lab";
import { apply, clusterLibrary } from "./support/library";
import { openStaging, type Staging } from "./support/staging";

describe("The staging stack with another store of the operator", () => {
  let lab: Lab;
  let staging: Staging;

  before(async () => {
    lab = await Lab.open();
    staging = await openStaging(lab);
  });

  after(async () => {
    const { kubectl } = await clusterLibrary();
    if (staging) await kubectl(["delete", "clustersecretstore", storeName(), "--ignore-not-found"]);
    await staging?.close();
    await lab?.close();
  });

  const storeName = () => `${staging.namespace.name}-fake`;

  it("takes the credentials that the store has", async () => {
    const { user, password } = lab.server;
    const value = JSON.stringify({ user, password });
    const data = DATABASES.map((name) => ({ key: `db-migrations-${name}-database-url`, value }));
    await apply({
      apiVersion: "external-secrets.io/v1",
      kind: "ClusterSecretStore",
      metadata: { name: storeName() },
      spec: { provider: { fake: { data } } },
    });
    await staging.stack.configure({ secretStore: { clusterSecretStore: storeName() } });
    await succeed(staging.stack.up());
    const expected = {
      platform: "3",
      agents: "3",
      workflows: "1",
      langgraph: "1",
      analytics: null,
    };
    assert.deepEqual(await staging.stack.versions(), expected);
    assert.deepEqual(lab.plane.requests, []);
    await succeed(staging.stack.destroy());
  });
});
