import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { packBundle } from "../../engine/job/bundle";
import { decodeReport, type JobReport } from "../../engine/job/report";
import type { JobDatabase } from "../../engine/job/spec";
import { withFolder } from "./folder";

const COMMAND = resolve(__dirname, "../../engine/cli/main.js");

/** A Job as the stack makes one: what its ConfigMap holds, and what its pod's environment does. */
export interface JobSetup {
  readonly databases: readonly Partial<JobDatabase>[];
  /** Path below the project → SQL; they go into the bundle. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** In place of job.json or the bundle. */
  readonly spec?: string;
  readonly bundle?: Uint8Array;
}

export interface JobOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The termination message as it was left. */
  readonly message: string;
  readonly report: JobReport;
}

/** The Job while it runs. */
export interface RunningJob {
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Until the log has this. */
  readonly said: (text: string) => Promise<void>;
  /** The report as it is now. */
  readonly reportNow: () => JobReport | undefined;
}

/** One database of job.json, with what the test does not care about filled in. */
export const jobDatabase = (more: Partial<JobDatabase>): JobDatabase => ({
  name: "platform",
  environment: { url: "FLYWAY_URL" },
  sslmode: "disable",
  createDatabase: false,
  locations: ["migrations/platform"],
  options: {},
  ...more,
});

/** Runs `tidemark job` in a process of its own, as the container would, and gives its exit and its report. */
export async function runJob(
  setup: JobSetup,
  meanwhile: (job: RunningJob) => Promise<void> = async () => undefined,
): Promise<JobOutcome> {
  const encode = (text: string) => new TextEncoder().encode(text);
  const files = Object.entries(setup.files ?? {}).map(([p, sql]) => [p, encode(sql)] as const);
  const databases = setup.databases.map(jobDatabase);
  const mounted = {
    "tidemark/job.json": setup.spec ?? JSON.stringify({ formatVersion: 1, databases }),
    "tidemark/migrations.bundle": setup.bundle ?? packBundle(new Map(files)),
    "work/.keep": "",
  };
  return withFolder(mounted, (folder) => start(folder, setup, meanwhile));
}

async function start(
  folder: string,
  { env = {}, args }: JobSetup,
  meanwhile: (job: RunningJob) => Promise<void>,
): Promise<JobOutcome> {
  const at = (name: string) => join(folder, name);
  const reportFile = at("termination-log");
  const bundle = ["--bundle", at("tidemark/migrations.bundle"), "--work", at("work")];
  const own = args ?? [...bundle, "--report", reportFile, "--grace", "200ms"];
  const child = spawn(
    process.execPath,
    [COMMAND, "job", "--spec", at("tidemark/job.json"), ...own],
    {
      cwd: folder,
      env: { PATH: process.env.PATH ?? "", TZ: "UTC", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => (output[name] += text));
  const closed = new Promise<number | null>((done, failed) => {
    child.on("error", failed);
    child.on("close", done);
  });
  const read = () => (existsSync(reportFile) ? readFileSync(reportFile, "utf8") : "");
  const said = async (text: string): Promise<void> => {
    while (!output.stderr.includes(text)) {
      if (child.exitCode !== null) throw new Error(`ended without "${text}": ${output.stderr}`);
      await new Promise((soon) => setTimeout(soon, 10));
    }
  };
  try {
    await meanwhile({
      kill: (signal) => child.kill(signal),
      said,
      reportNow: () => decodeReport(read()),
    });
  } finally {
    if (child.exitCode === null) setTimeout(() => child.kill("SIGKILL"), 25_000).unref();
  }
  const code = await closed;
  const message = read();
  return { code, ...output, message, report: decodeReport(message) ?? { databases: {} } };
}
