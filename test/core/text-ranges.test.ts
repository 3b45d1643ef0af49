import assert from "node:assert/strict";

import fc from "fast-check";

import { isWordAt, mergeRanges, occurrences } from "../../engine/core/text-ranges";

describe("core/text-ranges", () => {
  it("finds every occurrence, overlapping ones too, and none of nothing", () => {
    assert.deepEqual(occurrences("aaa", "aa"), [
      { start: 0, end: 2 },
      { start: 1, end: 3 },
    ]);
    assert.deepEqual(occurrences("aaa", ""), []);
    assert.deepEqual(occurrences("aaa", "b"), []);
  });

  it("merges what overlaps or touches, in whatever order it is given", () => {
    const ranges = [
      { start: 7, end: 9 },
      { start: 2, end: 4 },
      { start: 0, end: 2 },
      { start: 3, end: 4 },
    ];
    assert.deepEqual(mergeRanges(ranges), [
      { start: 0, end: 4 },
      { start: 7, end: 9 },
    ]);
  });

  it("covers exactly what the ranges cover, with a gap between any two", () => {
    const range = fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 8 }));
    const covered = (ranges: readonly { start: number; end: number }[]) =>
      Array.from({ length: 50 }, (_, at) => ranges.some((r) => r.start <= at && at < r.end));
    fc.assert(
      fc.property(fc.array(range), (pairs) => {
        const ranges = pairs.map(([start, length]) => ({ start, end: start + length }));
        const merged = mergeRanges(ranges);
        assert.deepEqual(covered(merged), covered(ranges));
        for (const [i, { end }] of merged.entries()) {
          const next = merged[i + 1];
          assert.ok(next === undefined || end < next.start);
        }
      }),
    );
  });

  it("knows where words begin and end, at the ends of the text, too", () => {
    const at = (text: string, part: string) =>
      occurrences(text, part).map((range) => isWordAt(text, range));
    assert.deepEqual(at("abc", "abc"), [true]);
    assert.deepEqual(at("abc abcd xabc ab_abc", "abc"), [true, false, false, false]);
    assert.deepEqual(at("éabc-abc.", "abc"), [false, true]);
  });
});
