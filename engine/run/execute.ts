import { commitsInside, type Script } from "../analysis/script";
import { TidemarkError } from "../core/errors";
import type { EventSink } from "../core/events";
import { advisoryLockKey } from "../core/lock-key";
import type { ResolvedMigration } from "../core/migration";
import type { EngineOptions } from "../core/options";
import type { Plan, PlanStep } from "../core/plan";
import type { DatabaseSnapshot } from "../core/snapshot";
import { type HistoryTable, nextRank } from "../postgres/schema-history";
import { retakeSchemaLock } from "../postgres/schema-lock";
import type { Session } from "../postgres/session";
import { serverFailure } from "../postgres/sql-failure";
import type { Callbacks } from "./callbacks";
import { notGroupable } from "./failures";
import { rowSql } from "./history-row";
import { holdTwice, releaseTwice } from "./lock-guard";
import { withLockRetries } from "./lock-retry";
import { type ExecutedMigration, MigrationFailedError } from "./migration-failed";
import { runOpening } from "./opening";
import { type ScriptContext, ScriptRun } from "./script-run";
import type { Scripts } from "./scripts";
import type { SessionBaseline } from "./session-baseline";

export interface ExecuteContext {
  readonly session: Session;
  readonly baseline: () => Promise<SessionBaseline>;
  readonly snapshot: DatabaseSnapshot;
  readonly options: EngineOptions;
  readonly emit: EventSink;
  /** Of a migrate; absent: none are to run. */
  readonly migrations?: { readonly scripts: Scripts; readonly callbacks: Callbacks };
  /** Asked before each migration; throws to stop the run there. */
  readonly beforeMigration?: () => void;
}

/**
 * Carries out a plan: the only writer of a database. The caller holds the schema lock.
 * @throws MigrationFailedError that says what had been applied before.
 */
export async function executePlan(
  plan: Plan,
  context: ExecuteContext,
): Promise<ExecutedMigration[]> {
  const executor = new Executor(context);
  const callbacks = context.migrations?.callbacks;
  try {
    await executor.open(plan.steps);
    await callbacks?.fire("beforeMigrate");
    if (plan.failure) throw plan.failure;
    await executor.apply(plan.steps);
    if (executor.applied.length > 0) await callbacks?.fire("afterMigrateApplied");
    await callbacks?.fire("afterMigrate");
    return executor.applied;
  } catch (error) {
    await callbacks?.fireAfterFailure("afterMigrateError");
    const failure = serverFailure(error, "The run cannot go on");
    if (failure instanceof TidemarkError) throw new MigrationFailedError(failure, executor.applied);
    throw error;
  }
}

type ApplyStep = Extract<PlanStep, { kind: "apply" }>;

class Executor {
  readonly applied: ExecutedMigration[] = [];
  readonly #context: ExecuteContext;
  readonly #history: HistoryTable;
  readonly #lockKey: bigint;
  #rank: number;
  /** Of a group that is not committed yet. */
  #uncommitted: ExecutedMigration[] = [];
  /** The migration of a group that has committed by itself in the middle, as long as its row is not committed. */
  #half: ScriptRun | undefined;

  constructor(context: ExecuteContext) {
    const { defaultSchema: schema, table, applied } = context.snapshot;
    this.#context = context;
    this.#history = { schema, table };
    this.#lockKey = advisoryLockKey(schema, table);
    this.#rank = nextRank(applied);
  }

  async open(steps: readonly PlanStep[]): Promise<void> {
    this.#rank = await runOpening(steps, { ...this.#context, history: this.#history }, this.#rank);
  }

  async apply(steps: readonly PlanStep[]): Promise<void> {
    const applies = steps.filter((step): step is ApplyStep => step.kind === "apply");
    const { session, baseline } = this.#context;
    if (applies.length === 0) return void (await this.#callbacks?.fire("afterVersioned"));
    await holdTwice(session, this.#lockKey);
    const group = await this.#group(applies);
    if (group) await this.#applyGroup(applies, group.mayRetry);
    else await this.#applyAll(applies, false);
    await (await baseline()).restore();
    await releaseTwice(session, this.#lockKey);
  }

  get #callbacks(): Callbacks | undefined {
    return this.#context.migrations?.callbacks;
  }

  async #applyAll(applies: readonly ApplyStep[], grouped: boolean): Promise<void> {
    const fire = (event: string) => this.#fire(event, grouped);
    const firstRepeatable = applies.findIndex(({ migration }) => !migration.version);
    for (const [index, step] of applies.entries()) {
      if (index === firstRepeatable) {
        await fire("afterVersioned");
        await fire("beforeRepeatables");
      }
      await this.#applyOne(step, applies[index + 1], index, applies.length, grouped);
    }
    if (firstRepeatable < 0) await fire("afterVersioned");
  }

  /** Whether the option group puts all migrations into one transaction; with mixed it does so only where all allow it. */
  async #group(applies: readonly ApplyStep[]): Promise<{ mayRetry: boolean } | undefined> {
    const { group, mixed } = this.#context.options;
    if (!group) return undefined;
    const outside: ResolvedMigration[] = [];
    let mayRetry = true;
    for (const { migration } of applies) {
      const script = await this.#scripts.read(migration);
      if (!script.inTransaction) outside.push(migration);
      if (commitsInside(script)) mayRetry = false;
    }
    const [first] = outside;
    if (first && outside.length < applies.length && !mixed) throw notGroupable(first);
    return first === undefined ? { mayRetry } : undefined;
  }

