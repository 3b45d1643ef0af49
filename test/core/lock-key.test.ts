import assert from "node:assert/strict";

import { advisoryLockKey } from "../../engine/core/lock-key";

describe("core/lock-key", () => {
  it("is the key that Flyway 13 holds for its default table in public", () => {
    assert.equal(advisoryLockKey("public", "flyway_schema_history"), 77433833903597n);
  });

  it("adds Java's hash of the quoted name as a signed number, so it may lie below Flyway's own", () => {
    const base = 77431708279161n;
    assert.equal(advisoryLockKey("public", "flyway_schema_history") - base, 2125624436n);
    const keys = ["a", "b", "c", "d", "e", "f"].map((table) => advisoryLockKey("s", table) - base);
    assert.ok(keys.every((hash) => hash >= -(2n ** 31n) && hash < 2n ** 31n));
    assert.ok(advisoryLockKey("app", "history") !== advisoryLockKey("app", "History"));
  });

  it("hashes UTF-16 units, as Java does", () => {
    // In Java: "\"s\".\"😀\"".hashCode() + 77431708279161L, with the hash folded by hand below.
    let hash = 0n;
    for (const unit of '"s"."😀"'.split("")) hash = hash * 31n + BigInt(unit.charCodeAt(0));
    const folded = BigInt.asIntN(32, hash);
    assert.equal(advisoryLockKey("s", "😀"), 77431708279161n + folded);
  });
});
