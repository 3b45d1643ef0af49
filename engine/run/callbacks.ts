import { prepareScript } from "../analysis/script";
import type { CallbackFile, CallbackMap } from "../core/callbacks";
import { TidemarkError } from "../core/errors";
import type { EngineOptions } from "../core/options";
import { loadScript } from "../files/resolver";
import type { Session } from "../postgres/session";
import { runScript } from "./apply";

interface CallbackContext {
  readonly session: Session;
  readonly options: EngineOptions;
  readonly placeholders: ReadonlyMap<string, string>;
  readonly serverVersion: number;
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

  /** Whether any callback belongs into the migrations' own transactions. */
  get hasEach(): boolean {
    return [...this.#files.keys()].some((event) => event.includes("EachMigrate"));
  }

  /** Runs the callbacks of a command's event, each in a transaction of its own. */
  async fire(event: string): Promise<void> {
    for (const file of this.#files.get(event) ?? []) await this.#run(file, true);
  }

  /** Runs the callbacks of a migration's event inside that migration's transaction. */
  async fireInside(event: string): Promise<void> {
    for (const file of this.#files.get(event) ?? []) await this.#run(file, false);
  }

  async #run(file: CallbackFile, ownTransaction: boolean): Promise<void> {
    const { session, options, placeholders, serverVersion } = this.#context;
    try {
      const { source, sql } = await loadScript(file, options, placeholders);
      const { executeInTransaction } = file.config;
      const script = prepareScript(file.script, source, sql, {
        ...options,
        override: executeInTransaction,
        serverVersion,
      });
      await runScript(session, script, ownTransaction && script.inTransaction);
    } catch (error) {
      if (ownTransaction) await session.rollback();
      throw callbackFailure(file, error);
    }
  }
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
