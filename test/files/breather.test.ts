import assert from "node:assert/strict";

import { breather } from "../../engine/files/breather";

const work = (ms: number) => {
  for (const end = performance.now() + ms; performance.now() < end;);
};

describe("files/breather", () => {
  it("lets others run after 25 ms of work, and then not again at once", async () => {
    const breathe = breather();
    assert.equal(breathe(), undefined);
    work(30);
    let others = 0;
    setImmediate(() => others++);
    const pause = breathe();
    assert.ok(pause instanceof Promise);
    await pause;
    assert.equal(others, 1);
    assert.equal(breathe(), undefined);
  });
});
