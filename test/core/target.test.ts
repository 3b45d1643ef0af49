import assert from "node:assert/strict";

import { parseTarget } from "../../engine/core/target";
import { v } from "../support/migrations";

describe("core/target", () => {
  const version = (text: string, optional = false) => ({
    kind: "version",
    version: v(text),
    optional,
  });
  const cases: [string, ReturnType<typeof version> | { kind: string } | undefined][] = [
    ["", { kind: "latest" }],
    ["  ", { kind: "latest" }],
    ["latest", { kind: "latest" }],
    [" Latest ", { kind: "latest" }],
    ["CURRENT", { kind: "current" }],
    ["next", { kind: "next" }],
    ["2.1", version("2.1")],
    [" 2_1 ", version("2.1")],
    ["2.1?", version("2.1", true)],
    ["12 ?", version("12", true)],
    ["later", undefined],
    ["1..2", undefined],
  ];
  for (const [text, meaning] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(parseTarget(text), meaning));
  }
});
