/** A node of PostgreSQL's raw parse tree, as libpg_query prints it. */
export type ParseNode = Readonly<Record<string, unknown>>;

/** Whether a value of the tree is a node or a part of one. */
export function isNode(value: unknown): value is ParseNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The nodes of a list of the tree, each without its type's name around it. */
export function listOf(value: unknown): ParseNode[] {
  if (!Array.isArray(value)) return [];
  return value.map((item: unknown) => {
    const [inner] = isNode(item) ? Object.values(item) : [];
    return isNode(inner) ? inner : {};
  });
}

/** The parts of a name in the tree, a list of strings. */
export function namesOf(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.map((part: unknown) =>
    isNode(part) && isNode(part.String) ? textOf(part.String.sval) : "",
  );
}

/** A string or number of the tree as a text. */
export function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

export function optionOf(options: unknown, name: string): ParseNode | undefined {
  return listOf(options).find(({ defname }) => defname === name);
}

export function stringOf(value: unknown): string | undefined {
  const text = isNode(value) && isNode(value.String) ? value.String.sval : undefined;
  return typeof text === "string" ? text : undefined;
}

/** The text of a constant in the tree: 'off', 0. */
export function constantOf({ sval, ival }: ParseNode): string | undefined {
  const value = isNode(sval) ? sval.sval : isNode(ival) ? (ival.ival ?? 0) : undefined;
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** Whether an EXPLAIN runs its statement; said twice, the last word counts, and any may be it. */
export function isAnalyzed({ options }: ParseNode): boolean {
  return listOf(options).some(({ defname, arg }) => {
    const isZero = isNode(arg) && isNode(arg.Integer) && (arg.Integer.ival ?? 0) === 0;
    return defname === "analyze" && !isZero && !/^(?:false|off)$/i.test(stringOf(arg) ?? "");
  });
}
