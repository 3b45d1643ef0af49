import { SqlLexer } from "./lexer";
import { isNode, listOf, namesOf, type ParseNode, textOf } from "./parse-tree";
import type { Parse } from "./parser";
import { readString } from "./string-literal";

/** A text that is put together when the script runs, as far as the script shows it. */
export interface DynamicText {
  /** What is not known is a name, `tidemark_unknown`. */
  readonly text: string;
  /** false: a part that is not known may be any text, so also a statement of its own. */
  readonly complete: boolean;
}

export const HOLE = "tidemark_unknown";
const NAME: DynamicText = { text: HOLE, complete: true };
const LITERAL: DynamicText = { text: `'${HOLE}'`, complete: true };
const ANYTHING: DynamicText = { text: HOLE, complete: false };

/** Types whose values, as text, are one name or one plain value and can hold no statement. */
const SAFE_TYPES = new Set([
  ...["regclass", "regtype", "regproc", "regprocedure", "regrole", "regnamespace", "oid"],
  ...["int2", "int4", "int8", "smallint", "integer", "int", "bigint", "numeric", "uuid"],
  ...["bool", "boolean", "date", "timestamp", "timestamptz", "real", "float4", "float8"],
]);
const TEXT_TYPES = new Set(["text", "varchar", "name", "bpchar"]);

/**
 * Reads an expression whose value is run as SQL: literals, `||`, format(), concat(), quote_ident(), quote_literal() and
 * casts. A part that is quoted by them can only be a name or a literal, whatever its value is.
 * @param variables the types of the PL/pgSQL variables
 */
export function readDynamic(
  expression: string,
  parse: Parse | undefined,
  variables: ReadonlyMap<string, string> = new Map(),
): DynamicText {
  const parsed = parse?.(`SELECT ${expression}`);
  if (parsed?.kind !== "parsed" || parsed.nodes.length !== 1) return byWords(expression);
  const [root = {}] = parsed.nodes;
  const select = root.SelectStmt;
  const [target] = listOf(isNode(select) ? select.targetList : undefined);
  return new Reader(variables).read(target?.val);
}

/** Its strings alone, with all that stands between them unknown. */
function byWords(expression: string): DynamicText {
  const lexer = new SqlLexer(expression);
  const parts: DynamicText[] = [];
  while (lexer.next()) {
    if (lexer.isSymbol("|")) continue;
    const literal = readString(expression, lexer.start);
    parts.push(literal ? { text: literal.value, complete: true } : ANYTHING);
    if (literal) lexer.jumpTo(literal.end);
  }
  return parts.length === 0 ? ANYTHING : joined(parts);
}

class Reader {
  private readonly variables: ReadonlyMap<string, string>;

  constructor(variables: ReadonlyMap<string, string>) {
    this.variables = variables;
  }

  read(value: unknown): DynamicText {
    if (!isNode(value)) return ANYTHING;
    const { A_Const: constant, A_Expr: operation, FuncCall: call } = value;
    if (isNode(constant)) return ofConstant(constant);
    if (isNode(operation)) return this.concatenation(value);
    if (isNode(call)) return this.call(call);
    if (isNode(value.TypeCast)) return this.cast(value.TypeCast);
    if (isNode(value.ColumnRef)) return this.variable(value.ColumnRef);
    return ANYTHING;
  }

  /** `a || b || c` is a tree that leans to the left, and may be a long one. */
  private concatenation(value: ParseNode): DynamicText {
    const parts: DynamicText[] = [];
    let left: unknown = value;
    for (let node = concatenationOf(left); node; node = concatenationOf(left)) {
      parts.unshift(this.read(node.rexpr));
      left = node.lexpr;
    }
    if (parts.length === 0) return ANYTHING;
    return joined([this.read(left), ...parts]);
  }

  private call({ funcname, args }: ParseNode): DynamicText {
    const values = Array.isArray(args) ? (args as unknown[]) : [];
    const [first] = values;
    switch (builtIn(funcname)) {
      case "format":
        return this.format(values);
      case "concat":
        return joined(values.map((value) => this.read(value)));
      case "chr":
        return character(first);
      case "quote_ident":
        return NAME;
      case "quote_literal":
      case "quote_nullable":
        return LITERAL;
      case "lower":
      case "upper":
      case "btrim":
        return values.length === 1 ? this.read(first) : ANYTHING;
      default:
        return ANYTHING;
    }
  }

  /** format(): `%I` is a name, `%L` a literal, `%s` whatever its argument is. */
  private format([template, ...args]: readonly unknown[]): DynamicText {
    const { text, complete } = this.read(template);
    let next = 0;
    let isComplete = complete;
    const filled = text.replace(
      /%(?:(\d+)\$)?(-?(?:\d+|\*(?:\d+\$)?)?)([sIL%])/g,
      (_, position: string | undefined, width: string, type: string) => {
        if (type === "%") return "%";
        if (width.includes("*")) next++;
        if (position !== undefined) next = Number(position) - 1;
        const value = args[next++];
        if (type === "L") return LITERAL.text;
        const part = this.read(value);
        if (type === "I") return nameOf(value);
        isComplete &&= part.complete;
        return part.text;
      },
    );
    return { text: filled, complete: isComplete };
  }

  private cast({ arg, typeName }: ParseNode): DynamicText {
    const type = isNode(typeName) && !("arrayBounds" in typeName) ? builtIn(typeName.names) : "";
    if (TEXT_TYPES.has(type)) return this.read(arg);
    return SAFE_TYPES.has(type) ? NAME : ANYTHING;
  }

  private variable({ fields }: ParseNode): DynamicText {
    const [name = "", ...more] = namesOf(fields);
    return more.length === 0 && SAFE_TYPES.has(this.variables.get(name) ?? "") ? NAME : ANYTHING;
  }
}

function concatenationOf(value: unknown): ParseNode | undefined {
  const operation = isNode(value) ? value.A_Expr : undefined;
  if (!isNode(operation) || operation.kind !== "AEXPR_OP") return undefined;
  return namesOf(operation.name).join(".") === "||" ? operation : undefined;
}

function ofConstant(constant: ParseNode): DynamicText {
  const { sval, ival, fval, boolval, isnull } = constant;
  if (isNode(sval)) return { text: textOf(sval.sval), complete: true };
  if (isNode(fval)) return { text: textOf(fval.fval), complete: true };
  if (isNode(ival)) return { text: textOf(ival.ival ?? 0), complete: true };
  if (isNode(boolval) || isnull === true) return NAME;
  return ANYTHING;
}

/** chr(10), the way to write a line break in a text that is put together. */
function character(code: unknown): DynamicText {
  const constant = isNode(code) && isNode(code.A_Const) ? ofConstant(code.A_Const) : ANYTHING;
  if (!/^\d{1,5}$/.test(constant.text)) return ANYTHING;
  return { text: String.fromCodePoint(Number(constant.text)), complete: true };
}

function nameOf(value: unknown): string {
  const constant = isNode(value) && isNode(value.A_Const) ? ofConstant(value.A_Const) : undefined;
  return constant ? `"${constant.text.replaceAll('"', '""')}"` : HOLE;
}

function joined(parts: readonly DynamicText[]): DynamicText {
  return {
    text: parts.map(({ text }) => text).join(""),
    complete: parts.every(({ complete }) => complete),
  };
}

/** The last part of a name that is not qualified, or by pg_catalog; else "". */
function builtIn(names: unknown): string {
  const parts = namesOf(names);
  const last = parts.at(-1) ?? "";
  return parts.length === 1 || (parts.length === 2 && parts[0] === "pg_catalog") ? last : "";
}
