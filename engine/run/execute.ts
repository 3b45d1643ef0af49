import { escapeIdentifier } from "pg";

import { prepareScript, type Script } from "../analysis/script";
import { checksum } from "../core/checksum";
import type { Connection } from "../core/connection";
import { TidemarkError } from "../core/errors";
import type { EventSink } from "../core/events";
import type { ResolvedMigration } from "../core/migration";
import type { EngineOptions } from "../core/options";
import type { Plan, PlanStep } from "../core/plan";
import type { DatabaseSnapshot } from "../core/snapshot";
import { loadScript } from "../files/resolver";
import {
  createHistorySql,
  type HistoryTable,
  insertRowSql,
  nextRank,
} from "../postgres/schema-history";
import { retakeSchemaLock } from "../postgres/schema-lock";
import { qualified, type Session } from "../postgres/session";
import { serverFailure } from "../postgres/sql-failure";
import { type ApplyContext, applyMigration } from "./apply";
import type { Callbacks } from "./callbacks";
import { changedMeanwhile, notGroupable, openingFailure } from "./execute-failures";
import { withLockRetries } from "./lock-retry";
import { restoreStatements, timeoutStatements } from "./session-statements";

export interface ExecuteContext {
  readonly session: Session;
  /** For looking at the session from outside. */
  readonly connection: Connection;
  readonly snapshot: DatabaseSnapshot;
  readonly options: EngineOptions;
  readonly placeholders: ReadonlyMap<string, string>;
  readonly emit: EventSink;
  /** Of a migrate; absent: none are to run. */
  readonly callbacks?: Callbacks;
  /** Asked before each migration; throws to stop the run there. */
  readonly beforeMigration?: () => void;
}

/** What a run did. */
export interface ExecutedMigration {
  readonly migration: ResolvedMigration;
  readonly executionTimeMs: number;
}

/** A run that failed half way: what did succeed is in the database and in the history. */
export class MigrationFailedError extends TidemarkError {
  override readonly name = "MigrationFailedError";
  readonly applied: readonly ExecutedMigration[];

  constructor(failure: TidemarkError, applied: readonly ExecutedMigration[]) {
    super(
      {
        code: failure.code,
        class: failure.class,
        message: failure.message,
        remedy: failure.remedy,
        ...failure.place,
        cause: failure.cause,
      },
      failure.problems,
    );
    this.applied = applied;
  }
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
  try {
    await executor.open(plan.steps);
    await context.callbacks?.fire("beforeMigrate");
    if (plan.failure) throw plan.failure;
    await executor.apply(plan.steps);
    if (executor.applied.length > 0) await context.callbacks?.fire("afterMigrateApplied");
    await context.callbacks?.fire("afterMigrate");
    return executor.applied;
  } catch (error) {
    await context.callbacks?.fire("afterMigrateError");
    const failure = serverFailure(error, "The run cannot go on");
    if (failure instanceof TidemarkError) throw new MigrationFailedError(failure, executor.applied);
    throw error;
  }
}

/** UTF-16 units. */
const LARGE = 1_000_000;

type ApplyStep = Extract<PlanStep, { kind: "apply" }>;

class Executor {
  readonly applied: ExecutedMigration[] = [];
  readonly #context: ExecuteContext;
  readonly #history: HistoryTable;
  #rank: number;
  /** The script of the next migration, if it is being read already. */
  #ahead: Promise<Script> | undefined;

  constructor(context: ExecuteContext) {
    const { snapshot } = context;
    this.#context = context;
    this.#history = { schema: snapshot.defaultSchema, table: snapshot.table };
    this.#rank = nextRank(snapshot.applied);
  }

