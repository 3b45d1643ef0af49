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

/** Text that cannot be packed much: of 64 letters, always the same. */
function noise(length: number, seed = 1): string {
  const letters: string[] = [];
  let state = seed;
  while (letters.length < length) {
    state = (state * 48271) % 2147483647;
    letters.push(
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"[state % 64] ?? "",
    );
  }
  return letters.join("");
}

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
    const report = many(4, (index) =>
      database({ state: "failed", error: failure(noise(5000, index + 1)) }),
    );
    const [first, second] = Object.values(decoded(encodeReport(report)).databases);
    assert.ok((first?.error?.message.length ?? 0) > 1500);
    assert.ok(first?.error?.message.endsWith("…"));
    assert.equal(first?.error?.script, "V4__x.sql");
    assert.equal(first?.error?.remedy, "Correct the SQL at this place.");
    assert.ok((second?.error?.message.length ?? 0) >= 150);
  });

  it("keeps fingerprints, and the first error, of 50 databases with ordinary names", () => {
    const report = many(50, (index) =>
      database(index === 9 ? { state: "failed", error: failure(noise(6000)) } : {}),
    );
    const back = decoded(encodeReport(report)).databases;
    assert.ok(
      Object.values(back).every(({ fingerprint }) => fingerprint === database().fingerprint),
    );
    const { message = "" } = back["database-9"]?.error ?? {};
    assert.ok(message.length > 1000 && message.endsWith("…"));
    assert.ok(noise(6000).startsWith(message.slice(0, -1)));
    assert.equal(back["database-9"]?.error?.line, 3);
  });

  it("says where a text had no room", () => {
    const report = many(50, (index) =>
      database({ state: "failed", error: failure(noise(300, index + 1)) }),
    );
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

  it("has room for the facts of 50 databases with the longest names, of which none is like another", () => {
    const longest = fc.stringMatching(/^[a-z0-9][-a-z0-9]{61}[a-z0-9]$/);
    const timestamp = fc.stringMatching(/^20[0-9]{12}$/);
    const entry = fc.tuple(longest, DATABASE, timestamp);
    const entries = fc.uniqueArray(entry, { selector: ([n]) => n, minLength: 50, maxLength: 50 });
    fc.assert(
      fc.property(entries, (all) => {
        const databases = all.map(([n, d, schemaVersion]) => [n, { ...d, schemaVersion }] as const);
        const report: JobReport = { databases: Object.fromEntries(databases) };
        assert.deepEqual(facts(decoded(encodeReport(report))), facts(report));
      }),
      { numRuns: 50 },
    );
  });

  it("gives up fingerprints before the first error's message", () => {
    const fingerprint = (index: number) =>
      `sha256:${Buffer.from(noise(16, index + 1)).toString("hex")}`;
    const report = many(50, (index) => ({
      ...database({ fingerprint: fingerprint(index), schemaVersion: noise(15, index + 50) }),
      ...(index === 30 && { state: "failed", error: failure(noise(3000)) }),
    }));
    const back = decoded(encodeReport(report));
    assert.ok((back.databases["database-30"]?.error?.message.length ?? 0) >= 300);
  });

  it("reports a Job that could not run at all", () => {
    const error = failure("The Job's job.json cannot be used");
    assert.deepEqual(decoded(encodeReport({ databases: {}, error })).error, error);
    const long = decoded(encodeReport({ databases: {}, error: failure("q".repeat(9999)) })).error;
    assert.match(long?.message ?? "", /^q{3000,}…$/);
    const dense = decoded(encodeReport({ databases: {}, error: failure(noise(9999)) })).error;
    assert.match(dense?.message ?? "", /^.{2500,}…$/);
  });

  describe("as the released versions have written it", () => {
    const error = {
      class: "migrations",
      code: "ERROR",
      message: "V3__x.sql:2:8: syntax error",
      script: "V3__x.sql",
      line: 2,
      column: 8,
      sqlState: "42601",
    } as const;
    const unknown = { schemaVersion: null, applied: 0, executed: 0, fingerprint: null };
    const report: JobReport = {
      databases: {
        platform: database({ fingerprint: "sha256:6dbf9ac2da09ee1d3debf5a51873ec6d" }),
        agents: {
          ...{ state: "failed", schemaVersion: "2", applied: 2, executed: 0 },
          fingerprint: "other:1",
          error: {
            ...error,
            remedy: "The report had no room for it: see the log of the Job's pod.",
          },
        },
        workflows: { state: "running", ...unknown },
        analytics: { state: "notReached", ...unknown },
      },
      omitted: 7,
    };
    const forms: Readonly<Record<string, string>> = {
      wide: `{"databases":{"platform":{"state":"done","schemaVersion":"3","applied":3,"executed":1,"fingerprint":"sha256:6dbf9ac2da09ee1d3debf5a51873ec6d"},"agents":{"state":"failed","schemaVersion":"2","applied":2,"executed":0,"fingerprint":"other:1","error":{"class":"migrations","code":"ERROR","message":"V3__x.sql:2:8: syntax error","remedy":"","script":"V3__x.sql","line":2,"column":8,"sqlState":"42601"}},"workflows":{"state":"running","schemaVersion":null,"applied":0,"executed":0,"fingerprint":null},"analytics":{"state":"notReached","schemaVersion":null,"applied":0,"executed":0,"fingerprint":null}},"omitted":7}`,
      compact: `{"d":[["platform","d","3",3,1,"bb-awtoJ7h096_WlGHPsbQ"],["agents","f","2",2,0,"=other:1",["m","ERROR","V3__x.sql:2:8: syntax error",null,"V3__x.sql",2,8,"42601"]],["workflows","r",null,0,0],["analytics","n",null,0,0]],"o":7}`,
      packed: `{"z":"TY7LCsIwAAR/Rfa8StqKj4BHUbyoPeihlJJqq2JMNI1UEf9dIgieZ5nZF/aQWYarVr627gJiDyIBE0ZEWXZV6+1ieBTjQbHVs/mqKdfImUEdKuMbEDWIGIwpiIn1x8rJCMwQXNM0XaYgNklRPHrNTctYjmSneRqvHp3KOetAc9f6bxJUI6IfD0SEPKRa6861tm2o/faC4vvCKP30p11A5g/lhIUcvj8="}`,
    };
    for (const [form, text] of Object.entries(forms))
      it(`is read: ${form}`, () => assert.deepEqual(decoded(text), report));
  });

  const foreign = ["", "null", "[]", "{}", "Error: x", '{"databases":[]}', '{"databases":{"a":1}}'];
  for (const text of [
    ...foreign,
    '{"d":[["a","?",null,0,0]]}',
    '{"z":"nonsense"}',
    '{"z":5}',
    '{"b":"nonsense"}',
    '{"b":5}',
    '{"d":[5]}',
  ]) {
    it(`does not take ${text || "an empty text"} for one`, () => {
      assert.equal(decodeReport(text), undefined);
    });
  }
});
