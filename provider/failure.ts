import {
  failureLines,
  failureText,
  MigrationFailedError,
  REPAIR_FAILED,
  Secrets,
  type StackTarget,
} from "../engine/index";
import type { DesiredInputs, Outputs } from "./types";

/** An error that makes Pulumi record what did succeed (`initErrors`), by the dynamic provider's own convention. */
export class PartialFailure extends Error {
  readonly id: string;
  readonly properties: Outputs;
  readonly reasons: readonly string[];
  constructor(id: string, properties: Outputs, reasons: readonly string[]) {
    super(reasons.join("\n"));
    this.id = id;
    this.properties = properties;
    this.reasons = reasons;
  }
}

/** Where the failed update has left the database, and that it is no dead end. */
export function describeStanding(
  name: string,
  { schemaVersion, failed }: Pick<Outputs, "schemaVersion" | "failed">,
): string {
  const at = `The schema of ${name} is at version ${schemaVersion ?? "none"}`;
  if (!failed) return `${at}; the next up goes on from there.`;
  return `${at}, and its history has a failed row of ${failed}: the next up refuses until that is repaired. ${REPAIR_FAILED.replace("run repair", "run tidemark repair")}`;
}

/**
 * All that the user needs of a failure, line by line, without a secret.
 * @param inputs of the database that it is about: the commands in remedies name it
 */
export function describeFailure(
  error: unknown,
  secrets = Secrets.none,
  inputs?: Pick<DesiredInputs, "name" | "resourceUrn">,
): string[] {
  return failureLines(failureText(error, secrets, inputs && stackTargetOf(inputs)));
}

/** A URN begins with the stack: `urn:pulumi:<stack>::<project>::…`. */
function stackTargetOf({
  name,
  resourceUrn,
}: Pick<DesiredInputs, "name" | "resourceUrn">): StackTarget | undefined {
  const [, stack] = /^urn:pulumi:(.+?)::/.exec(resourceUrn) ?? [];
  return stack === undefined ? undefined : { stack, database: name };
}

/** How far a run got before it failed. */
export function describeProgress(error: unknown): string[] {
  if (!(error instanceof MigrationFailedError) || error.applied.length === 0) return [];
  return [`Applied before that: ${error.applied.map((a) => a.migration.script).join(", ")}.`];
}
