import assert from "node:assert/strict";

import { type DatabaseReport, encodeReport, type ReportError } from "../../../engine/job/report";
import { mayHelpToRunAgain, reportOf } from "../../../provider/kubernetes/job-report";
import { fieldManagerOf, rerunManifest } from "../../../provider/kubernetes/rerun-manifest";
import { endedPod, failedJob, IMAGE, job, NAME, pod } from "./jobs";

const done: DatabaseReport = {
  state: "done",
  schemaVersion: "3",
  applied: 3,
  executed: 1,
  fingerprint: null,
};
const failed = (error: ReportError["class"]): DatabaseReport => ({
  ...done,
  state: "failed",
  error: { class: error, code: "ERROR", message: "m", remedy: "r" },
});
const untouched: DatabaseReport = { ...done, state: "notReached", schemaVersion: null };

const podWith = (databases: Record<string, DatabaseReport>) =>
  endedPod(75, { message: encodeReport({ databases }) });

describe("the report of a Job", () => {
  it("is that of its pod", () => {
    assert.deepEqual(reportOf([podWith({ a: done })])?.databases, { a: done });
  });

  it("takes the newest try, and keeps what an earlier one has done", () => {
    const first = podWith({ a: done, b: failed("temporary"), c: failed("temporary") });
    const second = podWith({ a: untouched, b: done, c: failed("migrations") });
    const report = reportOf([first, second]);
    assert.deepEqual(report?.databases, { a: done, b: done, c: failed("migrations") });
  });

  it("is none where no pod has ended, or the message is another program's", () => {
    assert.equal(
      reportOf([pod("Running"), endedPod(1, { message: "Segmentation fault" })]),
      undefined,
    );
  });
});

describe("running a failed Job again", () => {
  const cases: readonly [
    what: string,
    Record<string, DatabaseReport> | undefined,
    number | undefined,
    boolean,
  ][] = [
    ["a temporary failure", { a: done, b: failed("temporary") }, 75, true],
    [
      "one temporary failure among lasting ones",
      { a: failed("migrations"), b: failed("temporary") },
      65,
      true,
    ],
    ["a database that was not reached", { a: done, b: untouched }, 137, true],
    ["failing migrations", { a: done, b: failed("migrations") }, 65, false],
    ["wrong configuration", { a: failed("usage") }, 64, false],
    ["no report, killed", undefined, 137, true],
    ["no report, no container", undefined, undefined, true],
    ["no report, exit code 65", undefined, 65, false],
    ["no report, exit code 64", undefined, 64, false],
  ];
  for (const [what, databases, exitCode, expected] of cases)
    it(`${expected ? "may help" : "does not help"}: ${what}`, () => {
      assert.equal(mayHelpToRunAgain(databases && { databases }, exitCode), expected);
    });

  it("does not help where job.json cannot be read", () => {
    const error = { class: "usage", code: "CONFIGURATION", message: "m", remedy: "r" } as const;
    assert.equal(mayHelpToRunAgain({ databases: {}, error }, 64), false);
  });

  it("takes the same manifest without what the cluster has added", () => {
    assert.deepEqual(rerunManifest(failedJob("BackoffLimitExceeded")), {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: {
        name: NAME,
        namespace: "ameide",
        labels: { app: "migrations" },
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        backoffLimit: 3,
        activeDeadlineSeconds: 900,
        template: {
          metadata: { labels: { app: "migrations" } },
          spec: { restartPolicy: "Never", containers: [{ name: "migrate", image: IMAGE }] },
        },
      },
    });
  });

  it("keeps whoever made the Job as its manager", () => {
    assert.equal(fieldManagerOf(job()), "pulumi-kubernetes-1a2b3c4d");
  });
});
