/** The letters "Flyway" as a number: the high part of every advisory lock key that Flyway takes. */
const FLYWAY = 0x466c79776179n;

/**
 * The key of Flyway's advisory lock for one history table, so that Flyway and Tidemark exclude each other.
 * Source: facts found by holding the key against a real Flyway 13 (key 77433833903597 for the default table in public).
 */
export function advisoryLockKey(schema: string, table: string): bigint {
  return FLYWAY + BigInt(javaHashCode(`"${schema}"."${table}"`));
}

/** Java's String.hashCode: over UTF-16 units, wrapped to 32 signed bits. */
function javaHashCode(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}
