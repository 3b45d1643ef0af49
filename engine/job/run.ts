import { parseConnectionUrl } from "../core/connection";
import { TidemarkError } from "../core/errors";
import type { MigrationEvent } from "../core/events";
import { failureMessages, type FailureText, failureText } from "../core/failure-text";
import { scrubEvent, Secrets, shownNames } from "../core/secrets";
import { stackOptions } from "../core/stack-options";
import { compareVersions, type MigrationVersion, parseVersion } from "../core/version";
import { ensureDatabase } from "../postgres/create-database";
import { migrateAndValidate } from "../run/migrate-and-validate";
import { MigrationFailedError } from "../run/migration-failed";
import { Migrator } from "../run/migrator";
import { readCredentials, secretsOf } from "./credentials";
import type { DatabaseReport, JobReport, ReportError } from "./report";
import type { JobDatabase, JobSpec } from "./spec";

/** What a run depends on besides its spec. */
export interface JobContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where job.json lies, and certificates beside it. */
  readonly folder: string;
  /** Keeps the report as it is now: a pod that is killed leaves no more than that. */
  readonly save: (report: JobReport) => void;
  /** Events and failures come without secrets. */
  readonly onEvent: (database: string, event: MigrationEvent) => void;
  readonly onCreated: (database: string) => void;
  readonly onFailure: (database: string, failure: FailureText) => void;
}

const NOT_REACHED: DatabaseReport = {
  state: "notReached",
  schemaVersion: null,
  failed: null,
  applied: 0,
  executed: 0,
  fingerprint: null,
};

/** How long a run that is given up looks at the database once more. */
const LAST_LOOK_MS = 2000;

/** The databases of a Job, one after another; one that fails does not stop the others. */
export class JobRun {
  /** Of all databases: what a message quotes may come from another one's role. */
  readonly #secrets: Secrets;
  readonly #spec: JobSpec;
  readonly #context: JobContext;
  readonly #reports: Map<string, DatabaseReport>;
  #isStopping = false;
  #isGivenUp = false;
  #current: { readonly database: JobDatabase; migrator?: Migrator; script?: string } | undefined;

