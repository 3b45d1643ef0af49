import assert from "node:assert/strict";

import fc from "fast-check";

import { compareVersions, highestOf, parseVersion, versionKey } from "../../engine/core/version";
import { v } from "../support/migrations";

const parts = fc.array(fc.bigInt({ min: 0n, max: 10n ** 20n }), { minLength: 1, maxLength: 5 });
const version = parts.map((numbers) => v(numbers.join(".")));

describe("core/version: what is a version", () => {
  const accepted: [string, string][] = [
    ["1", "1"],
    ["001", "001"],
    ["1_2", "1.2"],
    ["02.01", "02.01"],
    ["2.0", "2.0"],
    ["20240131235959", "20240131235959"],
    ["-1", "-1"],
    ["+2", "+2"],
    ["３", "３"],
    ["-12", "-12"],
    ["１２.3", "１２.3"],
    ["1.2.3", "1.2.3"],
    ["1.22", "1.22"],
    ["99999999999999999999999999999999", "99999999999999999999999999999999"],
  ];
  for (const [raw, text] of accepted) {
    it(`accepts ${raw} and keeps it as ${text} for the history`, () => {
      assert.equal(v(raw).text, text);
    });
  }

  for (const raw of [
    "",
    "1.",
    "1..2",
    "1__2",
    ".1",
    "a",
    "1a",
    "1.b",
    "1 ",
    " 1",
    "--1",
    "+-1",
    "1-2",
    "1.３",
    "𞥑",
  ]) {
    it(`refuses ${JSON.stringify(raw)}`, () => {
      assert.equal(parseVersion(raw), undefined);
    });
  }

  it("reads a sign and full-width digits as Java's BigInteger does", () => {
    assert.ok(compareVersions(v("-1"), v("0")) < 0);
    assert.equal(compareVersions(v("+2"), v("2")), 0);
    assert.equal(compareVersions(v("３"), v("3")), 0);
    assert.equal(compareVersions(v("+１２"), v("12")), 0);
  });
});

describe("core/version: order", () => {
  it("takes 1, 01, 1.0, 1_0 and 1.0.0 for the same version", () => {
    for (const text of ["01", "1.0", "1_0", "1.0.0", "001.00"]) {
      assert.equal(compareVersions(v("1"), v(text)), 0, text);
      assert.equal(versionKey(v("1")), versionKey(v(text)), text);
    }
  });

  it("compares numbers and not texts", () => {
    const sorted = ["1.10", "10", "1.9", "9", "1", "1.1", "0", "20240131"].map(v);
    sorted.sort(compareVersions);
    assert.deepEqual(
      sorted.map(({ text }) => text),
      ["0", "1", "1.1", "1.9", "1.10", "9", "10", "20240131"],
    );
  });

  it("has the highest of a list, in the first of its spellings", () => {
    const highest = (...texts: string[]) => highestOf([null, ...texts.map(v), undefined])?.text;
    assert.equal(highest("1", "10", "9"), "10");
    assert.equal(highest("2.0", "2", "1"), "2.0");
    assert.equal(highest("-2", "-1"), "-1");
    assert.equal(highest(), undefined);
  });

  it("is a total order: antisymmetric, transitive, and equal only where the keys are", () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        assert.equal(compareVersions(a, a), 0);
        assert.equal(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) + 0);
        assert.equal(compareVersions(a, b) === 0, versionKey(a) === versionKey(b));
        const [x, y, z] = [a, b, c].sort(compareVersions);
        assert.ok(x && y && z && compareVersions(x, z) <= 0 && compareVersions(x, y) <= 0);
        assert.ok(compareVersions(y, z) <= 0);
      }),
    );
  });

  it("does not see leading zeros, trailing zero parts, nor which of . and _ separates", () => {
    const zeros = fc.nat(3).map((n) => "0".repeat(n));
    fc.assert(
      fc.property(
        parts,
        zeros,
        fc.nat(3),
        fc.constantFrom(".", "_"),
        (numbers, lead, tail, dot) => {
          const spelt = numbers.map((n) => `${lead}${n}`).join(dot) + `${dot}0`.repeat(tail);
          const plain = v(numbers.join("."));
          assert.equal(compareVersions(v(spelt), plain), 0);
          assert.equal(versionKey(v(spelt)), versionKey(plain));
        },
      ),
    );
  });
});
