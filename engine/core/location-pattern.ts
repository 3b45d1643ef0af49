/** A location with wildcards: where to look, and what a path below it must be like. */
export interface LocationPattern {
  /** The folders before the first wildcard. */
  readonly root: string;
  /** Against a path below the root, with `/`; group 1 is the script's path below the folder that matched. */
  readonly regex: RegExp;
}

/**
 * Reads Flyway's wildcards: `*` any characters of one name, `?` one of them, `**` any folders.
 * @returns undefined for a plain folder.
 */
export function parseLocationPattern(location: string): LocationPattern | undefined {
  if (!/[*?]/.test(location)) return undefined;
  const parts = location.split("/");
  const first = parts.findIndex((part) => /[*?]/.test(part));
  const root = parts.slice(0, first).join("/");
  const pattern = parts.slice(first).join("/").replace(/\/$/, "");
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*\*\/|\*\*|\*|\?/g, (wildcard) => WILDCARDS[wildcard] ?? "");
  return {
    root: root === "" ? (location.startsWith("/") ? "/" : ".") : root,
    regex: new RegExp(`^${source}/(.+)$`),
  };
}

const WILDCARDS: Readonly<Record<string, string>> = {
  "**/": "(?:[^/]+/)*",
  "**": ".*",
  "*": "[^/]*",
  "?": "[^/]",
};
