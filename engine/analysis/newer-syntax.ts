import { SqlLexer } from "./lexer";
import { StatementReader } from "./statement-reader";

/** Behind these words an older grammar goes on for a while: the opening of GRAPH_TABLE could be that of a function. */
const GRAPH_TABLE = ["GRAPH_TABLE", "("];

/**
 * What PostgreSQL has added, or set out to add, after 18, the parser's: words that no older grammar has in this order.
 * (https://www.postgresql.org/docs/19/release-19.html, and the reference of SQL commands there)
 */
const PHRASES: readonly (readonly string[])[] = [
  ["WAIT", "FOR", "LSN"],
  ["CHECKPOINT", "("],
  ["PROPERTY", "GRAPH"],
  ["MERGE", "PARTITIONS"],
  ["SPLIT", "PARTITION"],
  ["FOR", "PORTION", "OF"],
  ["DO", "SELECT"],
  ["IGNORE", "NULLS"],
  ["RESPECT", "NULLS"],
  ["GROUP", "BY", "ALL"],
  ["ALL", "TABLES", "EXCEPT"],
  ["ALL", "SEQUENCES"],
  ["REFRESH", "SEQUENCES"],
];

/**
 * The words of a later PostgreSQL at which a parser had to stop; undefined: what it refuses is wrong in itself.
 * @param stop where the parser refused the statement
 */
export function newerSyntax(statement: string, stop: number): string | undefined {
  if (isRepack(statement)) return "REPACK";
  const tokens = tokensUpTo(statement, stop);
  for (const phrase of [...PHRASES, GRAPH_TABLE]) {
    for (let first = 0; first < tokens.length; first++) {
      const found = tokens.slice(first, first + phrase.length);
      // The parser stops in these words, or at the one behind them.
      const next = phrase === GRAPH_TABLE ? undefined : tokens[first + phrase.length];
      const after = next?.start ?? statement.length;
      const matches = phrase.every((word, i) => found[i]?.text === word);
      if (matches && (found[0]?.start ?? 0) <= stop && stop <= after) return phrase.join(" ");
    }
  }
  return undefined;
}

/**
 * What the parser says, as it may be shown: it quotes what it stops at, and the value of a placeholder may be a secret.
 * @param holdsValue whether the statement holds a placeholder's value
 */
export function shownRefusal(message: string, holdsValue: boolean): string {
  return holdsValue ? message.replace(/ "[^]*"/, " this place") : message;
}

interface Token {
  readonly text: string;
  readonly start: number;
}

/** The words and signs, a few of them behind where the parser stopped. */
function tokensUpTo(statement: string, stop: number): Token[] {
  const lexer = new SqlLexer(statement);
  const tokens: Token[] = [];
  for (let behind = 0; behind < 4 && lexer.next();) {
    tokens.push({
      text: lexer.kind === "word" ? lexer.slice().toUpperCase() : lexer.slice(),
      start: lexer.start,
    });
    if (lexer.start > stop) behind++;
  }
  return tokens;
}

/** REPACK [(options)] [table [(columns)]] [USING INDEX [name]], and nothing more. */
function isRepack(statement: string): boolean {
  const reader = new StatementReader(statement);
  if (!reader.accept("REPACK")) return false;
  reader.options();
  reader.acceptOneOf("CONCURRENTLY", "VERBOSE");
  const using = () => reader.accept("USING", "INDEX");
  if (!using()) {
    if (reader.name()) reader.options();
    if (!using()) return reader.nextIs("end");
  }
  reader.name();
  return reader.nextIs("end");
}
