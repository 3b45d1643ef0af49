import { branchSql } from "./branch";
import { databaseBranches } from "./database";
import { wholeDatabaseBranches } from "./operations/database";
import { detailsSql } from "./operations/details";
import { replicationBranches } from "./operations/replication";
import { supportBranches } from "./operations/support";
import { PART_BRANCHES } from "./parts";
import { RARE_BRANCHES } from "./rare";
import { RELATION_BRANCHES } from "./relations";
import { ROUTINE_BRANCHES } from "./routines";
import { type CatalogScope, type Operations, scopeSql } from "./scope";
import { types } from "./types";

/** One row of the catalog query. */
export interface CatalogRow {
  /** Null for an object; for what is said about it `comment`, `grant to`, `revoke from PUBLIC`, `owner of` … */
  readonly about: string | null;
  /** The grantee, where it is neither PUBLIC nor the object's owner; the provider of a security label. */
  readonly role: string | null;
  readonly kind: string;
  readonly path: string[];
  readonly suffix: string | null;
  readonly owner: string[] | null;
  readonly definition: string;
}

/**
 * Privileges as a difference to the default ones: in both, neither is said. So an owner's privileges are silent, and
 * revoking what PUBLIC has by default (functions, types) shows. The grantor does not matter.
 */
const PRIVILEGES = `
privilege AS (
  SELECT o.classid, o.objid, o.objsubid, o.acltype, p.privilege_type, p.is_grantable, bool_and(p.granted) AS granted,
    CASE p.grantee WHEN 0 THEN ' PUBLIC' WHEN o.aclrole THEN ' OWNER' ELSE '' END AS special,
    CASE WHEN p.grantee NOT IN (0, coalesce(o.aclrole, 0)) THEN pg_get_userbyid(p.grantee)::text END AS role
  FROM object o, LATERAL (
    SELECT grantee, privilege_type, is_grantable, true AS granted FROM aclexplode(o.acl)
    UNION ALL
    SELECT grantee, privilege_type, is_grantable, false FROM aclexplode(acldefault(o.acltype, o.aclrole))
  ) p
  WHERE o.acl IS NOT NULL
  GROUP BY o.classid, o.objid, o.objsubid, o.acltype, o.aclrole, p.grantee, p.privilege_type, p.is_grantable
  HAVING bool_and(p.granted) OR NOT bool_or(p.granted)
),
everything AS (
  SELECT t.acltype::"char" AS acltype, count(*) AS privileges
  FROM (VALUES ('r'), ('s'), ('f'), ('n'), ('T'), ('F'), ('S'), ('d'), ('l')) t (acltype),
    aclexplode(acldefault(t.acltype::"char", 10)) WHERE grantee = 10 GROUP BY 1
),
grants AS (
  SELECT p.classid, p.objid, p.objsubid, p.role,
    CASE WHEN p.granted THEN 'grant to' ELSE 'revoke from' END || p.special AS about,
    CASE WHEN count(*) = max(e.privileges) AND NOT bool_or(p.is_grantable) THEN 'ALL'
      ELSE string_agg(p.privilege_type || CASE WHEN p.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, ', '
        ORDER BY p.privilege_type COLLATE "C", p.is_grantable) END AS definition
  FROM privilege p LEFT JOIN everything e ON e.acltype = p.acltype
  GROUP BY p.classid, p.objid, p.objsubid, p.granted, p.special, p.role
)`;

const operatedBranches = ({ serverVersion }: Operations) => [
  ...supportBranches(serverVersion),
  ...replicationBranches(serverVersion),
  ...wholeDatabaseBranches,
];

const detailsOf = ({ serverVersion }: Operations) => `
UNION ALL
SELECT t.about, t.role, o.kind, o.path, o.suffix, o.owner, t.definition
FROM object o JOIN (${detailsSql(serverVersion)}) t USING (classid, objid, objsubid)
WHERE t.definition IS NOT NULL`;

/** Those of the languages that come with the server come with it, too. */
const NOT_COMMENTED = `(o.kind = 'schema' AND o.path = '{public}' AND d.description = 'standard public schema'
  OR o.kind = 'language' AND o.definition IS NULL)`;

/** @returns the whole catalog as one SELECT, and so of one snapshot */
export function catalogSql(scope: CatalogScope): string {
  const operations = scope.schemas === undefined ? scope.operations : undefined;
  const branches = [
    ...RELATION_BRANCHES,
    ...PART_BRANCHES,
    types,
    ...ROUTINE_BRANCHES,
    ...RARE_BRANCHES,
    ...databaseBranches(scope.schemas === undefined, operations !== undefined),
    ...(operations ? operatedBranches(operations) : []),
  ];
  return `WITH ${scopeSql(scope)},
object AS MATERIALIZED (${branches.map(branchSql).join("\nUNION ALL")}
),${PRIVILEGES}
SELECT NULL AS about, NULL AS role, kind, path, suffix, owner, definition
FROM object WHERE definition IS NOT NULL
UNION ALL
SELECT 'comment', NULL, o.kind, o.path, o.suffix, o.owner, d.description
FROM object o
JOIN pg_description d ON d.classoid = o.classid AND d.objoid = o.objid AND d.objsubid = o.objsubid
WHERE NOT ${NOT_COMMENTED}
UNION ALL
SELECT g.about, g.role, o.kind, o.path, o.suffix, o.owner, g.definition
FROM object o JOIN grants g USING (classid, objid, objsubid)${operations ? detailsOf(operations) : ""}`;
}
