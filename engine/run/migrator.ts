import { baselineSteps, planBaseline } from "../core/baseline";
import { describeConnection } from "../core/connection";
import { defaultPlaceholders, type PlaceholderSource } from "../core/default-placeholders";
import type { Problem } from "../core/errors";
import { TidemarkError } from "../core/errors";
import type { EventSink } from "../core/events";
import { type IgnorePattern, ignoresAll, parseIgnorePatterns } from "../core/ignore-patterns";
import { mergeInfos, schemaVersion } from "../core/info";
import type { ResolvedMigration } from "../core/migration";
import { placeholderValues } from "../core/placeholders";
import { checkTarget, type Plan, planMigrate } from "../core/plan";
import { planRepair } from "../core/repair";
import type { DatabaseSnapshot } from "../core/snapshot";
import { summarize } from "../core/summary";
import { validateInfos } from "../core/validate";
import { resolveCallbacksOnly, type ResolvedFiles, resolveMigrations } from "../files/resolver";
import { readCatalog } from "../postgres/catalog";
import { fingerprint } from "../postgres/fingerprint";
import { withSchemaLock } from "../postgres/schema-lock";
import { type Session, withSession } from "../postgres/session";
import { readSnapshot } from "../postgres/snapshot";
import { serverFailure } from "../postgres/sql-failure";
import { Callbacks } from "./callbacks";
import { refuseDestructive } from "./destructive";
import { executePlan } from "./execute";
import type {
  BaselineResult,
  InfoResult,
  MigrateResult,
  MigratorSettings,
  Observation,
  PlanResult,
  RepairResult,
} from "./migrator-types";
import { executeRepair } from "./repair";

/**
 * The commands on one database. Questions (info, validate, plan, observe) never write; each call opens and closes its
 * own connection.
 */
export class Migrator {
  readonly #settings: MigratorSettings;

  constructor(settings: MigratorSettings) {
    this.#settings = settings;
  }

