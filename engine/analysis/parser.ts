import type { ParseNode } from "./parse-tree";
import { offsetOfPgPosition } from "./position";

export type { ParseNode };

export type Parsed =
  | { kind: "parsed"; nodes: ParseNode[] }
  /** `offset` in UTF-16 units. */
  | { kind: "refused"; message: string; offset: number }
  | { kind: "tooLong" };

export interface Parse {
  (statement: string): Parsed;
  /**
   * The tree of the PL/pgSQL body of a DO or CREATE FUNCTION statement; undefined where the parser refuses it: it knows
   * no tables, so also where a body is right (a field of a `%ROWTYPE` variable).
   */
  readonly plpgsql: (statement: string) => ParseNode | undefined;
}

/** The parser's tree takes some 100 bytes of WebAssembly memory for each byte of SQL. */
const LONGEST = 4 * 1024 * 1024;

/** PostgreSQL's own parser (18), loaded on first use: it is 2 MB of WebAssembly. */
export async function loadParser(): Promise<Parse> {
  const { hasSqlDetails, loadModule, parsePlPgSQLSync, parseSync } = await import("libpg-query");
  await loadModule();
  const parse = (statement: string): Parsed => {
    if (statement.length > LONGEST) return { kind: "tooLong" };
    try {
      const { stmts } = parseSync(statement) as { stmts?: { stmt: ParseNode }[] };
      return { kind: "parsed", nodes: (stmts ?? []).map(({ stmt }) => stmt) };
    } catch (error) {
      // A tree that is too deep to be read back, such as a sum of ten thousand parts.
      if (error instanceof RangeError || isWebAssemblyError(error)) return { kind: "tooLong" };
      if (!hasSqlDetails(error)) throw error;
      const { cursorPosition = 0 } = error.sqlDetails ?? {};
      const offset = offsetOfPgPosition(statement, cursorPosition + 1);
      return { kind: "refused", message: error.message, offset };
    }
  };
  const plpgsql = (statement: string): ParseNode | undefined => {
    if (statement.length > LONGEST) return undefined;
    try {
      return parsePlPgSQLSync(statement) as unknown as ParseNode;
    } catch {
      return undefined; // its errors have no type of their own
    }
  };
  return Object.assign(parse, { plpgsql });
}

function isWebAssemblyError(error: unknown): boolean {
  return error instanceof Error && error.name === "RuntimeError";
}

/** UTF-16 offset for a `location` of the parse tree, which counts bytes of UTF-8 from 0. */
export function offsetOfLocation(statement: string, location: unknown): number {
  if (typeof location !== "number") return 0;
  let offset = 0;
  for (let bytes = 0; bytes < location && offset < statement.length;) {
    const codePoint = statement.codePointAt(offset) ?? 0;
    bytes += utf8Length(codePoint);
    offset += codePoint > 0xffff ? 2 : 1;
  }
  return offset;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
