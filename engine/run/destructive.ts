import { basename } from "node:path";

import { type Destruction, findDestructive } from "../analysis/destructive";
import { loadParser } from "../analysis/parser";
import { placeInSource } from "../analysis/script";
import { splitStatements, type Statement } from "../analysis/split";
import type { CallbackFile, CallbackMap } from "../core/callbacks";
import type { ResolvedMigration } from "../core/migration";
import type { EngineOptions } from "../core/options";
import type { PlanStep } from "../core/plan";
import type { DatabaseSnapshot } from "../core/snapshot";
import { type LoadedScript, loadScript } from "../files/read-script";
import { refuseScripts, type ScriptProblem } from "./script-problem";

/** The command that is about to run, and what it would run. */
export interface DestructiveCheck {
  readonly command: keyof typeof NOT_RUN;
  readonly steps: readonly PlanStep[];
  readonly snapshot: Pick<DatabaseSnapshot, "applied" | "nonEmptySchemas">;
  readonly callbacks: CallbackMap;
  readonly options: EngineOptions;
  readonly placeholders: ReadonlyMap<string, string>;
}

/** Callback events that a command never fires, by what their names hold. */
const NOT_RUN = {
  migrate: /Clean|Info|Repair/,
  info: /Clean|Repair|Baseline|Validate|Migrate|Versioned|Repeatables|createSchema|CreateSchema/,
  validate: /Clean|Info|Repair|Baseline|Migrate|Versioned|Repeatables|createSchema|CreateSchema/,
  baseline: /Clean|Info|Repair|Validate|Migrate|Versioned|Repeatables/,
  repair: /Clean|Info|Baseline|Validate|Migrate|Versioned|Repeatables|createSchema|CreateSchema/,
} as const;

/** Reach beyond a database that is still empty. */
const BEYOND = new Set(["DROP DATABASE", "DROP OWNED"]);
const MAY_REACH_BEYOND = /database|owned/i;

/** The name of the option initSql in the list of scripts that may destroy. */
const INIT_SQL = "initSql";

/**
 * Refuses what a command would run, pending migrations and callbacks, where it holds statements that destroy data or
 * cannot be read, unless allowDestructive allows all or that script by name. Ask before the first callback fires. A
 * database without a history whose schemas are empty holds nothing of anybody's yet: only what reaches beyond it is
 * refused there.
 * @throws TidemarkError (VALIDATE_ERROR) with a problem for each statement; nothing has been run then.
 */
export async function refuseDestructive(check: DestructiveCheck): Promise<void> {
  const { allowDestructive } = check.options;
  if (allowDestructive === true) return;
  const isFresh = beginsEmpty(check);
  const problems: ScriptProblem[] = [];
  for (const file of filesOf(check)) {
    if (isAllowed(file.script, allowDestructive)) continue;
    const loaded = await loadScript(file, check.options, check.placeholders);
    if (isFresh && !MAY_REACH_BEYOND.test(loaded.sql.text)) continue;
    const script = { ...loaded, ...file, version: versionOf(file), options: check.options };
    problems.push(...(await problemsOf(script, isFresh)));
  }
  refuseScripts(problems);
}

/**
 * The same for initSql, which runs on every connection: so before one is opened, and whatever the database holds.
 * @throws TidemarkError (VALIDATE_ERROR)
 */
export async function refuseDestructiveInitSql(options: EngineOptions): Promise<void> {
  const { allowDestructive, initSql } = options;
  if (allowDestructive === true || !initSql || isAllowed(INIT_SQL, allowDestructive)) return;
  const script = {
    script: INIT_SQL,
    version: null,
    description: INIT_SQL,
    source: initSql,
    sql: { text: initSql, replacements: [] },
    options,
  };
  refuseScripts(await problemsOf(script, false));
}

function beginsEmpty({ steps, snapshot }: DestructiveCheck): boolean {
  const { applied, nonEmptySchemas } = snapshot;
  const isAdopted = steps.some(({ kind }) => kind === "baseline");
  return applied.length === 0 && nonEmptySchemas.length === 0 && !isAdopted;
}

type ScriptFile = ResolvedMigration | CallbackFile;

