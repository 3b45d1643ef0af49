import type { Script } from "./script";
import { settingChange } from "./setting-change";
import type { Statement } from "./split";

/** What is sent to the server at a time: statements [from, to) of a script. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  /** Sent in place of the statements: what is left of a BEGIN that the engine's own transaction stands for. */
  readonly instead?: string;
  /** Ends the transaction that is open; what follows it needs another one, which COMMIT AND CHAIN begins by itself. */
  readonly commits?: true;
  /** Puts every setting back, also one that marks our transaction. */
  readonly resets?: true;
}

/** UTF-16 units. PostgreSQL parses a query as a whole before it runs the first statement: much memory, on both sides. */
const LARGEST = 1_000_000;

/**
 * The pieces of a script that runs in the engine's transaction: as few as possible. COPY data goes by a protocol of its
 * own, psql lines are left out, and what ends a transaction or decides how the server reads the text stands alone.
 */
export function piecesInTransaction(script: Script): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  const close = (to: number): void => {
    if (to > from) pieces.push({ from, to });
  };
  for (const [index, statement] of script.statements.entries()) {
    const alone = standsAlone(script, index, statement);
    if (!alone && (index === from || goesWith(script, from, index))) continue;
    close(index);
    from = index;
    if (!alone) continue;
    if (alone !== "absorbed") pieces.push(alone);
    from = index + 1;
  }
  close(script.statements.length);
  return pieces;
}

/** Each statement by itself. */
export function singlePieces(script: Script): Piece[] {
  return script.statements.flatMap((statement, index) => {
    const alone = standsAlone(script, index, statement);
    return alone === "absorbed" ? [] : [alone ?? { from: index, to: index + 1 }];
  });
}

function standsAlone(
  script: Script,
  index: number,
  statement: Statement,
): Piece | "absorbed" | undefined {
  const piece = { from: index, to: index + 1 };
  const control = script.notable.get(index)?.transactionControl;
  if (script.transactions.absorbed.has(index))
    return control?.modes ? { ...piece, instead: `SET TRANSACTION ${control.modes}` } : "absorbed";
  if (control) return control.kind === "commit" ? { ...piece, commits: true } : piece;
  if (statement.kind === "copy") return piece;
  if (!statement.changesReading) return undefined;
  const { start, end } = statement;
  const resets = settingChange(script.sql.text.slice(start, end))?.name === "all";
  return resets ? { ...piece, resets } : piece;
}

/** Whether a statement can go in one query with those before it, back to `from`. */
function goesWith({ statements, sql }: Script, from: number, index: number): boolean {
  const first = statements[from] as Statement;
  const previous = statements[index - 1] as Statement;
  const next = statements[index] as Statement;
  return (
    next.end - first.start <= LARGEST && !sql.text.slice(previous.end, next.start).includes("\\")
  );
}
