import { strict as assert } from "node:assert";

import { canariesIn } from "../support/canary";
import { historyOf } from "../support/stack-server";
import { fail, type StagingProject, succeed } from "../support/staging-project";
import { Lab } from "./support/lab";
import { clusterLibrary, getObject } from "./support/library";
import { openStaging, type Staging } from "./support/staging";

interface Named {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

describe("The staging stack on a real cluster", () => {
  let lab: Lab;
  let staging: Staging;
  let stack: StagingProject;

  before(async () => {
    lab = await Lab.open();
    staging = await openStaging(lab);
    ({ stack } = staging);
    // As the environment lives today: agents was made by hand, and a failed run has left an empty history.
    await lab.server.query(
      "agents",
      `CREATE SCHEMA agents;
       CREATE TABLE agents.nodes (node_id text PRIMARY KEY, payload jsonb NOT NULL);
       CREATE TABLE public.flyway_schema_history (installed_rank integer NOT NULL PRIMARY KEY,
         version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL,
         script varchar(1000) NOT NULL, checksum integer, installed_by varchar(100) NOT NULL,
         installed_on timestamp NOT NULL DEFAULT now(), execution_time integer NOT NULL,
         success boolean NOT NULL)`,
    );
  });

  after(async () => {
    await staging?.close();
    await lab?.close();
  });

  const list = async (kind: string) => {
    const found = await getObject<Named>(kind, "-n", staging.namespace.name);
    return (found?.items ?? []).map(({ metadata }) => metadata.name);
  };
  const podsOfJobs = async () =>
    (await list("pods")).filter((name) => name.startsWith("db-migrations"));

  it("migrates the live databases of the scenario by one Job", async () => {
    await succeed(stack.up());
    assert.deepEqual(await stack.versions(), {
      platform: "3",
      agents: "3",
      workflows: "1",
      langgraph: "1",
      analytics: null,
    });
    const [baseline, ...others] = (await historyOf(lab.server, "agents")) ?? [];
    assert.equal(others.length, 0);
    assert.deepEqual(
      [baseline?.version, baseline?.description, baseline?.type],
      ["3", "Baseline existing agents schema", "BASELINE"],
    );
    assert.deepEqual((await list("jobs")).length, 1);
    const { kubectl } = await clusterLibrary();
    const url = await kubectl([
      "get",
      "secret",
      "agents-db-secret",
      "-n",
      staging.namespace.name,
      "-o",
      "jsonpath={.data.DATABASE_URL}",
    ]);
    assert.ok(
      Buffer.from(url, "base64")
        .toString()
        .includes(`@${staging.namespace.host}:${lab.door.port}/agents`),
    );
  });

  it("leaves everything alone when it is run again", async () => {
    const [jobs, pods] = [await list("jobs"), await podsOfJobs()];
    const { output } = await succeed(stack.up());
    assert.doesNotMatch(output, /\b(created|updated|replaced|deleted)\b/);
    assert.deepEqual([await list("jobs"), await podsOfJobs()], [jobs, pods]);
  });

  it("reads the databases through the API server for a preview and a refresh", async () => {
    const preview = await succeed(stack.preview());
    assert.doesNotMatch(preview.output, /remembered/);
    await lab.server.query("workflows", "CREATE TABLE public.by_hand (id integer)");
    const refresh = await succeed(stack.refresh());
    assert.match(refresh.output, /by_hand/);
    await lab.server.query("workflows", "DROP TABLE public.by_hand");
    await succeed(stack.refresh());
  });

  it("runs a new migration by a new Job", async () => {
    stack.write("migrations/agents/V4__add_label.sql", "ALTER TABLE agents.nodes ADD label text;");
    const jobs = await list("jobs");
    await succeed(stack.up());
    assert.equal((await stack.versions()).agents, "4");
    assert.equal((await list("jobs")).length, 1);
    assert.notDeepEqual(await list("jobs"), jobs);
  });

  it("fails with the migration's own error, and does not run it again unchanged", async () => {
    stack.write("migrations/agents/V5__broken.sql", "ALTER TABLE agents.nowhere ADD x text;");
    const first = await fail(stack.up());
    assert.match(first.output, /V5__broken\.sql/);
    assert.match(first.output, /agents\.nowhere/);
    const pods = await podsOfJobs();
    const second = await fail(stack.up());
    assert.match(second.output, /V5__broken\.sql/);
    assert.deepEqual(await podsOfJobs(), pods);
    stack.write("migrations/agents/V5__broken.sql", "ALTER TABLE agents.nodes ADD x text;");
    await succeed(stack.up());
    assert.equal((await stack.versions()).agents, "5");
  });

  it("runs again, harmlessly, when a secret was rotated", async () => {
    const jobs = await list("jobs");
    const before = await historyOf(lab.server, "agents");
    await lab.setPassword("rotated p4ss/word+%@");
    await stack.setPassword("rotated p4ss/word+%@");
    await succeed(stack.up());
    assert.notDeepEqual(await list("jobs"), jobs);
    await lab.resetPassword();
    assert.deepEqual(await historyOf(lab.server, "agents"), before);
  });

  it("shows the password nowhere in the cluster but in Secrets", async () => {
    const { kubectl } = await clusterLibrary();
    const kinds = "jobs,pods,configmaps,events,externalsecrets";
    const objects = await kubectl(["get", kinds, "-n", staging.namespace.name, "-o", "yaml"]);
    assert.deepEqual(canariesIn(objects), []);
    for (const pod of await podsOfJobs())
      assert.deepEqual(canariesIn(await kubectl(["logs", pod, "-n", staging.namespace.name])), []);
  });

  it("is destroyed without a loss: databases and the secrets of the vault stay", async () => {
    await succeed(stack.destroy());
    assert.deepEqual(await list("jobs"), []);
    assert.ok(((await historyOf(lab.server, "platform")) ?? []).length >= 3);
    assert.ok(staging.vault.get("db-migrations-agents-database-url"));
  });
});
