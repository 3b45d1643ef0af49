/** Versions against a model: what Java's BigInteger makes of each part. */
import assert from "node:assert/strict";

import fc from "fast-check";

import { compareVersions, parseVersion } from "../../engine/core/version";

const WIDE = "０１２３４５６７８９";
const digits = fc.stringMatching(/^[0-9]{1,4}$/);
const part = fc.record({
  sign: fc.constantFrom("", "+", "-"),
  digits,
  isWide: fc.boolean(),
});

interface Part {
  readonly sign: string;
  readonly digits: string;
  readonly isWide: boolean;
}
const written = ({ sign, digits: text, isWide }: Part): string =>
  sign + (isWide ? text.replace(/\d/g, (digit) => WIDE.charAt(Number(digit))) : text);
const valueOf = ({ sign, digits: text }: Part): bigint =>
  sign === "-" ? -BigInt(text) : BigInt(text);

/** The first part as it likes; a sign or a full-width digit behind a dot would not end the part before. */
const versions = fc.tuple(part, fc.array(digits, { maxLength: 3 })).map(([first, rest]) => ({
  text: [written(first), ...rest].join("."),
  parts: [valueOf(first), ...rest.map(BigInt)],
}));

describe("core/version against a model", () => {
  it("reads signs and full-width digits of the first part, and plain digits behind dots", () => {
    fc.assert(
      fc.property(versions, ({ text, parts }) => {
        const version = parseVersion(text);
        assert.ok(version, text);
        assert.equal(version.text, text);
        const padded = parts.map((_, i) => version.parts[i] ?? 0n);
        assert.deepEqual(padded, parts);
        assert.ok(version.parts.length <= parts.length);
      }),
    );
  });

  it("orders by the first part that differs, absent ones being 0", () => {
    fc.assert(
      fc.property(versions, versions, (a, b) => {
        const [x, y] = [parseVersion(a.text), parseVersion(b.text)];
        assert.ok(x && y);
        const length = Math.max(a.parts.length, b.parts.length);
        const differences = Array.from(
          { length },
          (_, i) => (a.parts[i] ?? 0n) - (b.parts[i] ?? 0n),
        );
        const first = differences.find((difference) => difference !== 0n) ?? 0n;
        assert.equal(Math.sign(compareVersions(x, y)), first < 0n ? -1 : first > 0n ? 1 : 0);
      }),
    );
  });

  it("takes nothing for a version that has another character", () => {
    const foreign = fc.constantFrom("a", " ", "-", "+", "é", "/", "½", "²", "٣x");
    fc.assert(
      fc.property(versions, foreign, fc.nat(), ({ text }, character, place) => {
        const at = 1 + (place % text.length);
        assert.equal(parseVersion(text.slice(0, at) + character + text.slice(at)), undefined);
      }),
    );
  });
});
