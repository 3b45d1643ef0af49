/** Hundreds of random rounds, by kind of fault; in the end a table of what there was. */
import assert from "node:assert/strict";

import { FAULTS, nameOf } from "./faults";
import { type RoundResult, runRound } from "./round";
import { faultSettings } from "./settings";
import { addLines, line } from "./table";

const { seed, rounds } = faultSettings({ rounds: 2000 });
const LANES = 2;

interface Tally {
  readonly results: RoundResult[];
  readonly failures: string[];
}

/** The kind's share of the seeds seed … seed + rounds - 1. */
function seedsOf(kind: number): number[] {
  const all = Array.from({ length: rounds }, (_, i) => seed + i);
  return all.filter((each) => each % FAULTS.length === kind);
}

async function runAll(seeds: readonly number[], { results, failures }: Tally): Promise<void> {
  const queue = [...seeds];
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      try {
        results.push(await runRound(next));
      } catch (error) {
        failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

describe(`faults: ${rounds} random rounds from seed ${seed}`, () => {
  const tallies = new Map<number, Tally>();

  FAULTS.forEach((fault, kind) => {
    const seeds = seedsOf(kind);
    if (seeds.length === 0) return;
    it(`${nameOf(fault)}: ${seeds.length} rounds`, async function () {
      this.timeout(0); // a command that hangs is ended by its round
      const tally: Tally = { results: [], failures: [] };
      tallies.set(kind, tally);
      await runAll(seeds, tally);
      assert.equal(tally.failures.length, 0, tally.failures.join("\n\n"));
    });
  });

  after(() => {
    addLines(
      seed,
      [...tallies].map(([kind, { results, failures }]) =>
        line(nameOf(FAULTS[kind] as (typeof FAULTS)[number]), results, failures.length),
      ),
    );
  });
});
