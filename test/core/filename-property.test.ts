/** File names that are put together by Flyway's rule come back as what they were made of. */
import assert from "node:assert/strict";

import fc from "fast-check";

import { parseFileName } from "../../engine/core/filename";
import { orderResolved } from "../../engine/core/resolve";
import { compareVersions } from "../../engine/core/version";
import { file, options, v } from "../support/migrations";

const affix = fc.constantFrom("V", "Mig", "B", "R", "Rep", "X_");
const naming = fc
  .record({
    prefixes: fc.uniqueArray(affix, { minLength: 3, maxLength: 3 }),
    separator: fc.constantFrom("__", "-", "~~"),
    suffix: fc.constantFrom(".sql", ".ddl", ".pg.sql"),
  })
  .map(({ prefixes: [versioned = "", repeatable = "", baseline = ""], separator, suffix }) =>
    options({
      sqlMigrationPrefix: versioned,
      repeatableSqlMigrationPrefix: repeatable,
      baselineMigrationPrefix: baseline,
      sqlMigrationSeparator: separator,
      sqlMigrationSuffixes: [".other", suffix],
    }),
  );
const version = fc
  .array(fc.nat(999), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join("."));
const description = fc.stringMatching(/^[a-z][a-z0-9_ ]{0,12}$/);
const anyCase = fc.boolean();

describe("core/filename against a model", () => {
  it("reads versioned, baseline and repeatable names, whatever affixes are set", () => {
    fc.assert(
      fc.property(naming, version, description, anyCase, (set, number, words, isUpper) => {
        const ending = set.sqlMigrationSuffixes[1] ?? "";
        const suffix = isUpper ? ending.toUpperCase() : ending;
        const rest = `${set.sqlMigrationSeparator}${words}${suffix}`;
        const expected = words.replaceAll("_", " ");
        const versioned = { version: v(number), description: expected };
        assert.deepEqual(parseFileName(`${set.sqlMigrationPrefix}${number}${rest}`, set), {
          kind: "versioned",
          ...versioned,
        });
        assert.deepEqual(parseFileName(`${set.baselineMigrationPrefix}${number}${rest}`, set), {
          kind: "baseline",
          ...versioned,
        });
        assert.deepEqual(parseFileName(`${set.repeatableSqlMigrationPrefix}${rest}`, set), {
          kind: "repeatable",
          description: expected,
        });
      }),
    );
  });
});

describe("core/resolve against a model", () => {
  it("puts files of different versions in the order of their versions, however they come", () => {
    const numbers = fc.uniqueArray(fc.tuple(fc.nat(9), fc.nat(12)), {
      selector: ([major, minor]) => `${major}.${minor}`,
      maxLength: 12,
    });
    fc.assert(
      fc.property(numbers, (all) => {
        const ordered = orderResolved(all.map(([major, minor]) => file(`${major}.${minor}`)));
        assert.equal(ordered.length, all.length);
        for (const [i, { version: at }] of ordered.entries()) {
          const next = ordered[i + 1]?.version;
          assert.ok(!at || !next || compareVersions(at, next) < 0);
        }
      }),
    );
  });
});
