import { commitWarnings } from "../analysis/script";
import { baselineSteps, planBaseline } from "../core/baseline";
import { describeConnection } from "../core/connection";
import type { Problem } from "../core/errors";
import { TidemarkError } from "../core/errors";
import type { EventSink } from "../core/events";
import { parseIgnorePatterns } from "../core/ignore-patterns";
import { failedRow, mergeInfos, schemaVersion } from "../core/info";
import type { ResolvedMigration } from "../core/migration";
import { checkTarget, type Plan, planMigrate } from "../core/plan";
import { planRepair } from "../core/repair";
import type { DatabaseSnapshot } from "../core/snapshot";
import { validateInfos } from "../core/validate";
import { resolveCallbacksOnly, type ResolvedFiles, resolveMigrations } from "../files/resolver";
import { withSchemaLock } from "../postgres/schema-lock";
import { type Session, withSession } from "../postgres/session";
import { readSnapshot } from "../postgres/snapshot";
import { serverFailure } from "../postgres/sql-failure";
import { type DestructiveCheck, refuseDestructive, refuseDestructiveInitSql } from "./destructive";
import { type ExecuteContext, executePlan } from "./execute";
import type {
  BaselineResult,
  InfoResult,
  MigrateResult,
  MigratorSettings,
  Observation,
  PlanResult,
  RepairResult,
} from "./migrator-types";
import { observationOf } from "./observation";
import { executeRepair } from "./repair";
import { refuseUnreadable } from "./syntax";
import {
  lacksSchema,
  nothingThere,
  openWorkspace,
  placeholdersOf,
  type Workspace,
} from "./workspace";

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
      await this.#refuseDestructive("info", first);
      await callbacks.fire("beforeConnect", "afterConnect", "beforeInfo");
      const result = this.#infoOf(await this.#readAgain(session, first));
      await callbacks.fire("afterInfo");
      return result;
    });
  }

  #infoOf({ snapshot, files }: Workspace): InfoResult {
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
      await this.#refuseDestructive("validate", first);
      await callbacks.fire("beforeConnect", "afterConnect");
      if (lacksSchema(first.snapshot))
        return { problems: [], result: nothingThere(first, patterns) };
      await callbacks.fire("beforeValidate");
      const result = this.#infoOf(await this.#readAgain(session, first));
      const problems = validateInfos(result.infos, patterns);
      await callbacks.fire(problems.length > 0 ? "afterValidateError" : "afterValidate");
      return { problems, result };
    });
  }

  /**
   * What migrate would do now; with `observe` also what the database is like, asked in the same connection.
   * @throws TidemarkError where migrate would refuse before it has run anything.
   */
  async plan({ observe = false } = {}): Promise<PlanResult> {
    return this.#withSession(async (session) => {
      const first = await this.#read(session);
      const { snapshot, files, scripts } = first;
      const { migrations, warnings } = files;
      const plan = await this.#plan(first, snapshot);
      if (plan.failure) throw plan.failure;
      const examined = await scripts.examine(migrationsOf(plan));
      await scripts.refuseUnreadable(migrationsOf(plan));
      return {
        plan,
        snapshot,
        migrations,
        warnings: [...warnings, ...examined.flatMap(commitWarnings)],
        ...(observe && { observation: await observationOf(session, snapshot, this.#emit) }),
      };
    });
  }

  async #plan(first: Workspace, snapshot: DatabaseSnapshot): Promise<Plan> {
    const plan = planMigrate(first.files.migrations, snapshot, this.#settings.options);
    await this.#refuseDestructive("migrate", { ...first, snapshot }, plan.steps);
    return plan;
  }

  async #refuseDestructive(
    command: DestructiveCheck["command"],
    { snapshot, files: { callbacks }, placeholders }: Workspace,
    steps: DestructiveCheck["steps"] = [],
  ): Promise<void> {
    const { options } = this.#settings;
    await refuseDestructive({ command, steps, snapshot, callbacks, options, placeholders });
  }

  /** The migrations of the locations, without a database: placeholders that ask for one get what the connection says. */
  async resolve(): Promise<ResolvedFiles> {
    return resolveMigrations(this.#settings.options, this.#placeholdersWithoutDatabase());
  }

  /**
   * The check of `plan` for migrations that a database would be asked for in vain.
   * @throws TidemarkError (VALIDATE_ERROR) where one of them does not parse
   */
  async refuseUnreadable(migrations: readonly ResolvedMigration[]): Promise<void> {
    const { options } = this.#settings;
    const placeholders = this.#placeholdersWithoutDatabase();
    await refuseUnreadable(migrations, { options, placeholders, serverVersion: 0 });
  }

  #placeholdersWithoutDatabase(): Map<string, string> {
    const { connection, options } = this.#settings;
    const guess = {
      defaultSchema: options.defaultSchema ?? options.schemas[0] ?? "public",
      database: connection.database,
      user: connection.user ?? "",
      table: options.table,
    };
    return placeholdersOf(options, guess, new Date());
  }

  /**
   * Applies what is pending. Takes the lock only where there is something to do or a callback may do it, and plans again
   * under it. Callbacks run even where nothing is pending, as in Flyway.
   * @throws MigrationFailedError that says what had been applied before.
   */
  async migrate(): Promise<MigrateResult> {
    return this.#withSession(async (session) => {
      const first = await this.#read(session);
      const { callbacks, files, snapshot } = first;
      await this.#refuseBeforeCallbacks(first);
      await callbacks.fire("beforeConnect", "afterConnect");
      const plan = await this.#planWithCallbacks(session, first);
      const { warnings } = files;
      const { database } = snapshot;
      if (plan.steps.length === 0 && callbacks.isEmpty)
        return { database, from: plan.from, to: plan.to, applied: [], warnings };
      await callbacks.fire("createSchema", "beforeCreateSchema");
      const result = await this.#withLock(session, snapshot, () =>
        this.#migrateLocked(session, first),
      );
      await callbacks.fire("afterMigrateOperationFinish");
      return result;
    });
  }

  /** A callback may change what the plan will be; what is destructive by today's is refused before any of them runs. */
  async #refuseBeforeCallbacks(first: Workspace): Promise<void> {
    const { options } = this.#settings;
    if (first.callbacks.isEmpty || options.allowDestructive === true) return;
    await this.#refuseDestructive("migrate", first, this.#stepsNow(first));
  }

  /** None where there can be no plan: that is said in its turn, with the callbacks that belong to it. */
  #stepsNow({ files, snapshot }: Workspace): Plan["steps"] {
    try {
      return planMigrate(files.migrations, snapshot, this.#settings.options).steps;
    } catch (error) {
      if (error instanceof TidemarkError) return [];
      throw error;
    }
  }

  async #planWithCallbacks(session: Session, first: Workspace): Promise<Plan> {
    const { validateOnMigrate } = this.#settings.options;
    const { callbacks } = first;
    if (validateOnMigrate) await callbacks.fire("beforeValidate");
    const { snapshot } = await this.#readAgain(session, first);
    try {
      const plan = await this.#plan(first, snapshot);
      if (validateOnMigrate) await callbacks.fire("afterValidate");
      return plan;
    } catch (error) {
      const isInvalid = error instanceof TidemarkError && error.code === "VALIDATE_ERROR";
      if (isInvalid) await callbacks.fireAfterFailure("afterValidateError");
      throw error;
    }
  }

  async #migrateLocked(session: Session, first: Workspace): Promise<MigrateResult> {
    const { options, beforeMigration } = this.#settings;
    const snapshot = await readSnapshot(session, options);
    const { callbacks, files, scripts } = first;
    const plan = await this.#plan(first, snapshot);
    const examined = await scripts.examine(migrationsOf(plan));
    const warnings = [...files.warnings, ...examined.flatMap(commitWarnings)];
    const applied = await executePlan(plan, {
      ...this.#executeContext(session, first, snapshot),
      migrations: { scripts, callbacks },
      beforeMigration,
    });
    return { database: snapshot.database, from: plan.from, to: plan.to, applied, warnings };
  }

  #executeContext(session: Session, first: Workspace, snapshot: DatabaseSnapshot): ExecuteContext {
    const { options } = this.#settings;
    const { baseline } = first;
    return { session, baseline, snapshot, options, emit: this.#emit };
  }

  /** Marks an existing schema as being at the baseline version. */
  async baseline(): Promise<BaselineResult> {
    return this.#withSession(async (session) => {
      const first = await this.#read(session, resolveCallbacksOnly);
      const { snapshot, callbacks } = first;
      await this.#refuseDestructive("baseline", first);
      await callbacks.fire("beforeConnect", "afterConnect", "createSchema", "beforeCreateSchema");
      return this.#withLock(session, snapshot, async () => {
        await callbacks.fire("beforeBaseline");
        try {
          const result = await this.#baselineLocked(session, first);
          await callbacks.fire("afterBaseline");
          return result;
        } catch (error) {
          await callbacks.fireAfterFailure("afterBaselineError");
          throw error;
        }
      });
    });
  }

  async #baselineLocked(session: Session, first: Workspace): Promise<BaselineResult> {
    const { options } = this.#settings;
    const snapshot = await readSnapshot(session, options);
    const plan = planBaseline(snapshot, options);
    const { version } = plan;
    const { database } = snapshot;
    if (plan.kind === "nothing") return { database, baselined: false, version };
    const steps = baselineSteps(plan);
    await executePlan(
      { steps, from: null, to: version },
      this.#executeContext(session, first, snapshot),
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
        return { database, schemaVersion: null, failed: null, actions: [], warnings };
      const { callbacks } = first;
      await this.#refuseDestructive("repair", first);
      await callbacks.fire("beforeConnect", "afterConnect");
      return this.#withLock(session, first.snapshot, async () => {
        await callbacks.fire("beforeRepair");
        const snapshot = await readSnapshot(session, options);
        const actions = planRepair(migrations, snapshot.applied, options);
        await executeRepair(session, snapshot, actions, options.installedBy);
        const { applied } = await readSnapshot(session, options);
        await callbacks.fire("afterRepair");
        const failed = failedRow(applied)?.script ?? null;
        const version = schemaVersion(applied)?.text ?? null;
        return { database, schemaVersion: version, failed, actions, warnings };
      });
    });
  }

  /** The live history, nothing else: no files, no callbacks. */
  async snapshot(): Promise<DatabaseSnapshot> {
    return this.#withSession((session) => readSnapshot(session, this.#settings.options));
  }

  /** The live history and catalog, for fingerprint and drift. */
  async observe(): Promise<Observation> {
    return this.#withSession(async (session) => {
      const snapshot = await readSnapshot(session, this.#settings.options);
      return observationOf(session, snapshot, this.#emit);
    });
  }

  async #read(session: Session, resolve = resolveMigrations): Promise<Workspace> {
    const { options } = this.#settings;
    return openWorkspace(session, { options, emit: this.#emit, resolve });
  }

  /** The state after callbacks have run; without any it is the same. */
  async #readAgain(session: Session, first: Workspace): Promise<Workspace> {
    if (first.callbacks.isEmpty) return first;
    return { ...first, snapshot: await readSnapshot(session, this.#settings.options) };
  }

  async #withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const { connection, options, applicationName = "tidemark" } = this.#settings;
    await refuseDestructiveInitSql(options);
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

function migrationsOf({ steps }: Plan): ResolvedMigration[] {
  return steps.flatMap((step) => (step.kind === "apply" ? [step.migration] : []));
}
