import assert from "node:assert/strict";

import { stackOptions } from "../../engine/core/stack-options";
import { STACK_DEFAULTS } from "../../engine/options/options";

describe("core/stack-options", () => {
  it("are the defaults of a stack, with the locations", () => {
    const made = stackOptions({}, ["migrations/shop"]);
    assert.deepEqual(made, {
      ...STACK_DEFAULTS,
      locations: ["migrations/shop"],
      failOnEmptyLocations: true,
    });
    assert.equal(made.baselineOnMigrate, false);
  });

  it("allow a database without any locations to have no files", () => {
    assert.equal(stackOptions({}, []).failOnEmptyLocations, false);
  });

  it("begin with the baseline that is configured", () => {
    const baseline = { version: "3", description: "as it was" };
    const { baselineOnMigrate, baselineVersion, baselineDescription } = stackOptions({ baseline }, [
      "a",
    ]);
    assert.deepEqual(
      [baselineOnMigrate, baselineVersion, baselineDescription],
      [true, "3", "as it was"],
    );
  });

  it("are what the configuration says, where it says something", () => {
    assert.equal(stackOptions({ outOfOrder: true }, ["a"]).outOfOrder, true);
  });
});
