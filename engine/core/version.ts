/**
 * A migration version: dot-separated whole numbers of any size.
 * `text` is what the history stores; `parts` (trailing zeros cut) is what is compared, so 1 = 01 = 1.0.
 */
export interface MigrationVersion {
  readonly text: string;
  readonly parts: readonly bigint[];
}

const PLAIN = /^[0-9]+(\.[0-9]+)*$/;
const PART = /^[+-]?\p{Nd}+$/u;

/**
 * Parses a version as Flyway does: `_` stands for `.`, a dot separates only before a digit, and each part is what
 * Java's BigInteger reads (a sign and full-width digits are accepted).
 * @returns undefined when the text is not a version.
 */
export function parseVersion(raw: string): MigrationVersion | undefined {
  const text = raw.replaceAll("_", ".");
  const parts = PLAIN.test(text) ? text.split(".").map(BigInt) : parseParts(text);
  if (!parts) return undefined;
  while (parts.length > 1 && parts.at(-1) === 0n) parts.pop();
  return { text, parts };
}

function parseParts(text: string): bigint[] | undefined {
  const tokens = text.split(/\.(?=[0-9])/);
  if (tokens.some((token) => !PART.test(token))) return undefined;
  try {
    return tokens.map(toBigInt);
  } catch {
    return undefined; // a decimal digit of a script that has no compatibility form
  }
}

function toBigInt(token: string): bigint {
  const plain = token.normalize("NFKC");
  const digits = BigInt(plain.replace(/^[+-]/, ""));
  return plain.startsWith("-") ? -digits : digits;
}

/** Negative when a comes before b, 0 when they are the same version, else positive. Missing parts count as 0. */
export function compareVersions(a: MigrationVersion, b: MigrationVersion): number {
  const length = Math.max(a.parts.length, b.parts.length);
  for (let i = 0; i < length; i++) {
    const x = a.parts[i] ?? 0n;
    const y = b.parts[i] ?? 0n;
    if (x < y) return -1;
    if (x > y) return 1;
  }
  return 0;
}

/** The first of the highest; null where there is none. */
export function highestOf(
  versions: readonly (MigrationVersion | null | undefined)[],
): MigrationVersion | null {
  return versions.reduce<MigrationVersion | null>(
    (a, b) => (b && (!a || compareVersions(b, a) > 0) ? b : a),
    null,
  );
}

/** A text that is equal for equal versions: the key of maps. */
export function versionKey(version: MigrationVersion): string {
  return version.parts.join(".");
}
