import { createHash, scryptSync } from "node:crypto";

/** A short name for a content: the same content, the same name. */
export function digest(content: unknown, length: number): string {
  return createHash("sha256").update(canonical(content)).digest("hex").slice(0, length);
}

/**
 * The same for a content that is secret, where the digest is not. It takes long on purpose: whoever sees it could
 * otherwise try millions of passwords against it.
 */
export function slowDigest(secret: unknown, salt: string, length: number): string {
  return scryptSync(canonical(secret), salt, 32).toString("hex").slice(0, length);
}

/** JSON with sorted keys, so that the order in which something was written does not count. */
function canonical(content: unknown): string {
  return JSON.stringify(content, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
