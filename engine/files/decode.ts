import { constants, isUtf8 } from "node:buffer";

import { TidemarkError } from "../core/errors";

const BYTE_ORDER_MARK = "\uFEFF";

/** Bytes; more than this fits into no text of JavaScript. */
export const MAX_SCRIPT_SIZE = constants.MAX_STRING_LENGTH;

export function tooLarge(script: string): TidemarkError {
  return new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `${script}: the file has more than ${Math.floor(MAX_SCRIPT_SIZE / 1e6)} MB, too much for one migration.`,
    remedy:
      "Split it into several migrations; or load bulk data with psql, outside the migrations.",
    migration: script,
  });
}

export function isUtf8Name(encoding: string): boolean {
  return /^utf-?8$/i.test(encoding);
}

/** What the bytes are, as far as they tell: a byte order mark, else UTF-8 where they are valid, else ISO-8859-1. */
export function detectEncoding(bytes: Uint8Array): string {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "UTF-16BE";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "UTF-16LE";
  return isUtf8(bytes) ? "UTF-8" : "ISO-8859-1";
}

/**
 * The text of a script in Java's charset name `encoding`, without its byte order mark.
 * @throws TidemarkError (ERROR) that names the script and the line of the first malformed byte.
 */
export function decodeScript(bytes: Uint8Array, encoding: string, script: string): string {
  const text = decode(bytes, encoding, script);
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

function decode(bytes: Uint8Array, encoding: string, script: string): string {
  if (/^(iso[-_]?8859[-_]1|latin-?1)$/i.test(encoding))
    return Buffer.from(bytes).toString("latin1");
  if (/^(windows-|cp-?)1252$/i.test(encoding)) return decodeWindows1252(bytes, encoding, script);
  if (/^(us-)?ascii$/i.test(encoding)) return decodeAscii(bytes, encoding, script);
  if (/^utf-?16$/i.test(encoding)) {
    // Java's UTF-16 goes by the byte order mark, and is big-endian without one.
    const label = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-16be";
    return decodeStrictly(bytes, label, encoding, script);
  }
  return decodeStrictly(bytes, encoding, encoding, script);
}

function decodeAscii(bytes: Uint8Array, encoding: string, script: string): string {
  refuseBytes(bytes, (byte) => byte > 0x7f, encoding, script);
  return Buffer.from(bytes).toString("latin1");
}

/** Bytes 0x80 to 0x9F; a blank stands where windows-1252 has no character. */
const WINDOWS_1252 = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

/** By hand, since TextDecoder of some releases of Node takes windows-1252 for ISO-8859-1. */
function decodeWindows1252(bytes: Uint8Array, encoding: string, script: string): string {
  refuseBytes(bytes, (byte) => WINDOWS_1252[byte - 0x80] === " ", encoding, script);
  return Buffer.from(bytes)
    .toString("latin1")
    .replace(/[\u0080-\u009f]/g, (char) => WINDOWS_1252[char.charCodeAt(0) - 0x80] ?? char);
}

function refuseBytes(
  bytes: Uint8Array,
  isMalformed: (byte: number) => boolean,
  encoding: string,
  script: string,
): void {
  const at = bytes.findIndex(isMalformed);
  if (at < 0) return;
  const line = 1 + bytes.subarray(0, at).filter((byte) => byte === 0x0a).length;
  throw malformed(encoding, script, line);
}

function decodeStrictly(
  bytes: Uint8Array,
  label: string,
  encoding: string,
  script: string,
): string {
  const decoder = makeDecoder(label, encoding);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    const line = decoder.encoding === "utf-8" ? firstMalformedLine(bytes) : undefined;
    throw malformed(encoding, script, line, cause);
  }
}

function malformed(
  encoding: string,
  script: string,
  line: number | undefined,
  cause?: unknown,
): TidemarkError {
  return new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `${script}${line ? `:${line}` : ""}: the file is not valid ${encoding}.`,
    remedy: `Save it as ${encoding}, or say what it is with the option encoding (for example ISO-8859-1).`,
    migration: script,
    line,
    cause,
  });
}

function makeDecoder(label: string, encoding: string) {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true });
  } catch (cause) {
    throw new TidemarkError({
      code: "CONFIGURATION",
      class: "usage",
      message: `The encoding "${encoding}" is unknown.`,
      remedy:
        "Use UTF-8, UTF-16, ISO-8859-1, windows-1252 or another name of the WHATWG encoding standard.",
      cause,
    });
  }
}

function firstMalformedLine(bytes: Uint8Array): number | undefined {
  let line = 1;
  let start = 0;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let i = 0; i <= bytes.length; i++) {
    if (i < bytes.length && bytes[i] !== 0x0a) continue;
    try {
      decoder.decode(bytes.subarray(start, i));
    } catch {
      return line;
    }
    start = i + 1;
    line++;
  }
  return undefined;
}
