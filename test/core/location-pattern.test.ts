import assert from "node:assert/strict";

import { parseLocationPattern } from "../../engine/core/location-pattern";

/** The pattern, its root, and of some paths below the root the script's name; undefined: it does not match. */
const CASES: [string, string, Record<string, string | undefined>][] = [
  [
    "db/*/sql",
    "db",
    {
      "shop/sql/V1__a.sql": "V1__a.sql",
      "shop/sql/sub/V1__a.sql": "sub/V1__a.sql",
      "shop/other/V1__a.sql": undefined,
      "a/b/sql/V1__a.sql": undefined,
      "/sql/V1__a.sql": undefined,
      "shop/sql": undefined,
    },
  ],
  [
    "db/r?lease",
    "db",
    { "release/V1.sql": "V1.sql", "rlease/V1.sql": undefined, "reelease/V1.sql": undefined },
  ],
  ["db/r??e", "db", { "r12e/V1.sql": "V1.sql", "r1e/V1.sql": undefined, "r/2e/V1.sql": undefined }],
  [
    "db/**/sql",
    "db",
    {
      "sql/V1.sql": "V1.sql",
      "a/sql/V1.sql": "V1.sql",
      "a/b/sql/V1.sql": "V1.sql",
      "asql/V1.sql": undefined,
    },
  ],
  ["db/**", "db", { "V1.sql": undefined, "a/V1.sql": undefined }], // as in Flyway: no folder is matched
  [
    "db/V*.sql",
    "db",
    {
      "V1.sql": "V1.sql",
      "V.sql": undefined,
      V1xsql: undefined,
      "V1.sql.bak": undefined,
      "sub/V1.sql": undefined,
    },
  ],
  ["/srv/db/*.sql", "/srv/db", { "V1.sql": "V1.sql" }],
  ["db/**/V*.sql", "db", { "V1.sql": "V1.sql", "a/b/V1.sql": "a/b/V1.sql" }],
  ["db/a+b(*)/x", "db", { "a+b(1)/x/V1.sql": "V1.sql", "aab(1)/x/V1.sql": undefined }],
  ["db/*///", "db", { "a/V1.sql": "V1.sql" }],
  ["*", ".", { "a/V1.sql": "V1.sql" }],
  ["/*", "/", { "a/V1.sql": "V1.sql" }],
  ["./*", ".", { "a/V1.sql": "V1.sql" }],
];

describe("core/location-pattern", () => {
  for (const [location, root, paths] of CASES) {
    it(`reads ${location}`, () => {
      const pattern = parseLocationPattern(location);
      assert.equal(pattern?.root, root);
      const scripts = Object.keys(paths).map((path) => [path, pattern?.scriptOf(path)]);
      assert.deepEqual(Object.fromEntries(scripts), paths);
    });
  }

  it("is none without a wildcard", () => {
    assert.equal(parseLocationPattern("db/migrations"), undefined);
    assert.equal(parseLocationPattern("db/[a].sql"), undefined);
  });
});