function filesOf({ command, steps, callbacks, options }: DestructiveCheck): ScriptFile[] {
  const migrations = steps.flatMap((step) => (step.kind === "apply" ? [step.migration] : []));
  const run = [...callbacks].filter(([event]) => !NOT_RUN[command].test(event));
  return [
    ...(options.skipExecutingMigrations ? [] : migrations),
    ...run.flatMap(([, files]) => files),
  ];
}

function versionOf(file: ScriptFile): string | null {
  return "version" in file ? (file.version?.text ?? null) : null;
}

function isAllowed(script: string, allowed: EngineOptions["allowDestructive"]): boolean {
  return (
    typeof allowed !== "boolean" && [script, basename(script)].some((s) => allowed.includes(s))
  );
}

interface CheckedScript extends Pick<LoadedScript, "source" | "sql"> {
  readonly script: string;
  readonly version: string | null;
  readonly description: string;
  readonly options: EngineOptions;
}

async function problemsOf(script: CheckedScript, isFresh: boolean): Promise<ScriptProblem[]> {
  const { text } = script.sql;
  const { statements } = splitStatements(text);
  return findDestructive(text, statements, await loadParser())
    .filter(({ keyword }) => !isFresh || BEYOND.has(keyword))
    .map((destruction) => problemOf(script, statements, destruction));
}

function problemOf(
  script: CheckedScript,
  statements: readonly Statement[],
  destruction: Destruction,
): ScriptProblem {
  const { script: name, version, description } = script;
  const { line, column, excerpt } = placeInSource(script, destruction.offset);
  return {
    code: "ERROR",
    version,
    description,
    message: `${name}:${line}:${column}: ${sentence(script, statements, destruction)}`,
    remedy: destruction.dynamic ? readableRemedy(name) : remedy(name),
    migration: name,
    line,
    column,
    // The option may hold a password, and is shown nowhere.
    excerpt: name === INIT_SQL ? undefined : excerpt,
  };
}

function sentence(
  script: CheckedScript,
  statements: readonly Statement[],
  destruction: Destruction,
): string {
  const { keyword, dynamic, by } = destruction;
  const placeholder = placeholderAt(script, destruction.offset);
  const from = placeholder ? ` in the value of the placeholder ${placeholder}` : "";
  const isHidden = showsValue(script, statements, destruction);
  if (dynamic)
    return `what ${isHidden ? keyword.replace(/ LANGUAGE .*/, "") : keyword}${from} does cannot be read before it runs; it may destroy data, and this database does not allow that.`;
  const objects = isHidden ? [] : destruction.objects;
  const what = objects.length > 0 ? ` (${objects.join(", ")})` : "";
  const how =
    by === "scanner"
      ? " Read by its words: the parser, PostgreSQL 18's, does not take the statement."
      : "";
  return `${keyword}${from} destroys data${what}, and this database does not allow it.${how}`;
}

function remedy(script: string): string {
  return `Have the file reviewed and a backup at hand; then allow it by name, allowDestructive: ["${basename(script)}"], or set allowDestructive: true for the update that runs it. Or keep the data: rename the object, and drop it later.`;
}

function readableRemedy(script: string): string {
  return `Write the statement out, or put its parts together by format() with %I and %L. Or have the file reviewed, and allow it by name: allowDestructive: ["${basename(script)}"].`;
}

/** The name of the placeholder in whose value an offset lies. */
function placeholderAt(
  { source, sql, options }: CheckedScript,
  offset: number,
): string | undefined {
  const value = sql.replacements.find(({ start, end }) => offset >= start && offset < end);
  if (!value) return undefined;
  const { placeholderPrefix: prefix, placeholderSuffix: suffix } = options;
  return source.slice(value.sourceStart + prefix.length, value.sourceEnd - suffix.length);
}

/** Whether a name in the statement may come from the value of a placeholder, which may be secret. */
function showsValue(
  { sql: { replacements } }: CheckedScript,
  statements: readonly Statement[],
  { offset }: Destruction,
): boolean {
  const statement = statements.find(({ start, end }) => offset >= start && offset < end);
  if (!statement) return true;
  return replacements.some(({ start, end }) => start < statement.end && end > statement.start);
}
