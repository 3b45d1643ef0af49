import assert from "node:assert/strict";

import fc from "fast-check";

import {
  type DatabaseReport,
  decodeReport,
  encodeReport,
  type JobReport,
  LARGEST_REPORT,
  type ReportError,
} from "../../engine/job/report";

const KUBERNETES_NAME = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const VERSION = fc.stringMatching(/^[1-9][0-9]{0,13}(\.[0-9]{1,2}){0,2}$/);
const COUNT = fc.integer({ min: 0, max: 9999 });

/** Texts that servers and people come up with: long, of any alphabet, with control characters and broken surrogates. */
const HOSTILE = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom("😀", "\ud800", "\udc00", "\0", '"', "\\", "é", "\n"),
    maxLength: 3000,
  }),
  fc.nat(9000).map((length) => "x".repeat(length)),
);

const ERROR: fc.Arbitrary<ReportError> = fc.record(
  {
    class: fc.constantFrom("usage", "migrations", "temporary", "bug"),
    code: fc.constantFrom("ERROR", "FAILED_VERSIONED_MIGRATION", "CONFIGURATION"),
    message: HOSTILE,
    remedy: HOSTILE,
    script: HOSTILE,
    line: fc.integer({ min: 1, max: 1e6 }),
    column: fc.integer({ min: 1, max: 1e4 }),
    sqlState: fc.stringMatching(/^[0-9A-Z]{5}$/),
  },
  { requiredKeys: ["class", "code", "message", "remedy"] },
);

const DATABASE: fc.Arbitrary<DatabaseReport> = fc.record(
  {
    state: fc.constantFrom("done", "failed", "running", "notReached"),
    schemaVersion: fc.option(VERSION),
    applied: COUNT,
    executed: COUNT,
    fingerprint: fc.option(fc.stringMatching(/^[0-9a-f]{32}$/).map((hex) => `sha256:${hex}`)),
    error: ERROR,
  },
  { requiredKeys: ["state", "schemaVersion", "applied", "executed", "fingerprint"] },
);

const reports = (maxLength: number, name = KUBERNETES_NAME): fc.Arbitrary<JobReport> =>
  fc
    .uniqueArray(fc.tuple(name, DATABASE), { selector: ([key]) => key, maxLength, size: "max" })
    .map((entries) => ({ databases: Object.fromEntries(entries) }));

function decoded(text: string): JobReport {
  const report = decodeReport(text);
  assert.ok(report, `decodes: ${text.slice(0, 200)}`);
  return report;
}

function facts({ databases }: JobReport): unknown {
  return Object.fromEntries(
    Object.entries(databases).map(([name, { state, schemaVersion, applied, executed, error }]) => [
      name,
      [state, schemaVersion, applied, executed, error?.class, error?.code],
    ]),
  );
}

const database = (more: Partial<DatabaseReport> = {}): DatabaseReport => ({
  state: "done",
  schemaVersion: "3",
  applied: 3,
  executed: 1,
  fingerprint: `sha256:${"0123456789abcdef".repeat(2)}`,
  ...more,
});
const failure = (message: string): ReportError => ({
  class: "migrations",
  code: "ERROR",
  message,
  remedy: "Correct the SQL at this place.",
  script: "V4__x.sql",
  line: 3,
  column: 9,
  sqlState: "42601",
});
const many = (count: number, make: (index: number) => DatabaseReport): JobReport => ({
  databases: Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`database-${index}`, make(index)]),
  ),
});

