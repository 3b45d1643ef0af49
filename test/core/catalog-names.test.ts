/** Names of objects: written and read back, and where they stand in a drift report. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { compareCatalogs, digestCatalog, fingerprintCatalog } from "../../engine/core/catalog";
import {
  columnRelation,
  containersOf,
  identityOf,
  kindOf,
  type ObjectName,
  subjectOf,
} from "../../engine/core/catalog/identity";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const report = (recorded: Record<string, string>, live: Record<string, string>) =>
  compareCatalogs(recorded, live).map(({ change, object }) => `${object} ${change}`);

describe("core/catalog: names", () => {
  const written: [ObjectName, string][] = [
    [{ kind: "cast", path: [], suffix: " (text AS integer)" }, "cast (text AS integer)"],
    [{ kind: "trigger", path: ["s", "t", "x"], owner: null, suffix: null }, "trigger s.t.x"],
    [{ kind: "sequence", path: ["s", "q"], owner: ["s", "t", "c"] }, "sequence s.q of s.t.c"],
    [{ kind: "future tables of", path: ["r"], owner: ["s"] }, "future tables of r in s"],
    [{ kind: "index", path: ["s", "future "], owner: ["s", "t"] }, 'index s."future " on s.t'],
    [{ kind: "schema", path: ["1a"] }, 'schema "1a"'],
    [{ kind: "schema", path: ["a-b"] }, 'schema "a-b"'],
    [{ kind: "schema", path: ["_1"] }, "schema _1"],
  ];
  for (const [name, identity] of written) {
    it(`writes ${identity}, and knows its kind`, () => {
      assert.equal(identityOf(name), identity);
      assert.equal(kindOf(identity), name.kind);
    });
  }

  const relations = ["table s.t", "foreign table s.t", "view s.t", "materialized view s.t"];
  const inside: [string, string[]][] = [
    ["column s.t.c", relations],
    ["column order of s.t", relations],
    ["policy s.t.p", relations],
    ["rule s.t.r", relations],
    ["index s.i on s.t", relations],
    ["sequence s.q of s.t.c", ["column s.t.c"]],
    ["sequence s.q", ["schema s"]],
    ["future tables of r in s", ["schema s"]],
    ["future tables of r", []],
    ["function s.f(integer)", ["schema s"]],
    ['table "a\nb".t', ['schema "a\nb"']],
    ["cast (text AS integer)", []],
    ["schema s", []],
    ["grant to PUBLIC on schema s", ["schema s"]],
    ["revoke from OWNER on schema s", ["schema s"]],
    ['comment on column s.t."x\ny"', ['column s.t."x\ny"']],
    ["nothing that is known", []],
  ];
  for (const [identity, containers] of inside) {
    it(`goes with what contains it: ${JSON.stringify(identity)}`, () => {
      assert.deepEqual(containersOf(identity), containers);
    });
  }

  it("has the relation of a column and of a column order, and of nothing else", () => {
    assert.equal(columnRelation("column s.t.c"), "s.t");
    assert.equal(columnRelation("column order of s.t"), "s.t");
    assert.equal(columnRelation("constraint s.t.c"), undefined);
    assert.equal(columnRelation("nothing that is known"), undefined);
  });

  it("has a subject only where something is said about an object", () => {
    assert.equal(subjectOf("grant to app on table s.t"), "table s.t");
    assert.equal(subjectOf("table s.t"), undefined);
    assert.equal(kindOf("nothing that is known"), undefined);
  });
});

describe("core/catalog: what a report leaves out and how it is ordered", () => {
  it("names a changed part beside its changed container", () => {
    const before = { "table s.t": "1", "column s.t.c": "1", "schema s": "1" };
    const after = { "table s.t": "2", "column s.t.c": "2", "schema s": "2" };
    assert.deepEqual(report(before, after), [
      "schema s changed",
      "table s.t changed",
      "column s.t.c changed",
    ]);
  });

  it("names a new part of a container that has only changed", () => {
    assert.deepEqual(report({ "table s.t": "1" }, { "table s.t": "2", "column s.t.c": "1" }), [
      "table s.t changed",
      "column s.t.c added",
    ]);
  });

  it("names a column order that changed beside a column that changed, or has a new comment", () => {
    const order = "column order of s.t";
    assert.deepEqual(
      report({ [order]: "1", "column s.t.c": "1" }, { [order]: "2", "column s.t.c": "2" }),
      ["column s.t.c changed", `${order} changed`],
    );
    assert.deepEqual(report({ [order]: "1" }, { [order]: "2", "comment on column s.t.c": "x" }), [
      `${order} changed`,
      "comment on column s.t.c added",
    ]);
  });

  it("has objects by kind and name first, then what is unknown, grants, and comments", () => {
    const ordered = [
      "schema b",
      "table a.b",
      "view a.a",
      "future large objects of a",
      "nothing that is known",
      "grant to a on table x.b",
      "revoke from a on table x.c",
      "grant to a on view a.b",
      "comment on schema c",
      "comment on table x.d",
    ];
    const live = Object.fromEntries([...ordered].reverse().map((object) => [object, ""]));
    assert.deepEqual(
      report({}, live),
      ordered.map((object) => `${object} added`),
    );
  });
});

describe("core/catalog: what the state keeps", () => {
  // Another value would make every recorded schema of every stack look changed.
  it("is the same as in every release before", () => {
    const catalog = { "table s.t": "table", "column s.t.a": "integer", "schema s": "" };
    assert.equal(fingerprintCatalog(catalog, sha256), "sha256:97af9d89413e744d8bba04c0b83b52fa");
    assert.deepEqual(Object.entries(digestCatalog(catalog, sha256)), [
      ["column s.t.a", sha256("integer").slice(0, 8)],
      ["schema s", sha256("").slice(0, 8)],
      ["table s.t", sha256("table").slice(0, 8)],
    ]);
  });
});
