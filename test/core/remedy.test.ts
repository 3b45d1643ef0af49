import assert from "node:assert/strict";

import { pasteable } from "../../engine/core/remedy";

describe("core/remedy", () => {
  const remedy = "Correct the script; then run repair: it goes on. Or run repair.";
  const commandFor = (stack: string, database: string) =>
    /`(.*?)`/.exec(pasteable(remedy, { stack, database }))?.[1];

  it("names the whole command wherever it says to run repair", () => {
    const command = "`tidemark repair --stack dev --database platform`";
    assert.equal(
      pasteable(remedy, { stack: "dev", database: "platform" }),
      `Correct the script; then run ${command}: it goes on. Or run ${command}.`,
    );
  });

  it("leaves other words alone", () => {
    const other = "Overrun repairs; run repairs by hand.";
    assert.equal(pasteable(other, { stack: "dev", database: "platform" }), other);
  });

  const names: [string, string][] = [
    ["org/proj/dev", "org/proj/dev"],
    ["a.b@c%d+e=f:g-h_1", "a.b@c%d+e=f:g-h_1"],
    ["two words", "'two words'"],
    ["; rm -rf x", "'; rm -rf x'"],
    ["x;", "'x;'"],
    ["it's", String.raw`'it'\''s'`],
    ["$&", "'$&'"],
    ["", "''"],
  ];
  for (const [name, word] of names) {
    it(`writes ${JSON.stringify(name)} so that a shell takes it as it is`, () => {
      assert.equal(commandFor(name, "d"), `tidemark repair --stack ${word} --database d`);
      assert.equal(commandFor("s", name), `tidemark repair --stack s --database ${word}`);
    });
  }
});
