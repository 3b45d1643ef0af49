import { isNode, listOf, namesOf, type ParseNode } from "./parse-tree";

/** What one node of the parse tree destroys. */
export interface Destroyed {
  readonly keyword: string;
  /** As the text names it, qualified where it does. */
  readonly objects: readonly string[];
  /** The word at which it begins; the last one before `location` (bytes), or else the statement's first. */
  readonly word: string;
  readonly location?: unknown;
}

/** Objects that hold rows, columns, or a state that cannot be made again. */
const HOLDERS: Readonly<Record<string, string>> = {
  OBJECT_TABLE: "TABLE",
  OBJECT_FOREIGN_TABLE: "FOREIGN TABLE",
  OBJECT_SCHEMA: "SCHEMA",
  OBJECT_SEQUENCE: "SEQUENCE",
  // Its own tables go with it.
  OBJECT_EXTENSION: "EXTENSION",
};

/** Nothing that holds data can depend on these, so that their CASCADE reaches none. */
const WITHOUT_DEPENDENTS = new Set([
  ...["OBJECT_INDEX", "OBJECT_TRIGGER", "OBJECT_RULE", "OBJECT_POLICY", "OBJECT_EVENT_TRIGGER"],
  ...["OBJECT_PUBLICATION", "OBJECT_STATISTIC_EXT", "OBJECT_CONVERSION", "OBJECT_CAST"],
]);

/** Functions of the server that destroy what they are given. */
const FUNCTIONS = new Set(["lo_unlink", "lo_truncate", "lo_truncate64"]);

type Rule = (node: ParseNode) => Destroyed | undefined;

const RULES: Readonly<Record<string, Rule>> = {
  DropStmt: drop,
  DropdbStmt: ({ dbname }) => destroyed("DROP DATABASE", "DROP", [identifier(dbname)]),
  DropOwnedStmt: ({ roles }) =>
    destroyed(
      "DROP OWNED",
      "DROP",
      listOf(roles).map(({ rolename }) => identifier(rolename ?? "current_user")),
    ),
  TruncateStmt: ({ relations }) => {
    const tables = listOf(relations);
    return destroyed("TRUNCATE", "TRUNCATE", tables.map(relation), tables[0]?.location);
  },
  DeleteStmt: (node) => ofRelation("DELETE", "DELETE", node.relation),
  MergeStmt: (node) =>
    listOf(node.mergeWhenClauses).some(({ commandType }) => commandType === "CMD_DELETE")
      ? ofRelation("MERGE … DELETE", "MERGE", node.relation)
      : undefined,
  AlterTableStmt: alterTable,
  FuncCall: call,
};

/** What a node destroys by itself, apart from the nodes in it. */
export function destroyedBy(name: string, node: ParseNode): Destroyed | undefined {
  return Object.hasOwn(RULES, name) ? RULES[name]?.(node) : undefined;
}

function drop({ removeType, behavior, objects }: ParseNode): Destroyed | undefined {
  const type = typeof removeType === "string" ? removeType : "";
  const holder = HOLDERS[type];
  const names = () => (Array.isArray(objects) ? objects.map(droppedName) : []);
  if (holder !== undefined) return destroyed(`DROP ${holder}`, "DROP", names());
  if (behavior !== "DROP_CASCADE" || WITHOUT_DEPENDENTS.has(type)) return undefined;
  return destroyed(`DROP ${kindOf(type)} … CASCADE`, "DROP", names());
}

const KINDS: Readonly<Record<string, string>> = {
  OBJECT_MATVIEW: "MATERIALIZED VIEW",
  OBJECT_FDW: "FOREIGN DATA WRAPPER",
  OBJECT_FOREIGN_SERVER: "SERVER",
  OBJECT_OPCLASS: "OPERATOR CLASS",
  OBJECT_OPFAMILY: "OPERATOR FAMILY",
  OBJECT_TSCONFIGURATION: "TEXT SEARCH CONFIGURATION",
  OBJECT_TSDICTIONARY: "TEXT SEARCH DICTIONARY",
  OBJECT_TSPARSER: "TEXT SEARCH PARSER",
  OBJECT_TSTEMPLATE: "TEXT SEARCH TEMPLATE",
};

