import { TidemarkError } from "./errors";
import type { MigrationInfo } from "./info";

/** One `type:state` of ignoreMigrationPatterns. */
export interface IgnorePattern {
  readonly type: "*" | "versioned" | "repeatable";
  readonly state: string;
}

const TYPES: readonly string[] = ["*", "versioned", "repeatable"];
const STATES: readonly string[] = ["*", "missing", "pending", "ignored", "future"];

/**
 * Parses Flyway's ignoreMigrationPatterns; case and outer blanks are free.
 * @throws TidemarkError (ERROR) that names the pattern.
 */
export function parseIgnorePatterns(patterns: readonly string[]): IgnorePattern[] {
  return patterns
    .map((p) => p.trim())
    .filter((p) => p !== "")
    .map(parsePattern);
}

function parsePattern(text: string): IgnorePattern {
  const [type = "", state = "", ...rest] = text
    .toLowerCase()
    .split(":")
    .map((part) => part.trim());
  if (rest.length > 0 || !TYPES.includes(type) || !STATES.includes(state)) {
    throw new TidemarkError({
      code: "ERROR",
      class: "usage",
      message: `ignoreMigrationPatterns: "${text}" is not a pattern`,
      remedy: `Write type:state with a type of ${TYPES.join(", ")} and a state of ${STATES.join(", ")}, for example *:missing.`,
    });
  }
  return { type: type as IgnorePattern["type"], state };
}

/** Whether migrations of this state are let pass, be they versioned or repeatable: what Flyway asks beside the patterns. */
export function ignoresAll(patterns: readonly IgnorePattern[], state: string): boolean {
  const matches = (type: IgnorePattern["type"]): boolean =>
    patterns.some(
      (p) => (p.type === "*" || p.type === type) && (p.state === "*" || p.state === state),
    );
  return matches("versioned") && matches("repeatable");
}

/** Whether a pattern lets this migration pass. States are matched by their display name, so `missing` is not "Failed (Missing)". */
export function isIgnored(info: MigrationInfo, patterns: readonly IgnorePattern[]): boolean {
  const type = info.version ? "versioned" : "repeatable";
  return patterns.some(
    (p) =>
      (p.type === "*" || p.type === type) &&
      (p.state === "*" || p.state === info.state.toLowerCase()),
  );
}
