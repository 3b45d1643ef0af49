import { SqlLexer } from "./lexer";
import { StatementReader } from "./statement-reader";

/** As in the rules for the parse tree: what holds rows, columns, or a state that cannot be made again. */
const HOLDERS = ["TABLE", "SCHEMA", "DATABASE", "SEQUENCE", "OWNED", "EXTENSION"];
const WITHOUT_DEPENDENTS = [
  ...["INDEX", "TRIGGER", "RULE", "POLICY", "EVENT", "PUBLICATION", "STATISTICS", "CONVERSION"],
  "CAST",
];

/** Kinds of more than one word, by the first. */
const KINDS: Readonly<Record<string, string>> = {
  MATERIALIZED: "MATERIALIZED VIEW",
  FOREIGN: "FOREIGN DATA WRAPPER",
  ACCESS: "ACCESS METHOD",
  TEXT: "TEXT SEARCH",
};

/** The same rules by the words alone, for what the parser does not take: the statement at the lexer's token. */
export function destructiveWords(lexer: SqlLexer): string | undefined {
  const next = new SqlLexer(lexer.text, lexer.end);
  next.next();
  if (lexer.isWord("TRUNCATE")) return isName(next) ? "TRUNCATE" : undefined;
  if (lexer.isWord("DELETE")) return next.isWord("FROM") ? "DELETE" : undefined;
  if (lexer.isWord("MERGE")) return mergeThatDeletes(next);
  if (lexer.isWord("DROP")) return drop(next);
  return lexer.isWord("ALTER") ? alter(next) : undefined;
}

/** A `%` or the end stands for a name in a text that is put together. */
function isName(lexer: SqlLexer): boolean {
  return ["word", "quotedIdentifier"].includes(lexer.kind) || lexer.isSymbol("%");
}

function mergeThatDeletes(next: SqlLexer): string | undefined {
  if (!next.isWord("INTO")) return undefined;
  const deletes = untilEnd(next, () => next.isWord("THEN") && wordAfter(next).isWord("DELETE"));
  return deletes ? "MERGE … DELETE" : undefined;
}

function drop(next: SqlLexer): string | undefined {
  const foreign = next.isWord("FOREIGN") && wordAfter(next).isWord("TABLE");
  if (foreign) return "DROP FOREIGN TABLE";
  const holder = HOLDERS.find((word) => next.isWord(word));
  if (holder !== undefined) return `DROP ${holder}`;
  if (next.kind !== "word" || WITHOUT_DEPENDENTS.some((word) => next.isWord(word)))
    return undefined;
  const word = next.slice().toUpperCase();
  const kind = KINDS[word] ?? word;
  return untilEnd(next, () => next.isWord("CASCADE")) ? `DROP ${kind} … CASCADE` : undefined;
}

function alter(next: SqlLexer): string | undefined {
  const reader = new StatementReader(next.text.slice(next.start));
  const foreign = reader.accept("FOREIGN") ? "FOREIGN " : "";
  const isType = foreign === "" && reader.accept("TYPE");
  if (!isType && !reader.accept("TABLE")) return undefined;
  reader.accept("IF", "EXISTS");
  reader.accept("ONLY");
  if (!reader.name()) return undefined;
  for (let goesOn = true; goesOn; goesOn = reader.skipPastComma()) {
    if (!reader.accept("DROP")) continue;
    if (isType && reader.accept("ATTRIBUTE")) return "ALTER TYPE … DROP ATTRIBUTE";
    if (!isType && !reader.accept("CONSTRAINT")) return `ALTER ${foreign}TABLE … DROP COLUMN`;
  }
  return undefined;
}

function wordAfter(lexer: SqlLexer): SqlLexer {
  const next = new SqlLexer(lexer.text, lexer.end);
  next.next();
  return next;
}

/** Whether a token up to the statement's end is the one. */
function untilEnd(lexer: SqlLexer, isIt: () => boolean): boolean {
  while (lexer.next() && !lexer.isSymbol(";")) if (isIt()) return true;
  return false;
}
