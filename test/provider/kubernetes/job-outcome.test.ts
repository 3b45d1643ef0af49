import assert from "node:assert/strict";

import { jobOutcome, type JobView, podsOf } from "../../../provider/kubernetes/job-outcome";
import {
  completeJob,
  condition,
  endedPod,
  event,
  failedJob,
  IMAGE,
  job,
  MADE,
  pod,
  waitingPod,
} from "./jobs";

const after = (seconds: number) => new Date(Date.parse(MADE) + seconds * 1000);

function outcome(view: Partial<JobView>) {
  return jobOutcome({
    job: job(),
    pods: [],
    events: [],
    now: after(10),
    stuckSeconds: 60,
    waitingSince: after(0),
    ...view,
  });
}

describe("the outcome of a Job", () => {
  it("is a success when it is complete", () => {
    assert.equal(outcome({ job: completeJob(), pods: [endedPod(0)] }).state, "succeeded");
  });

  it("is open while only the pods have ended", () => {
    const met = job({ conditions: [condition("SuccessCriteriaMet")] });
    assert.notEqual(outcome({ job: met, pods: [endedPod(0)] }).state, "succeeded");
    const failing = job({ conditions: [condition("FailureTarget", "PodFailurePolicy")] });
    assert.equal(outcome({ job: failing, pods: [endedPod(65)] }).state, "running");
  });

  const progress: readonly [what: string, view: Partial<JobView>, state: string, text: RegExp][] = [
    ["no pod yet", {}, "waiting", /waiting for the Job's pod/],
    [
      "a pod being made",
      { pods: [waitingPod("ContainerCreating")] },
      "waiting",
      /ztsxr is being made/,
    ],
    ["a running pod", { pods: [pod("Running")] }, "running", /ztsxr runs/],
    [
      "the second try",
      { pods: [endedPod(75), pod("Running", { name: "second" })] },
      "running",
      /second runs; try 2 of 4, since .*exit code 75: a temporary failure/,
    ],
    [
      "the pause between two tries",
      { pods: [endedPod(75)] },
      "waiting",
      /waiting for the Job's pod; try 2 of 4/,
    ],
    [
      "the last try, failed",
      { pods: [endedPod(75)], job: job({}, { backoffLimit: 0 }) },
      "waiting",
      /the pod has ended, the Job ends; the pod .* ended with exit code 75/,
    ],
    ["a pod that was good", { pods: [endedPod(0)] }, "waiting", /the pod has ended, the Job ends$/],
    [
      "a container that has ended before its pod",
      { pods: [pod("Running", { state: { terminated: { exitCode: 75 } } })] },
      "waiting",
      /waiting for the Job's pod; try 2 of 4/,
    ],
    ["a suspended Job", { job: job({}, { suspend: true }) }, "waiting", /suspended/],
  ];
  for (const [what, view, state, text] of progress)
    it(`describes ${what}`, () => {
      const { state: found, progress } = outcome(view);
      assert.equal(found, state);
      assert.match(progress, text);
    });
});

describe("a pod that is stuck", () => {
  const stuck: readonly [reason: string, message: string, kind: string, remedy: RegExp][] = [
    ["ErrImagePull", "failed to pull: not found", "image", /job\.image .*imagePullSecrets/],
    ["ImagePullBackOff", 'Back-off pulling image "x"', "image", /registry/],
    ["ErrImageNeverPull", "is not present with pull policy of Never", "image", /job\.image/],
    ["InvalidImageName", "couldn't parse image name", "image", /job\.image/],
    [
      "CreateContainerConfigError",
      'secret "db-migrations" not found',
      "configuration",
      /Make the Secret or key/,
    ],
    [
      "CreateContainerConfigError",
      "couldn't find key FLYWAY_URL in Secret ameide/db-migrations",
      "configuration",
      /migrationSecret/,
    ],
    [
      "CreateContainerConfigError",
      "container has runAsNonRoot and image will run as root",
      "configuration",
      /runs as root needs another user/,
    ],
    ["RunContainerError", 'exec: "tidemark": not found', "command", /command tidemark/],
  ];
  for (const [reason, message, kind, remedy] of stuck)
    it(`fails the wait after the grace time: ${reason}, ${message}`, () => {
      const pods = [waitingPod(reason, message)];
      const early = outcome({ pods, now: after(59) });
      assert.equal(early.state, "waiting");
      assert.ok(early.progress.includes(message), early.progress);
      const late = outcome({ pods, now: after(60) });
      assert.ok(late.state === "failed" && late.goesOn);
      assert.equal(late.trouble.kind, kind);
      assert.ok(late.trouble.message.includes(`${reason}: ${message}`), late.trouble.message);
      assert.match(late.trouble.remedy, remedy);
    });

  it("gets its time again where the wait began later: the cause may be mended by now", () => {
    const pods = [waitingPod("ImagePullBackOff", "x")];
    const view = { pods, waitingSince: after(1000), now: after(1059) };
    assert.equal(outcome(view).state, "waiting");
    assert.equal(outcome({ ...view, now: after(1060) }).state, "failed");
  });

  it("is waited for where no node takes it: one may come", () => {
    const scheduled = {
      ...condition("PodScheduled", "Unschedulable", "0/1 nodes are available: 1 Insufficient cpu."),
      status: "False",
    };
    const pods = [pod("Pending", { status: { conditions: [scheduled], startTime: undefined } })];
    const found = outcome({ pods, now: after(500) });
    assert.equal(found.state, "waiting");
    assert.match(found.progress, /no node takes the pod .*Insufficient cpu/);
  });

  const refusals: readonly [what: string, message: string, remedy: RegExp][] = [
    [
      "PodSecurity",
      'Error creating: pods "x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false',
      /restricted/,
    ],
    ["quota", 'Error creating: pods "x" is forbidden: exceeded quota: small', /ResourceQuota/],
    [
      "service account",
      'Error creating: pods "x" is forbidden: error looking up service account ameide/x: serviceaccount "x" not found',
      /service account/,
    ],
    ["webhook", 'Error creating: admission webhook "policy" denied the request', /admission rule/],
  ];
  for (const [what, message, remedy] of refusals)
    it(`is one that the cluster does not let be made: ${what}`, () => {
      const view = { events: [event("FailedCreate", message)] };
      assert.equal(outcome({ ...view, now: after(5) }).state, "waiting");
      const found = outcome({ ...view, now: after(60) });
      assert.ok(found.state === "failed" && found.goesOn);
      assert.equal(found.trouble.kind, "refused");
      assert.ok(found.trouble.message.endsWith(message.replace("Error creating: ", "")));
      assert.match(found.trouble.remedy, remedy);
    });
});

describe("a failed Job", () => {
  const failures: readonly [
    what: string,
    view: Partial<JobView>,
    kind: string,
    message: RegExp,
    remedy: RegExp,
  ][] = [
    [
      "the migrations at fault",
      {
        job: failedJob("PodFailurePolicy", "exit code 65 matching FailJob rule at index 0"),
        pods: [endedPod(65)],
      },
      "exit",
      /exit code 65: the migrations/,
      /log/,
    ],
    [
      "all tries used up",
      { job: failedJob("BackoffLimitExceeded"), pods: [endedPod(75), endedPod(75)] },
      "exit",
      /exit code 75: a temporary failure/,
      /pulumi up again/,
    ],
    [
      "out of memory",
      {
        job: failedJob("BackoffLimitExceeded"),
        pods: [endedPod(137, { reason: "OOMKilled" })],
      },
      "memory",
      /OOMKilled/,
      /limits\.memory/,
    ],
    [
      "no such command",
      {
        job: failedJob("BackoffLimitExceeded"),
        pods: [
          endedPod(128, {
            reason: "StartError",
            message:
              'failed to create containerd task: exec: "tidemark": executable file not found in $PATH',
          }),
        ],
      },
      "command",
      /executable file not found/,
      new RegExp(`${IMAGE}.*command tidemark`),
    ],
    [
      "a shell that knows no such command",
      { job: failedJob("BackoffLimitExceeded"), pods: [endedPod(127)] },
      "command",
      /exit code 127/,
      /command tidemark/,
    ],
    [
      "the deadline",
      {
        job: failedJob("DeadlineExceeded", "Job was active longer than specified deadline"),
        pods: [endedPod(143)],
      },
      "deadline",
      /deadline of 900 s$/,
      /job\.deadline/,
    ],
    [
      "the deadline, with what kept the pod",
      {
        job: failedJob("DeadlineExceeded"),
        seen: {
          kind: "image",
          class: "usage",
          message: "the pod x cannot get its image",
          remedy: "Check tidemark:job.image",
        },
      },
      "deadline",
      /seen before: the pod x cannot get its image/,
      /job\.image/,
    ],
    [
      "an evicted pod",
      {
        job: failedJob("BackoffLimitExceeded"),
        pods: [
          pod("Failed", {
            status: { reason: "Evicted", message: "The node was low on resource: memory." },
          }),
        ],
      },
      "disruption",
      /on node node1 was stopped from outside: Evicted: The node was low/,
      /goes on from what has been applied/,
    ],
    [
      "a drained node",
      {
        job: failedJob("BackoffLimitExceeded"),
        pods: [
          endedPod(143, {
            status: {
              conditions: [
                condition("DisruptionTarget", "EvictionByEvictionAPI", "Eviction API: evicting"),
              ],
            },
          }),
        ],
      },
      "disruption",
      /EvictionByEvictionAPI/,
      /pulumi up again/,
    ],
    [
      "a restarted node",
      {
        job: failedJob("BackoffLimitExceeded"),
        pods: [endedPod(137, { reason: "ContainerStatusUnknown" })],
      },
      "disruption",
      /its node was lost/,
      /pulumi up again/,
    ],
    [
      "pods that are gone",
      { job: failedJob("PodFailurePolicy", "Container migrate failed with exit code 64 matching") },
      "exit",
      /PodFailurePolicy: .*exit code 64/,
      /pulumi up again/,
    ],
  ];
  for (const [what, view, kind, message, remedy] of failures)
    it(`has a reason: ${what}`, () => {
      const found = outcome(view);
      assert.ok(found.state === "failed");
      assert.equal(found.goesOn, false);
      assert.equal(found.trouble.kind, kind);
      assert.match(found.trouble.message, message);
      assert.match(found.trouble.remedy, remedy);
    });

  it("reports the exit code of a pod that is gone", () => {
    const found = outcome({
      job: failedJob("PodFailurePolicy", "failed with exit code 64 matching"),
    });
    assert.ok(found.state === "failed");
    assert.equal(found.trouble.exitCode, 64);
  });
});

describe("the pods of a Job", () => {
  it("are its own, the oldest first, not those of a Job of the same name before it", () => {
    const late = pod("Running", { name: "late", madeAt: "2026-11-23T05:19:00Z" });
    const early = pod("Failed", { name: "early" });
    const other = pod("Failed", { name: "other", ownerUid: "another" });
    const names = podsOf(job(), [late, other, early]).map(({ metadata }) => metadata.name);
    assert.deepEqual(names, ["early", "late"]);
  });
});
