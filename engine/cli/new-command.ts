import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { TidemarkError } from "../core/errors";
import type { EngineOptions } from "../core/options";
import { nameFiles } from "../core/resolve";
import { compareVersions, type MigrationVersion } from "../core/version";
import { findFiles } from "../files/locations";
import { emptyReport, type Report } from "./report";

/**
 * Writes an empty migration with the next whole version of its folder, named as the options say.
 * @throws TidemarkError for a description without a word, for options and files that cannot be meant, and where the file
 *   is there already.
 */
export async function newCommand(
  description: string,
  own: Readonly<Record<string, unknown>>,
  options: EngineOptions,
): Promise<Report> {
  const words = wordsOf(description);
  const folder = join(String(own.folder), typeof own.database === "string" ? own.database : "");
  const { sqlMigrationSeparator: separator, sqlMigrationSuffixes } = options;
  const version = await nextVersion(folder, options);
  const start =
    own.repeatable === true
      ? options.repeatableSqlMigrationPrefix
      : `${options.sqlMigrationPrefix}${version}`;
  const name = `${start}${separator}${words}${sqlMigrationSuffixes[0] ?? ""}`;
  const path = join(folder, name);
  await mkdir(folder, { recursive: true });
  await write(path, `-- ${description.trim()}\n`);
  return { ...emptyReport("new"), path };
}

function wordsOf(description: string): string {
  const words = description
    .trim()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_+|_+$/g, "")
    .toLowerCase();
  if (words !== "") return words;
  throw new TidemarkError({
    code: "CONFIGURATION",
    class: "usage",
    message: "The description has no letter or digit.",
    remedy: 'Say what the migration does: tidemark new "add email verified" --database platform.',
  });
}

async function nextVersion(folder: string, options: EngineOptions): Promise<string> {
  const { files } = await findFiles([folder], false);
  const versions = nameFiles(files, options).flatMap(({ meaning }) =>
    meaning.kind === "versioned" || meaning.kind === "baseline" ? [meaning.version] : [],
  );
  const highest = versions.reduce<MigrationVersion | undefined>(
    (a, b) => (a && compareVersions(a, b) >= 0 ? a : b),
    undefined,
  );
  return String((highest?.parts[0] ?? 0n) + 1n);
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: "wx" });
  } catch (cause) {
    throw new TidemarkError({
      code: "ERROR",
      class: "usage",
      message: `${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      remedy: "Give another description, or correct the folder.",
      cause,
    });
  }
}
