/**
 * The live schema as text: what it consists of, its fingerprint, and what differs between two of them (drift).
 * What counts as schema, and so as drift, is said in engine/postgres/catalog.ts.
 */
import { isDriftOnly } from "./catalog/format";

export { compareCatalogs, describeDrift, type Drift } from "./catalog/drift";
export { CATALOG_FORMAT, inFormat } from "./catalog/format";
export { subjectOf } from "./catalog/identity";
export { shownDefinition } from "./catalog/shown";

/** Identity of an object in plain words (`table public.users`) → its normalised definition. */
export type Catalog = Readonly<Record<string, string>>;

/** Identity of an object → a short hash of its definition: what the state keeps of a catalog. */
export type CatalogDigests = Readonly<Record<string, string>>;

/** Returns the SHA-256 of a text in hexadecimal. A parameter, because the core takes nothing from its platform. */
export type Sha256 = (text: string) => string;

const DIGEST_LENGTH = 8;
const FINGERPRINT_LENGTH = 32;

/** Code unit order: the same on every machine, unlike a locale's. */
const sortedEntries = (catalog: Catalog) =>
  Object.entries(catalog).sort(([a], [b]) => (a < b ? -1 : 1));

/**
 * Digests only name what differs, the fingerprint tells whether anything does: so 32 bits are enough, and the state
 * of a large schema stays small.
 */
export function digestCatalog(catalog: Catalog, sha256: Sha256): CatalogDigests {
  return Object.fromEntries(
    sortedEntries(catalog).map(([object, definition]) => [
      object,
      sha256(definition).slice(0, DIGEST_LENGTH),
    ]),
  );
}

/**
 * @returns `sha256:` and 32 hexadecimal digits (128 bits) over identity and definition of every object of the schema;
 * what is drift only is left out, so that environments with other owners or publications have the same
 */
export function fingerprintCatalog(catalog: Catalog, sha256: Sha256): string {
  const schema = sortedEntries(catalog).filter(([object]) => !isDriftOnly(object));
  return `sha256:${sha256(JSON.stringify(schema)).slice(0, FINGERPRINT_LENGTH)}`;
}
