import { Buffer } from "node:buffer";

import { offsetOfPgPosition } from "../analysis/position";

/** A node of PostgreSQL's raw parse tree, as libpg_query prints it. */
export type ParseNode = Readonly<Record<string, unknown>>;

export type Parsed =
  | { kind: "parsed"; nodes: ParseNode[] }
  /** `offset` in UTF-16 units. */
  | { kind: "refused"; message: string; offset: number }
  | { kind: "tooLong" };

/** The parser's tree takes some 100 bytes of WebAssembly memory for each byte of SQL. */
const LONGEST = 4 * 1024 * 1024;

/** PostgreSQL's own parser (18), loaded on first use: it is 2 MB of WebAssembly. */
export async function loadParser(): Promise<(statement: string) => Parsed> {
  const { hasSqlDetails, loadModule, parseSync } = await import("libpg-query");
  await loadModule();
  return (statement) => {
    if (statement.length > LONGEST) return { kind: "tooLong" };
    try {
      const { stmts } = parseSync(statement) as { stmts?: { stmt: ParseNode }[] };
      return { kind: "parsed", nodes: (stmts ?? []).map(({ stmt }) => stmt) };
    } catch (error) {
      if (!hasSqlDetails(error)) throw error;
      const { cursorPosition = 0 } = error.sqlDetails ?? {};
      const offset = offsetOfPgPosition(statement, cursorPosition + 1);
      return { kind: "refused", message: error.message, offset };
    }
  };
}

/** UTF-16 offset for a `location` of the parse tree, which counts bytes of UTF-8 from 0. */
export function offsetOfLocation(statement: string, location: unknown): number {
  if (typeof location !== "number") return 0;
  return Buffer.from(statement).subarray(0, location).toString().length;
}
