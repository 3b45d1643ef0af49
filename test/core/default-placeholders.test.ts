import assert from "node:assert/strict";

import { defaultPlaceholders } from "../../engine/core/default-placeholders";
import { snapshot } from "../support/migrations";

describe("core/default-placeholders", () => {
  it("have Flyway's names, and the local time with two digits each", () => {
    const database = snapshot({ database: "shop", user: "app", defaultSchema: "s", table: "t" });
    const now = new Date(2031, 0, 2, 3, 4, 5);
    assert.deepEqual(defaultPlaceholders(database, now, "/work"), {
      defaultSchema: "s",
      database: "shop",
      user: "app",
      timestamp: "2031-01-02 03:04:05",
      workingDirectory: "/work",
      table: "t",
      environment: "default",
    });
    const { timestamp } = defaultPlaceholders(database, new Date(2031, 11, 31, 23, 59, 58), "/");
    assert.equal(timestamp, "2031-12-31 23:59:58");
  });
});