/** OBJECT_ACCESS_METHOD: ACCESS METHOD. */
function kindOf(type: string): string {
  return KINDS[type] ?? type.replace(/^OBJECT_/, "").replaceAll("_", " ");
}

function droppedName(object: unknown): string {
  if (!isNode(object)) return "";
  const { String: name, List: list, TypeName: type, ObjectWithArgs: routine } = object;
  if (isNode(name)) return identifier(name.sval);
  if (isNode(list)) return qualified(list.items);
  if (isNode(type)) return qualified(type.names);
  return isNode(routine) ? qualified(routine.objname) : "";
}

function alterTable({ relation: table, cmds, objtype }: ParseNode): Destroyed | undefined {
  const commands = listOf(cmds);
  const name = isNode(table) ? relation(table) : "";
  const dropped = commands.filter(({ subtype }) => subtype === "AT_DropColumn");
  const foreign = objtype === "OBJECT_FOREIGN_TABLE" ? "FOREIGN " : "";
  const at = (keyword: string, columns: readonly ParseNode[]): Destroyed =>
    destroyed(
      keyword,
      "ALTER",
      columns.map((column) => `${name}.${identifier(column.name)}`),
      isNode(table) ? table.location : undefined,
    );
  if (dropped.length > 0)
    return objtype === "OBJECT_TYPE"
      ? at("ALTER TYPE … DROP ATTRIBUTE", dropped)
      : at(`ALTER ${foreign}TABLE … DROP COLUMN`, dropped);
  const replaced = commands.filter(
    (command) => command.subtype === "AT_AlterColumnType" && forgetsColumn(command, table),
  );
  return replaced.length > 0 ? at("ALTER TABLE … TYPE … USING", replaced) : undefined;
}

/** Whether the USING of a new type is made of anything but the column itself: its values are gone then. */
function forgetsColumn({ name, def }: ParseNode, table: unknown): boolean {
  const column = isNode(def) ? def.ColumnDef : undefined;
  if (!isNode(column) || column.raw_default === undefined) return false;
  const own = [name, isNode(table) ? table.relname : undefined];
  const open: unknown[] = [column.raw_default];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (isNode(value) && isNode(value.ColumnRef)) {
      const last = namesOf(value.ColumnRef.fields).at(-1);
      if (last === "" || own.includes(last)) return false;
    }
    if (typeof value === "object" && value !== null)
      open.push(...(Object.values(value) as unknown[]));
  }
  return true;
}

function call({ funcname, location }: ParseNode): Destroyed | undefined {
  const parts = namesOf(funcname);
  const name = parts.at(-1) ?? "";
  if (!FUNCTIONS.has(name) || (parts.length > 1 && parts[0] !== "pg_catalog")) return undefined;
  return destroyed(name, "", [], location);
}

function ofRelation(keyword: string, word: string, table: unknown): Destroyed | undefined {
  return isNode(table) ? destroyed(keyword, word, [relation(table)], table.location) : undefined;
}

function destroyed(
  keyword: string,
  word: string,
  objects: readonly string[],
  location?: unknown,
): Destroyed {
  return { keyword, word, objects: objects.filter((name) => name !== ""), location };
}

function relation({ schemaname, relname }: ParseNode): string {
  return [schemaname, relname]
    .filter((part) => part !== undefined)
    .map(identifier)
    .join(".");
}

function qualified(names: unknown): string {
  return namesOf(names).map(identifier).join(".");
}

/** As it would have to be written: in quotes where it needs them. */
function identifier(name: unknown): string {
  if (typeof name !== "string") return "";
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
