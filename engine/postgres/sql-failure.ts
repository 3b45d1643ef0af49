import { DatabaseError } from "pg";

import { offsetOfPgPosition } from "../analysis/position";
import { placeInSource, type Script } from "../analysis/script";
import { type ErrorClass, type ErrorCode, TidemarkError } from "../core/errors";
import { sqlStateOf } from "./connection-error";
import { ScriptError } from "./session";

/** What was sent to the server: some of ours, a stretch of the script, some more of ours. */
export interface SentText {
  readonly text: string;
  /** Where the script's stretch begins in `text`, and where in the script that stretch begins. */
  readonly ownStart: number;
  readonly ownLength: number;
  readonly base: number;
  /** How many statements of ours come first. */
  readonly statementsBefore: number;
  /** Index of the stretch's first statement in the script. */
  readonly firstStatement: number;
}

/** Turns a failure of the server into an error with file, line, column, SQLSTATE and remedy. */
export function sqlFailure(error: unknown, script: Script, sent: SentText): TidemarkError {
  if (error instanceof TidemarkError) return error;
  const cause = error instanceof ScriptError ? error.cause : error;
  const completed = error instanceof ScriptError ? error.completed : 0;
  const position = offsetOf(cause, sent);
  // A syntax error is found before anything runs: then the place tells the statement, not the count.
  const index =
    position === undefined
      ? sent.firstStatement + completed - sent.statementsBefore
      : script.statements.findLastIndex((s) => s.start <= position);
  const isOwn = index < script.statements.length;
  const offset = position ?? script.statements[index]?.start;
  const place = isOwn && offset !== undefined ? placeInSource(script, offset) : undefined;
  const sqlState = sqlStateOf(cause);
  const where = place ? `${script.name}:${place.line}:${place.column}` : script.name;
  const which = isOwn
    ? `statement ${Math.max(index, 0) + 1} of ${script.statements.length}`
    : "recording and committing it";
  return new TidemarkError({
    code: codeOf(isOwn, sqlState),
    class: classOfState(sqlState),
    message: `${where}: ${describe(cause)}${sqlState ? ` (SQLSTATE ${sqlState})` : ""}, ${which}`,
    remedy: remedyFor(sqlState, cause),
    migration: script.name,
    sqlState,
    ...place,
    cause,
  });
}

/** The driver's words, and the operating system's codes, for a connection that is gone. */
const LOST = /^(Connection terminated|Client (was closed|has encountered a connection error))/;
const LOST_CODES: ReadonlySet<unknown> = new Set(["ECONNRESET", "EPIPE", "ETIMEDOUT"]);

/**
 * The failure of something other than a migration's script, where server or connection have failed: a question, the
 * lock, the history. Any other error is given back as it is.
 * @param what what could not be done, for the message
 */
export function serverFailure(error: unknown, what: string): unknown {
  const cause = error instanceof ScriptError ? error.cause : error;
  const sqlState = sqlStateOf(cause);
  const isLost =
    cause instanceof Error &&
    (LOST.test(cause.message) || ("code" in cause && LOST_CODES.has(cause.code)));
  if (error instanceof TidemarkError || (sqlState === undefined && !isLost)) return error;
  return new TidemarkError({
    code: "DB_CONNECTION",
    class: sqlState === "42501" ? "usage" : classOfState(sqlState),
    message: `${what}: ${describe(cause)}${sqlState ? ` (SQLSTATE ${sqlState})` : ""}.`,
    remedy:
      sqlState === undefined
        ? "The connection was lost: nothing that was under way has been kept. Run again."
        : (REMEDIES[sqlState] ?? "Mend the cause and run again."),
    sqlState,
    cause,
  });
}

function offsetOf(cause: unknown, sent: SentText): number | undefined {
  if (!(cause instanceof DatabaseError) || cause.position === undefined) return undefined;
  const offset = offsetOfPgPosition(sent.text, Number(cause.position)) - sent.ownStart;
  return offset >= 0 && offset < sent.ownLength ? sent.base + offset : undefined;
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (!(cause instanceof DatabaseError)) return cause.message;
  const parts = [cause.message];
  if (cause.detail) parts.push(cause.detail);
  const context = cause.where?.split("\n") ?? [];
  // "SQL statement …" alone, which may come first, does not say where in a function it is.
  const place = context.find((line) => /^(PL\/|COPY )/.test(line)) ?? context[0];
  if (place) parts.push(place);
  return parts.join("; ");
}

/** Flyway's codes: ERROR for the script itself, DB_CONNECTION for what surrounds it. */
function codeOf(isOwn: boolean, sqlState: string | undefined): ErrorCode {
  return isOwn && sqlState !== undefined ? "ERROR" : "DB_CONNECTION";
}

/** Errors that pass: lock timeout, deadlock, serialization, connection lost, server going down, out of resources. */
export function classOfState(sqlState: string | undefined): ErrorClass {
  if (sqlState === undefined) return "temporary";
  const passes = /^(55P03|40001|40P01|08...|57P0.|53...)$/.test(sqlState);
  return passes ? "temporary" : "migrations";
}

const REMEDIES: Readonly<Record<string, string>> = {
  "42601": "Correct the SQL at this place.",
  "42P07":
    "The object exists already: made by hand, or by a run outside the history. Compare it with the migration; if they agree, drop it or set a baseline.",
  "42710": "The object exists already: made by hand, or by a run outside the history.",
  "42P06": "The schema exists already: made by hand, or by a run outside the history.",
  "42501": "Grant the role what the statement needs, or migrate with a role that owns the object.",
  "55P03": "Another session holds the lock. Try again when it is done, or raise lockTimeout.",
  "57014": "The statement was cancelled, or took longer than statementTimeout allows.",
  "25P04":
    "It took longer than the server's transaction_timeout allows: raise that for the role (ALTER ROLE … SET transaction_timeout), or split the migration.",
  "25001":
    "This statement cannot run inside a transaction: put it into a migration of its own, with a file <script>.conf that says executeInTransaction=false.",
  "2D000":
    "A procedure or DO block that commits cannot run inside a transaction: put the call into a migration of its own, with a file <script>.conf that says executeInTransaction=false.",
  "23505": "The data breaks the unique rule: clean it in an earlier migration.",
  "23502": "The data has nulls: fill them in an earlier migration.",
  "23503": "The data breaks the foreign key: clean it in an earlier migration.",
};

/** What to do where nothing better is known. */
export const NOTHING_KEPT =
  "Correct the migration and run again: nothing of it was kept if it ran in a transaction.";

function remedyFor(sqlState: string | undefined, cause: unknown): string {
  const hint =
    cause instanceof DatabaseError && cause.hint ? `PostgreSQL's hint: ${cause.hint} ` : "";
  if (sqlState === undefined) {
    return "The connection was lost in the middle: nothing of this migration was kept if it ran in a transaction. Run again.";
  }
  return hint + (REMEDIES[sqlState] ?? NOTHING_KEPT);
}
