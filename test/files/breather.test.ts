import assert from "node:assert/strict";

import { breather } from "../../engine/files/breather";

const work = (ms: number) => {
  for (const end = performance.now() + ms; performance.now() < end;);
};

/** Whether `isSo` at least once: on a busy machine 25 ms may pass between any two lines. */
async function once(isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let round = 0; round < 20; round++) if (await isSo()) return true;
  return false;
}

describe("files/breather", () => {
  it("lets nobody else run before 25 ms of work", async () => {
    assert.ok(await once(() => breather()() === undefined));
  });

  it("lets others run after it, and then not again at once", async () => {
    const breathe = breather();
    let others = 0;
    const isQuietAfterwards = async () => {
      work(30);
      const before = others;
      setImmediate(() => others++);
      await breathe();
      assert.equal(others, before + 1);
      return breathe() === undefined;
    };
    assert.ok(await once(isQuietAfterwards));
  });
});
