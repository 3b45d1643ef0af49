import { strict as assert } from "node:assert";

import { decodeReport } from "../../engine/job/report";
import { canariesIn } from "../support/canary";
import { historyOf } from "../support/stack-server";
import { fail, type StagingProject, succeed } from "../support/staging-project";
import { jobsIn, newJobs, podsOfJobs, uidsOf } from "./support/jobs";
import { Lab } from "./support/lab";
import { clusterLibrary, getObject } from "./support/library";
import { commandLines } from "./support/node";
import { openStaging, type Staging } from "./support/staging";
import { untilRunning } from "./support/until";

interface Namespace {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
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

  const names = (objects: readonly { readonly metadata: { readonly name: string } }[]) =>
    objects.map(({ metadata }) => metadata.name);
  const jobs = async () => names(await jobsIn(staging.namespace.name));
  const pods = async () => names(await podsOfJobs(staging.namespace.name));
  /** Milliseconds that a migration has taken by itself. */
  const ownTime = async (database: string, version: string) => {
    const [row] = await lab.server.query<{ time: number }>(
      database,
      "SELECT execution_time AS time FROM public.flyway_schema_history WHERE version = $1",
      [version],
    );
    return row?.time ?? 0;
  };

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
    assert.equal((await jobs()).length, 1);
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
    const before = [await jobs(), await pods()];
    const { output } = await succeed(stack.up());
    assert.doesNotMatch(output, /\b(created|updated|replaced|deleted)\b/);
    assert.deepEqual([await jobs(), await pods()], before);
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
    const before = await jobs();
    await succeed(stack.up());
    assert.equal((await stack.versions()).agents, "4");
    assert.equal((await jobs()).length, 1);
    assert.notDeepEqual(await jobs(), before);
  });

  it("fails with the migration's own error, and does not run it again unchanged", async () => {
    stack.write("migrations/agents/V5__broken.sql", "ALTER TABLE agents.nowhere ADD x text;");
    const before = uidsOf(await jobsIn(staging.namespace.name));
    const first = await fail(stack.up());
    assert.match(first.output, /V5__broken\.sql/);
    assert.match(first.output, /agents\.nowhere/);
    const tried = await pods();
    assert.equal((await podsOfJobs(staging.namespace.name, before)).length, 1);
    const second = await fail(stack.up());
    assert.match(second.output, /V5__broken\.sql/);
    assert.deepEqual(await pods(), tried);
    stack.write("migrations/agents/V5__broken.sql", "ALTER TABLE agents.nodes ADD x text;");
    await succeed(stack.up());
    assert.equal((await stack.versions()).agents, "5");
  });

  it("runs a pod that PodSecurity restricted admits, and nothing about it shows the password", async () => {
    const { name } = staging.namespace;
    const namespace = await getObject<Namespace>("namespace", name);
    assert.equal(namespace?.metadata.labels["pod-security.kubernetes.io/enforce"], "restricted");
    stack.write("migrations/platform/V4__slow.sql", "SELECT pg_sleep(3) AS slow;");
    const before = uidsOf(await jobsIn(name));
    const begin = Date.now();
    const up = stack.up();
    await untilRunning(lab, "AS slow", up);
    const [pod, ...others] = await podsOfJobs(name, before);
    assert.ok(pod && others.length === 0);
    // Other tests on this machine have a canary of their own that begins like this one.
    const shown = commandLines()
      .flatMap(canariesIn)
      .filter((form) => !form.startsWith("its begin"));
    assert.deepEqual(shown, []);
    assert.deepEqual(canariesIn(JSON.stringify(pod)), []);
    const [container] = pod.spec.containers;
    const environment = container?.env ?? [];
    assert.ok(environment.length > 0);
    assert.ok(environment.every(({ value, valueFrom }) => value === undefined && valueFrom));
    assert.equal(pod.spec.automountServiceAccountToken, false);
    const mounts = container?.volumeMounts?.map(({ mountPath }) => mountPath);
    assert.deepEqual(mounts, ["/tidemark", "/work"]);
    await succeed(up);
    const end = Date.now();
    const [job] = await newJobs(name, before);
    const made = Date.parse(job?.metadata.creationTimestamp ?? "");
    const complete = Date.parse(job?.status.completionTime ?? "");
    const own = await ownTime("platform", "4");
    const beyond = (from: number, to: number) => `${((to - from - own) / 1000).toFixed(1)} s`;
    process.stdout.write(
      `      beyond the migration's own ${(own / 1000).toFixed(1)} s: Job made to complete ${beyond(made, complete)}, ` +
        `Job made to the end of up ${beyond(made, end)}, up to Job complete ${beyond(begin, complete)}, all of up ${beyond(begin, end)}\n`,
    );
  });

  it("shows the password nowhere in the cluster but in Secrets", async () => {
    const { kubectl } = await clusterLibrary();
    const { name } = staging.namespace;
    const kinds = "jobs,pods,configmaps,events,externalsecrets";
    const objects = await kubectl(["get", kinds, "-n", name, "-o", "yaml"]);
    assert.deepEqual(canariesIn(objects), []);
    for (const { metadata, status } of await podsOfJobs(name)) {
      const said = await kubectl(["logs", metadata.name, "-n", name]);
      const told = decodeReport(status.containerStatuses?.[0]?.state?.terminated?.message ?? "");
      assert.ok(said && told);
      assert.deepEqual(canariesIn(said + JSON.stringify(told)), []);
    }
  });

  it("runs again, harmlessly, when a secret was rotated", async () => {
    const [before, history] = [await jobs(), await historyOf(lab.server, "agents")];
    await lab.setPassword("rotated p4ss/word+%@");
    await stack.setPassword("rotated p4ss/word+%@");
    await succeed(stack.up());
    assert.notDeepEqual(await jobs(), before);
    await lab.resetPassword();
    assert.deepEqual(await historyOf(lab.server, "agents"), history);
  });

  it("is destroyed without a loss: databases and the secrets of the vault stay", async () => {
    await succeed(stack.destroy());
    assert.deepEqual(await jobs(), []);
    assert.ok(((await historyOf(lab.server, "platform")) ?? []).length >= 3);
    assert.ok(staging.vault.get("db-migrations-agents-database-url"));
  });
});
