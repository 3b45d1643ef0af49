import assert from "node:assert/strict";

import { summarize } from "../../engine/core/summary";
import type { AppliedMigration } from "../../engine/index";
import { fingerprint } from "../../engine/postgres/fingerprint";
import {
  driftBetween,
  outputsOf,
  RECORDED_KEYS,
  recordedOf,
  refreshed,
} from "../../provider/recorded";
import type { CheckedInputs, Outputs } from "../../provider/types";
import { withoutKeys } from "../../provider/without-keys";
import {
  baselineRow,
  deleteRow,
  history,
  repeatable,
  row,
  rowOf,
  schemaRow,
  snapshot,
} from "../support/migrations";

const USERS = { "table public.users": "CREATE TABLE …", "column public.users.id": "integer" };
const record = (rows: AppliedMigration[], catalog: Record<string, string> = USERS) => {
  const taken = snapshot({ applied: history(...rows) });
  return recordedOf({
    snapshot: taken,
    catalog,
    catalogFormat: 2,
    summary: summarize(taken, fingerprint(catalog)),
  });
};
const inputs: CheckedInputs = {
  resourceUrn: "urn:pulumi:dev::tidemark::x::platform",
  name: "platform",
  host: "h",
  port: 5432,
  database: "platform",
  user: "app",
  password: "s3cret",
  sslmode: "disable",
  createDatabase: false,
  locations: ["migrations/platform"],
  options: {},
};

describe("provider/recorded: what the state keeps", () => {
  it("the version, each row by its rank, and the catalog as hashes", () => {
    const failed = { success: false };
    const it = record([
      row("1", "a"),
      rowOf(repeatable("v")),
      row("2", "b", { ...failed, checksum: null }),
    ]);
    assert.equal(it.schemaVersion, "1");
    assert.deepEqual(it.history, {
      "0001": "1 V1__a.sql SQL 1112353363",
      "0002": "repeatable R__v.sql SQL 1112353363",
      "0003": "2 V2__b.sql SQL failed",
    });
    assert.deepEqual(Object.keys(it.catalog), ["column public.users.id", "table public.users"]);
    assert.ok(!JSON.stringify(it).includes("CREATE TABLE"));
    assert.match(it.fingerprint ?? "", /^sha256:[0-9a-f]{32}$/);
    assert.deepEqual(it.driftFound, []);
    const ofJobs: readonly string[] = ["fromReport", "completedJob"];
    const expected = RECORDED_KEYS.filter((key) => !ofJobs.includes(key));
    assert.deepEqual(Object.keys(it).sort(), [...expected].sort());
  });

  it("nothing of a version where no migration ran", () => {
    assert.equal(record([]).schemaVersion, null);
    assert.equal(record([]).applied, 0);
  });

  it("the number of rows that ran, without failed ones and marks of schemas and deletion", () => {
    const rows = [
      row("1", "a"),
      rowOf(repeatable("v")),
      row("2", "b", { success: false }),
      schemaRow(),
      deleteRow(row("9", "z")),
    ];
    assert.equal(record(rows).applied, 2);
    assert.equal(record([baselineRow("3"), row("4")]).schemaVersion, "4");
  });

  it("a fingerprint of the catalog alone", () => {
    assert.equal(record([]).fingerprint, record([row("1")]).fingerprint);
    assert.notEqual(record([], {}).fingerprint, record([]).fingerprint);
  });
});

describe("provider/recorded: drift", () => {
  it("is empty where nothing differs", () => {
    assert.deepEqual(driftBetween(record([row("1")]), record([row("1")])), []);
  });

  it("names rows that were added, removed or changed, with what they say", () => {
    const before = record([row("1", "a"), row("2", "b"), row("3", "c")]);
    const now = record([row("1", "a"), row("2", "b", { checksum: 7 })]);
    assert.deepEqual(driftBetween(before, now), [
      "history row 2 changed (2 V2__b.sql SQL 1112353363 → 2 V2__b.sql SQL 7)",
      "history row 3 removed (3 V3__c.sql SQL 1112353363)",
    ]);
    assert.deepEqual(driftBetween(now, { ...before, catalog: now.catalog }).slice(1), [
      "history row 3 added (3 V3__c.sql SQL 1112353363)",
    ]);
  });

  it("names objects that were added, removed or changed, each by itself", () => {
    const live = { "table public.users": "other", "view public.v": "SELECT 1" };
    const found = driftBetween(record([]), record([], live));
    assert.equal(found.length, 3);
    for (const name of ["column public.users.id", "table public.users", "view public.v"]) {
      assert.equal(found.filter((line) => line.includes(name)).length, 1, name);
    }
  });
});