  /** Schemas, history table and baseline: one transaction. */
  async open(steps: readonly PlanStep[]): Promise<void> {
    const statements = steps.flatMap((step) => this.#openingSql(step));
    if (statements.length > 0) await this.#runOpening(statements);
    for (const step of steps) this.#announce(step);
  }

  #openingSql(step: PlanStep): string[] {
    const { session, options } = this.#context;
    switch (step.kind) {
      case "createSchemas":
        return step.schemas.map((schema) => `CREATE SCHEMA ${escapeIdentifier(schema)}`);
      case "createHistory":
        return [createHistorySql(this.#history, options.tablespace)];
      case "baseline":
        return [baselineRowSql(session, this.#history, step, options, this.#takeRank())];
      case "schemaMarker":
        return [this.#markerSql(step.schemas)];
      case "adoptHistory":
      case "apply":
        return [];
    }
  }

  #markerSql(schemas: readonly string[]): string {
    const row = {
      version: null,
      description: "<< Flyway Schema Creation >>",
      type: "SCHEMA",
      script: schemas.map((schema) => escapeIdentifier(schema)).join(","),
      checksum: null,
      installedBy: this.#context.options.installedBy,
      success: true,
    } as const;
    // Flyway gives the mark rank 0 where it is the table's first row.
    const isFirst = this.#rank === 1 && this.#context.snapshot.applied.length === 0;
    const rank = isFirst ? 0 : this.#takeRank();
    return insertRowSql(this.#context.session, this.#history, row, rank, 0);
  }

  async #runOpening(statements: readonly string[]): Promise<void> {
    const { session } = this.#context;
    try {
      await session.runScript(["BEGIN", ...statements, "COMMIT"].join(";\n"));
    } catch (error) {
      await session.rollback();
      throw openingFailure(error, this.#history);
    }
  }

  #announce(step: PlanStep): void {
    const { emit } = this.#context;
    const table = qualified(this.#history.schema, this.#history.table);
    if (step.kind === "createSchemas") emit({ kind: "schemasCreated", schemas: step.schemas });
    if (step.kind === "createHistory") emit({ kind: "historyCreated", table });
    if (step.kind === "adoptHistory") emit({ kind: "historyAdopted", table });
    if (step.kind === "baseline") emit({ ...step, kind: "baselined" });
  }

  #takeRank(): number {
    return this.#rank++;
  }

  async apply(steps: readonly PlanStep[]): Promise<void> {
    const applies = steps.filter((step): step is ApplyStep => step.kind === "apply");
    if (applies.length === 0) return this.#context.callbacks?.fire("afterVersioned");
    const restore = await restoreStatements(this.#context.session, this.#context.snapshot);
    if (await this.#isOneTransaction(applies)) return this.#applyGroup(applies, restore);
    await this.#applyAll(applies, restore, false);
  }

  async #applyAll(
    applies: readonly ApplyStep[],
    restore: readonly string[],
    grouped: boolean,
  ): Promise<void> {
    const { callbacks } = this.#context;
    const fire = (event: string) =>
      grouped ? callbacks?.fireInside(event) : callbacks?.fire(event);
    const firstRepeatable = applies.findIndex(({ migration }) => !migration.version);
    for (const [index, step] of applies.entries()) {
      if (index === firstRepeatable) {
        await fire("afterVersioned");
        await fire("beforeRepeatables");
      }
      await this.#applyOne(step, applies[index + 1], index, applies.length, restore, grouped);
    }
    if (firstRepeatable < 0) await fire("afterVersioned");
  }

  /** Whether the option group puts all migrations into one transaction; with mixed it does so only where all allow it. */
  async #isOneTransaction(applies: readonly ApplyStep[]): Promise<boolean> {
    const { group, mixed } = this.#context.options;
    if (!group) return false;
    const outside: ResolvedMigration[] = [];
    for (const { migration } of applies) {
      const { inTransaction } = await this.#load(migration);
      if (!inTransaction) outside.push(migration);
    }
    const [first] = outside;
    if (first && outside.length < applies.length && !mixed) throw notGroupable(first);
    return first === undefined;
  }

  async #applyGroup(applies: readonly ApplyStep[], restore: readonly string[]): Promise<void> {
    const { session } = this.#context;
    await session.runScript("BEGIN");
    try {
      await this.#applyAll(applies, restore, true);
      await session.runScript("COMMIT");
    } catch (error) {
      await session.rollback();
      this.applied.length = 0;
      throw serverFailure(error, "The group of migrations cannot be committed");
    }
  }

  async #applyOne(
    { migration }: ApplyStep,
    next: ApplyStep | undefined,
    index: number,
    of: number,
    restore: readonly string[],
    grouped: boolean,
  ): Promise<void> {
    const { session, options, emit, beforeMigration, callbacks } = this.#context;
    beforeMigration?.();
    const script = await (this.#ahead ?? this.#load(migration));
    emit({ kind: "applying", migration, index: index + 1, of });
    const start = Date.now();
    const context: ApplyContext = {
      session,
      history: this.#history,
      rank: this.#rank,
      installedBy: options.installedBy,
      restore: [...restore, ...timeoutStatements(options, script.inTransaction)],
      grouped,
      warn: (message) => emit({ kind: "warning", message }),
      fireInside: callbacks?.hasEach ? (event) => callbacks.fireInside(event) : undefined,
    };
    const apply = (): Promise<void> => {
      const applied = applyMigration(migration, script, context);
      this.#loadAhead(script, next);
      return applied;
    };
    if (script.inTransaction && !grouped) {
      const { lockTimeout } = options;
      const { connection } = this.#context;
      await withLockRetries(
        { connection, pid: session.pid, lockTimeout, script: migration.script, emit },
        apply,
      );
    } else {
      await apply();
    }
    this.#rank++;
    const executionTimeMs = Date.now() - start;
    this.applied.push({ migration, executionTimeMs });
    emit({ kind: "applied", migration, executionTimeMs });
    if (!script.inTransaction)
      await retakeSchemaLock(session, this.#history.schema, this.#history.table);
  }

  /** Reads the next migration while the server is busy with this one. Two large ones would be much to hold. */
  #loadAhead({ source }: Script, next: ApplyStep | undefined): void {
    this.#ahead = next && source.length < LARGE ? this.#load(next.migration) : undefined;
    this.#ahead?.catch(() => undefined); // thrown when its turn comes
  }

  async #load(migration: ResolvedMigration): Promise<Script> {
    const { options, placeholders, snapshot } = this.#context;
    const { source, sql, replaced } = await loadScript(migration, options, placeholders);
    const now = checksum(migration.version ? source : replaced());
    if (now !== migration.checksum) throw changedMeanwhile(migration);
    const script = prepareScript(migration.script, source, sql, {
      ...options,
      override: migration.config?.executeInTransaction,
      serverVersion: snapshot.serverVersion,
    });
    // What is only recorded has to be a script that could run, all the same.
    const nothing = { source: "", sql: { text: "", replacements: [] }, statements: [] };
    return options.skipExecutingMigrations ? { ...script, ...nothing } : script;
  }
}

function baselineRowSql(
  session: Session,
  history: HistoryTable,
  step: { readonly version: string; readonly description: string },
  options: EngineOptions,
  rank: number,
): string {
  const row = {
    version: step.version,
    description: step.description,
    type: "BASELINE",
    script: step.description,
    checksum: null,
    installedBy: options.installedBy,
    success: true,
  } as const;
  return insertRowSql(session, history, row, rank, 0);
}
