import { prepareScript } from "../analysis/script";
import type { CallbackFile, CallbackMap } from "../core/callbacks";
import { TidemarkError } from "../core/errors";
import type { EngineOptions } from "../core/options";
import { loadScript } from "../files/read-script";
import type { Session } from "../postgres/session";
import { type ScriptContext, ScriptRun } from "./script-run";
import type { SessionBaseline } from "./session-baseline";

interface CallbackContext {
  readonly session: Session;
  readonly baseline: () => Promise<SessionBaseline>;
  readonly lockKey: bigint;
  readonly options: EngineOptions;
  readonly placeholders: ReadonlyMap<string, string>;
  readonly serverVersion: number;
  readonly warn: (message: string) => void;
}

/** Runs SQL callbacks (facts of Flyway 13, section "Callbacks"). */
export class Callbacks {
  readonly #files: CallbackMap;
  readonly #context: CallbackContext;

  constructor(files: CallbackMap, context: CallbackContext) {
    this.#files = files;
    this.#context = context;
  }

  get isEmpty(): boolean {
    return this.#files.size === 0;
  }

  /** Whether any callback belongs to the migrations themselves. */
  get hasEach(): boolean {
    return [...this.#files.keys()].some((event) => event.includes("EachMigrate"));
  }

  /**
   * Runs the callbacks of a command's events, each in the session's original state and in a transaction of its own.
   * @returns whether there were any.
   */
  async fire(...events: readonly string[]): Promise<boolean> {
    const files = events.flatMap((event) => this.#files.get(event) ?? []);
    for (const file of files) {
      await this.#run(file, { inside: false, restores: true });
      await (await this.#context.baseline()).restore();
    }
    return files.length > 0;
  }

  /**
   * Runs the callbacks of a group's event in the group's transaction.
   * @returns whether there were any.
   */
  async fireInGroup(event: string): Promise<boolean> {
    const files = this.#files.get(event) ?? [];
    for (const file of files) await this.#run(file, { inside: true, restores: true });
    return files.length > 0;
  }

  /**
   * Runs the callbacks of a migration's event within the migration: what they set holds for it.
   * @param inside the migration's transaction; a migration without one leaves each callback to a transaction of its own
   */
  async fireWithin(event: string, inside: boolean): Promise<void> {
    for (const file of this.#files.get(event) ?? [])
      await this.#run(file, { inside, restores: false });
  }

  /** Runs the callbacks of a failure, which must not hide it: what goes wrong in them is a warning. */
  async fireAfterFailure(...events: readonly string[]): Promise<void> {
    for (const event of events)
      await this.fire(event).catch((error: unknown) => {
        if (!(error instanceof TidemarkError)) throw error;
        this.#context.warn(`${error.message} ${error.remedy}`);
      });
  }

  async #run(file: CallbackFile, how: Pick<ScriptContext, "inside" | "restores">): Promise<void> {
    const { session, options, placeholders, serverVersion, lockKey, warn } = this.#context;
    try {
      const { source, sql } = await loadScript(file, options, placeholders);
      const script = prepareScript(file.script, source, sql, {
        ...options,
        override: file.config.executeInTransaction,
        serverVersion,
      });
      if (how.inside && script.transactions.commits.length > 0) throw commitsForeign(file);
      const watched: ScriptContext["watched"] = (_mayRetry, work) => work();
      const baseline = await this.#context.baseline();
      await new ScriptRun(script, { session, baseline, lockKey, warn, watched, ...how }).run();
    } catch (error) {
      throw callbackFailure(file, error);
    }
  }
}

function commitsForeign({ script }: CallbackFile): TidemarkError {
  return new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `${script} holds a COMMIT, and runs in the transaction of a migration: it would commit half of it.`,
    remedy: "Remove the COMMIT.",
    migration: script,
  });
}

/** Flyway's code for a failing callback is DB_CONNECTION, whatever went wrong in it. */
function callbackFailure({ event, script }: CallbackFile, error: unknown): unknown {
  if (!(error instanceof TidemarkError)) return error;
  return new TidemarkError({
    ...error.place,
    code: "DB_CONNECTION",
    class: error.class,
    message: `The callback ${script} (${event}) failed: ${error.message}`,
    remedy: error.remedy,
    cause: error,
  });
}
