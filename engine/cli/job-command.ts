import { readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { failureText } from "../core/failure-text";
import { Secrets } from "../core/secrets";
import { readSpec } from "../job/read-spec";
import { encodeReport, type JobReport } from "../job/report";
import { JobRun, reportError } from "../job/run";
import type { JobSpec } from "../job/spec";
import { unpackInto } from "../job/unpack";
import { EXIT_CODES } from "./exit-codes";
import { configurationError } from "./read-setting";
import { renderEvent, renderFailure } from "./render";
import { painter } from "./terminal";

/** Flags of `tidemark job`, as the command line gives them. */
interface Flags {
  readonly spec?: string;
  readonly bundle?: string;
  readonly report?: string;
  readonly work?: string;
  readonly grace?: string;
}

const plain = painter(false);

/**
 * The entry point of the Job's container: migrates every database of job.json, logs it on stderr, line by line, and
 * reports it in the report file.
 * @returns the exit code.
 */
export async function jobCommand(given: Readonly<Record<string, unknown>>): Promise<number> {
  const flags = given as Flags;
  const specFile = resolve(flags.spec ?? "job.json");
  const report = reportFile(flags.report);
  let spec: JobSpec;
  try {
    spec = readSpecFile(specFile);
  } catch (error) {
    report.save({ databases: {}, error: reportError(failureText(error, Secrets.none)) });
    throw error;
  }
  const log = (database: string, text: string): void => {
    const lines = text.split("\n");
    process.stderr.write(lines.map((line) => `${database}: ${line}\n`).join(""));
  };
  const run = new JobRun(spec, {
    env: process.env,
    folder: dirname(specFile),
    save: report.save,
    onEvent: (database, event) => {
      const line = renderEvent(event, plain);
      if (line !== undefined) log(database, line);
    },
    onCreated: (database) => log(database, "Created the database"),
    onFailure: (database, failure) => log(database, renderFailure(failure, plain)),
  });
  let grace: number;
  try {
    grace = readGrace(flags.grace);
    prepare(flags);
  } catch (error) {
    run.failAll(error);
    throw error;
  }
  return runToTheEnd(run, grace);
}

async function runToTheEnd(run: JobRun, grace: number): Promise<number> {
  const givenUp = new Promise<JobReport>((resolve) => {
    listen(run, grace, () => void run.giveUp().then(resolve));
  });
  const code = finish(await Promise.race([run.run(), givenUp]));
  if (run.isGivenUp) process.exit(code); // ends the connection in which a migration is running
  return code;
}

function readSpecFile(file: string): JobSpec {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw configurationError(
      `--spec: ${error instanceof Error ? error.message : String(error)}.`,
      "Name the job.json that the stack has put into the Job's ConfigMap: --spec /tidemark/job.json.",
    );
  }
  return readSpec(text);
}

/** Puts the migrations of a bundle in place. Locations are then relative to where they are, as in the stack's project. */
function prepare({ bundle, work }: Flags): void {
  if (bundle === undefined) return;
  if (work === undefined)
    throw configurationError(
      "--bundle needs --work, the folder to unpack into.",
      "Give --work a folder that may be written to, such as an emptyDir.",
    );
  unpackInto(resolve(work), resolve(bundle));
  process.chdir(work);
}

/** A report that cannot be written is logged once; the databases are migrated all the same. */
function reportFile(path: string | undefined): { readonly save: (report: JobReport) => void } {
  if (path === undefined) return { save: () => undefined };
  const file = resolve(path);
  let isBroken = false;
  const save = (report: JobReport): void => {
    try {
      writeFileSync(file, encodeReport(report));
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      if (!isBroken) process.stderr.write(`Warning: the report cannot be written: ${said}\n`);
      isBroken = true;
    }
  };
  return { save };
}

/**
 * SIGTERM is what Kubernetes sends before it kills: the migration that is running gets some time to end. After that, or
 * at the second signal, the process ends, and its connection with it.
 */
function listen(run: JobRun, grace: number, giveUp: () => void): void {
  let isAgain = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isAgain) {
      if (!run.isGivenUp) giveUp();
      return;
    }
    isAgain = true;
    process.stderr.write(`${signal}: no further migration is begun\n`);
    run.stop();
    setTimeout(() => !run.isGivenUp && giveUp(), grace).unref();
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}

const DURATION = /^(\d+)(ms|s|m)$/;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };
const DEFAULT_GRACE = "10s";

function readGrace(text = DEFAULT_GRACE): number {
  const [, amount, unit = ""] = DURATION.exec(text) ?? [];
  if (amount !== undefined) return Number(amount) * (UNITS[unit] ?? 1);
  throw configurationError(`--grace: "${text}" is not a duration.`, "Write 500ms, 10s or 1m.");
}

/** Logs the outcome in one line, the last of the log. @returns the exit code. */
function finish({ databases }: JobReport): number {
  const all = Object.entries(databases);
  const names = (state: string): string[] =>
    all.filter(([, report]) => report.state === state).map(([name]) => name);
  const parts = [
    `${names("done").length} of ${all.length} databases done`,
    names("failed").length > 0 ? `failed: ${names("failed").join(", ")}` : "",
    names("notReached").length > 0 ? `not reached: ${names("notReached").join(", ")}` : "",
  ];
  process.stderr.write(`${parts.filter((part) => part !== "").join("; ")}\n`);
  return exitCodeOf(databases);
}

/** 0: all done; 75: what is missing is only a matter of time; else the code of the first failure that is not. */
function exitCodeOf(databases: JobReport["databases"]): number {
  const all = Object.values(databases);
  if (all.every(({ state }) => state === "done")) return 0;
  const lasting = all.find(({ error }) => error !== undefined && error.class !== "temporary");
  return EXIT_CODES[lasting?.error?.class ?? "temporary"];
}
