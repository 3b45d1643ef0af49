/** Waiting for what an `up` that goes on meanwhile is to bring about. */
import { strict as assert } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";

import type { Outcome } from "../../support/outcome";
import { podsOfJobs } from "./jobs";
import type { Lab } from "./lab";

const INTERVAL_MS = 100;
const PATIENCE_MS = 60_000;

/** Until the server works on a statement that holds this text. */
export function untilRunning(lab: Lab, text: string, up: Promise<Outcome>): Promise<void> {
  return until(`nobody runs ${text}`, up, async () => {
    const found = await lab.server.query(
      "platform",
      "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid()",
      [`%${text}%`],
    );
    return found.length > 0;
  });
}

/** Until a container of a Job waits and says why. */
export function untilWaiting(
  namespace: string,
  reason: RegExp,
  up: Promise<Outcome>,
): Promise<void> {
  return until(`no container waits, as ${reason} says`, up, async () =>
    (await podsOfJobs(namespace))
      .flatMap(({ status }) => status.containerStatuses ?? [])
      .some(({ state }) => reason.test(state?.waiting?.message ?? "")),
  );
}

async function until(
  failure: string,
  up: Promise<Outcome>,
  ask: () => Promise<boolean>,
): Promise<void> {
  let outcome: Outcome | undefined;
  void up.then((ended) => (outcome = ended));
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(INTERVAL_MS)) {
    if (await ask()) return;
    assert.equal(outcome, undefined, `${failure}:\n${outcome?.output}`);
  }
  throw new Error(failure);
}
