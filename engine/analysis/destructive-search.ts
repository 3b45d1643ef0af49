import type { Destruction } from "./destructive";
import { destroyedBy } from "./destructive-nodes";
import { destructiveWords } from "./destructive-words";
import { bodyByWords, quoted, startsWithDo } from "./do-block";
import { HOLE, readDynamic } from "./dynamic-sql";
import { SqlLexer } from "./lexer";
import {
  constantOf,
  isNode,
  listOf,
  namesOf,
  optionOf,
  type ParseNode,
  stringOf,
} from "./parse-tree";
import { offsetOfLocation, type Parse } from "./parser";
import { readPlpgsql } from "./plpgsql";
import { splitStatements } from "./split";
import { findNested, scanStatements } from "./statement-scan";
import { readString, type StringLiteral } from "./string-literal";

/** A piece of SQL, and where it stands in the script. */
export interface Source {
  readonly text: string;
  readonly at: (offset: number) => number;
  /** How many texts it stands in. */
  readonly depth: number;
}

/** A routine that the script makes. */
interface Routine {
  readonly source: Source;
  readonly node: ParseNode;
}

const DEEPEST = 16;
/** Without one of these words a statement destroys nothing: most rows of a dump need no parser. */
const WORDS = /delete|truncate|drop|merge|alter|lo_|program|standard_conforming_strings/i;
/** With one of these, or a DO block, any statement may call what the script has made. */
const MAY_MAKE_ROUTINE = /function|procedure/i;

/** What these hold is run later, by whoever calls. */
const DEFINITIONS = new Set([
  ...["RuleStmt", "ViewStmt", "CreateStmt", "CreateTrigStmt", "CreatePolicyStmt"],
  "CreateEventTrigStmt",
]);

/** Searches the statements of one script. */
export function findDestructiveIn(statements: readonly Source[], parse?: Parse): Destruction[] {
  const search = new Search(statements, parse);
  return search.run();
}

class Search {
  private readonly found: Destruction[] = [];
  private readonly routines = new Map<string, Routine[]>();
  private readonly calls = new Set<string>();
  private readonly readsAll: boolean;
  private readonly hasBackslash: boolean;

  private readonly sources: readonly Source[];
  private readonly parse: Parse | undefined;

  constructor(sources: readonly Source[], parse: Parse | undefined) {
    this.sources = sources;
    this.parse = parse;
    this.readsAll = sources.some(({ text }) => MAY_MAKE_ROUTINE.test(text) || startsWithDo(text));
    this.hasBackslash = sources.some(({ text }) => text.includes("\\"));
  }

  run(): Destruction[] {
    for (const source of this.sources) this.statement(source);
    for (const name of this.calls) {
      // The set grows while bodies are read, and is gone through to its end.
      for (const routine of this.routines.get(name) ?? []) this.routine(routine);
    }
    return this.found;
  }

  private statement(source: Source): void {
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
    const literal = body && readString(source.text, offsetOfLocation(source.text, body.location));
    if (!literal || language !== "plpgsql") this.unreadable(source, 0, `DO LANGUAGE ${language}`);
    else this.plpgsql(source, literal);
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
    const as = offsetOfLocation(source.text, optionOf(options, "as")?.location);
    const literal = readString(source.text, as + "AS".length);
    if (literal && language === "sql") this.script(inside(source, literal));
    else if (literal && language === "plpgsql") this.plpgsql(source, literal);
    else this.unreadable(source, 0, `CREATE FUNCTION … LANGUAGE ${language}`);
  }

  private plpgsql(outer: Source, literal: StringLiteral): void {
    const source = inside(outer, literal);
    if (source.depth > DEEPEST) return this.unreadable(outer, 0, "DO");
    const { start, end } = literal;
    const statement = outer.text.slice(0, start) + quoted(source.text) + outer.text.slice(end);
    const body = this.parse && readPlpgsql(statement, source.text, this.parse);
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
      const text = source.text.slice(start, end);
      this.statement({ ...source, text, at: (offset) => source.at(start + offset) });
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
      const text = source.text.slice(start, end);
      const piece = { ...source, text, at: (offset: number) => source.at(start + offset) };
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

function inside(source: Source, { value, at }: StringLiteral): Source {
  return { text: value, at: (offset) => source.at(at(offset)), depth: source.depth + 1 };
}

/** `SELECT` and the expression, with offsets that are still those of the expression. */
function asSelect(source: Source): Source {
  const select = "SELECT ";
  return {
    ...source,
    text: select + source.text,
    at: (offset) => source.at(Math.max(0, offset - select.length)),
  };
}

function isAnalyzed({ options }: ParseNode): boolean {
  const option = optionOf(options, "analyze");
  if (!option) return false;
  const { arg } = option;
  const isZero = isNode(arg) && isNode(arg.Integer) && (arg.Integer.ival ?? 0) === 0;
  return !isZero && !/^(?:false|off)$/i.test(stringOf(arg) ?? "");
}

/** Where the last `word` before `limit` begins, or else the first in the text, or else the text. */
function lastWord(text: string, word: string, limit: number): number {
  const lexer = new SqlLexer(text);
  let found = -1;
  while (lexer.next() && (found < 0 || lexer.start < limit))
    if (lexer.isWord(word)) found = lexer.start;
  return Math.max(found, 0);
}
