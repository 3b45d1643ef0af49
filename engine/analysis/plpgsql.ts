import { isNode, type ParseNode } from "./parse-tree";
import type { Parse } from "./parser";
import { findNested, type NestedText } from "./statement-scan";

/** SQL inside a PL/pgSQL body; `offset` in the body. */
export interface PlpgsqlPiece {
  readonly kind: "statement" | "expression" | "dynamic";
  readonly text: string;
  readonly offset: number;
}

export interface PlpgsqlBody {
  /** In the order in which they stand. */
  readonly pieces: readonly PlpgsqlPiece[];
  /** Types of the variables as declared; a name that is declared twice, with two types, has none. */
  readonly variables: ReadonlyMap<string, string>;
}

/** Where a statement holds an expression whose value is run as SQL. */
const DYNAMIC: Readonly<Record<string, string>> = {
  PLpgSQL_stmt_dynexecute: "query",
  PLpgSQL_stmt_dynfors: "query",
  PLpgSQL_stmt_open: "dynquery",
  PLpgSQL_stmt_return_query: "dynquery",
};
/** RawParseMode of the server: 0 a statement, 2 an expression, 3 and up `target := expression`. */
const STATEMENT_MODE = 0;
const EXPRESSION_MODE = 2;
/** PERFORM is handed on as SELECT. */
const PERFORM = "SELECT ";

/**
 * Takes a PL/pgSQL body apart with PostgreSQL's parser.
 * @param statement the DO or CREATE FUNCTION around it
 * @returns undefined where the parser refuses it
 */
export function readPlpgsql(
  statement: string,
  body: string,
  parse: Parse,
): PlpgsqlBody | undefined {
  const tree = parse.plpgsql(statement);
  if (!tree) return undefined;
  const reader = new Reader(body);
  reader.read(tree);
  return {
    pieces: reader.pieces.sort((a, b) => a.offset - b.offset),
    variables: reader.variables,
  };
}

interface Visit {
  readonly value: unknown;
  readonly key: string;
  /** The statement around, and the line on which it begins. */
  readonly statement: string;
  readonly line: number;
}

class Reader {
  readonly pieces: PlpgsqlPiece[] = [];
  readonly variables = new Map<string, string>();
  private readonly lines: readonly number[];
  /** Two equal statements on one line are two places. */
  private readonly taken = new Set<number>();
  private nested: readonly NestedText[] | undefined;

  private readonly body: string;

  constructor(body: string) {
    this.body = body;
    const lines = [0];
    for (let at = body.indexOf("\n"); at >= 0; at = body.indexOf("\n", at + 1)) lines.push(at + 1);
    this.lines = lines;
  }

  read(tree: ParseNode): void {
    const open: Visit[] = [{ value: tree, key: "", statement: "", line: 1 }];
    for (let visit = open.pop(); visit; visit = open.pop()) {
      const { value, key } = visit;
      if (Array.isArray(value)) {
        for (const item of [...(value as unknown[])].reverse())
          open.push({ ...visit, value: item });
        continue;
      }
      if (!isNode(value)) continue;
      for (const [name, child] of Object.entries(value).reverse()) {
        if (name === "PLpgSQL_expr" && isNode(child)) this.take(child, key, visit);
        else open.push(this.inside(name, child, visit));
      }
    }
  }

  private inside(name: string, child: unknown, { statement, line }: Visit): Visit {
    if (!isNode(child)) return { value: child, key: name, statement, line };
    if (name === "PLpgSQL_var") this.declare(child);
    return {
      value: child,
      key: name,
      statement: name.startsWith("PLpgSQL_stmt_") ? name : statement,
      line: typeof child.lineno === "number" ? child.lineno : line,
    };
  }

  private declare({ refname, datatype }: ParseNode): void {
    const type = isNode(datatype) && isNode(datatype.PLpgSQL_type) ? datatype.PLpgSQL_type : {};
    if (typeof refname !== "string" || typeof type.typname !== "string") return;
    const known = this.variables.get(refname);
    const isSame = known === undefined || known === type.typname;
    this.variables.set(refname, isSame ? type.typname : "");
  }

  private take({ query, parseMode }: ParseNode, key: string, { statement, line }: Visit): void {
    if (typeof query !== "string") return;
    const isDynamic = DYNAMIC[statement] === key;
    if (isDynamic)
      this.pieces.push({ kind: "dynamic", text: query, offset: this.findExecuted(query, line) });
    else if (parseMode === EXPRESSION_MODE) this.add("expression", query, line);
    else if (parseMode !== undefined && parseMode !== STATEMENT_MODE) this.assignment(query, line);
    else if (statement === "PLpgSQL_stmt_perform" && query.startsWith(PERFORM))
      this.add("expression", query.slice(PERFORM.length), line);
    else this.add("statement", query, line);
  }

  private assignment(query: string, line: number): void {
    const operator = /:?=/.exec(query);
    const from = operator ? operator.index + operator[0].length : 0;
    this.add("expression", query.slice(from), line, query);
  }

  private add(kind: PlpgsqlPiece["kind"], text: string, line: number, whole = text): void {
    const lead = whole.length - text.length;
    this.pieces.push({ kind, text, offset: this.find(whole, line) + lead });
  }

  /** `EXECUTE x`: an x may stand on its line before. */
  private findExecuted(query: string, line: number): number {
    const from = this.lines[line - 1] ?? 0;
    for (const { kind, start, end } of (this.nested ??= findNested(this.body))) {
      if (kind !== "execute" || end < from) continue;
      const at = start + this.body.slice(start, end).indexOf(query);
      if (at < start || this.taken.has(at)) continue;
      this.taken.add(at);
      return at;
    }
    return this.find(query, line);
  }

  /** Where the text stands on its line or after. An INTO is blanked out in it, so its head has to do. */
  private find(text: string, line: number): number {
    const from = this.lines[line - 1] ?? 0;
    for (const head of [
      text,
      text.slice(0, text.search(/ {2}|$/)),
      /^\s*\w*/.exec(text)?.[0] ?? "",
    ]) {
      if (head.trim() === "") continue;
      let at = this.body.indexOf(head, from);
      while (this.taken.has(at)) at = this.body.indexOf(head, at + 1);
      if (at < 0) continue;
      this.taken.add(at);
      return at;
    }
    return from;
  }
}
