import type { Dirent, Stats } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { basename, join, sep } from "node:path";

import { TidemarkError } from "../core/errors";
import { compareUtf16 } from "../core/info";

/** A file below a location. */
export interface FoundFile {
  readonly name: string;
  /** Below its location, with `/`. */
  readonly script: string;
  readonly path: string;
  /** The same for one file on all ways that lead to it by this name. */
  readonly identity: string;
  /** Why it cannot be read, as "is a named pipe": of interest only where its name is that of a migration. */
  readonly fault?: string;
}

export interface Walk {
  /** By script; of a file that is found several times, the way without links, or else the first. */
  readonly files: readonly FoundFile[];
  /** Links that are not followed. */
  readonly warnings: readonly string[];
}

/**
 * All files below a folder. Links are followed, as in Flyway, each folder once; hidden folders are skipped.
 * @returns undefined where there is no such folder
 * @throws TidemarkError (ERROR) for a folder that may not be read
 */
export async function walk(root: string): Promise<Walk | undefined> {
  try {
    return await new Walker(await realpath(root)).walk(root);
  } catch (error) {
    const code = isNodeError(error) ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "EACCES") throw unreadable(root, code, error);
    throw error;
  }
}

interface Folder {
  readonly path: string;
  /** What stands before a name in the script's path: "" or "sub/". */
  readonly prefix: string;
  /** Without links. */
  readonly real: string;
}

class Walker {
  readonly #root: string;
  readonly #files: FoundFile[] = [];
  readonly #links: FoundFile[] = [];
  readonly #warnings: string[] = [];
  readonly #entered = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Links come last, so that what is reached without one keeps the name that it has there. */
  async walk(path: string): Promise<Walk> {
    await this.#enter({ path, prefix: "", real: this.#root });
    for (let link = this.#nextLink(); link; link = this.#nextLink()) await this.#follow(link);
    this.#files.sort(byScript); // the same messages on every file system
    return { files: this.#files, warnings: this.#warnings };
  }

  #nextLink(): FoundFile | undefined {
    return this.#links.sort(byScript).shift();
  }

  async #enter(folder: Folder): Promise<void> {
    this.#entered.add(folder.real);
    for (const entry of await entriesOf(folder)) await this.#take(entry, folder);
  }

  async #take(entry: Dirent, { path: parent, prefix, real }: Folder): Promise<void> {
    const { name } = entry;
    const found = {
      name,
      script: prefix + name,
      path: join(parent, name),
      identity: join(real, name),
    };
    const isKnown = entry.isFile() || entry.isDirectory() || entry.isSymbolicLink();
    const kind = isKnown ? entry : await lstat(found.path); // some file systems do not say it in their list
    if (kind.isSymbolicLink()) this.#links.push(found);
    else if (kind.isDirectory()) await this.#descend(found);
    else this.#files.push({ ...found, fault: faultOf(kind) });
  }

  async #descend({ name, script, path, identity: real }: FoundFile): Promise<void> {
    if (isSkipped(name) || this.#entered.has(real)) return;
    await this.#enter({ path, prefix: `${script}/`, real });
  }

  async #follow(link: FoundFile): Promise<void> {
    const target = await this.#targetOf(link);
    if (target.kind === "file") {
      const { real, fault } = target;
      if (fault !== undefined && link.name.startsWith(".")) return; // such as an editor's mark of an open file
      const identity = basename(real) === link.name ? real : `${real}\0${link.name}`;
      this.#files.push({ ...link, identity, fault });
    } else if (isSkipped(link.name)) return;
    else if (target.kind === "folder") await this.#descend({ ...link, identity: target.real });
    else this.#warnings.push(`${link.script} is passed over: it ${target.reason}.`);
  }

  /** Where a link leads. Which links are followed is decided here and nowhere else: all but those that lead in a circle. */
  async #targetOf({ path }: FoundFile): Promise<LinkTarget> {
    let found: Stats;
    let real: string;
    try {
      found = await stat(path);
      real = await realpath(path);
    } catch (error) {
      if (!isNodeError(error)) throw error;
      return {
        kind: "file",
        real: path,
        fault: DEAD_LINKS[error.code ?? ""] ?? `cannot be read (${error.code})`,
      };
    }
    if (!found.isDirectory()) return { kind: "file", real, fault: faultOf(found) };
    const holdsRoot = isInside(this.#root, real);
    if (holdsRoot || this.#entered.has(real)) {
      return { kind: "known", reason: "is a link to a folder that is read already" };
    }
    return { kind: "folder", real };
  }
}

type LinkTarget =
  | { readonly kind: "file"; readonly real: string; readonly fault?: string }
  | { readonly kind: "folder"; readonly real: string }
  | { readonly kind: "known"; readonly reason: string };

const DEAD_LINKS: Readonly<Record<string, string>> = {
  ENOENT: "is a link to something that does not exist",
  ENOTDIR: "is a link to something that does not exist",
  ELOOP: "is a link that leads to itself",
  EACCES: "is a link to something that may not be read (EACCES)",
};

async function entriesOf({ path, prefix }: Folder): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    // What the location itself lacks is said by who asks for it; a folder below may have gone meanwhile.
    if (prefix === "" || !isNodeError(error)) throw error;
    if (error.code === "ENOENT") return [];
    throw unreadable(path, error.code, error);
  }
}

/** Hidden folders, and the one that some file systems put into their root for what they rescue. */
function isSkipped(folder: string): boolean {
  return folder.startsWith(".") || folder === "lost+found";
}

type Kind = Pick<Stats, "isFIFO" | "isSocket" | "isBlockDevice" | "isCharacterDevice">;

function specialKind(kind: Kind): string | undefined {
  if (kind.isFIFO()) return "a named pipe";
  if (kind.isSocket()) return "a socket";
  return kind.isBlockDevice() || kind.isCharacterDevice() ? "a device" : undefined;
}

function faultOf(kind: Kind): string | undefined {
  const special = specialKind(kind);
  return special && `is ${special}`;
}

const byScript = (a: FoundFile, b: FoundFile): number => compareUtf16(a.script, b.script);

/** Whether a path lies below a folder. */
export function isInside(inner: string, outer: string): boolean {
  return inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}

/** Whether the error came from the operating system, with its code. */
export function isNodeError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error;
}

function unreadable(folder: string, code: string | undefined, cause: unknown): TidemarkError {
  return new TidemarkError({
    code: "ERROR",
    class: "usage",
    message: `The folder ${folder} cannot be read (${code}).`,
    remedy: "Allow this user to read and enter it, or move it out of the locations.",
    cause,
  });
}
