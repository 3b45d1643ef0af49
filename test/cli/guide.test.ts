import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { flagOf, isSetBy, SETTINGS, variableOf } from "../../engine/cli/settings";

const GUIDE = readFileSync(resolve(__dirname, "../../../docs/command.md"), "utf8");

describe("the guide to the command", () => {
  for (const setting of SETTINGS) {
    const names = isSetBy(setting, "flag")
      ? [flagOf(setting), variableOf(setting)]
      : [variableOf(setting)];
    it(`knows ${names.join(" and ")}`, () => {
      for (const name of names) assert.ok(GUIDE.includes(`\`${name}\``), name);
    });
  }
});
