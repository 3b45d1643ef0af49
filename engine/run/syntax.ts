import { newerSyntax, shownRefusal } from "../analysis/newer-syntax";
import { loadParser, type Parse } from "../analysis/parser";
import { placeInSource } from "../analysis/script";
import { splitStatements } from "../analysis/split";
import { type Problem, TidemarkError } from "../core/errors";
import type { ResolvedMigration } from "../core/migration";
import { loadScript } from "../files/read-script";
import { refuseScripts, type ScriptProblem } from "./script-problem";
import type { ScriptSource } from "./scripts";

/** Grammar was taken away once since 13: operators behind their operand, by PostgreSQL 14. */
const SAME_GRAMMAR_FROM = 140000;

/**
 * Reads pending migrations by PostgreSQL's own parser (18), so that what cannot run is known before anything runs. What
 * a later PostgreSQL knows is passed over.
 * @param source with `serverVersion` 0 where there is no server to ask
 * @throws TidemarkError (VALIDATE_ERROR) with a problem for each statement that does not parse, and for each script that
 * cannot be read
 */
export async function refuseUnreadable(
  migrations: readonly ResolvedMigration[],
  source: ScriptSource,
): Promise<void> {
  const { serverVersion, options } = source;
  const isOlder = serverVersion > 0 && serverVersion < SAME_GRAMMAR_FROM;
  if (migrations.length === 0 || options.skipExecutingMigrations || isOlder) return;
  const parse = await loadParser();
  const problems: Problem[] = [];
  for (const migration of migrations)
    problems.push(...(await problemsOf(migration, source, parse)));
  refuseScripts(problems);
}

async function problemsOf(
  migration: ResolvedMigration,
  { options, placeholders }: ScriptSource,
  parse: Parse,
): Promise<Problem[]> {
  try {
    const loaded = await loadScript(migration, options, placeholders);
    const { text, replacements } = loaded.sql;
    const { statements, problems } = splitStatements(text);
    const faults = problems.map(({ offset, message, remedy }) => ({ offset, message, remedy }));
    // What cannot be split with certainty cannot be parsed statement by statement.
    if (faults.length === 0) {
      const holdsValue = (start: number, end: number): boolean =>
        replacements.some((value) => value.start < end && value.end > start);
      for (const { start, end } of statements) {
        const fault = syntaxFault(text.slice(start, end), parse, holdsValue(start, end));
        if (fault) faults.push({ ...fault, offset: start + fault.offset });
      }
    }
    return faults.map((fault) => problemAt(migration, loaded, fault));
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
    const { code, message, remedy } = error;
    return [{ ...described(migration), code, message, remedy }];
  }
}

interface Fault {
  readonly offset: number;
  readonly message: string;
  readonly remedy: string;
}

function syntaxFault(statement: string, parse: Parse, holdsValue: boolean): Fault | undefined {
  const parsed = parse(statement);
  if (parsed.kind !== "refused" || newerSyntax(statement, parsed.offset) !== undefined)
    return undefined;
  return {
    offset: parsed.offset,
    message: `${shownRefusal(parsed.message, holdsValue)}.`,
    remedy: "Correct the statement at this place; nothing of the file has run.",
  };
}

function problemAt(
  migration: ResolvedMigration,
  loaded: Parameters<typeof placeInSource>[0],
  { offset, message, remedy }: Fault,
): ScriptProblem {
  const { script } = migration;
  const { line, column, excerpt } = placeInSource(loaded, offset);
  return {
    ...described(migration),
    ...{ code: "ERROR", message: `${script}:${line}:${column}: ${message}`, remedy },
    ...{ migration: script, line, column, excerpt },
  };
}

function described({ version, description }: ResolvedMigration) {
  return { version: version?.text ?? null, description };
}
