import type { Destruction } from "./destructive";
import { destroyedBy } from "./destructive-nodes";
import { destructiveWords } from "./destructive-words";
import { bodyByWords, quoted, startsWithDo } from "./do-block";
import { HOLE, readDynamic } from "./dynamic-sql";
import { SqlLexer } from "./lexer";
import {
  constantOf,
  isAnalyzed,
  isNode,
  listOf,
  namesOf,
  optionOf,
  type ParseNode,
  stringOf,
} from "./parse-tree";
import { offsetOfLocation, type Parse } from "./parser";
import { readPlpgsql } from "./plpgsql";
import { asSelect, inside, literalOf, part, type Source } from "./source";
import { splitStatements, type Statement } from "./split";
import { findNested, scanStatements } from "./statement-scan";
import type { StringLiteral } from "./string-literal";

/** A routine that the script makes. */
interface Routine {
  readonly source: Source;
  readonly node: ParseNode;
}

const DEEPEST = 16;
/** Without one of these words a statement destroys nothing: most rows of a dump need no parser. */
const WORDS = /delete|truncate|drop|merge|alter|lo_|u&|program|standard_conforming_strings/i;

/** What these hold is run later, by whoever calls. */
const DEFINITIONS = new Set([
  ...["RuleStmt", "ViewStmt", "CreateStmt", "CreateTrigStmt", "CreatePolicyStmt"],
  "CreateEventTrigStmt",
]);

/** All that the statements of one script destroy, in no order. */
export function searchDestructive(
  sql: string,
  statements: readonly Statement[],
  parse?: Parse,
): Destruction[] {
  const readsAll = statements.some(({ start, end }) => mayMakeRoutine(sql.slice(start, end)));
  const search = new Search(parse, readsAll, sql.includes("\\"));
  const script: Source = { text: sql, at: (offset) => offset, depth: 0 };
  for (const { start, end } of statements) search.statement(part(script, start, end));
  return search.finish();
}

/** Then any statement may call what the script has made. */
function mayMakeRoutine(text: string): boolean {
  return /function|procedure/i.test(text) || startsWithDo(text);
}

class Search {
  private readonly found: Destruction[] = [];
  private readonly routines = new Map<string, Routine[]>();
  private readonly calls = new Set<string>();
  private readonly parse: Parse | undefined;
  private readonly readsAll: boolean;
  private readonly hasBackslash: boolean;

  constructor(parse: Parse | undefined, readsAll: boolean, hasBackslash: boolean) {
    this.parse = parse;
    this.readsAll = readsAll;
    this.hasBackslash = hasBackslash;
  }

  /** Reads the routines that have been called, too. */
  finish(): Destruction[] {
    for (const name of this.calls) {
      // The set grows while bodies are read, and is gone through to its end.
      for (const routine of this.routines.get(name) ?? []) this.routine(routine);
    }
    return this.found;
  }

  statement(source: Source): void {
    const { text } = source;
    if (!this.readsAll && !WORDS.test(text)) return;
    const parsed = this.parse?.(text);
    if (parsed?.kind === "parsed") for (const node of parsed.nodes) this.tree(source, node);
    else this.scan(source);
  }

  /** In the order of the text, and without recursion: a script may nest deeper than the stack does. */
  private tree(source: Source, root: ParseNode): void {
    const open: (readonly [string, unknown])[] = [["", root]];
    for (let next = open.pop(); next; next = open.pop()) {
      const [name, value] = next;
      if (Array.isArray(value)) {
        for (const item of [...(value as unknown[])].reverse()) open.push(["", item]);
      } else if (isNode(value) && this.goesInto(source, name, value)) {
        open.push(...Object.entries(value).reverse());
      }
    }
  }

  /** Looks at one node; false: what is in it does not run. */
  private goesInto(source: Source, name: string, node: ParseNode): boolean {
    const destroyed = destroyedBy(name, node);
    if (destroyed) {
      const { keyword, objects, word, location } = destroyed;
      const place = offsetOfLocation(source.text, location);
      const offset = word === "" ? place : lastWord(source.text, word, place);
      this.add(source, offset, { keyword, objects, by: "parser" });
    }
    switch (name) {
      case "FuncCall":
      case "funccall":
        this.call(source, node);
        return true;
      case "DoStmt":
        this.doBlock(source, node);
        return false;
      case "CreateFunctionStmt":
        this.define(source, node);
        return false;
      case "ExplainStmt":
        return isAnalyzed(node);
      case "CopyStmt":
        if (node.is_program === true) this.unreadable(source, 0, "COPY … PROGRAM");
        return true;
      case "VariableSetStmt":
        this.setting(source, node.name, listOf(node.args)[0]);
        return true;
      default:
        return !DEFINITIONS.has(name);
    }
  }

  private call(source: Source, { funcname, args }: ParseNode): void {
    const name = namesOf(funcname).at(-1) ?? "";
    this.calls.add(name);
    if (name !== "set_config") return;
    const [setting, value] = listOf(args);
    this.setting(source, setting && constantOf(setting), value);
  }

