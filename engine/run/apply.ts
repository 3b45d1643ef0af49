import { classifyStatement } from "../analysis/classify";
import type { Script } from "../analysis/script";
import type { Statement } from "../analysis/split";
import { TidemarkError } from "../core/errors";
import type { ResolvedMigration } from "../core/migration";
import { type HistoryTable, insertRowSql, type NewRow } from "../postgres/schema-history";
import type { Session } from "../postgres/session";
import { type SentText, sqlFailure } from "../postgres/sql-failure";
import { dropInvalidIndex, isBuiltAlready } from "./invalid-index";

/** All that one migration's run needs besides its script. */
export interface ApplyContext {
  readonly session: Session;
  readonly history: HistoryTable;
  readonly rank: number;
  readonly installedBy?: string;
  /** Statements that put role and search_path back to what they were when the run began. */
  readonly restore: readonly string[];
  /** The caller has opened a transaction around all migrations (option group). */
  readonly grouped: boolean;
  readonly warn: (message: string) => void;
  /** Callbacks that run inside the migration's transaction. */
  readonly fireInside?: (event: string) => Promise<void>;
}

/** Runs a script that is not recorded: a callback. */
export async function runScript(
  session: Session,
  script: Script,
  ownTransaction: boolean,
): Promise<void> {
  if (ownTransaction) await session.runScript("BEGIN");
  for (const piece of pieces(script)) await runPiece(script, session, piece);
  if (ownTransaction) await session.runScript("COMMIT");
}

/**
 * Runs one migration and records it, in one transaction where it may.
 * @throws TidemarkError with file, line and SQLSTATE; nothing of a transactional migration is kept then.
 */
export async function applyMigration(
  migration: ResolvedMigration,
  script: Script,
  context: ApplyContext,
): Promise<void> {
  if (!script.inTransaction) return applyOutsideTransaction(migration, script, context);
  const hasData = script.statements.some((s) => s.kind === "copy");
  try {
    if (context.fireInside)
      await applyWithCallbacks(migration, script, context, context.fireInside);
    else if (hasData || script.sql.text.length > LARGEST_PIECE || script.sql.text.includes("\\"))
      await applyInSteps(migration, script, context);
    else await applyAtOnce(migration, script, context);
  } catch (error) {
    if (!context.grouped) await context.session.rollback();
    throw error;
  }
}

/** Transaction, script and history row in one round trip. */
async function applyAtOnce(
  migration: ResolvedMigration,
  script: Script,
  context: ApplyContext,
): Promise<void> {
  const before = [...(context.grouped ? [] : ["BEGIN"]), ...context.restore];
  const prefix = before.map((sql) => `${sql};`).join("\n") + (before.length > 0 ? "\n" : "");
  const row = insertRow(migration, context, "since query start");
  const after = [
    "RESET SESSION AUTHORIZATION",
    ...context.restore,
    row,
    ...(context.grouped ? [] : ["COMMIT"]),
  ];
  const own = script.sql.text;
  const text = `${prefix}${own}\n;${after.join(";\n")}`;
  const sent: SentText = {
    text,
    ownStart: prefix.length,
    ownLength: own.length,
    base: 0,
    statementsBefore: before.length,
    firstStatement: 0,
  };
  await send(script, context.session, sent);
}

/** The same piece by piece: COPY data goes by a protocol of its own, and psql lines are left out. */
async function applyInSteps(
  migration: ResolvedMigration,
  script: Script,
  context: ApplyContext,
): Promise<void> {
  const start = Date.now();
  const { session } = context;
  await runOurs(script, context, [...(context.grouped ? [] : ["BEGIN"]), ...context.restore]);
  for (const piece of pieces(script)) await runPiece(script, context.session, piece);
  await runOurs(script, context, [
    "RESET SESSION AUTHORIZATION",
    ...context.restore,
    insertRow(migration, { ...context, session }, Date.now() - start),
    ...(context.grouped ? [] : ["COMMIT"]),
  ]);
}

type Fire = (event: string) => Promise<void>;

/** Statement by statement, with callbacks around each and around the whole, in the migration's own transaction. */
async function applyWithCallbacks(
  migration: ResolvedMigration,
  script: Script,
  context: ApplyContext,
  fire: Fire,
): Promise<void> {
  const start = Date.now();
  await runOurs(script, context, [...(context.grouped ? [] : ["BEGIN"]), ...context.restore]);
  try {
    await fire("beforeEachMigrate");
    for (const [index] of script.statements.entries())
      await runWithCallbacks(script, context, index, fire);
    await fire("afterEachMigrate");
  } catch (error) {
    await fire("afterEachMigrateError"); // in the failed transaction, as in Flyway
    throw error;
  }
  await runOurs(script, context, [
    "RESET SESSION AUTHORIZATION",
    ...context.restore,
    insertRow(migration, context, Date.now() - start),
    ...(context.grouped ? [] : ["COMMIT"]),
  ]);
}

async function runWithCallbacks(
  script: Script,
  context: ApplyContext,
  index: number,
  fire: Fire,
): Promise<void> {
  await fire("beforeEachMigrateStatement");
  try {
    await runPiece(script, context.session, { from: index, to: index + 1 });
  } catch (error) {
    await fire("afterEachMigrateStatementError");
    throw error;
  }
  await fire("afterEachMigrateStatement");
}

/**
 * Statement by statement, each committed as it ends. A failure leaves an honest failed row, so that the next run stops
 * until somebody has looked.
 */
