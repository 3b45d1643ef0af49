import { strict as assert } from "node:assert";

import { historyOf } from "../support/stack-server";
import { fail, type StagingProject, succeed } from "../support/staging-project";
import { isTrue, jobsIn, newJobs, podsOfJobs, uidsOf } from "./support/jobs";
import { Lab } from "./support/lab";
import { apply, clusterLibrary } from "./support/library";
import { briefJob, openStaging, type Staging } from "./support/staging";
import { untilWaiting } from "./support/until";

const SECRET = "db-migrations";

describe("The pods of the staging stack", () => {
  let lab: Lab;
  let staging: Staging;
  let stack: StagingProject;
  let namespace: string;

  before(async () => {
    lab = await Lab.open();
    staging = await openStaging(lab);
    ({ stack } = staging);
    namespace = staging.namespace.name;
  });

  after(async () => {
    await staging?.close();
    await lab?.close();
  });

  const versionsIn = async (database: string) =>
    ((await historyOf(lab.server, database)) ?? [])
      .filter(({ success }) => success)
      .map(({ version }) => version);
  const uids = async () => uidsOf(await jobsIn(namespace));

  it("say that their image has no command, and go on with one that has it", async () => {
    await stack.configure({ job: { image: lab.baseImage, backoffLimit: 0 } });
    await fail(stack.up(), /does not start/, /has to have the command tidemark/);
    await stack.configure({});
    await succeed(stack.up());
    assert.equal((await stack.versions()).langgraph, "1");
  });

  it("say that a Secret or a key of it is missing, and go on when it is there", async () => {
    const { kubectl } = await clusterLibrary();
    const remove = () => kubectl(["delete", "secret", SECRET, "-n", namespace]);
    stack.write("migrations/langgraph/V2__change.sql", "SELECT 2;");
    await stack.configure(briefJob("40s"));
    await lab.stopOperator();
    try {
      await remove();
      const up = stack.up();
      await untilWaiting(namespace, /secret "db-migrations" not found/, up);
      await apply({ apiVersion: "v1", kind: "Secret", metadata: { name: SECRET, namespace } });
      const { events } = await fail(up, /couldn't find key \w+/, /migrationSecret/);
      assert.match(JSON.stringify(events), /db-migrations\\+" not found/);
      await remove();
    } finally {
      await lab.startOperator();
    }
    await stack.configure({});
    await succeed(stack.up());
    assert.equal((await stack.versions()).langgraph, "2");
  });

  it("are not made where two databases have one key", async () => {
    const before = await uids();
    await stack.configure({ databases: { agents: { migrationSecret: { url: "FLYWAY_URL" } } } });
    await fail(stack.preview(), /platform\S*: is the key FLYWAY_URL, which database agents has/);
    await fail(stack.up(), /platform\S*: is the key FLYWAY_URL, which database agents has/);
    assert.deepEqual(await uids(), before);
    await stack.configure({});
  });

  it("try again by themselves after a temporary failure, and by the next up", async () => {
    const limit = (connections: number) =>
      lab.server.administer(`ALTER DATABASE langgraph CONNECTION LIMIT ${connections}`);
    stack.write("migrations/langgraph/V3__change.sql", "SELECT 3;");
    await stack.configure({ job: { backoffLimit: 1 } });
    const before = await uids();
    await limit(0);
    try {
      await fail(stack.up(), /too many connections/);
    } finally {
      await limit(-1);
    }
    assert.equal((await podsOfJobs(namespace, before)).length, 2);
    const failed = await uids();
    await succeed(stack.up());
    assert.equal((await stack.versions()).langgraph, "3");
    assert.equal((await podsOfJobs(namespace, failed)).length, 1);
    assert.equal((await uids()).length, 1);
  });

  it("are of a Job for each database if so wanted; one that fails leaves the others alone", async () => {
    const shared = await uids();
    await stack.configure({ job: { mode: "perDatabase" } });
    stack.write("migrations/agents/V4__change.sql", "SELECT * FROM public.nowhere;");
    stack.write("migrations/platform/V4__change.sql", "SELECT 4;");
    stack.write("migrations/langgraph/V4__change.sql", "SELECT 4;");
    await fail(stack.up(), /V4__change\.sql/, /public\.nowhere/);
    assert.equal((await versionsIn("platform")).at(-1), "4");
    assert.ok((await versionsIn("langgraph")).includes("4"));
    assert.ok(!(await versionsIn("agents")).includes("4"));
    const jobs = await newJobs(namespace, shared);
    const ended = jobs.map((job) => [
      job.metadata.name.replace(/-[0-9a-f]+$/, ""),
      ["Complete", "Failed"].find((type) => isTrue(job, type)),
    ]);
    assert.deepEqual(Object.fromEntries(ended), {
      "db-migrations-agents": "Failed",
      "db-migrations-langgraph": "Complete",
      "db-migrations-platform": "Complete",
      "db-migrations-workflows": "Complete",
    });
    assert.equal(jobs.length, 4);
    stack.write("migrations/agents/V4__change.sql", "SELECT 4;");
    await succeed(stack.up());
    assert.equal((await stack.versions()).agents, "4");
    const now = await uids();
    assert.equal(now.length, 4);
    assert.equal(jobs.filter(({ metadata }) => now.includes(metadata.uid)).length, 3);
    assert.equal((await podsOfJobs(namespace)).length, 4);
    await succeed(stack.destroy());
  });
});