  /** With backslashes as escapes, the server reads other statements in the same text than we do. */
  private setting(source: Source, name: unknown, value: ParseNode | undefined): void {
    if (name !== "standard_conforming_strings" || !this.hasBackslash || !value) return;
    if (!/^(?:on|true|yes|1|t|y)$/i.test(constantOf(value) ?? ""))
      this.unreadable(source, 0, "SET standard_conforming_strings");
  }

  private doBlock(source: Source, { args }: ParseNode): void {
    const body = optionOf(args, "as");
    const language = stringOf(optionOf(args, "language")?.arg) ?? "plpgsql";
    const at = offsetOfLocation(source.text, body?.location);
    const literal = literalOf(source.text, at, body?.arg);
    if (!literal || language !== "plpgsql") this.unreadable(source, 0, `DO LANGUAGE ${language}`);
    else this.plpgsql(source, literal, (body) => `DO ${body}`);
  }

  private define(source: Source, node: ParseNode): void {
    const name = namesOf(node.funcname).at(-1) ?? "";
    this.routines.set(name, [...(this.routines.get(name) ?? []), { source, node }]);
  }

  private routine({ source, node }: Routine): void {
    if (node.sql_body !== undefined) return this.tree(source, { body: node.sql_body });
    const { options } = node;
    const language = stringOf(optionOf(options, "language")?.arg)?.toLowerCase() ?? "sql";
    // The location is that of AS; the string comes next.
    const body = optionOf(options, "as");
    const as = offsetOfLocation(source.text, body?.location);
    const list = isNode(body?.arg) && isNode(body.arg.List) ? body.arg.List.items : [];
    const [item] = Array.isArray(list) ? (list as unknown[]) : [];
    const literal = literalOf(source.text, as + "AS".length, item);
    if (literal && language === "sql") this.script(inside(source, literal));
    else if (literal && language === "plpgsql") {
      const { text } = source;
      const around = (body: string) =>
        text.slice(0, literal.start) + body + text.slice(literal.end);
      this.plpgsql(source, literal, around);
    } else this.unreadable(source, 0, `CREATE FUNCTION … LANGUAGE ${language}`);
  }

  /** @param around the statement with another text for the body */
  private plpgsql(outer: Source, literal: StringLiteral, around: (body: string) => string): void {
    const source = inside(outer, literal);
    if (source.depth > DEEPEST) return this.unreadable(outer, 0, "DO");
    const body = this.parse && readPlpgsql(around(quoted(source.text)), source.text, this.parse);
    if (!body) return this.scanBody(source);
    for (const { kind, text, offset } of body.pieces) {
      const piece = { ...source, text, at: (o: number) => source.at(offset + o) };
      if (kind === "dynamic") this.execute(piece, body.variables);
      else if (kind === "expression") this.statement(asSelect(piece));
      else this.statement(piece);
    }
  }

  /** An expression whose value is run as SQL; what it shows is searched, what it hides is named. */
  private execute(source: Source, variables?: ReadonlyMap<string, string>): void {
    const { text, complete } = readDynamic(source.text, this.parse, variables);
    const start = source.text.search(/\S|$/);
    const place = source.at(start);
    const before = this.found.length;
    this.script({ text, at: () => place, depth: source.depth + 1 });
    if (!complete && this.found.length === before) this.unreadable(source, start, "EXECUTE");
  }

  private script(source: Source): void {
    for (const { start, end } of splitStatements(source.text).statements) {
      this.statement(part(source, start, end));
    }
  }

  private scan(source: Source): void {
    const literal = startsWithDo(source.text) ? bodyByWords(source.text) : undefined;
    if (literal) return this.scanBody(inside(source, literal));
    for (const { offset, keyword } of scanStatements(source.text, destructiveWords))
      this.add(source, offset, { keyword, by: "scanner" });
  }

  private scanBody(source: Source): void {
    const nested = findNested(source.text);
    for (const { offset, keyword } of scanStatements(source.text, destructiveWords)) {
      if (nested.some(({ start, end }) => offset >= start && offset < end)) continue;
      this.add(source, offset, { keyword, by: "scanner" });
    }
    for (const { kind, start, end } of nested) {
      const piece = part(source, start, end);
      if (kind === "execute") this.execute(piece);
      else this.statement(piece);
    }
  }

  private unreadable(source: Source, offset: number, keyword: string): void {
    this.add(source, offset, { keyword, dynamic: true, by: this.parse ? "parser" : "scanner" });
  }

  private add(
    source: Source,
    offset: number,
    what: Pick<Destruction, "keyword" | "by"> & Partial<Destruction>,
  ): void {
    const objects = (what.objects ?? []).filter((name) => !name.includes(HOLE));
    this.found.push({ dynamic: false, ...what, objects, offset: source.at(offset) });
  }
}

/** Where the last `word` before `limit` begins, or else the first in the text, or else the text. */
function lastWord(text: string, word: string, limit: number): number {
  const lexer = new SqlLexer(text);
  let found = -1;
  while (lexer.next() && (found < 0 || lexer.start < limit))
    if (lexer.isWord(word)) found = lexer.start;
  return Math.max(found, 0);
}
