/** A project's files on disk. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Project } from "./project";

interface File {
  readonly script: string;
  readonly text: string;
  readonly conf?: string;
}

/** Makes a folder of its own for the files of a project, for the time of `work`. */
export async function withFolder<T>(
  { migrations, callbacks }: Project,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-faults-"));
  try {
    for (const file of [...migrations, ...callbacks]) writeScript(folder, file);
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes a script, and its configuration; takes away that of an earlier text. */
export function writeScript(folder: string, { script, text, conf }: File): void {
  const path = join(folder, script);
  writeFileSync(path, text);
  if (conf === undefined) rmSync(`${path}.conf`, { force: true });
  else writeFileSync(`${path}.conf`, conf);
}
