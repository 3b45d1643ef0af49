import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { TidemarkError } from "../core/errors";
import { BundleError, unpackBundle } from "./bundle";

/**
 * Writes the files of a bundle below a folder.
 * @throws TidemarkError: `usage` for a bundle that cannot be read, `temporary` where there is no room for the files.
 */
export function unpackInto(folder: string, bundle: string): void {
  for (const [path, content] of readBundleFile(bundle)) {
    const file = join(folder, path);
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    } catch (error) {
      throw notWritten(file, error);
    }
  }
}

function readBundleFile(bundle: string): Map<string, Buffer> {
  try {
    return unpackBundle(readFileSync(bundle));
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new TidemarkError({
      code: "CONFIGURATION",
      class: "usage",
      message:
        error instanceof BundleError
          ? `The bundle of migrations ${bundle} is damaged: ${said}.`
          : `The bundle of migrations ${bundle} cannot be read: ${said}.`,
      remedy:
        "The stack writes it into the Job's ConfigMap: use the image of the same version of Tidemark, and run pulumi up again.",
      cause: error,
    });
  }
}

function notWritten(file: string, error: unknown): TidemarkError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return new TidemarkError({
    code: "ERROR",
    class: code === "ENOSPC" ? "temporary" : "usage",
    message: `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
    remedy:
      "Give --work a folder that the container's user may write to: the Job mounts an emptyDir.",
    cause: error,
  });
}
