import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";

import { configurationError } from "../read-setting";

const FILES = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/**
 * The folder of the Pulumi project that `folder` lies in.
 * @throws TidemarkError (CONFIGURATION) where there is none.
 */
export function findProject(folder: string): string {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (FILES.some((file) => existsSync(join(at, file)))) return at;
    if (dirname(at) === at) break;
  }
  throw configurationError(
    "--stack: this folder is in no Pulumi project: neither it nor one above has a Pulumi.yaml.",
    "Change into the project's folder, or give --url in place of --stack.",
  );
}

/** A path of the project as it is named from the folder that the command runs in. */
export function fromHere(path: string, project: string, folder: string): string {
  if (isAbsolute(path) || resolve(folder) === project) return path;
  return relative(folder, join(project, path)) || ".";
}
