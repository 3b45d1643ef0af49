import { strict as assert } from "node:assert";

import { blankedJson, missingIn, normalise, rewritten } from "./compare";

describe("docs: comparing samples", () => {
  const PRINTED = "start\n\na   1  (12 ms)\nb 2\nc 3 at 127.0.0.1:5000\nend\n";

  it("a sample is found where its lines stand together, whatever ports, times and widths", () => {
    assert.equal(missingIn("a 1 (3 ms)\nb 2\n", PRINTED), undefined);
    assert.equal(missingIn("c 3 at 127.0.0.1:1\n", PRINTED), undefined);
  });

  it("an ellipsis stands for lines, or for a part of a line", () => {
    assert.equal(missingIn("start\n…\nend", PRINTED), undefined);
    assert.equal(missingIn("c 3 …", PRINTED), undefined);
  });

  it("another value, another order and a gap are differences", () => {
    assert.equal(missingIn("a 2 (3 ms)", PRINTED), "a 2 (<time>)");
    assert.equal(missingIn("b 2\na 1 (3 ms)", PRINTED), "b 2\na 1 (<time>)");
    assert.equal(missingIn("a 1 (3 ms)\nc 3 …", PRINTED), "a 1 (<time>)\nc 3 …");
    assert.equal(missingIn("end\n…\nstart", PRINTED), "start");
  });

  it("what is meant stays in a normalised line: names, versions, counts", () => {
    assert.equal(normalise("V4__x.sql: 3 -> 4"), "V4__x.sql: 3 -> 4");
    assert.equal(normalise("11 created (0.5s)"), "11 created (<time>)");
  });

  it("JSON differs by what it means", () => {
    assert.deepEqual(blankedJson('{"executionTimeMs": 5}'), blankedJson('{"executionTimeMs":7}'));
    assert.notDeepEqual(blankedJson('{"applied": 5}'), blankedJson('{"applied": 7}'));
  });

  it("is written anew from the line like its first to the one like its last", () => {
    assert.equal(rewritten("a 7 (3 ms)\n…\nc 3 there\n", PRINTED), PRINTED.slice(7, -4));
  });
});
