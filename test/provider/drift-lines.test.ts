import assert from "node:assert/strict";

import { compareCatalogs } from "../../engine/index";
import { driftLines } from "../../provider/drift-lines";

type Texts = Readonly<Record<string, string>>;
const lines = (before: Texts, after: Texts) =>
  driftLines(compareCatalogs(before, after), before, after);

const many = (count: number, text: string, words = "owner of ") =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      `${words}table public.t${String(at).padStart(3, "0")}`,
      text,
    ]),
  );

describe("provider/drift-lines", () => {
  it("says before and after", () => {
    assert.deepEqual(lines(many(1, "app"), many(1, "dba")), [
      "owner of table public.t000 changed: app → dba",
    ]);
  });

  it("counts what was done alike to more than ten objects, and names the first", () => {
    assert.equal(lines(many(10, "app"), many(10, "dba")).length, 10);
    const views = { "owner of view public.v": "x", "view public.v": "a" };
    const found = lines(
      { ...many(500, "app"), ...views },
      { ...many(500, "dba"), "owner of view public.v": "y", "view public.v": "b" },
    );
    assert.deepEqual(found, [
      "view public.v changed: a → b",
      "owner of 500 objects changed: app → dba (table public.t000, table public.t001, table public.t002, 497 more)",
      "owner of view public.v changed: x → y",
    ]);
    const grants = lines({}, many(12, "SELECT", "grant to app on "));
    assert.match(grants.join(), /^grant to app on 12 objects added \(table public\.t000, /);
  });

  it("keeps tables that were added one by one", () => {
    assert.equal(lines({}, many(12, "table", "")).length, 12);
  });

  it("lets no name or text steer a terminal or make lines", () => {
    const name = 'owner of table public."a\n\u001b[2Jwarning: b"';
    assert.deepEqual(lines({ [name]: "app" }, { [name]: "\u001b]0;x\u0007" }), [
      'owner of table public."a··[2Jwarning: b" changed: app → ·]0;x·',
    ]);
    const text = { "comment on table public.a": "one\ntwo" };
    assert.deepEqual(lines(text, { "comment on table public.a": "one\n2\u202e" }), [
      "comment on table public.a changed\n    - two\n    + 2·",
    ]);
  });
});