  /** All in one transaction, which is tried again as a whole where a statement did not get its lock. */
  async #applyGroup(applies: readonly ApplyStep[], mayRetry: boolean): Promise<void> {
    const { session } = this.#context;
    const rank = this.#rank;
    const name = applies.map(({ migration }) => migration.script).join(", ");
    await this.#retried(name, mayRetry, async () => {
      this.#rank = rank;
      this.#uncommitted = [];
      await session.runScript("BEGIN");
      try {
        await this.#applyAll(applies, true);
        await session.runScript("COMMIT");
      } catch (error) {
        const half = this.#half;
        await this.#groupFailed();
        const failure = serverFailure(error, "The group of migrations cannot be committed");
        throw half ? half.describeCommitted(failure) : failure;
      }
      this.#groupCommitted();
    });
  }

  /** What the group did since its last commit is rolled back; half a migration that was committed gets a failed row. */
  async #groupFailed(): Promise<void> {
    await this.#context.session.rollback();
    await this.#half?.recordFailure();
    this.#half = undefined;
  }

  /** A COMMIT in the middle of a script takes the rows of those before it along. */
  #committedInGroup(run: ScriptRun): void {
    this.#groupCommitted();
    this.#half = run;
  }

  #groupCommitted(): void {
    for (const { migration, executionTimeMs } of this.#uncommitted)
      this.#context.emit({ kind: "applied", migration, executionTimeMs });
    this.applied.push(...this.#uncommitted);
    this.#uncommitted = [];
    this.#half = undefined;
  }

  async #applyOne(
    { migration }: ApplyStep,
    next: ApplyStep | undefined,
    index: number,
    of: number,
    grouped: boolean,
  ): Promise<void> {
    const { emit, beforeMigration } = this.#context;
    beforeMigration?.();
    const script = await this.#scripts.read(migration);
    emit({ kind: "applying", migration, index: index + 1, of });
    const start = Date.now();
    await this.#run(migration, script, grouped, () => {
      if (next) this.#scripts.readAhead(next.migration, script);
    });
    this.#rank++;
    const executed = { migration, executionTimeMs: Date.now() - start };
    if (grouped) {
      this.#uncommitted.push(executed);
      return;
    }
    this.applied.push(executed);
    emit({ kind: "applied", ...executed });
    if (!script.inTransaction) await this.#retakeLock();
  }

  /** A callback may drop the lock: then the next migration must not begin without it. */
  async #fire(event: string, grouped: boolean): Promise<void> {
    const callbacks = this.#callbacks;
    const hasRun = await (grouped ? callbacks?.fireInGroup(event) : callbacks?.fire(event));
    if (hasRun) await this.#retakeLock();
  }

  /** Its row is written: where the lock was dropped and taken by another, it is the next migration that must not run. */
  async #retakeLock(): Promise<void> {
    const { session } = this.#context;
    const { schema, table } = this.#history;
    if (await retakeSchemaLock(session, schema, table)) await holdTwice(session, this.#lockKey);
  }

  async #run(
    migration: ResolvedMigration,
    script: Script,
    grouped: boolean,
    onSent: () => void,
  ): Promise<void> {
    const context = await this.#scriptContext(migration, grouped);
    let run = new ScriptRun(script, context);
    const attempt = (): Promise<void> => {
      run = new ScriptRun(script, context);
      const done = run.run();
      onSent();
      return done;
    };
    // A group is watched, and tried again, as a whole; a script outside a transaction statement by statement.
    const isUnit = script.inTransaction && !grouped;
    const work = isUnit
      ? this.#retried(migration.script, !commitsInside(script), attempt)
      : attempt();
    await work.catch(async (error: unknown) => {
      const half = this.#half;
      await this.#afterFailure(run, grouped);
      throw half && half !== run ? half.describeCommitted(error) : error;
    });
  }

  /** What the failure of a script asks for; a group is rolled back first. */
  async #afterFailure(run: ScriptRun, grouped: boolean): Promise<void> {
    if (grouped) await this.#groupFailed();
    const events = run.statementFailed ? ["afterEachMigrateStatementError"] : [];
    await this.#callbacks?.fireAfterFailure(...events, "afterEachMigrateError");
  }

  async #scriptContext(migration: ResolvedMigration, grouped: boolean): Promise<ScriptContext> {
    const { session, options, emit } = this.#context;
    const row = {
      session,
      history: this.#history,
      rank: this.#rank,
      installedBy: options.installedBy,
      lockKey: this.#lockKey,
    };
    return {
      session,
      baseline: await this.#context.baseline(),
      inside: grouped,
      restores: true,
      lockKey: this.#lockKey,
      record: (time, success, guard) => rowSql(migration, row, time, success, guard),
      around: this.#callbacks?.hasEach ? this.#around(this.#callbacks) : undefined,
      warn: (message) => emit({ kind: "warning", message }),
      ...(grouped && { onCommit: (run) => this.#committedInGroup(run) }),
      watched: (mayRetry, work) => this.#retried(migration.script, mayRetry, work),
    };
  }

  /** Each within the transaction that is open at that moment, be it the engine's or the script's own. */
  #around(callbacks: Callbacks): ScriptContext["around"] {
    const { session } = this.#context;
    const fire = (event: string) => () => callbacks.fireWithin(event, session.status !== "idle");
    return {
      before: fire("beforeEachMigrate"),
      after: fire("afterEachMigrate"),
      beforeStatement: fire("beforeEachMigrateStatement"),
      afterStatement: fire("afterEachMigrateStatement"),
    };
  }

  #retried(script: string, mayRetry: boolean, work: () => Promise<void>): Promise<void> {
    const { session, options, emit } = this.#context;
    const { backend } = session;
    const { lockTimeout } = options;
    return withLockRetries({ backend, lockTimeout, mayRetry, script, emit }, work);
  }

  get #scripts(): Scripts {
    const { migrations } = this.#context;
    if (!migrations) throw new Error("a plan with migrations needs their scripts");
    return migrations.scripts;
  }
}
