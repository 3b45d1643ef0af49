import {
  commitsInside,
  prepareScript,
  type Script,
  ScriptRefusedError,
  withoutStatements,
} from "../analysis/script";
import { checksum } from "../core/checksum";
import { TidemarkError } from "../core/errors";
import type { ResolvedMigration } from "../core/migration";
import type { EngineOptions } from "../core/options";
import { type LoadedScript, loadScript } from "../files/read-script";
import { changedMeanwhile } from "./failures";
import { refuseUnreadable } from "./syntax";

/** What reading a migration's script depends on. */
export interface ScriptSource {
  readonly options: EngineOptions;
  readonly placeholders: ReadonlyMap<string, string>;
  /** As `server_version_num`. */
  readonly serverVersion: number;
}

/** Words without which no script controls transactions, or has its text read in another encoding. */
const CONTROL = /\b(?:begin|start|commit|end|rollback|abort|prepare|names|client_encoding)\b/i;

/** UTF-16 units. */
const LARGE = 1_000_000;

/** The scripts of a run's migrations, as they will run. */
export class Scripts {
  readonly #source: ScriptSource;
  /** The one that is being read already. */
  #ahead: { readonly migration: ResolvedMigration; readonly script: Promise<Script> } | undefined;

  constructor(source: ScriptSource) {
    this.#source = source;
  }

  /**
   * Looks at all scripts before the first of them runs, so that one which is refused for what it does to transactions
   * does not leave the run half done. What else is wrong with a script is said when its turn comes, as in Flyway.
   * @returns those that commit in the middle.
   * @throws ScriptRefusedError for the first that is refused.
   */
  async examine(migrations: readonly ResolvedMigration[]): Promise<Script[]> {
    const scripts: Script[] = [];
    for (const migration of migrations) {
      const script = await this.#examineOne(migration);
      if (script && commitsInside(script)) scripts.push(script);
    }
    return scripts;
  }

  /** @throws TidemarkError (VALIDATE_ERROR) with all that does not parse; a run says it when the script's turn comes. */
  async refuseUnreadable(migrations: readonly ResolvedMigration[]): Promise<void> {
    await refuseUnreadable(migrations, this.#source);
  }

  async #examineOne(migration: ResolvedMigration): Promise<Script | undefined> {
    try {
      const loaded = await this.#load(migration);
      return CONTROL.test(loaded.sql.text) ? this.#prepare(migration, loaded) : undefined;
    } catch (error) {
      if (error instanceof ScriptRefusedError || !(error instanceof TidemarkError)) throw error;
      return undefined;
    }
  }

  /**
   * Reads one script for its run.
   * @throws TidemarkError where it cannot run, or is not what was planned any more.
   */
  async read(migration: ResolvedMigration): Promise<Script> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    return ahead?.migration === migration ? ahead.script : this.#read(migration);
  }

  /** Begins to read the next script, while the server is busy with one that is not large: two of those are much to hold. */
  readAhead(migration: ResolvedMigration, now: Script): void {
    if (now.source.length >= LARGE) return;
    const script = this.#read(migration);
    script.catch(() => undefined); // thrown when its turn comes
    this.#ahead = { migration, script };
  }

  async #read(migration: ResolvedMigration): Promise<Script> {
    const script = this.#prepare(migration, await this.#load(migration));
    return this.#source.options.skipExecutingMigrations ? withoutStatements(script) : script;
  }

  async #load(migration: ResolvedMigration): Promise<LoadedScript> {
    const { options, placeholders } = this.#source;
    return loadScript(migration, options, placeholders);
  }

  #prepare(migration: ResolvedMigration, { source, sql, replaced }: LoadedScript): Script {
    const now = checksum(migration.version ? source : replaced());
    if (now !== migration.checksum) throw changedMeanwhile(migration);
    const { options, serverVersion } = this.#source;
    const override = migration.config?.executeInTransaction;
    return prepareScript(migration.script, source, sql, { ...options, override, serverVersion });
  }
}
