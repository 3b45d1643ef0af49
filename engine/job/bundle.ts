import { gunzipSync, gzipSync } from "node:zlib";

/** What a ConfigMap's bundle of migrations may unpack to; a hundred times what it holds packed. */
const LARGEST = 128 * 1024 * 1024;

const FORMAT_VERSION = 1;

/** Where gzip says which system wrote it: a bundle must not depend on that. */
const SYSTEM_BYTE = 9;
const UNKNOWN_SYSTEM = 255;

/** A file's text, or, where it is no UTF-8, its bytes in base64. */
type Content = string | { readonly base64: string };

interface Bundle {
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly files: readonly (readonly [path: string, content: Content])[];
}

/** A bundle that cannot be read, or a path that does not belong into one. */
export class BundleError extends Error {}

/**
 * Files, by path relative to the folder they are unpacked into, as one compressed file. The same files give the same
 * bytes, in whatever order they come (the same version of Node assumed: for a name that has to last, hash the files).
 * @throws BundleError for a path that leads out of the folder.
 */
export function packBundle(files: ReadonlyMap<string, Uint8Array>): Buffer {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [path] of sorted) checkPath(path);
  const bundle: Bundle = {
    formatVersion: FORMAT_VERSION,
    files: sorted.map(([path, bytes]) => [path, contentOf(bytes)]),
  };
  const packed = gzipSync(JSON.stringify(bundle), { level: 9 });
  packed[SYSTEM_BYTE] = UNKNOWN_SYSTEM;
  return packed;
}

function contentOf(bytes: Uint8Array): Content {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString("utf8");
  return Buffer.from(text, "utf8").equals(buffer) ? text : { base64: buffer.toString("base64") };
}

/**
 * The files of a bundle, byte for byte.
 * @throws BundleError where it is damaged, or a path in it leads out of the folder.
 */
export function unpackBundle(packed: Uint8Array): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const [path, content] of readBundle(packed).files) {
    checkPath(path);
    if (files.has(path)) throw new BundleError(`it holds ${JSON.stringify(path)} twice`);
    files.set(
      path,
      typeof content === "string" ? Buffer.from(content) : Buffer.from(content.base64, "base64"),
    );
  }
  return files;
}

function readBundle(packed: Uint8Array): Bundle {
  let bundle: unknown;
  try {
    bundle = JSON.parse(gunzipSync(packed, { maxOutputLength: LARGEST }).toString("utf8"));
  } catch (error) {
    throw new BundleError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  if (isBundle(bundle)) return bundle;
  throw new BundleError("its content is not what this version of Tidemark packs");
}

function isBundle(value: unknown): value is Bundle {
  if (typeof value !== "object" || value === null) return false;
  const { formatVersion, files } = value as Partial<Bundle>;
  return formatVersion === FORMAT_VERSION && Array.isArray(files) && files.every(isEntry);
}

function isEntry(entry: unknown): boolean {
  if (!Array.isArray(entry) || entry.length !== 2 || typeof entry[0] !== "string") return false;
  const content = entry[1] as unknown;
  if (typeof content === "string") return true;
  return typeof content === "object" && content !== null && isBase64(content);
}

const isBase64 = (content: object) => "base64" in content && typeof content.base64 === "string";

/** Relative, with `/`, every part a name: else a file could land outside the folder it is unpacked into. */
function checkPath(path: string): void {
  const isOdd = path.includes("\\") || path.includes("\0") || /^[A-Za-z]:/.test(path);
  const names = path.split("/");
  if (!isOdd && names.every((name) => name !== "" && name !== "." && name !== "..")) return;
  throw new BundleError(
    `the path ${JSON.stringify(path)} is not one inside a folder of migrations: relative, with / between names`,
  );
}