  constructor(spec: JobSpec, context: JobContext) {
    this.#spec = spec;
    this.#context = context;
    this.#secrets = new Secrets({
      values: spec.databases.flatMap((database) => secretsOf(database, context.env)),
      names: spec.databases.flatMap((database) => namesOf(database, context.env)),
    });
    this.#reports = new Map(spec.databases.map(({ name }) => [name, NOT_REACHED]));
  }

  get report(): JobReport {
    return { databases: Object.fromEntries(this.#reports) };
  }

  /** Every database fails with the same error, before anything has begun. */
  failAll(error: unknown): JobReport {
    const failure = reportError(failureText(error, this.#secrets));
    for (const { name } of this.#spec.databases)
      this.#reports.set(name, { ...NOT_REACHED, state: "failed", error: failure });
    this.#context.save(this.report);
    return this.report;
  }

  async run(): Promise<JobReport> {
    for (const database of this.#spec.databases) {
      if (this.#isStopping) break;
      this.#current = { database };
      this.#set({ ...NOT_REACHED, state: "running" });
      const report = await this.#runOne(database);
      if (this.#isGivenUp) break; // what it says now is of a connection that was closed
      this.#set(report);
      this.#current = undefined;
    }
    return this.report;
  }

  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /** Lets the migration that is running end, and stops before the next. */
  stop(): void {
    this.#isStopping = true;
  }

  /**
   * Gives up the migration that is running: the process is about to end, and its connection with it, so PostgreSQL rolls
   * back. The report says which one it was.
   */
  async giveUp(): Promise<JobReport> {
    this.#isStopping = true;
    this.#isGivenUp = true;
    if (!this.#current) return this.report;
    const { database, migrator, script } = this.#current;
    const before = this.#reports.get(database.name) ?? NOT_REACHED;
    const failure = failureText(stopped(script), this.#secrets);
    const failed: Partial<DatabaseReport> = { state: "failed", error: reportError(failure) };
    this.#set({ ...before, ...failed });
    this.#context.onFailure(database.name, failure);
    const now = await within(LAST_LOOK_MS, this.#look(migrator));
    this.#set({ ...before, ...now, ...failed });
    return this.report;
  }

  async #runOne(database: JobDatabase): Promise<DatabaseReport> {
    const { env, folder, onCreated } = this.#context;
    try {
      const { connection, options } = readCredentials(database, env, folder);
      const migrator = new Migrator({
        connection,
        options: stackOptions({ ...database.options, ...options }, database.locations),
        applicationName: "tidemark (job)",
        emit: (event) => this.#onEvent(database, event),
        beforeMigration: () => {
          if (this.#isStopping) throw stopped(undefined);
        },
      });
      this.#current = { database, migrator };
      if (database.createDatabase && (await ensureDatabase(connection))) onCreated(database.name);
      const executed =
        database.locations.length > 0 ? (await migrateAndValidate(migrator)).applied.length : 0;
      return { state: "done", executed, ...(await migrator.observe()).summary };
    } catch (error) {
      return this.#failed(database, error);
    }
  }

  async #failed(database: JobDatabase, error: unknown): Promise<DatabaseReport> {
    const failure = failureText(error, this.#secrets);
    const executed =
      error instanceof MigrationFailedError
        ? error.applied.length
        : (this.#reports.get(database.name)?.executed ?? 0);
    if (!this.#isGivenUp) this.#context.onFailure(database.name, failure);
    const now = await this.#look(this.#current?.migrator);
    return { ...NOT_REACHED, ...now, state: "failed", executed, error: reportError(failure) };
  }

  /** What is in the database now; undefined where it cannot be asked. */
  async #look(migrator: Migrator | undefined): Promise<Partial<DatabaseReport> | undefined> {
    return migrator?.observe().then(
      ({ summary }) => summary,
      () => undefined,
    );
  }

  #onEvent(database: JobDatabase, event: MigrationEvent): void {
    if (this.#isGivenUp) return;
    this.#context.onEvent(database.name, scrubEvent(event, this.#secrets));
    if (event.kind === "applying" && this.#current) this.#current.script = event.migration.script;
    if (event.kind !== "applied" || database.options.group) return; // a group may still be rolled back as a whole
    if (this.#current) this.#current.script = undefined;
    const before = this.#reports.get(database.name) ?? NOT_REACHED;
    const schemaVersion = higher(before.schemaVersion, event.migration.version);
    this.#set({ ...before, schemaVersion, executed: before.executed + 1 });
  }

  #set(report: DatabaseReport): void {
    if (!this.#current) return;
    this.#reports.set(this.#current.database.name, report);
    this.#context.save(this.report);
  }
}

/** A failure as the report has it: its problems in one message, without the excerpt, which is in the log. */
export function reportError(failure: FailureText): ReportError {
  const { class: errorClass, code, remedy, migration, line, column, sqlState, problems } = failure;
  const message = problems.length > 0 ? failureMessages(failure).join("\n") : failure.message;
  return {
    ...{ class: errorClass, code, message, remedy },
    ...(migration !== undefined && { script: migration }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(sqlState !== undefined && { sqlState }),
  };
}

/** What the Job's log and report show of a database anyway. */
function namesOf(database: JobDatabase, env: JobContext["env"]): (string | undefined)[] {
  const { name, environment, options } = database;
  const user = environment.user && env[environment.user];
  try {
    const url = parseConnectionUrl(env[environment.url]?.trim() ?? "");
    return [name, ...shownNames({ ...url, user: user ?? url.user }, options)];
  } catch {
    return [name, ...shownNames({ user }, options)]; // said when the URL is used, without quoting it
  }
}

/** What runs out of order leaves the version as it is. */
function higher(before: string | null, applied: MigrationVersion | null): string | null {
  const known = before === null ? undefined : parseVersion(before);
  return !applied || (known && compareVersions(applied, known) <= 0) ? before : applied.text;
}

function stopped(script: string | undefined): TidemarkError {
  const when = script === undefined ? "before the next migration" : `while ${script} was running`;
  return new TidemarkError({
    code: "ERROR",
    class: "temporary",
    message: `Stopped ${when}: Kubernetes ends the pod (the Job's deadline has passed, or its node is drained).`,
    remedy:
      script === undefined
        ? "Run again: it goes on from what is applied. Where it was the deadline, raise tidemark:job.deadline."
        : "What it did in a transaction is rolled back. Run again; where it was the deadline, raise tidemark:job.deadline.",
    migration: script,
  });
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  const timer = new Promise<undefined>((resolve) => setTimeout(resolve, milliseconds, undefined));
  return Promise.race([work, timer]);
}
