import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { type DatabaseReport, encodeReport } from "../../engine/job/report";
import type { Job, Pod } from "../../provider/kubernetes/objects";
import { check, create, diff, read, update } from "../../provider/operations";
import type { CheckedInputs, Outputs } from "../../provider/types";
import { canariesIn, CANARY } from "../support/canary";
import { KubeApi } from "../support/kube-api";
import { withTestDatabase } from "../support/postgres";
import {
  completeJob,
  endedPod,
  failedJob,
  job,
  NAME,
  pod,
  UID,
  waitingPod,
} from "./kubernetes/jobs";

const JOB = `/apis/batch/v1/namespaces/ameide/jobs/${NAME}`;
const PODS = "/api/v1/namespaces/ameide/pods";
const EVENTS = "/api/v1/namespaces/ameide/events";

const done: DatabaseReport = {
  state: "done",
  schemaVersion: "3",
  applied: 3,
  executed: 1,
  fingerprint: "sha256:00",
};

const failed = (errorClass: "migrations" | "temporary", message = "V4__x.sql:3:7: syntax error") =>
  ({
    ...done,
    state: "failed",
    schemaVersion: "2",
    applied: 2,
    error: {
      class: errorClass,
      code: "ERROR",
      message,
      remedy: "Correct it.",
      script: "V4__x.sql",
    },
  }) as const;

const podWith = (databases: Record<string, DatabaseReport>, exitCode = 0) =>
  endedPod(exitCode, { message: encodeReport({ databases }) });

const outputsOf = async (work: Promise<{ outs?: unknown }>) => (await work).outs as Outputs;

const checkedInputs = async (...inputs: Parameters<typeof check>) =>
  (await check(...inputs)).inputs as CheckedInputs;

