import { TidemarkError } from "./errors";
import { compareUtf16 } from "./info";
import type { ScriptConfig } from "./script-config";

/** An SQL file that is named after an event, and runs when it happens. */
export interface CallbackFile {
  readonly event: string;
  readonly description: string;
  readonly name: string;
  readonly script: string;
  readonly path: string;
  readonly config: ScriptConfig;
}

/** Callbacks by event, each list in the order it runs. */
export type CallbackMap = ReadonlyMap<string, readonly CallbackFile[]>;

/**
 * Puts callbacks in Flyway's order: the plain name first, then by description.
 * @throws TidemarkError (ERROR) that names both files, where two have one name.
 */
export function orderCallbacks(files: readonly CallbackFile[]): CallbackMap {
  const byName = new Map<string, CallbackFile>();
  for (const file of files) {
    const other = byName.get(file.name);
    if (other) throw duplicateCallback(other, file);
    byName.set(file.name, file);
  }
  const byEvent = new Map<string, CallbackFile[]>();
  for (const file of [...files].sort((a, b) => compareUtf16(a.description, b.description))) {
    byEvent.set(file.event, [...(byEvent.get(file.event) ?? []), file]);
  }
  return byEvent;
}

/** The fault of two callbacks with one name. */
export function duplicateCallback(
  a: Pick<CallbackFile, "name" | "path">,
  b: Pick<CallbackFile, "path" | "script">,
): TidemarkError {
  return new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `Two callbacks have the name ${a.name}: ${a.path} and ${b.path}.`,
    remedy: "Give one of them a description of its own: <event>__<description>.sql.",
    migration: b.script,
  });
}
