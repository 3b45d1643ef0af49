import { resolve } from "node:path";

import { TidemarkError } from "../core/errors";
import { type LocationPattern, parseLocationPattern } from "../core/location-pattern";
import { type FoundFile, isInside, type Walk, walk } from "./walk";

export type { FoundFile };

export interface FoundFiles {
  /** Each once, however many ways lead to it. */
  readonly files: readonly FoundFile[];
  /** Locations that are absent, and links that are not followed. */
  readonly warnings: readonly string[];
}

/**
 * All files below the locations. A location inside another, or given twice, counts once: the outer one names the
 * scripts, as in Flyway; `*`, `?` and `**` are its wildcards. Links are followed, hidden folders are skipped.
 * @throws TidemarkError (CONFIGURATION) for a prefix other than `filesystem:`; (ERROR) for a folder that cannot be read,
 *   or, if `required`, one that is absent.
 */
export async function findFiles(
  locations: readonly string[],
  required: boolean,
): Promise<FoundFiles> {
  const files = new Map<string, FoundFile>();
  const missing: string[] = [];
  const warnings: string[] = [];
  for (const root of outermost(locations.map(folderOf))) {
    const pattern = parseLocationPattern(root);
    const found = pattern ? await walkPattern(pattern) : await walk(root);
    if (found) warnings.push(...found.warnings);
    else missing.push(pattern ? `${root} matches no file` : `${root} does not exist`);
    for (const file of found?.files ?? [])
      if (!files.has(file.identity)) files.set(file.identity, file);
  }
  if (required && missing.length > 0) throw missingFolder(missing);
  return {
    files: [...files.values()],
    warnings: [...missing.map((what) => `The location ${what}.`), ...warnings],
  };
}

const CONFIG_SUFFIX = ".conf";

/** undefined where no file matches. A script's configuration comes with it. */
async function walkPattern({ root, scriptOf }: LocationPattern): Promise<Walk | undefined> {
  const found = await walk(root);
  const files = (found?.files ?? []).flatMap((file) => {
    const script = scriptOf(file.script) ?? scriptOfConfig(file.script, scriptOf);
    return script === undefined ? [] : [{ ...file, script }];
  });
  return found && files.length > 0 ? { files, warnings: found.warnings } : undefined;
}

function scriptOfConfig(path: string, scriptOf: LocationPattern["scriptOf"]): string | undefined {
  if (!path.endsWith(CONFIG_SUFFIX)) return undefined;
  const script = scriptOf(path.slice(0, -CONFIG_SUFFIX.length));
  return script && script + CONFIG_SUFFIX;
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

/** Nothing but a plain folder holds others: what a pattern matches need not be all that lies below it. */
function outermost(folders: readonly string[]): string[] {
  const all = folders.map((folder) => ({ folder, absolute: resolve(folder) }));
  const plain = all.filter(({ folder }) => !parseLocationPattern(folder));
  return all
    .filter(({ absolute }, index) => {
      const isHeld = plain.some((p) => isInside(absolute, p.absolute));
      return !isHeld && all.findIndex((other) => other.absolute === absolute) === index;
    })
    .map(({ folder }) => folder);
}

function missingFolder(missing: readonly string[]): TidemarkError {
  return new TidemarkError({
    code: "ERROR",
    class: "usage",
    message: `The migrations folder ${missing.join(", ")}.`,
    remedy:
      "Make the folder, or correct the location. A database without migrations says so: migrations: none.",
  });
}
