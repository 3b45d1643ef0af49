import assert from "node:assert/strict";

import {
  disagreements,
  type HistoryRow,
  recoveryProblems,
  type State,
  type Trace,
  unrecordedCommits,
  writtenProblems,
} from "./model";
import type { Migration, Project, Unit } from "./project";

const unit = (table: string): Unit => ({
  objects: [`public.${table}`],
  filled: { [`public.${table}`]: 10 },
  traced: true,
});
const migration = (
  script: string,
  kind: Migration["kind"],
  units: readonly Unit[],
  more: Partial<Migration> = {},
): Migration => ({ script, text: "", kind, units, absent: [], ...more });

const WHOLE = migration("V1__a.sql", "whole", [unit("a")], { absent: ["public.never"] });
const TORN = migration("V2__b.sql", "committing", [unit("b0"), unit("b1")]);
const OUTSIDE = migration("V3__c.sql", "outside", [unit("c0"), unit("c1")]);
const INDEX = migration("V4__d.sql", "outside", [
  { objects: ["outside.d"], filled: {}, traced: false },
]);
const project = (...migrations: Migration[]): Project => ({
  migrations,
  callbacks: [],
  group: false,
});
const ALL = project(WHOLE, TORN, OUTSIDE, INDEX);

const ROWS: HistoryRow[] = ALL.migrations.map(({ script }, i) => ({
  rank: i + 1,
  script,
  success: true,
}));
const SETTINGS = {
  ...{ client_encoding: "UTF8", standard_conforming_strings: "on", search_path: "public" },
  ...{ session_replication_role: "origin", default_transaction_read_only: "off", role: "own" },
  ...{ "app.leak": "", temp: "0", prepared: "0", cursors: "0", channels: "0", locks: "1" },
};
const trace = (script: string, n: number, more: Partial<Trace> = {}): Trace => ({
  script,
  unit: n,
  pid: 1,
  settings: n === 0 ? SETTINGS : null,
  ...more,
});

/** What has run, in order: `a`, `b0` … are tables by which a unit is known. */
function state(history: readonly HistoryRow[] | null, ...ran: readonly string[]): State {
  const units = ALL.migrations.flatMap(({ script, units: all }) =>
    all.flatMap(({ objects }, n) => objects.map((name) => ({ script, n, name }))),
  );
  const find = (table: string) => units.find(({ name }) => name.endsWith(`.${table}`));
  const found = ran.map((table) => find(table) ?? assert.fail(table));
  const tables = [...new Set(found.map(({ name }) => name))];
  return {
    history,
    traces: found.filter(({ name }) => name !== "outside.d").map((u) => trace(u.script, u.n)),
    relations: new Map(tables.map((name) => [name, true])),
    rows: new Map(tables.map((t) => [t, 10 * found.filter(({ name }) => name === t).length])),
  };
}

const COMPLETE = state(ROWS, "a", "b0", "b1", "c0", "c1", "d");
const rows = (n: number): HistoryRow[] => ROWS.slice(0, n);
const failed = (n: number): HistoryRow[] =>
  rows(n).map((row, i) => (i === n - 1 ? { ...row, success: false } : row));
const says = (problems: readonly string[], expected: RegExp): void => {
  assert.ok(
    problems.some((text) => expected.test(text)),
    `${expected} in ${JSON.stringify(problems)}`,
  );
};

