import { strict as assert } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";

import { historyOf } from "../support/stack-server";
import { fail, type StagingProject, succeed } from "../support/staging-project";
import { jobsIn } from "./support/jobs";
import { Lab } from "./support/lab";
import { clusterLibrary } from "./support/library";
import { restartNode } from "./support/node";
import { briefJob, openStaging, type Staging } from "./support/staging";
import { untilRunning } from "./support/until";

describe("The staging stack when something goes wrong", () => {
  let lab: Lab;
  let staging: Staging;
  let stack: StagingProject;
  let next = 2;

  before(async () => {
    lab = await Lab.open();
    staging = await openStaging(lab);
    ({ stack } = staging);
  });

  after(async () => {
    await staging?.close();
    await lab?.close();
  });

  /** A migration of the database langgraph that nobody has run yet. */
  const addMigration = (sql: string) => {
    const version = String(next++);
    stack.write(`migrations/langgraph/V${version}__change.sql`, sql);
    return version;
  };
  const langgraph = async () => (await stack.versions()).langgraph;

  it("says that an image is absent, and goes on when it is there", async () => {
    await stack.configure({ job: { image: "localhost/nobody/has:this" } });
    await fail(stack.up(), /localhost\/nobody\/has:this/);
    await stack.configure({});
    await succeed(stack.up());
    assert.equal(await langgraph(), "1");
  });

  it("says that the memory was not enough, and goes on with more", async () => {
    const version = addMigration("SELECT 1;");
    await stack.configure({
      job: {
        resources: { limits: { memory: "12Mi" }, requests: { memory: "12Mi" } },
        backoffLimit: 0,
      },
    });
    await fail(stack.up(), /OOM|memory/i);
    await stack.configure({});
    await succeed(stack.up());
    assert.equal(await langgraph(), version);
  });

  it("says that the deadline was not enough; nothing of the migration is left", async () => {
    const version = addMigration("CREATE TABLE public.late (id int); SELECT pg_sleep(40);");
    await stack.configure(briefJob("10s"));
    await fail(stack.up(), /stopped at its deadline of 10 s/);
    assert.notEqual(await langgraph(), version);
    stack.write(
      `migrations/langgraph/V${version}__change.sql`,
      "CREATE TABLE public.late (id int);",
    );
    await stack.configure({});
    await succeed(stack.up());
    assert.equal(await langgraph(), version);
  });

  it("tries again by itself when the connection is cut", async () => {
    const version = addMigration("CREATE TABLE public.cut (id int); SELECT pg_sleep(4);");
    const up = stack.up();
    await untilRunning(lab, "CREATE TABLE public.cut", up);
    lab.door.cut();
    await succeed(up);
    assert.equal(await langgraph(), version);
    const rows = (await historyOf(lab.server, "langgraph")) ?? [];
    assert.equal(rows.filter((row) => row.version === version).length, 1);
  });

  it("survives that the node's containers end in the middle of a migration", async () => {
    const { killContainers } = await clusterLibrary();
    const version = addMigration("CREATE TABLE public.node (id int); SELECT pg_sleep(4);");
    const up = stack.up();
    await untilRunning(lab, "CREATE TABLE public.node", up);
    killContainers();
    const { ok, output } = await up;
    if (!ok) assert.match(output, /exit code 137|killed/i);
    await succeed(stack.up());
    assert.equal(await langgraph(), version);
    const rows = (await historyOf(lab.server, "langgraph")) ?? [];
    assert.equal(rows.filter((row) => row.version === version).length, 1);
  });

  it("goes on when kubelet and containerd are restarted in the middle of a migration", async () => {
    const version = addMigration(
      `CREATE TABLE public.log (at timestamptz DEFAULT clock_timestamp());
       INSERT INTO public.log DEFAULT VALUES; SELECT pg_sleep(6) AS restart;`,
    );
    const up = stack.up();
    await untilRunning(lab, "AS restart", up);
    await restartNode();
    const { ok, output } = await up;
    if (!ok) assert.match(output, /Run pulumi up again/);
    await succeed(stack.up());
    assert.equal(await langgraph(), version);
    const rows = (await historyOf(lab.server, "langgraph")) ?? [];
    assert.equal(rows.filter((row) => row.version === version).length, 1);
    assert.equal((await lab.server.query("langgraph", "SELECT FROM public.log")).length, 1);
  });

  it("says that the operator may not read the vault, and goes on when it may", async () => {
    const version = addMigration("SELECT 2;");
    await lab.setPassword("another one");
    await stack.setPassword("another one");
    lab.plane.refusing = true;
    const up = stack.up();
    await sleep(20_000);
    lab.plane.refusing = false;
    const { ok, output } = await up;
    if (!ok) assert.match(output, /vault|Forbidden|403/);
    await succeed(stack.up());
    assert.equal(await langgraph(), version);
    await lab.resetPassword();
  });

  it("leaves no Job at work", async () => {
    const jobs = await jobsIn(staging.namespace.name);
    assert.deepEqual(
      jobs.filter(({ status }) => (status.active ?? 0) > 0),
      [],
    );
    await succeed(stack.destroy());
  });
});
