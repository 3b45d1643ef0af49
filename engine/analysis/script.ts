import { TidemarkError } from "../core/errors";
import type { ReplacedText } from "../core/placeholders";
import { sourceOffset } from "../core/placeholders";
import { classifyStatement } from "./classify";
import { excerpt } from "./excerpt";
import { positionAt } from "./position";
import type { SqlProblem } from "./problem";
import { splitStatements, type Statement } from "./split";

/** A script that is ready to be sent. */
export interface Script {
  /** The history's name of it, for messages. */
  readonly name: string;
  readonly source: string;
  readonly sql: ReplacedText;
  readonly statements: readonly Statement[];
  readonly inTransaction: boolean;
}

export interface ScriptOptions {
  readonly mixed: boolean;
  readonly executeInTransaction: boolean;
  /** What the script's own configuration says, whatever its statements are. */
  readonly override?: boolean;
  /** As `server_version_num`. */
  readonly serverVersion: number;
}

/**
 * Splits a script and decides whether it runs in a transaction.
 * @throws TidemarkError (ERROR) for what is certain to be wrong before the server has seen it: an unclosed quote, COPY
 *   data without an end, a psql command, statements of both kinds without `mixed`.
 */
export function prepareScript(
  name: string,
  source: string,
  sql: ReplacedText,
  options: ScriptOptions,
): Script {
  refuseNulCharacters(name, source);
  const { statements, problems } = splitStatements(sql.text);
  const [problem] = problems;
  if (problem) throw scriptProblem(name, source, sql, problem);
  const outside = statements.filter(
    (s) => !mayRunInTransaction(sql.text.slice(s.start, s.end), options),
  );
  const isMixed = outside.length > 0 && outside.length < statements.length;
  const forced = options.override ?? (options.executeInTransaction ? undefined : false);
  if (isMixed && !options.mixed && forced === undefined) {
    throw mixedScript(name, source, sql, outside[0] as Statement);
  }
  return { name, source, sql, statements, inTransaction: forced ?? outside.length === 0 };
}

function mayRunInTransaction(statement: string, { serverVersion }: ScriptOptions): boolean {
  return classifyStatement(statement, { serverVersion }).transactional !== false;
}

/** Line, column and excerpt in the file of an offset in the text that was sent. */
export function placeInSource(
  script: Pick<Script, "source" | "sql">,
  offset: number,
): { line: number; column: number; excerpt: string } {
  const at = sourceOffset(script.sql.replacements, offset);
  return { ...positionAt(script.source, at), excerpt: excerpt(script.source, at) };
}

function refuseNulCharacters(name: string, source: string): void {
  const at = source.indexOf("\0");
  if (at < 0) return;
  const { line, column } = positionAt(source, at);
  throw new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `${name}:${line}:${column}: the file holds a NUL character, which PostgreSQL cannot take.`,
    remedy: "Save it as plain text; if it is UTF-16, say so with the option encoding.",
    migration: name,
    line,
    column,
  });
}

function scriptProblem(
  name: string,
  source: string,
  sql: ReplacedText,
  problem: SqlProblem,
): TidemarkError {
  const place = placeInSource({ source, sql }, problem.offset);
  return new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `${name}:${place.line}:${place.column}: ${problem.message}`,
    remedy: problem.remedy,
    migration: name,
    ...place,
  });
}

function mixedScript(
  name: string,
  source: string,
  sql: ReplacedText,
  statement: Statement,
): TidemarkError {
  const place = placeInSource({ source, sql }, statement.start);
  return new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `${name}:${place.line}: this statement cannot run in a transaction, others of the file should.`,
    remedy:
      "Move it to a migration of its own; or set mixed=true to run the whole file without a transaction.",
    migration: name,
    ...place,
  });
}