describe("the report of a Job", () => {
  it("always fits, decodes, and keeps state, version and counts of up to 50 databases", function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(reports(50), (report) => {
        const text = encodeReport(report);
        assert.ok(Buffer.byteLength(text, "utf8") <= LARGEST_REPORT);
        assert.deepEqual(facts(decoded(text)), facts(report));
      }),
      { numRuns: 150 },
    );
  });

  it("never holds half of a surrogate pair, and is the same text after a trip through UTF-8", () => {
    fc.assert(
      fc.property(reports(5, fc.string({ unit: "binary" })), (report) => {
        const text = encodeReport(report);
        assert.doesNotMatch(text, /\p{Surrogate}|\\u[dD][89a-fA-F]/u);
        assert.equal(Buffer.from(text, "utf8").toString("utf8"), text);
        assert.ok(decodeReport(text));
      }),
    );
  });

  it("is plain JSON and whole where it has room", () => {
    const report: JobReport = {
      databases: {
        platform: database(),
        agents: database({ state: "failed", error: failure("no") }),
      },
    };
    const text = encodeReport(report);
    assert.deepEqual(JSON.parse(text), report);
    assert.deepEqual(decoded(text), report);
  });

  it("gives the first error what room there is", () => {
    const report = many(4, () => database({ state: "failed", error: failure("x".repeat(5000)) }));
    const [first, second] = Object.values(decoded(encodeReport(report)).databases);
    assert.ok((first?.error?.message.length ?? 0) > 1500);
    assert.ok(first?.error?.message.endsWith("…"));
    assert.equal(first?.error?.script, "V4__x.sql");
    assert.equal(first?.error?.remedy, "Correct the SQL at this place.");
    assert.ok((second?.error?.message.length ?? 0) >= 150);
  });

  it("keeps fingerprints, and the first error, of 50 databases with ordinary names", () => {
    const report = many(50, (index) =>
      database(index === 9 ? { state: "failed", error: failure("y".repeat(3000)) } : {}),
    );
    const back = decoded(encodeReport(report)).databases;
    assert.ok(
      Object.values(back).every(({ fingerprint }) => fingerprint === database().fingerprint),
    );
    assert.match(back["database-9"]?.error?.message ?? "", /^y{100,}…$/);
    assert.equal(back["database-9"]?.error?.line, 3);
  });

  it("says where a text had no room", () => {
    const report = many(50, () => database({ state: "failed", error: failure("z".repeat(300)) }));
    for (const { error } of Object.values(decoded(encodeReport(report)).databases)) {
      assert.notEqual(error?.message, "");
      assert.notEqual(error?.remedy, "");
    }
  });

  it("of hundreds of databases leaves out those that are done, and says how many", () => {
    const report = many(900, (index) =>
      index % 300 === 299 ? database({ state: "failed", error: failure("bad") }) : database(),
    );
    const text = encodeReport(report);
    assert.ok(Buffer.byteLength(text) <= LARGEST_REPORT);
    const { databases, omitted } = decoded(text);
    assert.equal(Object.keys(databases).length + (omitted ?? 0), 900);
    assert.ok(Object.keys(databases).length > 50);
    for (const name of ["database-299", "database-599", "database-899"])
      assert.equal(databases[name]?.error?.code, "ERROR");
  });

  it("fits whatever the name of a database is", () => {
    const text = encodeReport({
      databases: { ["n".repeat(9000)]: database(), __proto__: database() },
    });
    assert.ok(Buffer.byteLength(text) <= LARGEST_REPORT);
    assert.ok(decodeReport(text));
  });

  it("tells of a Job that could not run at all", () => {
    const error = failure("The Job's job.json cannot be used");
    assert.deepEqual(decoded(encodeReport({ databases: {}, error })).error, error);
    const long = decoded(encodeReport({ databases: {}, error: failure("q".repeat(9999)) })).error;
    assert.match(long?.message ?? "", /^q{3000,}…$/);
  });

  const foreign = ["", "null", "[]", "{}", "Error: x", '{"databases":[]}', '{"databases":{"a":1}}'];
  for (const text of [
    ...foreign,
    '{"d":[["a","?",null,0,0]]}',
    '{"z":"nonsense"}',
    '{"z":5}',
    '{"d":[5]}',
  ]) {
    it(`does not take ${text || "an empty text"} for one`, () => {
      assert.equal(decodeReport(text), undefined);
    });
  }
});
