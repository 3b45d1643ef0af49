import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Client } from "pg";

import { CORPUS, type DatabaseState } from "./corpus";

const SNAPSHOT = readFileSync(join(CORPUS, "snapshot.sql"), "utf8");

/** History and catalog of a database, as the goldens have them. */
export async function readState(client: Client): Promise<DatabaseState> {
  await client.query("DROP FUNCTION IF EXISTS pg_temp.fw_rows"); // of an earlier reading
  const results = (await client.query(SNAPSHOT)) as unknown as {
    rows: Record<string, unknown>[];
  }[];
  return results.at(-1)?.rows[0]?.json_build_object as DatabaseState;
}
