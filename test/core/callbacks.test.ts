import assert from "node:assert/strict";

import { type CallbackFile, orderCallbacks } from "../../engine/core/callbacks";
import { failureOf } from "../support/migrations";

const callback = (event: string, description = "", folder = "m"): CallbackFile => {
  const name = `${event}${description === "" ? "" : `__${description}`}.sql`;
  return { event, description, name, script: name, path: `${folder}/${name}`, config: {} };
};

describe("core/callbacks", () => {
  it("run per event the plain name first, then by description as Java sorts", () => {
    const map = orderCallbacks([
      callback("afterMigrate", "b"),
      callback("beforeMigrate"),
      callback("afterMigrate", "Z"),
      callback("afterMigrate"),
      callback("afterMigrate", "a"),
    ]);
    assert.deepEqual(
      map.get("afterMigrate")?.map(({ name }) => name),
      ["afterMigrate.sql", "afterMigrate__Z.sql", "afterMigrate__a.sql", "afterMigrate__b.sql"],
    );
    assert.equal(map.get("beforeMigrate")?.length, 1);
    assert.equal(map.get("afterInfo"), undefined);
  });

  it("of one full name in two folders are refused, both named", () => {
    const files = [callback("afterMigrate", "x", "a"), callback("afterMigrate", "x", "b")];
    const error = failureOf(() => orderCallbacks(files));
    assert.deepEqual([error.code, error.class], ["ERROR", "migrations"]);
    assert.match(error.message, /a\/afterMigrate__x\.sql and b\/afterMigrate__x\.sql/);
  });
});
