import { readdir } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";

import { TidemarkError } from "../core/errors";
import { type LocationPattern, parseLocationPattern } from "../core/location-pattern";

/** A file below a location. */
export interface FoundFile {
  readonly name: string;
  /** Below its location, with `/`. */
  readonly script: string;
  readonly path: string;
}

/**
 * All files below the locations. A location inside another, or given twice, counts once: the outer one names the
 * scripts, as in Flyway; `*`, `?` and `**` are its wildcards. Hidden folders are skipped.
 * @throws TidemarkError (CONFIGURATION) for a prefix other than `filesystem:`, or, if `required`, a folder that is absent.
 */
export async function findFiles(
  locations: readonly string[],
  required: boolean,
): Promise<{ files: FoundFile[]; missing: string[] }> {
  const roots = outermost(locations.map(folderOf));
  const files: FoundFile[] = [];
  const missing: string[] = [];
  for (const root of roots) {
    const pattern = parseLocationPattern(root);
    const found = pattern ? await listPattern(pattern) : await listFolder(root);
    if (found) files.push(...found);
    else missing.push(root);
  }
  if (required && missing.length > 0) throw missingFolder(missing);
  return { files, missing };
}

/** With wildcards, a script is named from the folder that matched; undefined where none did. */
async function listPattern({ root, regex }: LocationPattern): Promise<FoundFile[] | undefined> {
  const files = (await listFolder(root)) ?? [];
  const matched = files.flatMap((file) => {
    const script = regex.exec(file.script)?.[1];
    return script === undefined ? [] : [{ ...file, script }];
  });
  return matched.length > 0 ? matched : undefined;
}

function folderOf(location: string): string {
  const match = /^([A-Za-z][A-Za-z0-9]+):/.exec(location);
  if (!match) return location;
  if (match[1] === "filesystem") return location.slice("filesystem:".length);
  throw new TidemarkError({
    code: "CONFIGURATION",
    class: "usage",
    message: `The location "${location}" is not a folder.`,
    remedy:
      "Give a folder, with or without the prefix filesystem: ; classpath and cloud locations are not supported.",
  });
}

function outermost(folders: readonly string[]): string[] {
  const kept: { folder: string; absolute: string }[] = [];
  for (const folder of folders) {
    const absolute = resolve(folder);
    if (kept.some((k) => isInside(absolute, k.absolute))) continue;
    for (let i = kept.length - 1; i >= 0; i--) {
      if (isInside((kept[i] as { absolute: string }).absolute, absolute)) kept.splice(i, 1);
    }
    kept.push({ folder, absolute });
  }
  return kept.map((k) => k.folder);
}

function isInside(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer + sep);
}

async function listFolder(root: string): Promise<FoundFile[] | undefined> {
  let entries;
  try {
    entries = await readdir(root, { recursive: true, withFileTypes: true });
  } catch (error) {
    if (isNodeError(error) && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return undefined;
    throw error;
  }
  const scriptFolders = new Map<string, string | undefined>();
  const files = entries.flatMap((entry) => {
    if (entry.isDirectory()) return [];
    const { name, parentPath } = entry;
    if (!scriptFolders.has(parentPath))
      scriptFolders.set(parentPath, scriptFolder(root, parentPath));
    const folder = scriptFolders.get(parentPath);
    return folder === undefined
      ? []
      : [{ name, script: folder + name, path: join(parentPath, name) }];
  });
  return files.sort((a, b) => (a.script < b.script ? -1 : 1)); // the same messages on every file system
}

/** What stands before the name in a script's path; undefined for a folder that is hidden, or inside one. */
function scriptFolder(root: string, folder: string): string | undefined {
  const below = relative(root, folder);
  if (below === "") return "";
  const names = below.split(sep);
  return names.some((name) => name.startsWith(".")) ? undefined : `${names.join("/")}/`;
}

/** Whether the error came from the operating system, with its code. */
export function isNodeError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error;
}

function missingFolder(missing: readonly string[]): TidemarkError {
  return new TidemarkError({
    code: "ERROR",
    class: "usage",
    message: `The migrations folder ${missing.join(", ")} does not exist.`,
    remedy:
      "Make the folder, or correct the location. A database without migrations says so: migrations: none.",
  });
}