  /** All migrations with their states, in Flyway's order. */
  async info(): Promise<InfoResult> {
    return this.#withSession(async (session) => {
      const first = await this.#read(session);
      const { callbacks } = first;
      await fireAll(callbacks, "beforeConnect", "afterConnect", "beforeInfo");
      const result = this.#infoOf(await this.#readAgain(session, first));
      await callbacks.fire("afterInfo");
      return result;
    });
  }

  #infoOf({ snapshot, files }: ReadResult): InfoResult {
    const { options } = this.#settings;
    checkTarget(files.migrations, snapshot.applied, options.target);
    const infos = mergeInfos(files.migrations, snapshot.applied, options);
    const version = schemaVersion(snapshot.applied)?.text ?? null;
    return { snapshot, schemaVersion: version, infos, warnings: files.warnings };
  }

  /** All problems of history and files; none: the database is as the files say. */
  async validate(): Promise<{ problems: Problem[]; result: InfoResult }> {
    return this.#withSession(async (session) => {
      const { options } = this.#settings;
      const first = await this.#read(session);
      const { callbacks } = first;
      const patterns = parseIgnorePatterns(options.ignoreMigrationPatterns);
      await fireAll(callbacks, "beforeConnect", "afterConnect");
      if (lacksSchema(first.snapshot))
        return { problems: [], result: nothingThere(first, patterns) };
      await callbacks.fire("beforeValidate");
      const result = this.#infoOf(await this.#readAgain(session, first));
      const problems = validateInfos(result.infos, patterns);
      await callbacks.fire(problems.length > 0 ? "afterValidateError" : "afterValidate");
      return { problems, result };
    });
  }

  /** What migrate would do now. */
  async plan(): Promise<PlanResult> {
    return this.#withSession(async (session) => {
      const { snapshot, files } = await this.#read(session);
      const { migrations, warnings } = files;
      return {
        plan: this.#plan(migrations, snapshot),
        snapshot,
        migrations,
        warnings,
      };
    });
  }

  #plan(migrations: readonly ResolvedMigration[], snapshot: DatabaseSnapshot): Plan {
    const { options } = this.#settings;
    const plan = planMigrate(migrations, snapshot, options);
    if (options.allowDestructive !== true) refuseDestructive(plan, snapshot, options);
    return plan;
  }

  /** The migrations of the locations, without a database: placeholders that ask for one get what the connection says. */
  async resolve(): Promise<ResolvedFiles> {
    const { connection, options } = this.#settings;
    const guess = {
      defaultSchema: options.defaultSchema ?? options.schemas[0] ?? "public",
      database: connection.database,
      user: connection.user ?? "",
      table: options.table,
    };
    return resolveMigrations(options, this.#placeholders(guess, new Date()));
  }

  /**
   * Applies what is pending. Takes the lock only where there is something to do, and plans again under it.
   * @throws MigrationFailedError that says what had been applied before.
   */
  async migrate(): Promise<MigrateResult> {
    return this.#withSession(async (session) => {
      const first = await this.#read(session);
      if (!first.callbacks.isEmpty) return this.#migrateWithCallbacks(session, first);
      const plan = this.#plan(first.files.migrations, first.snapshot);
      const { warnings } = first.files;
      const { database } = first.snapshot;
      if (plan.steps.length === 0)
        return { database, from: plan.from, to: plan.to, applied: [], warnings };
      return this.#withLock(session, first.snapshot, () => this.#migrateLocked(session, first));
    });
  }

  /** The same with callbacks around each stage; they run even where nothing is pending, as in Flyway. */
  async #migrateWithCallbacks(session: Session, first: ReadResult): Promise<MigrateResult> {
    const { options } = this.#settings;
    const { callbacks, files } = first;
    await fireAll(callbacks, "beforeConnect", "afterConnect");
    if (options.validateOnMigrate) await callbacks.fire("beforeValidate");
    try {
      this.#plan(files.migrations, await readSnapshot(session, options));
    } catch (error) {
      const isInvalid = error instanceof TidemarkError && error.code === "VALIDATE_ERROR";
      if (isInvalid) await callbacks.fire("afterValidateError");
      throw error;
    }
    if (options.validateOnMigrate) await callbacks.fire("afterValidate");
    await fireAll(callbacks, "createSchema", "beforeCreateSchema");
    const result = await this.#withLock(session, first.snapshot, () =>
      this.#migrateLocked(session, first),
    );
    await callbacks.fire("afterMigrateOperationFinish");
    return result;
  }

  async #migrateLocked(session: Session, first: ReadResult): Promise<MigrateResult> {
    const { options, beforeMigration } = this.#settings;
    const snapshot = await readSnapshot(session, options);
    const { migrations, warnings } = first.files;
    const plan = this.#plan(migrations, snapshot);
    const { placeholders, callbacks } = first;
    const applied = await executePlan(plan, {
      callbacks,
      session,
      connection: this.#settings.connection,
      snapshot,
      options,
      placeholders,
      emit: this.#emit,
      beforeMigration,
    });
    return { database: snapshot.database, from: plan.from, to: plan.to, applied, warnings };
  }

  /** Marks an existing schema as being at the baseline version. */
  async baseline(): Promise<BaselineResult> {
    return this.#withSession(async (session) => {
      const { snapshot, callbacks } = await this.#read(session, resolveCallbacksOnly);
      await fireAll(
        callbacks,
        "beforeConnect",
        "afterConnect",
        "createSchema",
        "beforeCreateSchema",
      );
      return this.#withLock(session, snapshot, async () => {
        await callbacks.fire("beforeBaseline");
        try {
          const result = await this.#baselineLocked(session);
          await callbacks.fire("afterBaseline");
          return result;
        } catch (error) {
          await callbacks.fire("afterBaselineError");
          throw error;
        }
      });
    });
  }

  async #baselineLocked(session: Session): Promise<BaselineResult> {
    const { options } = this.#settings;
    const snapshot = await readSnapshot(session, options);
    const plan = planBaseline(snapshot, options);
    const { version } = plan;
    const { database } = snapshot;
    if (plan.kind === "nothing") return { database, baselined: false, version };
    const placeholders = new Map<string, string>();
    await executePlan(
      { steps: baselineSteps(plan), from: null, to: version },
      {
        session,
        connection: this.#settings.connection,
        snapshot,
        options,
        placeholders,
        emit: this.#emit,
      },
    );
    return { database, baselined: true, version };
  }

  /** Makes the history agree with the files; touches nothing else. */
  async repair(): Promise<RepairResult> {
    return this.#withSession(async (session) => {
      const first = await this.#read(session);
      const { options } = this.#settings;
      const { warnings, migrations } = first.files;
      const { database } = first.snapshot;
      if (!first.snapshot.historyExists)
        return { database, schemaVersion: null, actions: [], warnings };
      const { callbacks } = first;
      await fireAll(callbacks, "beforeConnect", "afterConnect");
      return this.#withLock(session, first.snapshot, async () => {
        await callbacks.fire("beforeRepair");
        const snapshot = await readSnapshot(session, options);
        const actions = planRepair(migrations, snapshot.applied, options);
        await executeRepair(session, snapshot, actions, options.installedBy);
        const { applied } = await readSnapshot(session, options);
        await callbacks.fire("afterRepair");
        return { database, schemaVersion: schemaVersion(applied)?.text ?? null, actions, warnings };
      });
    });
  }

  /** The live history and catalog, for fingerprint and drift. */
  async observe(): Promise<Observation> {
    return this.#withSession(async (session) => {
      const snapshot = await readSnapshot(session, this.#settings.options);
      const exclude = [{ schema: snapshot.defaultSchema, table: snapshot.table }];
      const catalog = await readCatalog(session.client, { exclude });
      return { snapshot, catalog, summary: summarize(snapshot, fingerprint(catalog)) };
    });
  }

  async #read(session: Session, resolve = resolveMigrations): Promise<ReadResult> {
    const { options } = this.#settings;
    const snapshot = await readSnapshot(session, options);
    const placeholders = this.#placeholders(snapshot, session.startedAt);
    const files = await resolve(options, placeholders);
    const { serverVersion } = snapshot;
    const callbacks = new Callbacks(files.callbacks, {
      session,
      options,
      placeholders,
      serverVersion,
    });
    return { snapshot, placeholders, files, callbacks };
  }

  /** The state after callbacks have run; without any it is the same. */
  async #readAgain(session: Session, first: ReadResult): Promise<ReadResult> {
    if (first.callbacks.isEmpty) return first;
    return { ...first, snapshot: await readSnapshot(session, this.#settings.options) };
  }

  #placeholders(database: PlaceholderSource, now: Date): Map<string, string> {
    const { placeholders, placeholderSeparator } = this.#settings.options;
    return placeholderValues(
      placeholders,
      defaultPlaceholders(database, now, process.cwd()),
      placeholderSeparator,
    );
  }

  async #withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const { connection, options, applicationName = "tidemark" } = this.#settings;
    const onNotice = ({ severity, message }: { severity: string; message: string }): void =>
      this.#emit({ kind: "notice", severity, message });
    try {
      return await withSession(connection, { ...options, applicationName, onNotice }, work);
    } catch (error) {
      throw serverFailure(error, `${describeConnection(connection)} failed`);
    }
  }

  #withLock<T>(session: Session, snapshot: DatabaseSnapshot, work: () => Promise<T>): Promise<T> {
    const { lockWait } = this.#settings.options;
    const { defaultSchema: schema, table } = snapshot;
    return withSchemaLock(session, { schema, table, lockWait, emit: this.#emit }, work);
  }

  get #emit(): EventSink {
    return this.#settings.emit ?? (() => undefined);
  }
}

interface ReadResult {
  readonly snapshot: DatabaseSnapshot;
  readonly files: ResolvedFiles;
  readonly placeholders: ReadonlyMap<string, string>;
  readonly callbacks: Callbacks;
}

async function fireAll(callbacks: Callbacks, ...events: readonly string[]): Promise<void> {
  for (const event of events) await callbacks.fire(event);
}

function lacksSchema({ missingSchemas, defaultSchema }: DatabaseSnapshot): boolean {
  return missingSchemas.includes(defaultSchema);
}

/**
 * Without the default schema nothing is compared.
 * @throws TidemarkError (SCHEMA_DOES_NOT_EXIST) where there are migrations for it.
 */
function nothingThere(
  { snapshot, files }: ReadResult,
  patterns: readonly IgnorePattern[],
): InfoResult {
  if (files.migrations.length === 0 || ignoresAll(patterns, "pending"))
    return { snapshot, schemaVersion: null, infos: [], warnings: files.warnings };
  throw new TidemarkError({
    code: "SCHEMA_DOES_NOT_EXIST",
    class: "migrations",
    message: `The schema "${snapshot.defaultSchema}" does not exist.`,
    remedy: "Run migrate, which makes it, or correct the schemas.",
  });
}