describe("provider/recorded: a state of an earlier version", () => {
  const operated = { "owner of table public.users": "app", "publication p": "all tables" };
  const live = record([row("1")], { ...USERS, ...operated });
  const old = withoutKeys({ ...live, ...schemaAlone() }, ["catalogFormat"]) as unknown as Outputs;
  const changed = record([row("1")], { ...USERS, ...operated, "table public.users": "other" });

  function schemaAlone() {
    const { catalog, catalogText } = record([row("1")]);
    return { catalog, catalogText: catalogText ?? "" };
  }

  it("is compared in its own format, by name and by digest", () => {
    assert.deepEqual(driftBetween(old, live), []);
    assert.deepEqual(driftBetween(live, old), []);
    assert.deepEqual(driftBetween(old, changed), [
      "table public.users changed: CREATE TABLE … → other",
    ]);
  });

  it("has what it lacked after a refresh that finds no drift, and stays as it is after one that does", () => {
    const after = refreshed(old, live) as Outputs;
    assert.equal(after.catalogFormat, 2);
    assert.ok("publication p" in after.catalog);
    assert.deepEqual(driftBetween(after, record([row("1")], { ...USERS, "publication p": "x" })), [
      "publication p changed: all tables → x",
      "owner of table public.users removed",
    ]);
    const kept = refreshed(old, changed);
    assert.equal(kept.catalogFormat, undefined);
    assert.deepEqual(kept.catalog, old.catalog);
    assert.equal(kept.driftFound.length, 1);
  });

  it("of format 2 stays in it where a role may read the schema alone", () => {
    const less = { ...record([row("1")]), catalogFormat: 1 };
    const kept = refreshed(live as unknown as Outputs, less);
    assert.deepEqual([kept.catalogFormat, kept.driftFound], [2, []]);
    assert.deepEqual(kept.catalog, live.catalog);
  });
});

describe("provider/recorded: outputs", () => {
  it("are inputs and records together, without drift and without what is undefined", () => {
    const outputs = outputsOf(
      { ...inputs, sslrootcert: undefined, drift: "table public.users changed", pending: "x" },
      record([row("1")]),
    );
    assert.equal(outputs.name, "platform");
    assert.equal(outputs.schemaVersion, "1");
    assert.equal(outputs.pending, "x");
    for (const key of ["drift", "sslrootcert"]) assert.ok(!(key in outputs), key);
    assert.ok(!JSON.stringify(Object.values(outputs)).includes("undefined"));
  });

  it("keep the version's null, which says that there is none", () => {
    const outputs = outputsOf(inputs, record([]));
    assert.equal(outputs.schemaVersion, null);
    assert.ok("schemaVersion" in outputs);
  });

  it("leave the records out by name", () => {
    const outputs = outputsOf(inputs, record([row("1")]));
    assert.deepEqual(withoutKeys(outputs, RECORDED_KEYS), inputs);
  });
});

describe("provider/recorded: what a refresh keeps", () => {
  const live = {
    schemaVersion: "3",
    fingerprint: "sha256:aa",
    applied: 3,
    history: { "0001": "1 V1__a.sql SQL 1" },
    catalog: { "table public.a": "11111111" },
    driftFound: [],
  };
  const reported = { schemaVersion: "3", fingerprint: "sha256:aa", applied: 3, fromReport: true };
  const ofReport = { history: {}, catalog: {}, driftFound: [], completedJob: "ameide/j" };
  const state = (more: object) => ({ ...ofReport, ...reported, ...more }) as unknown as Outputs;

  it("takes history and catalog of a database that is as the Job reported", () => {
    assert.deepEqual(refreshed(state({}), live), { ...live, completedJob: "ameide/j" });
    assert.deepEqual(refreshed(state({ fingerprint: null }), live).driftFound, []);
  });

  const drifts: readonly [object, string][] = [
    [{ schemaVersion: "2" }, "schema version 2 → 3"],
    [{ applied: 2 }, "migrations in the history 2 → 3"],
    [
      { fingerprint: "sha256:bb" },
      "the schema is not as the Job left it (which object is not known)",
    ],
  ];
  for (const [more, drift] of drifts)
    it(`does not forget what differs from that: ${drift}`, () => {
      const kept = refreshed(state(more), live);
      assert.deepEqual(kept, { ...ofReport, ...reported, ...more, driftFound: [drift] });
    });

  it("keeps the catalog of the last update beside what is live", () => {
    const catalog = { "table public.b": "22222222" };
    const olds = { ...live, catalog, completedJob: "ameide/j" } as unknown as Outputs;
    const kept = refreshed(olds, live);
    assert.deepEqual(kept.catalog, catalog);
    assert.equal(kept.driftFound.length, 2);
    assert.equal(kept.completedJob, "ameide/j");
  });
});
