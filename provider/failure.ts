import { MigrationFailedError, scrub, TidemarkError } from "../engine/index";
import type { DesiredInputs } from "./types";

/** All that the user needs of a failure, line by line, without a secret. */
export function describeFailure(error: unknown, inputs: Pick<DesiredInputs, "password">): string[] {
  return failureLines(error).map((line) => scrub(line, [inputs.password]));
}

function failureLines(error: unknown): string[] {
  if (!(error instanceof TidemarkError)) {
    return [
      `A bug of Tidemark: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    ];
  }
  if (error.problems.length > 0) {
    return error.problems.map((p) => `[${p.code}] ${p.message}\nRemedy: ${p.remedy}`);
  }
  const excerpt = error.place.excerpt ? `\n${error.place.excerpt}` : "";
  return [`[${error.code}] ${error.message}${excerpt}\nRemedy: ${error.remedy}`];
}

/** How far a run got before it failed. */
export function describeProgress(error: unknown): string[] {
  if (!(error instanceof MigrationFailedError) || error.applied.length === 0) return [];
  return [`Applied before that: ${error.applied.map((a) => a.migration.script).join(", ")}.`];
}