describe("the faults' model: history and effects agree", () => {
  it("accepts nothing, each prefix of a run, and the whole of it", () => {
    const ran = ["a", "b0", "b1", "c0", "c1"];
    const histories = [rows(0), rows(1), failed(2), rows(2), rows(2), rows(2)];
    histories.forEach((history, i) => {
      assert.deepEqual(disagreements(ALL, state(history, ...ran.slice(0, i)), 1), []);
    });
    assert.deepEqual(disagreements(ALL, state(null), 1), []);
    assert.deepEqual(disagreements(ALL, state(rows(3), ...ran, "d"), 1), []);
    assert.deepEqual(disagreements(ALL, COMPLETE, 1), []);
  });

  it("sees a success row without an effect, and an effect without a row", () => {
    says(disagreements(ALL, state(rows(1)), 1), /V1__a.sql \(whole\) is recorded; .* 0 times/);
    says(disagreements(ALL, state(rows(0), "a"), 1), /V1__a.sql \(whole\) is not recorded; .* 1 /);
    says(disagreements(ALL, state(rows(2), "a", "b0"), 1), /V2__b.sql .* is recorded; .* 1\/0/);
    says(disagreements(ALL, state(rows(1), "a", "b0", "b1"), 1), /V2__b.sql .* not recorded/);
    says(disagreements(ALL, state(rows(3), "a", "b0", "b1", "c0"), 1), /V3__c.sql .* 1\/0/);
    says(disagreements(ALL, state(rows(4), "a", "b0", "b1", "c0", "c1"), 1), /outside.d is not/);
  });

  it("sees what has run twice", () => {
    says(disagreements(ALL, state(rows(1), "a", "a"), 1), /V1__a.sql .* 2 times/);
    says(disagreements(ALL, state(rows(1), "a", "b0", "b0"), 1), /V2__b.sql .* 2\/0/);
    assert.deepEqual(disagreements(ALL, state(failed(2), "a", "b0", "b0"), 2), []);
    says(disagreements(ALL, state(rows(2), "a", "b0", "b1", "b1"), 2), /V2__b.sql .* 1\/2/);
  });

  it("sees relations and rows that do not fit the units that ran", () => {
    const some = state(rows(1), "a");
    const without = { ...some, relations: new Map<string, boolean>() };
    says(disagreements(ALL, without, 1), /public.a is not there/);
    const invalid = { ...some, relations: new Map([["public.a", false]]) };
    says(disagreements(ALL, invalid, 1), /public.a is INVALID/);
    says(disagreements(ALL, { ...some, rows: new Map([["public.a", 9]]) }, 1), /has 9 rows/);
    const extra = { ...some, relations: new Map([...some.relations, ["public.b1", true]]) };
    says(disagreements(ALL, extra, 1), /unit 1 ran 0 times, and public.b1 is there/);
    const never = { ...some, relations: new Map([...some.relations, ["public.never", true]]) };
    says(disagreements(ALL, never, 1), /savepoint/);
  });

  it("sees rows out of order, gaps in the ranks, and failed rows of scripts that leave none", () => {
    const [first, second] = ROWS as [HistoryRow, HistoryRow];
    says(disagreements(ALL, state([second], "b0", "b1"), 1), /out of order/);
    says(disagreements(ALL, state([{ ...first, rank: 2 }], "a"), 1), /ranks: 2/);
    says(disagreements(ALL, state(failed(1)), 1), /failed rows: V1__a.sql/);
    assert.deepEqual(disagreements(ALL, state(failed(2), "a", "b0"), 1), []);
    says(disagreements(ALL, state(rows(0), "b0"), 1), /V2__b.sql has run before/);
  });

  it("sees a group that was torn, but for a COMMIT in it", () => {
    const group = (...all: Migration[]) => ({ ...project(...all), group: true });
    const second = migration("V2__b.sql", "whole", [unit("b0")]);
    says(disagreements(group(WHOLE, second), state(rows(1), "a"), 1), /torn: V1__a.sql/);
    assert.deepEqual(disagreements(group(WHOLE, TORN), state(failed(2), "a", "b0"), 1), []);
  });

  it("sees callbacks that did not run with each migration", () => {
    const callback = { event: "afterEachMigrate", script: "afterEachMigrate.sql", text: "" };
    const one = { ...project(WHOLE), callbacks: [{ ...callback, isInner: true }] };
    const ran = state(rows(1), "a");
    says(disagreements(one, ran, 1), /afterEachMigrate ran 0 times for 1/);
    const traces = [...ran.traces, trace("afterEachMigrate.sql", 0)];
    assert.deepEqual(disagreements(one, { ...ran, traces }, 1), []);
  });
});

