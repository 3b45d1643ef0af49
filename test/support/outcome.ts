import { strict as assert } from "node:assert";

import type { EngineEvent, OpType } from "@pulumi/pulumi/automation";

import { canariesIn } from "./canary";

/** What a command of Pulumi has said and done. */
export interface Outcome {
  readonly ok: boolean;
  /** stdout and stderr as they came. */
  readonly output: string;
  readonly events: readonly EngineEvent[];
  /** Name of a database → what was done with its SchemaVersion. */
  readonly operations: Readonly<Record<string, OpType>>;
}

/** What a command of the Automation API takes to be listened to. */
interface Ears {
  readonly color: "never";
  onOutput(text: string): void;
  onError(text: string): void;
  onEvent(event: EngineEvent): void;
}

/** Runs a command that may fail; whatever it says, the password is not in it. */
export async function listen(command: (ears: Ears) => Promise<unknown>): Promise<Outcome> {
  const heard: string[] = [];
  const events: EngineEvent[] = [];
  const hear = (text: string) => void heard.push(text);
  const onEvent = (event: EngineEvent) => void events.push(event);
  const ok = await command({ color: "never", onOutput: hear, onError: hear, onEvent }).then(
    () => true,
    (error: unknown) => {
      if (heard.length === 0) throw error; // it has not even begun
      return false;
    },
  );
  const output = heard.join("");
  assert.deepEqual(canariesIn(output + JSON.stringify(events)), [], "the output has the password");
  return { ok, output, events, operations: operationsOf(events) };
}

function operationsOf(events: readonly EngineEvent[]): Record<string, OpType> {
  const steps = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
  return Object.fromEntries(
    steps
      .filter(({ type }) => type.endsWith(":SchemaVersion"))
      .map(({ urn, op }) => [nameOf(urn), op]),
  );
}

/** The logical name that a URN ends with. */
export const nameOf = (urn: string) => urn.slice(urn.lastIndexOf("::") + 2);
