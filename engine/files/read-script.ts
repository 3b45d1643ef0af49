import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { basename } from "node:path";

import { TidemarkError } from "../core/errors";
import type { EngineOptions } from "../core/options";
import {
  inSequence,
  type ReplacedText,
  replacePlaceholders,
  withoutByteOrderMarks,
} from "../core/placeholders";
import type { ScriptConfig } from "../core/script-config";
import { decodeScript, detectEncoding, MAX_SCRIPT_SIZE, tooLarge } from "./decode";
import { isNodeError } from "./walk";

/** A script as it will be sent: the file's text, and that with placeholders replaced. */
export interface LoadedScript {
  readonly source: string;
  readonly sql: ReplacedText;
  /** What the checksum of a repeatable is taken from: with placeholders replaced, and the byte order marks still in it. */
  readonly replaced: () => string;
}

/** What reading a script depends on. */
export interface ScriptFile {
  readonly path: string;
  readonly script: string;
  readonly config?: ScriptConfig;
}

/** Reads the text of one migration for its execution. */
export async function loadScript(
  file: ScriptFile,
  options: EngineOptions,
  placeholders: ReadonlyMap<string, string>,
): Promise<LoadedScript> {
  const source = readSource(file, options);
  const clean = withoutByteOrderMarks(source);
  const sql = replaceIn(clean.text, file, options, placeholders);
  if (clean.replacements.length === 0) return { source, sql, replaced: () => sql.text };
  const replaced = () => replaceIn(source, file, options, placeholders).text;
  return { source, sql: inSequence(clean.replacements, sql), replaced };
}

/** The text of a script as it lies in its file. */
export function readSource(file: ScriptFile, options: EngineOptions): string {
  const bytes = readBytes(file);
  return decodeScript(bytes, encodingOf(file, options, bytes), file.script);
}

/** What a script's configuration says, or the bytes themselves, or the options. */
export function encodingOf(
  { config }: ScriptFile,
  options: EngineOptions,
  bytes: Uint8Array,
): string {
  if (config?.encoding !== undefined) return config.encoding;
  return options.detectEncoding ? detectEncoding(bytes) : options.encoding;
}

/** Reads at once: for a small file that takes a fifth of the processor time that a promise of it does. */
export function readBytes({ path, script }: ScriptFile): Uint8Array {
  try {
    const bytes = readFileOnly(path);
    if (bytes.length > MAX_SCRIPT_SIZE) throw tooLarge(script);
    return bytes;
  } catch (cause) {
    if (cause instanceof TidemarkError) throw cause;
    const code = isNodeError(cause) ? cause.code : String(cause);
    if (code === "ERR_FS_FILE_TOO_LARGE") throw tooLarge(script);
    throw new TidemarkError({
      code: "ERROR",
      class: "usage",
      message: `${script}: the file cannot be read (${code}).`,
      remedy: `Look at ${path}: it has to be a file that you may read.`,
      migration: script,
      cause,
    });
  }
}

/** Of nothing but a file: to open a pipe as others are opened would be to wait for who writes into it. */
function readFileOnly(path: string): Uint8Array {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (fstatSync(file).isFile()) return readFileSync(file);
  } finally {
    closeSync(file);
  }
  throw Object.assign(new Error("no file"), { code: "it is no file" });
}

/** A text with its placeholders replaced, unless the script's configuration or the options say no. */
export function replaceIn(
  source: string,
  { path, script, config }: ScriptFile,
  options: EngineOptions,
  placeholders: ReadonlyMap<string, string>,
): ReplacedText {
  if (!(config?.placeholderReplacement ?? options.placeholderReplacement))
    return { text: source, replacements: [] };
  const fileName = `flyway${options.placeholderSeparator}filename`;
  const values = new Map(placeholders).set(fileName, basename(path));
  return replacePlaceholders(source, values, options, script);
}
