import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";

import * as pulumi from "@pulumi/pulumi";

/**
 * All files of the folders, by their path relative to the project: migrations, callbacks, script configuration. A
 * location with wildcards stands for the folder before the first of them.
 * @throws RunError for a folder that is not there.
 */
export function readMigrationFiles(
  locations: readonly string[],
  database: string,
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const location of locations) {
    const folder = folderOf(location);
    if (!existsSync(folder) || !statSync(folder).isDirectory()) {
      throw new pulumi.RunError(
        `Database ${database}: the migrations folder ${folder} does not exist. Remedy: make it, correct databases.${database}.migrations, or set migrations: none.`,
      );
    }
    collect(folder, files);
  }
  return files;
}

function folderOf(location: string): string {
  const parts = location.replace(/^filesystem:/, "").split("/");
  const wildcard = parts.findIndex((part) => /[*?]/.test(part));
  const folder = (wildcard < 0 ? parts : parts.slice(0, wildcard)).join("/");
  return folder.replace(/\/+$/, "") || ".";
}

function collect(folder: string, files: Map<string, Uint8Array>): void {
  const names = readdirSync(folder).filter((name) => !name.startsWith("."));
  for (const name of names.sort()) {
    const path = folder === "." ? name : `${folder}/${name}`;
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) collect(path, files);
    else if (found?.isFile()) files.set(path, readFileSync(path));
  }
}
