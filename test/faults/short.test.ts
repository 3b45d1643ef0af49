/** Each kind of fault once; `npm run test:faults` has hundreds of rounds. */
import { faultOf, FAULTS, nameOf } from "./faults";
import { runRound } from "./round";
import { faultSettings } from "./settings";

describe("faults: history and catalog agree whatever happens, and the next run completes", () => {
  const { seed, rounds } = faultSettings({ seed: 0, rounds: FAULTS.length });
  for (let i = 0; i < rounds; i++) {
    it(`${nameOf(faultOf(seed + i))} (seed ${seed + i})`, async function () {
      this.timeout(120_000);
      await runRound(seed + i);
    });
  }
});
