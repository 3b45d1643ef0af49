import { TidemarkError } from "../core/errors";
import { failureText } from "../core/failure-text";
import { failedRow, schemaVersion } from "../core/info";
import type { Secrets } from "../core/secrets";
import type { DatabaseSnapshot } from "../core/snapshot";
import { compareVersions, type MigrationVersion, parseVersion } from "../core/version";
import { Migrator } from "../run/migrator";
import { configurationError, readDuration } from "./read-setting";
import { emptyReport, type Report, type ReportedError } from "./report";
import type { ResolvedSettings } from "./resolve-settings";

/** Milliseconds between two questions: doubled each time, up to the last. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

export interface CheckContext extends Omit<ResolvedSettings, "secrets"> {
  readonly own: Readonly<Record<string, unknown>>;
  readonly secrets: Secrets;
  /** Says why it is not yet so, each time that the reason is another one. */
  readonly log: (line: string) => void;
  /** Aborted when the process is asked to stop. */
  readonly stop: AbortSignal;
}

interface Answer {
  readonly isReached: boolean;
  readonly database: string | null;
  readonly version: string | null;
  /** The script of a failed row. */
  readonly failed: string | null;
  readonly error?: ReportedError;
}

/**
 * Whether the live schema version is at least `--at-least`, by Flyway's order of versions, with no failed row; asked
 * again until `--wait` is over. A database that cannot be asked, does not exist yet or may not be read counts as not yet.
 * @returns a report that is `ok`, or has `exitCode` 75
 * @throws TidemarkError (CONFIGURATION) for a version, a time or a URL that is none.
 */
export async function checkCommand(context: CheckContext): Promise<Report> {
  const wanted = wantedVersion(context.own.atLeast);
  const wait = readDuration(context.own.wait as string, "--wait");
  const ask = askerOf(context, wanted);
  const end = performance.now() + wait;
  let said = "";
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const answer = await orStopped(ask(Math.max(end - performance.now(), 0)), context.stop);
    const left = end - performance.now();
    if (answer === undefined) return reportOf(stopped(), wanted);
    if (answer.isReached || left <= 0) return reportOf(answer, wanted);
    const line = answer.error?.message ?? "";
    if (line !== said) context.log((said = line));
    if ((await orStopped(sleep(Math.min(pause, left)), context.stop)) === undefined)
      return reportOf(stopped(), wanted);
  }
}

function wantedVersion(given: unknown): MigrationVersion {
  const version = parseVersion(String(given).trim());
  if (version) return version;
  throw configurationError(
    `--at-least: "${String(given)}" is not a version.`,
    "Write a version such as 3 or 2.1.",
  );
}

/** Asks once; `left` is how long the whole has yet, and so how long a connection may take, but for a second at least. */
function askerOf(
  { connection, options, own, secrets }: CheckContext,
  wanted: MigrationVersion,
): (left: number) => Promise<Answer> {
  const opened = connection();
  const isOnStack = typeof own.stack === "string";
  const named = typeof own.database === "string" && !isOnStack ? { database: own.database } : {};
  const target = { ...opened, ...named };
  return async (left) => {
    const patience = target.connectTimeout ?? 10_000;
    const connectTimeout = left > 0 ? Math.min(patience, Math.max(left, 1000)) : patience;
    const settings = {
      connection: { ...target, connectTimeout },
      options: { ...options, connectRetries: 0 },
      applicationName: "tidemark (check)",
    };
    try {
      return answerOf(await new Migrator(settings).snapshot(), wanted);
    } catch (error) {
      return refusalOf(error, target.database, secrets);
    }
  };
}

function answerOf({ applied, database }: DatabaseSnapshot, wanted: MigrationVersion): Answer {
  const version = schemaVersion(applied);
  const failed = failedRow(applied)?.script ?? null;
  const isReached = failed === null && version !== null && compareVersions(version, wanted) >= 0;
  const known = { isReached, database, version: version?.text ?? null, failed };
  if (isReached) return known;
  const at = `${database} is at version ${known.version ?? "none"}`;
  if (failed !== null)
    return {
      ...known,
      error: {
        code: "FAILED_VERSIONED_MIGRATION",
        message: `${at}, and ${failed} has failed`,
        remedy: "See tidemark info; when what it left is undone, run repair.",
      },
    };
  const message = `${at}, below ${wanted.text}`;
  return { ...known, error: { code: "ERROR", message, remedy: "Wait for the migrations." } };
}

/** Whatever may pass by itself, or by what others do, is not yet so. */
function refusalOf(error: unknown, database: string, secrets: Secrets): Answer {
  const isNotYet =
    error instanceof TidemarkError && error.code !== "CONFIGURATION" && error.class !== "bug";
  if (!isNotYet) throw error;
  const { code, message, remedy, sqlState } = failureText(error, secrets);
  const line = message.replaceAll(/\s*\n\s*/g, " ").replace(/\.$/, "");
  return {
    isReached: false,
    database,
    version: null,
    failed: null,
    error: { code, message: line, remedy, sqlState },
  };
}

function stopped(): Answer {
  const error = {
    code: "ERROR",
    message: "stopped before it was so",
    remedy: "Run it again.",
  };
  return { isReached: false, database: null, version: null, failed: null, error };
}

function reportOf(
  { isReached, database, version, failed, error }: Answer,
  wanted: MigrationVersion,
): Report {
  return {
    ...emptyReport("check"),
    ok: isReached,
    database,
    schemaVersion: version,
    atLeast: wanted.text,
    failed,
    ...(error && { error }),
    ...(!isReached && { exitCode: 75 }),
  };
}

const sleep = (ms: number): Promise<true> =>
  new Promise((resolve) => setTimeout(() => resolve(true), ms));

/** undefined where the signal came first. */
async function orStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T | undefined> {
  if (stop.aborted) return undefined;
  let onAbort = (): void => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    onAbort = () => resolve(undefined);
    stop.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    stop.removeEventListener("abort", onAbort);
  }
}
