/** A location with wildcards: where to look, and what a path below it must be like. */
export interface LocationPattern {
  /** The folders before the first wildcard. */
  readonly root: string;
  /**
   * The name that a file has as a script, by its path below the root (with `/`): below the folder that matched, or below
   * the root where the pattern ends in a file. undefined: the file does not match.
   */
  readonly scriptOf: (path: string) => string | undefined;
}

/**
 * Reads Flyway's wildcards: `*` characters of one name, one at least; `?` one of them; `**` any folders. A last part with
 * a dot is that of files (`db/V*.sql`), any other one that of folders.
 * @returns undefined for a plain folder.
 */
export function parseLocationPattern(location: string): LocationPattern | undefined {
  if (!/[*?]/.test(location)) return undefined;
  const parts = location.replace(/\/+$/, "").split("/");
  const first = parts.findIndex((part) => /[*?]/.test(part));
  const root = parts.slice(0, first).join("/");
  const pattern = parts.slice(first);
  const endsInFile = pattern.at(-1)?.includes(".");
  const source = pattern.map(sourceOf).join("").replace(/\/$/, "");
  const regex = new RegExp(endsInFile ? `^(${source})$` : `^${source}/(.+)$`);
  return {
    root: root === "" ? (location.startsWith("/") ? "/" : ".") : root,
    scriptOf: (path) => regex.exec(path)?.[1],
  };
}

function sourceOf(part: string): string {
  if (part === "**") return "(?:[^/]+/)*?";
  const source = part
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/[*?]/g, (wildcard) => (wildcard === "*" ? "[^/]+?" : "[^/]"));
  return `${source}/`;
}