describe("the faults' model: each script starts from the same session", () => {
  const two = project(WHOLE, migration("V2__b.sql", "whole", [unit("b0")]));
  const started = (settings: Record<string, string>, pid = 1): string[] => {
    const { traces, ...rest } = state(rows(2), "a", "b0");
    const changed = { ...(traces[1] as Trace), pid, settings: { ...SETTINGS, ...settings } };
    return disagreements(two, { ...rest, traces: [traces[0] as Trace, changed] }, 1);
  };

  it("accepts the same, and another session's own search_path", () => {
    assert.deepEqual(started({}), []);
    assert.deepEqual(started({ search_path: "other" }, 2), []);
  });

  it("sees that what beforeEachMigrate sets holds for one migration and not for the next", () => {
    says(started({ "app.each": "on" }), /app.each = on; V1__a.sql did with undefined/);
  });

  it("sees each thing that is left by the script before", () => {
    says(started({ search_path: "" }), /V2__b.sql starts with search_path = ; V1__a.sql did with/);
    says(started({ work_mem: "1" }), /work_mem = 1; V1__a.sql did with undefined/);
    for (const key of ["role", "temp", "prepared", "cursors", "channels", "client_encoding"])
      says(started({ [key]: "x" }, 2), new RegExp(`V2__b.sql starts with ${key} = x`));
    says(started({ locks: "0" }, 2), /0 advisory locks/);
    says(started({ locks: "2" }, 2), /2 advisory locks/);
  });

  it("leaves a callback within a migration what that has set, but not one before it", () => {
    const ran = state(rows(1), "a");
    const inner = (event: string, settings: object) =>
      disagreements(
        {
          ...project(WHOLE),
          callbacks: [{ event, script: `${event}.sql`, text: "", isInner: true }],
        },
        {
          ...ran,
          traces: [
            ...ran.traces,
            trace(`${event}.sql`, 0, { settings: { ...SETTINGS, ...settings } }),
          ],
        },
        1,
      );
    assert.deepEqual(inner("afterEachMigrate", { role: "pg_monitor", search_path: "x" }), []);
    const before = "beforeEachMigrate";
    says(inner(before, { role: "pg_monitor" }), /beforeEachMigrate.sql starts with role = pg_mon/);
    says(inner(before, { search_path: "x" }), /beforeEachMigrate.sql starts with search_path = x/);
  });
});

describe("the faults' model: failure and recovery", () => {
  it("wants a failed row for what a script has committed before it failed", () => {
    const torn = state(rows(1), "a", "b0");
    for (const problems of [unrecordedCommits(ALL, torn), disagreements(ALL, torn, 1)])
      says(problems, /V2__b.sql has committed .*1\/0/);
    const outside = state(rows(2), "a", "b0", "b1", "c0");
    says(unrecordedCommits(ALL, outside), /V3__c.sql has committed .*1\/0/);
    assert.deepEqual(disagreements(ALL, outside, 1), []);
    assert.deepEqual(unrecordedCommits(ALL, state(failed(2), "a", "b0")), []);
    assert.deepEqual(unrecordedCommits(ALL, state(rows(1), "a")), []);
  });

  it("wants the next run to do what is not recorded once, from its beginning, and nothing else", () => {
    const before = state(rows(1), "a", "b0");
    const after = state(ROWS, "a", "b0", "b0", "b1", "c0", "c1", "d");
    assert.deepEqual(recoveryProblems(ALL, before, after), []);
    says(recoveryProblems(ALL, before, COMPLETE), /V2__b.sql: units ran 1\/1 .* not 2\/1/);
    says(recoveryProblems(ALL, state(rows(1), "a"), after), /2\/1 times in all, not 1\/1/);
    says(recoveryProblems(ALL, before, { ...after, history: rows(3) }), /the history is 1 V1/);
    const invalid = { ...after, relations: new Map([...after.relations, ["outside.e", false]]) };
    says(recoveryProblems(ALL, before, invalid), /INVALID: outside.e/);
  });

  it("wants nothing to be there after a refusal", () => {
    assert.deepEqual(writtenProblems(state(null)), []);
    says(writtenProblems(state(null, "a")), /ran: V1__a.sql/);
    const history = new Map([["public.flyway_schema_history", true]]);
    says(writtenProblems({ ...state([]), relations: history }), /made: public.flyway/);
  });
});
