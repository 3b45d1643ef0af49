/** One kind of object in the catalog query: a SELECT over the scope's common table expressions. */
export interface Branch {
  /** A SQL text of type text: the kind, as engine/core/catalog/identity.ts knows it. */
  readonly kind: string;
  /** text[]: the name, outermost first. */
  readonly path: string;
  /** text: what follows the name at once (argument types). */
  readonly suffix?: string;
  /** text[]: what the object belongs to, where its name does not say so. */
  readonly owner?: string;
  /** The object's address, to which comments are attached: catalog, oid, column number. */
  readonly address: readonly [catalog: string, oid: string, column?: string];
  /** Its privileges: the letter of acldefault(), the owning role's oid, the aclitem[]. */
  readonly acl?: readonly [type: string, role: string, acl: string];
  /** text: the definition; null for an object that is not listed itself, but whose comments and grants are. */
  readonly definition: string;
  /** Everything from FROM on. */
  readonly from: string;
}

/** @returns the branch as a SELECT with the columns that all branches share */
export const branchSql = (branch: Branch) => `
SELECT ${branch.kind}::text AS kind, ${branch.path} AS path, (${branch.suffix ?? "NULL"})::text AS suffix,
  (${branch.owner ?? "NULL"})::text[] AS owner,
  '${branch.address[0]}'::regclass::oid AS classid, ${branch.address[1]} AS objid,
  (${branch.address[2] ?? "0"})::integer AS objsubid,
  (${branch.acl?.[0] ?? "NULL"})::"char" AS acltype, (${branch.acl?.[1] ?? "NULL"})::oid AS aclrole,
  (${branch.acl?.[2] ?? "NULL"})::aclitem[] AS acl,
  ${branch.definition} AS definition
${branch.from}`;

/** @returns a condition: the object is not part of an extension */
export const notMember = (catalog: string, oid: string) =>
  `NOT EXISTS (SELECT FROM member m WHERE m.classid = '${catalog}'::regclass AND m.objid = ${oid})`;

/** An oid: the database that is read. */
export const THIS_DATABASE =
  "(SELECT d.oid FROM pg_database d WHERE d.datname = current_database())";

/** What initdb makes has a lower oid. */
export const FIRST_OWN_OID = 16384;

/**
 * @returns text: options in one order; PostgreSQL keeps them in the order in which they were set. The CASE spares the
 * subquery for the many objects that have none
 */
export const sortedOptions = (options: string) =>
  `CASE WHEN ${options} IS NOT NULL THEN
    (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(${options}) o) END`;

/** @returns text: the collation, where it is not the one of the type */
export const collation = (collation: string, ofType: string) =>
  `CASE WHEN ${collation} <> ${ofType} THEN 'collate ' || ${collation}::regcollation END`;

/** @returns text: when a trigger or rule fires, where that is not the usual */
export const firing = (enabled: string) =>
  `CASE ${enabled} WHEN 'D' THEN ' DISABLED' WHEN 'R' THEN ' ENABLED REPLICA'
     WHEN 'A' THEN ' ENABLED ALWAYS' ELSE '' END`;