describe("a SchemaVersion with runner job", () => {
  let api: KubeApi;

  beforeEach(async () => {
    api = await KubeApi.start();
    api.list(EVENTS, []);
  });

  afterEach(async () => {
    assert.deepEqual(api.unexpected, []);
    await api.close();
  });

  const inputs = (more: Partial<CheckedInputs> = {}): CheckedInputs => ({
    resourceUrn: "urn",
    name: "platform",
    host: "postgres",
    port: 5432,
    database: "platform",
    user: "migrator",
    password: CANARY,
    sslmode: "prefer",
    createDatabase: false,
    locations: ["migrations/platform"],
    options: {},
    runner: "job",
    reach: "none",
    job: { namespace: "ameide", name: NAME },
    kubernetes: { kubeconfig: api.kubeconfig() },
    jobStuckSeconds: 0,
    ...more,
  });

  /** What the cluster shows, one after the other; the last stays. */
  function show(...views: readonly (readonly [Job | undefined, ...Pod[]])[]): void {
    let at = -1;
    api.put(JOB, () => {
      at = Math.min(at + 1, views.length - 1);
      return views[at]?.[0];
    });
    api.list(PODS, () => (views[Math.max(at, 0)] ?? []).slice(1) as Pod[]);
  }

  interface Failure {
    readonly message: string;
    readonly id?: string;
    readonly properties?: Outputs;
    readonly reasons?: readonly string[];
  }

  async function failure(work: Promise<unknown>): Promise<Failure> {
    const error = await work.then(
      () => assert.fail("it succeeded"),
      (e: Failure) => e,
    );
    assert.deepEqual(canariesIn(error.message), []);
    assert.ok(!error.message.includes(api.token), error.message);
    return error;
  }

  it("waits for the Job and records what it reports", async () => {
    show([job()], [job(), pod("Running")], [completeJob(), podWith({ platform: done })]);
    const recorded = await outputsOf(create(inputs()));
    assert.equal(recorded.schemaVersion, "3");
    assert.equal(recorded.applied, 3);
    assert.equal(recorded.fingerprint, "sha256:00");
    assert.equal(recorded.fromReport, true);
    assert.equal(recorded.completedJob, `ameide/${NAME}`);
    assert.equal(api.asked("DELETE", JOB).length, 0);
  });

  it("looks at the database itself where it can be reached", async () => {
    show([completeJob(), podWith({ platform: done })]);
    await withTestDatabase(async (db) => {
      await db.client.query("CREATE TABLE bins (id int)");
      const url = new URL(db.url);
      const outs = await outputsOf(
        create(
          inputs({
            reach: "direct",
            host: url.hostname,
            port: Number(url.port),
            database: db.name,
            user: decodeURIComponent(url.username),
            password: decodeURIComponent(url.password),
          }),
        ),
      );
      const recorded = outs;
      assert.equal(recorded.fromReport, undefined);
      assert.ok("table public.bins" in recorded.catalog);
      assert.equal(recorded.completedJob, `ameide/${NAME}`);
    });
  });

  it("falls back on the report where the database does not answer", async () => {
    show([completeJob(), podWith({ platform: done })]);
    const outs = await outputsOf(create(inputs({ reach: "direct", host: "127.0.0.1", port: 1 })));
    assert.equal(outs.fromReport, true);
    assert.equal(outs.schemaVersion, "3");
  });

  it("fails with the migrator's own error, and says why the Job is not run again", async () => {
    const report = { platform: failed("migrations"), agents: done };
    show([failedJob("PodFailurePolicy", "exit code 65"), podWith(report, 65)]);
    const error = await failure(create(inputs()));
    assert.match(error.message, /\[ERROR\] V4__x\.sql:3:7: syntax error \(Job ameide\/db-mig/);
    assert.match(error.message, /Remedy: Correct it\. .*not run again.*tidemark:job\.attempt/);
    assert.match(error.message, /platform is at version 2; the next up goes on/);
    assert.equal(error.id, "platform");
    assert.equal(error.properties?.schemaVersion, "2");
    assert.equal(error.properties?.completedJob, undefined);
    assert.equal(api.asked("DELETE", JOB).length, 0);
  });

  it("is a success of its own where only another database has failed", async () => {
    show([
      failedJob("PodFailurePolicy"),
      podWith({ platform: failed("migrations"), agents: done }, 65),
    ]);
    const outs = await outputsOf(create(inputs({ name: "agents" })));
    assert.equal(outs.schemaVersion, "3");
  });

  it("keeps a password out of what is shown", async () => {
    const report = { platform: failed("temporary", `cannot log in with ${CANARY}`) };
    show([job(), pod("Running")], [failedJob("BackoffLimitExceeded"), podWith(report, 75)]);
    const error = await failure(create(inputs()));
    assert.match(error.message, /cannot log in with \[secret\]/);
  });

  it("runs a Job again, once for all, that had failed for what passes", async () => {
    const before = failedJob("BackoffLimitExceeded");
    api.put(JOB, before);
    api.list(PODS, [podWith({ platform: failed("temporary"), agents: done }, 75)]);
    api.onCreate = (path, made) => {
      const { metadata } = made as { metadata: { uid: string } };
      api.put(path, { ...completeJob(), metadata: { ...before.metadata, uid: metadata.uid } });
      const again = podWith({ platform: done, agents: done });
      const owner = { ownerReferences: [{ kind: "Job", uid: metadata.uid }] };
      api.list(PODS, [{ ...again, metadata: { ...again.metadata, ...owner } }]);
    };
    const results = await Promise.all([
      outputsOf(create(inputs())),
      outputsOf(create(inputs({ name: "agents" }))),
      outputsOf(create(inputs())),
    ]);
    for (const outs of results) assert.equal(outs.schemaVersion, "3");
    const [deletion, ...others] = api.asked("DELETE", JOB);
    assert.deepEqual((deletion?.body as { preconditions: object }).preconditions, { uid: UID });
    assert.equal(others.length, 0);
    const [made, ...more] = api.asked("POST", "/apis/batch/v1/namespaces/ameide/jobs");
    assert.equal(more.length, 0);
    assert.equal(made?.query.get("fieldManager"), "pulumi-kubernetes-1a2b3c4d");
    await update("platform", results[0], inputs());
    assert.equal(api.asked("DELETE", JOB).length, 1);
  });

  it("does not run a Job again that fails while it is waited for", async () => {
    const report = { platform: failed("temporary") };
    show([job(), pod("Running")], [failedJob("BackoffLimitExceeded"), podWith(report, 75)]);
    await failure(create(inputs()));
    assert.equal(api.asked("DELETE", JOB).length, 0);
  });

  it("gives up early on a pod that is stuck, and says that the Job goes on", async () => {
    show([job(), waitingPod("ImagePullBackOff", 'Back-off pulling image "x"')]);
    const error = await failure(create(inputs()));
    assert.match(error.message, /cannot get its image .*Back-off pulling image "x"/);
    assert.match(error.message, /goes on by itself when the cause is mended/);
    assert.equal(error.properties, undefined);
  });

  it("shows the end of the log where there is no report", async () => {
    show([job(), pod("Running")], [failedJob("BackoffLimitExceeded"), endedPod(3)]);
    api.put(`${PODS}/${NAME}-ztsxr/log`, { text: `starting\nbad password ${CANARY}\n` });
    const error = await failure(create(inputs()));
    assert.match(
      error.message,
      /exit code 3\nThe last lines of its log:\nstarting\nbad password \[/,
    );
  });

  it("keeps what the state had where the pod was killed before it reported anything", async () => {
    show([completeJob(), podWith({ platform: done })]);
    const outs = await outputsOf(create(inputs()));
    const other = { namespace: "ameide", name: `${NAME}x` };
    const path = `/apis/batch/v1/namespaces/ameide/jobs/${other.name}`;
    let looks = 0;
    api.put(path, () => (looks++ > 0 ? failedJob("BackoffLimitExceeded") : job()));
    api.list(PODS, [endedPod(137, { reason: "OOMKilled" })]);
    api.put(`${PODS}/${NAME}-ztsxr/log`, undefined);
    const error = await failure(update("platform", outs, inputs({ job: other })));
    assert.match(error.message, /OOMKilled/);
    assert.equal(error.properties?.schemaVersion, "3");
    assert.equal(error.properties?.completedJob, `ameide/${NAME}`);
  });

  it("says what to do where the Job is gone", async () => {
    api.put(JOB, undefined);
    const error = await failure(create(inputs()));
    assert.match(error.message, /There is no Job ameide\/db-migrations-0123456789/);
    assert.match(error.message, /pulumi up --refresh/);
  });

  it("does not miss a Job that was deleted after its success was recorded", async () => {
    show([completeJob(), podWith({ platform: done })]);
    const outs = await outputsOf(create(inputs()));
    await api.close();
    api = await KubeApi.start();
    api.put(JOB, undefined);
    const kept = await outputsOf(update("platform", outs, inputs()));
    assert.equal(kept.schemaVersion, "3");
    assert.equal(kept.completedJob, `ameide/${NAME}`);
  });

  it("says so where the Job is deleted while it is waited for", async () => {
    show([job(), pod("Running")], [undefined]);
    const error = await failure(create(inputs()));
    assert.match(error.message, /was deleted while it was waited for/);
  });

  it("does not take the silence of a Job for success", async () => {
    show([completeJob(), endedPod(0, { message: "done" })]);
    const error = await failure(create(inputs()));
    assert.match(error.message, /is complete and has told nothing of platform/);
    assert.match(error.message, /terminationMessagePath/);
  });

  it("names what it may not read", async () => {
    api.refuse("GET", JOB, 403, "jobs.batch is forbidden");
    const error = await failure(create(inputs()));
    assert.match(error.message, /forbids to get jobs .*\(403\)/);
    assert.match(error.message, /verbs \["get"\]/);
  });

  describe("without asking the database (reach none)", () => {
    let outputs: Outputs;

    beforeEach(async () => {
      show([completeJob(), podWith({ platform: done })]);
      outputs = await outputsOf(create(inputs()));
      api.requests.length = 0;
    });

    it("a refresh asks nobody and keeps what is recorded", async () => {
      const refreshed = await read("platform", outputs);
      assert.deepEqual(refreshed.props, outputs);
      const kept = refreshed.inputs as object | undefined;
      assert.ok(kept !== undefined && !("schemaVersion" in kept) && !("completedJob" in kept));
      assert.deepEqual(api.requests, []);
    });

    it("a preview compares the files with those of the last update", async () => {
      const checked = await checkedInputs({}, inputs());
      assert.match(checked.pending ?? "", /V1__.*\(remembered\)$/);
      assert.equal((await checkedInputs(checked, inputs())).pending, undefined);
      assert.deepEqual(api.requests, []);
    });

    it("a Job that is not named yet leaves what is pending known, and is an update", async () => {
      const unknown = { namespace: "ameide", name: pulumi.runtime.unknownValue };
      const checked = await checkedInputs({}, inputs({ job: unknown }));
      assert.match(checked.pending ?? "", /V1__/);
      const same = { ...inputs(), migrations: outputs.migrations };
      assert.deepEqual(await diff("platform", outputs, same), { changes: false });
      assert.deepEqual(await diff("platform", outputs, { ...same, job: unknown }), {
        changes: true,
      });
      const partial = { ...outputs, completedJob: "ameide/another" };
      assert.deepEqual(await diff("platform", partial, same), { changes: true });
    });
  });
});
