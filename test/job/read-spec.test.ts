import assert from "node:assert/strict";

import { readSpec } from "../../engine/job/read-spec";
import type { JobDatabase } from "../../engine/job/spec";
import { failureOf } from "../support/migrations";

const DATABASE: JobDatabase = {
  name: "platform",
  environment: { url: "FLYWAY_URL", user: "FLYWAY_USER", password: "FLYWAY_PASSWORD" },
  sslmode: "require",
  createDatabase: false,
  locations: ["migrations/platform"],
  options: {
    baseline: { version: "3", description: "b" },
    lockWait: 5000,
    schemas: ["a"],
    allowDestructive: ["V2__b.sql"],
  },
};
const spec = (...databases: unknown[]) => JSON.stringify({ formatVersion: 1, databases });

describe("job.json", () => {
  it("is read as the stack wrote it", () => {
    assert.deepEqual(readSpec(spec(DATABASE)), { formatVersion: 1, databases: [DATABASE] });
  });

  it("may name the scripts that may destroy data", () => {
    const options = { allowDestructive: ["V7__x.sql"] };
    const [database] = readSpec(spec({ ...DATABASE, options })).databases;
    assert.deepEqual(database?.options, options);
  });

  const wrong: readonly [string, string, RegExp][] = [
    ["no JSON", "{", /JSON/],
    ["a list", "[]", /it must be an object/],
    ["another format", '{"formatVersion":2,"databases":[]}', /formatVersion must be 1/],
    ["no databases", '{"formatVersion":1}', /databases is missing/],
    ["a database that is a text", spec("platform"), /databases\[0\] must be an object/],
    [
      "a database without its URL's variable",
      spec({ ...DATABASE, environment: {} }),
      /databases\[0\]\.environment\.url is missing/,
    ],
    [
      "an option that this version does not know",
      spec(DATABASE, { ...DATABASE, name: "b", options: { speed: 9 } }),
      /databases\[1\]\.options\.speed is unknown to this version/,
    ],
    [
      "a wrong type",
      spec({ ...DATABASE, locations: "migrations" }),
      /databases\[0\]\.locations must be a list of texts/,
    ],
    [
      "a wrong duration",
      spec({ ...DATABASE, options: { lockWait: "5s" } }),
      /databases\[0\]\.options\.lockWait must be a number of milliseconds/,
    ],
    [
      "a list with something else in it",
      spec({ ...DATABASE, options: { schemas: ["a", 1] } }),
      /databases\[0\]\.options\.schemas\[1\] must be a text/,
    ],
    [
      "a negative duration",
      spec({ ...DATABASE, options: { lockWait: -1 } }),
      /databases\[0\]\.options\.lockWait must be a number of milliseconds/,
    ],
    [
      "half a baseline",
      spec({ ...DATABASE, options: { baseline: { version: "3" } } }),
      /databases\[0\]\.options\.baseline\.description is missing/,
    ],
    [
      "a secret option",
      spec({ ...DATABASE, options: { initSql: "SELECT 1" } }),
      /databases\[0\]\.options\.initSql is unknown to this version/,
    ],
    [
      "a text for scripts that may destroy",
      spec({ ...DATABASE, options: { allowDestructive: "V7__x.sql" } }),
      /databases\[0\]\.options\.allowDestructive must be true, false or a list of texts/,
    ],
    ["a database twice", spec(DATABASE, DATABASE), /the database "platform" is there twice/],
  ];
  for (const [what, text, says] of wrong) {
    it(`with ${what} is refused, and the place named`, () => {
      const failure = failureOf(() => readSpec(text));
      assert.equal(failure.class, "usage");
      assert.match(failure.message, says);
      assert.match(failure.remedy, /same version/);
    });
  }

  it("names all places at once", () => {
    const { message } = failureOf(() => readSpec(spec({ ...DATABASE, name: 1, sslmode: "" })));
    assert.match(
      message,
      /databases\[0\]\.name must be a text; databases\[0\]\.sslmode must be a text/,
    );
  });
});
