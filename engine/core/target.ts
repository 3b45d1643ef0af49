import { type MigrationVersion, parseVersion } from "./version";

/** What a target means: one of Flyway's words, or a version; undefined: neither. */
export type ParsedTarget =
  | { readonly kind: "latest" | "current" | "next" }
  | {
      readonly kind: "version";
      readonly version: MigrationVersion;
      /** `?`: no migration need have it. */
      readonly optional: boolean;
    }
  | undefined;

/** Reads the option target. Words ignore case; empty is `latest`. */
export function parseTarget(target: string): ParsedTarget {
  const optional = target.endsWith("?");
  const text = (optional ? target.slice(0, -1) : target).trim();
  const word = text.toLowerCase();
  if (word === "") return { kind: "latest" };
  if (word === "latest" || word === "current" || word === "next") return { kind: word };
  const version = parseVersion(text);
  return version && { kind: "version", version, optional };
}
