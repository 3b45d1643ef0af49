import { offsetOfLocation, type ParseNode } from "../analysis/parser";
import { findDataInDoBody } from "./do-body";
import type { UnlocatedProblem } from "./problem";

const DATA_NODES = new Map([
  ["InsertStmt", "INSERT"],
  ["UpdateStmt", "UPDATE"],
  ["DeleteStmt", "DELETE"],
  ["MergeStmt", "MERGE"],
  ["TruncateStmt", "TRUNCATE"],
]);

/** What these hold is run later, by whoever calls: it belongs to the schema. */
const DEFINITIONS = new Set(["CreateFunctionStmt", "RuleStmt"]);

/**
 * Where a statement changes rows: INSERT, UPDATE, DELETE, MERGE, TRUNCATE and COPY FROM, also in a
 * WITH, an EXPLAIN or a PREPARE, and in the body of a DO block. Bodies of functions and rules may.
 */
export function findDataStatements(statement: string, root: ParseNode): UnlocatedProblem[] {
  const found: UnlocatedProblem[] = [];
  walk(root, 0, (name, node, location) => {
    const offset = (): number => offsetOfLocation(statement, location);
    const keyword = DATA_NODES.get(name);
    if (keyword !== undefined) found.push(changesRows(offset(), keyword));
    else if (name === "CopyStmt" && node.is_from === true) {
      found.push(changesRows(offset(), "COPY FROM"));
    } else if (name === "DoStmt") found.push(...doBlock(statement, node));
    else if (name === "intoClause") found.push(...filledTable(node));
    else if (name === "CreateTableAsStmt" && node.objtype === "OBJECT_TABLE") {
      found.push(...filledTable(node.into));
    }
  });
  return found;
}

type Visit = (name: string, node: ParseNode, location: unknown) => void;

/** Goes through all nodes; `location` is that of the nearest WITH query around, else 0. */
function walk(value: unknown, location: unknown, visit: Visit): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, location, visit);
    return;
  }
  if (!isNode(value)) return;
  for (const [name, child] of Object.entries(value)) {
    if (DEFINITIONS.has(name)) continue;
    if (isNode(child)) visit(name, child, location);
    walk(child, locationInside(name, child, location), visit);
  }
}

function locationInside(name: string, node: unknown, outer: unknown): unknown {
  return name === "CommonTableExpr" && isNode(node) ? node.location : outer;
}

function isNode(value: unknown): value is ParseNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function changesRows(offset: number, keyword: string): UnlocatedProblem {
  return {
    offset,
    code: "SCHEMA_ONLY_DATA",
    severity: "error",
    message: `${keyword} changes rows; migrations change the schema only.`,
    remedy: "Load and change rows in a seed job of their own, or exempt this script by name.",
  };
}

/** CREATE TABLE … AS and SELECT … INTO, unless WITH NO DATA or temporary. Rows of views are derived. */
function filledTable(into: unknown): UnlocatedProblem[] {
  if (!isNode(into) || into.skipData === true) return [];
  if (isNode(into.rel) && into.rel.relpersistence === "t") return [];
  return [
    {
      offset: 0,
      code: "SCHEMA_ONLY_FILLED_TABLE",
      severity: "warning",
      message: "The statement makes a table and fills it with rows.",
      remedy: "Write CREATE TABLE with its columns, or add WITH NO DATA.",
    },
  ];
}

function doBlock(statement: string, node: ParseNode): UnlocatedProblem[] {
  const args = Array.isArray(node.args) ? (node.args as unknown[]) : [];
  const option = (name: string): ParseNode | undefined =>
    args
      .map((arg) => (isNode(arg) && isNode(arg.DefElem) ? arg.DefElem : {}))
      .find((element) => element.defname === name);
  const language = option("language");
  if (language && !/"plpgsql"/i.test(JSON.stringify(language.arg))) return [];
  const body = option("as");
  if (!body) return [];
  return findDataInDoBody(statement, offsetOfLocation(statement, body.location)).map(
    ({ offset, keyword }) => changesRows(offset, keyword),
  );
}
