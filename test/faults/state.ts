/** Reads what a database looks like, all of it as of one moment. */
import assert from "node:assert/strict";

import type { Client } from "pg";

import type { HistoryRow, State, Trace } from "./model";

const RELATIONS = `SELECT n.nspname || '.' || c.relname AS name, coalesce(i.indisvalid, true) AS valid, c.relkind AS kind
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
  WHERE n.nspname IN ('public', 'outside')`;

export async function readState(client: Client): Promise<State> {
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    return await readAll(client);
  } finally {
    await client.query("ROLLBACK");
  }
}

async function readAll(client: Client): Promise<State> {
  const all = async <Row extends object>(sql: string) => (await client.query<Row>(sql)).rows;
  const found = await all<{ name: string; valid: boolean; kind: string }>(RELATIONS);
  const relations = new Map(found.map(({ name, valid }) => [name, valid]));
  const history = relations.has("public.flyway_schema_history")
    ? await all<HistoryRow>(
        "SELECT installed_rank AS rank, script, success FROM flyway_schema_history ORDER BY 1",
      )
    : null;
  const traces = await all<Trace>(
    "SELECT script, unit, pid, settings FROM outside.trace ORDER BY id",
  );
  const rows = new Map<string, number>();
  for (const { name } of found.filter((r) => r.kind === "r" && /^public\.[tcmo]_/.test(r.name))) {
    const [count] = await all<{ n: number }>(`SELECT count(*)::int AS n FROM ${name}`);
    rows.set(name, count?.n ?? 0);
  }
  return { history, traces, relations, rows };
}

/** @throws AssertionError that lists what is not as it must be */
export function assertNone(problems: readonly string[]): void {
  assert.deepEqual(problems, [], "what is not as it must be");
}
