import { type ErrorFields, TidemarkError } from "../core/errors";
import type { ReplacedText } from "../core/placeholders";
import { sourceOffset } from "../core/placeholders";
import { notableStatements, type StatementClass } from "./classify";
import { excerpt } from "./excerpt";
import { positionAt } from "./position";
import { CLIENT_ENCODING, settingChange } from "./setting-change";
import { splitStatements, type Statement } from "./split";
import { controlProblem, type TransactionUse, transactionUse } from "./transaction-control";

/** A script that is ready to be sent: what is known of it before the server has seen it. */
export interface Script {
  /** The history's name of it, for messages. */
  readonly name: string;
  readonly source: string;
  readonly sql: ReplacedText;
  readonly statements: readonly Statement[];
  readonly inTransaction: boolean;
  /** The statements, by index, that are not simply run in any transaction. */
  readonly notable: ReadonlyMap<number, StatementClass>;
  readonly transactions: TransactionUse;
}

export interface ScriptOptions {
  readonly mixed: boolean;
  readonly executeInTransaction: boolean;
  /** What the script's own configuration says, whatever its statements are. */
  readonly override?: boolean;
  /** As `server_version_num`. */
  readonly serverVersion: number;
}

/** A script that must not run, whatever the server would say: its success could not be recorded honestly. */
export class ScriptRefusedError extends TidemarkError {}

type ScriptText = Pick<Script, "name" | "source" | "sql">;

/**
 * Splits a script, decides whether it runs in a transaction, and refuses what cannot be recorded honestly.
 * @throws TidemarkError (ERROR) for what is certain to be wrong before the server has seen it: an unclosed quote, COPY
 *   data without an end, a psql command, statements of both kinds without `mixed`, a ROLLBACK, a transaction left open,
 *   text that the server would read in another encoding.
 */
export function prepareScript(
  name: string,
  source: string,
  sql: ReplacedText,
  options: ScriptOptions,
): Script {
  const text = { name, source, sql };
  refuseNulCharacters(text);
  const { statements, problems } = splitStatements(sql.text);
  const [problem] = problems;
  if (problem) throw new TidemarkError(faultAt(text, problem.offset, problem));
  const notable = notableStatements(textsOf(sql.text, statements), options);
  const inTransaction = runsInTransaction(text, statements, notable, options);
  refuseControl(text, statements, controlProblem(notable, inTransaction));
  refuseEncoding(text, statements);
  const transactions = transactionUse(notable, statements.length, inTransaction);
  return { ...text, statements, inTransaction, notable, transactions };
}

/** The same script with nothing in it: what is only recorded has to be a script that could run, all the same. */
export function withoutStatements(script: Script): Script {
  const sql = { text: "", replacements: [] };
  const transactions = { absorbed: new Set<number>(), commits: [] };
  return { ...script, source: "", sql, statements: [], notable: new Map(), transactions };
}

/** Whether what a script has done is permanent before it has ended: such a script must never be run twice. */
export function commitsInside({ transactions }: Script): boolean {
  return transactions.commits.length > 0;
}

/** One warning, with its line, for each COMMIT in the middle of a script that should be one transaction. */
export function commitWarnings(script: Script): string[] {
  return script.transactions.commits.map((index) => {
    const { line, column } = placeInSource(script, (script.statements[index] as Statement).start);
    return `${script.name}:${line}:${column}: COMMIT makes what stands before it permanent, also where the rest fails: the migration is not one transaction.`;
  });
}

function* textsOf(sql: string, statements: readonly Statement[]): Generator<string> {
  for (const { start, end } of statements) yield sql.slice(start, end);
}

function runsInTransaction(
  text: ScriptText,
  statements: readonly Statement[],
  notable: ReadonlyMap<number, StatementClass>,
  options: ScriptOptions,
): boolean {
  const outside = [...notable].filter(([, { transactional }]) => transactional === false);
  const forced = options.override ?? (options.executeInTransaction ? undefined : false);
  const [first] = outside;
  if (first && outside.length < statements.length && !options.mixed && forced === undefined) {
    const problem = {
      message: "this statement cannot run in a transaction, others of the file should.",
      remedy:
        "Move it to a migration of its own; or set mixed=true to run the whole file without a transaction.",
    };
    throw new TidemarkError(faultAt(text, (statements[first[0]] as Statement).start, problem));
  }
  return forced ?? !first;
}

function refuseControl(
  text: ScriptText,
  statements: readonly Statement[],
  problem: ReturnType<typeof controlProblem>,
): void {
  if (!problem) return;
  const { start } = statements[problem.index] as Statement;
  throw new ScriptRefusedError(faultAt(text, start, problem));
}

const BEYOND_ASCII = /[^\0-\x7f]/;
const UTF8 = /^(utf-?8|unicode)$/i;

/** We send UTF-8: a script that has the server read something else would store other characters than it holds. */
function refuseEncoding(text: ScriptText, statements: readonly Statement[]): void {
  const { sql } = text;
  for (const { start, end, changesReading } of statements) {
    if (!changesReading) continue;
    const change = settingChange(sql.text.slice(start, end));
    if (change?.name !== CLIENT_ENCODING || UTF8.test(change.value ?? "UTF8")) continue;
    if (!BEYOND_ASCII.test(sql.text.slice(end))) continue;
    const problem = {
      message: `client_encoding ${change.value ?? ""} would have the server misread the characters that follow, which are sent as UTF-8.`,
      remedy:
        "Remove the statement, and say what the file is encoded in with the option encoding, or encoding=… in <script>.conf.",
    };
    throw new ScriptRefusedError(faultAt(text, start, problem));
  }
}

/** Line, column and excerpt in the file of an offset in the text that was sent. */
export function placeInSource(
  script: Pick<Script, "source" | "sql">,
  offset: number,
): { line: number; column: number; excerpt: string } {
  const at = sourceOffset(script.sql.replacements, offset);
  return { ...positionAt(script.source, at), excerpt: excerpt(script.source, at) };
}

function refuseNulCharacters({ name, source }: ScriptText): void {
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

function faultAt(
  text: ScriptText,
  offset: number,
  { message, remedy }: { readonly message: string; readonly remedy: string },
): ErrorFields {
  const place = placeInSource(text, offset);
  return {
    code: "ERROR",
    class: "migrations",
    message: `${text.name}:${place.line}:${place.column}: ${message}`,
    remedy,
    migration: text.name,
    ...place,
  };
}
