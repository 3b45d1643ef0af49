/** What a database must look like at any moment, after a fault, and in the end. */
import assert from "node:assert/strict";

import type { Client } from "pg";

import type { Migration, Project } from "./project";

export interface State {
  /** By rank; null: there is no history. */
  readonly history: readonly { rank: number; script: string; success: boolean }[] | null;
  /** Scripts that have run, with how often. */
  readonly ran: ReadonlyMap<string, number>;
  /** Relations as schema.name; false: an INVALID index. */
  readonly relations: ReadonlyMap<string, boolean>;
  /** Rows of the tables that are there. */
  readonly rows: ReadonlyMap<string, number>;
}

const RELATIONS = `SELECT n.nspname || '.' || c.relname AS name, coalesce(i.indisvalid, true) AS valid, c.relkind AS kind
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
  WHERE n.nspname IN ('public', 'outside')`;

/** All of it as of one moment. */
export async function readState(client: Client): Promise<State> {
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    const { rows: found } = await client.query<{ name: string; valid: boolean; kind: string }>(
      RELATIONS,
    );
    const relations = new Map(found.map(({ name, valid }) => [name, valid]));
    const history = relations.has("public.flyway_schema_history")
      ? (
          await client.query<{ rank: number; script: string; success: boolean }>(
            "SELECT installed_rank AS rank, script, success FROM flyway_schema_history ORDER BY 1",
          )
        ).rows
      : null;
    const ran = new Map<string, number>();
    if (relations.has("public.log")) {
      const log = await client.query<{ script: string }>("SELECT script FROM log");
      for (const { script } of log.rows) ran.set(script, (ran.get(script) ?? 0) + 1);
    }
    const rows = new Map<string, number>();
    for (const { name } of found.filter((r) => r.kind === "r" && /^public\.[tc]_/.test(r.name))) {
      const [count] = (await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${name}`))
        .rows;
      rows.set(name, count?.n ?? 0);
    }
    return { history, ran, relations, rows };
  } finally {
    await client.query("ROLLBACK");
  }
}

/** Holds at every moment of every run, whatever has happened: history and catalog agree. */
export function assertAgreement({ migrations, group }: Project, state: State): void {
  const history = state.history ?? [];
  const recorded = history.filter((row) => row.success).map((row) => row.script);
  assert.deepEqual(
    recorded,
    migrations.slice(0, recorded.length).map((m) => m.script),
    "in order, none twice",
  );
  assert.deepEqual(
    history.map((row) => row.rank),
    history.map((_, i) => i + 1),
    "ranks without a gap",
  );
  if (group)
    assert.ok(
      [0, migrations.length].includes(recorded.length),
      `a group is whole: ${recorded.join()}`,
    );
  for (const migration of migrations) {
    const isRecorded = recorded.includes(migration.script);
    if (migration.transactional) assertWholeOrNot(migration, isRecorded, state);
    else if (isRecorded) assertThere(migration, state);
  }
  const failed = history.filter((row) => !row.success).map((row) => row.script);
  const mayFail = migrations.filter((m) => !m.transactional).map((m) => m.script);
  assert.ok(
    failed.length <= 1 && failed.every((script) => mayFail.includes(script)),
    `failed: ${failed.join()}`,
  );
}

function assertWholeOrNot(migration: Migration, isRecorded: boolean, state: State): void {
  const { script, objects } = migration;
  assert.equal(
    state.ran.get(script) ?? 0,
    isRecorded ? 1 : 0,
    `${script}: recorded ${isRecorded}, ran`,
  );
  if (isRecorded) return assertThere(migration, state);
  const left = objects.filter((name) => state.relations.has(name));
  assert.deepEqual(left, [], `${script} is not recorded, but left something`);
}

function assertThere({ script, objects, filled }: Migration, { relations, rows }: State): void {
  for (const name of objects)
    assert.equal(relations.get(name), true, `${script} made ${name}, which is valid`);
  for (const [table, count] of Object.entries(filled))
    assert.equal(rows.get(table), count, `${script}: rows of ${table}`);
}

/** Everything has run, once. */
export function assertComplete(project: Project, state: State): void {
  assertAgreement(project, state);
  const expected = project.migrations.map(({ script }, i) => ({
    rank: i + 1,
    script,
    success: true,
  }));
  assert.deepEqual(state.history, expected);
  const invalid = [...state.relations].filter(([, valid]) => !valid).map(([name]) => name);
  assert.deepEqual(invalid, [], "no INVALID index is left");
}