async function applyOutsideTransaction(
  migration: ResolvedMigration,
  script: Script,
  context: ApplyContext,
): Promise<void> {
  const start = Date.now();
  await runOurs(script, context, context.restore);
  try {
    for (const [index] of script.statements.entries()) {
      if (await settleIndex(script, context, index)) continue;
      await runPiece(script, context.session, { from: index, to: index + 1 });
    }
  } catch (error) {
    await recordFailure(migration, script, context, Date.now() - start);
    throw error;
  }
  await recordOutside(script, context, insertRow(migration, context, Date.now() - start));
}

/** What has run without a transaction must have its row: a statement that was cancelled is sent once more. */
async function recordOutside(script: Script, context: ApplyContext, row: string): Promise<void> {
  const statements = ["RESET SESSION AUTHORIZATION", ...context.restore, row];
  try {
    await runOurs(script, context, statements);
  } catch (error) {
    if (!(error instanceof TidemarkError) || error.place.sqlState !== QUERY_CANCELED) throw error;
    await runOurs(script, context, statements);
  }
}

const QUERY_CANCELED = "57014";

/**
 * What an interrupted build of the same index left behind is dropped where it is INVALID.
 * @returns whether the index is there as it has to be, and nothing is left to do.
 */
async function settleIndex(script: Script, context: ApplyContext, index: number): Promise<boolean> {
  const { start, end } = script.statements[index] as Statement;
  const text = script.sql.text.slice(start, end);
  const { concurrentIndex } = classifyStatement(text);
  if (!concurrentIndex) return false;
  const dropped = await dropInvalidIndex(context.session, concurrentIndex);
  if (dropped)
    context.warn(
      `Dropped the INVALID index ${dropped}, which a failed build had left behind: it is built anew.`,
    );
  if (!(await isBuiltAlready(context.session, concurrentIndex, text))) return false;
  context.warn(
    `The index ${concurrentIndex.name} is there already, valid and as this statement defines it: an interrupted run has built it.`,
  );
  return true;
}

async function recordFailure(
  migration: ResolvedMigration,
  script: Script,
  context: ApplyContext,
  ms: number,
): Promise<void> {
  await context.session.rollback(); // a script may have opened a transaction of its own
  const row = insertRow(migration, context, ms, false);
  // The script's own failure is what the user has to see; a lost connection cannot be written to anyway.
  await runOurs(script, context, ["RESET SESSION AUTHORIZATION", ...context.restore, row]).catch(
    () => undefined,
  );
}

/** A run of statements that can be sent together: [from, to). */
interface Piece {
  readonly from: number;
  readonly to: number;
}

/** UTF-16 units. PostgreSQL parses a query as a whole before it runs the first statement: much memory, on both sides. */
const LARGEST_PIECE = 1_000_000;

function pieces({ statements, sql }: Script): Piece[] {
  const result: Piece[] = [];
  let from = 0;
  for (let i = 1; i <= statements.length; i++) {
    const previous = statements[i - 1] as Statement;
    const next = statements[i];
    const together =
      next?.kind === "sql" &&
      previous.kind === "sql" &&
      next.end - (statements[from] as Statement).start <= LARGEST_PIECE &&
      !sql.text.slice(previous.end, next.start).includes("\\");
    if (together) continue;
    result.push({ from, to: i });
    from = i;
  }
  return result;
}

async function runPiece(script: Script, session: Session, { from, to }: Piece): Promise<void> {
  const first = script.statements[from] as Statement;
  const last = script.statements[to - 1] as Statement;
  const text = script.sql.text.slice(first.start, last.end);
  const sent: SentText = {
    text,
    ownStart: 0,
    ownLength: text.length,
    base: first.start,
    statementsBefore: 0,
    firstStatement: from,
  };
  await send(script, session, sent, first.copyData);
}

async function runOurs(
  script: Script,
  context: ApplyContext,
  statements: readonly string[],
): Promise<void> {
  if (statements.length === 0) return;
  const sent: SentText = {
    text: statements.join(";\n"),
    ownStart: 0,
    ownLength: 0,
    base: 0,
    statementsBefore: 0,
    firstStatement: script.statements.length,
  };
  await send(script, context.session, sent);
}

async function send(
  script: Script,
  session: Session,
  sent: SentText,
  data?: { start: number; end: number },
): Promise<void> {
  try {
    await session.runScript(sent.text, data && chunks(script.sql.text, data.start, data.end));
  } catch (error) {
    throw sqlFailure(error, script, sent);
  }
}

const CHUNK = 1 << 16;

/** COPY data in pieces, so that a large file is not encoded as a whole. Never splits a surrogate pair. */
function* chunks(text: string, start: number, end: number): Generator<string> {
  for (let from = start; from < end;) {
    let to = Math.min(from + CHUNK, end);
    const unit = text.charCodeAt(to - 1);
    if (to < end && unit >= 0xd800 && unit < 0xdc00) to++;
    yield text.slice(from, to);
    from = to;
  }
}

function insertRow(
  migration: ResolvedMigration,
  context: ApplyContext,
  time: number | "since query start",
  success = true,
): string {
  const row: NewRow = {
    version: migration.version?.text ?? null,
    description: migration.description,
    type: migration.type,
    script: migration.script,
    checksum: migration.checksum,
    installedBy: context.installedBy,
    success,
  };
  return insertRowSql(context.session, context.history, row, context.rank, time);
}
