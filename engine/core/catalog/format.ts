/**
 * Which part of a catalog is schema, and which is drift only. A catalog of format 1 is the schema alone: what a
 * migration makes, and what the fingerprint is a hash of. Format 2 has beside it what is operated rather than migrated
 * (owners, publications, settings of the database) and rare kinds of objects, which format 1 has not read.
 *
 * Nothing of format 1 ever changes its text: a state that an earlier version has written is compared in its own format.
 */
import type { Catalog } from "../catalog";
import { ABOUT_ON, DETAIL_OF, kindOf, OPERATED_KINDS } from "./identity";

/** The format in which this version reads what it compares. */
export const CATALOG_FORMAT = 2;

/** One pattern, because a large schema has a hundred thousand names. */
const DRIFT_ONLY = new RegExp(
  `^(?:${DETAIL_OF} |security label by |(?:${ABOUT_ON} )?(?:${OPERATED_KINDS.join("|")})(?: |$)|${ABOUT_ON} extension )`,
);

/**
 * @returns whether a change of it is drift, but no change of the schema: it differs from one environment to the next,
 * and so is no part of the fingerprint
 */
export function isDriftOnly(identity: string): boolean {
  return DRIFT_ONLY.test(identity);
}

/**
 * @param format of the other side of a comparison; a state without one has 1
 * @returns what a catalog, or its digests, would have in it if it had been read in that format. Kinds that this version
 * does not know, of a state that a newer one has written, are left out.
 */
export function inFormat<T extends Catalog>(entries: T, format: number): T {
  const isIn = (identity: string) =>
    kindOf(identity) !== undefined && (format >= CATALOG_FORMAT || !isDriftOnly(identity));
  return Object.fromEntries(Object.entries(entries).filter(([identity]) => isIn(identity))) as T;
}
