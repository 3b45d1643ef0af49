/**
 * How an object of the catalog is called: in the words of a drift report, which are also the keys of the state.
 * The grammar is closed, so that {@link containersOf} can read it back without the catalog it came from.
 *
 *     table public.users                                 kind, qualified name
 *     column public.users.email                          part of a relation: the relation's name comes first
 *     function public.f(integer, text)                   what can be overloaded names its argument types
 *     index public.users_email_idx on public.users       named in the schema, but part of a relation
 *     comment on table public.users                      said about an object
 *     grant to app on table public.users                 privileges beyond the default ones, of one grantee
 *     revoke from PUBLIC on function public.f()          default privileges that somebody has lost
 *     security label by selinux on table public.users    said about an object, by a provider
 *     owner of table public.users                        a detail of an object that is no part of its definition
 *     role setting work_mem of app                       ALTER ROLE app SET work_mem
 *     the database                                       the one that is read, whatever its name
 */

/** Kinds that are drift only, and that catalogs of format 1 do not have (format.ts). */
export const OPERATED_KINDS = [
  "not null constraint",
  "domain constraint",
  "attribute",
  "shell type",
  "operator family",
  "text search parser",
  "text search template",
  "conversion",
  "transform",
  "language",
  "access method",
  "user mapping of",
  "publication",
  "subscription",
  "the database",
  "database setting",
  "database role setting",
  "role setting",
] as const;

/** Every kind of object, in the order of a drift report: what matters most, and what contains the rest, comes first. */
export const OBJECT_KINDS = [
  "schema",
  "extension",
  "table",
  "foreign table",
  "column",
  "column order of",
  "constraint",
  "index",
  "view",
  "materialized view",
  "function",
  "procedure",
  "aggregate",
  "trigger",
  "event trigger",
  "policy",
  "rule",
  "sequence",
  "enum",
  "domain",
  "composite type",
  "range type",
  "base type",
  "statistics",
  "collation",
  "operator",
  "operator class",
  "cast",
  "text search configuration",
  "text search dictionary",
  "foreign data wrapper",
  "server",
  "future tables of",
  "future sequences of",
  "future routines of",
  "future types of",
  "future schemas of",
  "future large objects of",
  ...OPERATED_KINDS,
] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

const RELATIONS = ["table", "foreign table", "view", "materialized view"];
/** Kinds whose name begins with the name of their relation. */
const RELATION_PARTS = new Set<string>([
  "column",
  "constraint",
  "not null constraint",
  "trigger",
  "policy",
  "rule",
]);
/** Kinds whose name begins with the name of something else that contains them. */
const PARTS_OF: Readonly<Record<string, string>> = {
  "domain constraint": "domain",
  attribute: "composite type",
};

/** What is said about an object by itself, because a change of it leaves the object's definition as it is. */
export const DETAILS = [
  "owner",
  "version",
  "access method",
  "tablespace",
  "persistence",
  "clustered index",
  "compression",
  "settings",
  "extension dependency",
] as const;

/** An object as a catalog query names it. */
export interface ObjectName {
  readonly kind: string;
  /** Unquoted, outermost first: schema, relation, part. */
  readonly path: readonly string[];
  /** What follows the name at once: `(integer, text)`. */
  readonly suffix?: string | null;
  /** What it belongs to, where its name does not say so: the relation of an index, the column of a sequence. */
  readonly owner?: readonly string[] | null;
}

/**
 * Quotes a name only where its characters need it. PostgreSQL's `quote_ident` quotes keywords too, and the list of
 * keywords grows with every release: an upgrade of the server would rename objects.
 */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

const qualified = (path: readonly string[]) => path.map(quoteName).join(".");

/** @returns the identity of an object, as the catalog, the state and the drift report call it */
export function identityOf({ kind, path, suffix, owner }: ObjectName): string {
  const name = path.length > 0 ? ` ${qualified(path)}` : "";
  const belongs = owner ? ` ${ownerWord(kind)} ${qualified(owner)}` : "";
  return `${kind}${name}${suffix ?? ""}${belongs}`;
}

const isSetting = (kind: string) => kind.endsWith("setting");

function ownerWord(kind: string): string {
  if (kind === "sequence" || isSetting(kind)) return "of";
  return kind.startsWith("future ") ? "in" : "on";
}

const NAME = String.raw`(?:[a-z_][a-z0-9_]*|"(?:[^"]|"")*")`;
const PATH = `${NAME}(?:\\.${NAME})*`;
/** The source of a pattern: what is said about an object, up to its name. */
export const ABOUT_ON = `(?:comment|(?:grant to|revoke from|security label by) (?:PUBLIC|OWNER|${NAME})) on`;
export const DETAIL_OF = `(?:${DETAILS.join("|")}) of`;
const ABOUT = new RegExp(`^(?:${ABOUT_ON}|${DETAIL_OF}) (.+)$`, "s");
const KIND = [...OBJECT_KINDS].sort((a, b) => b.length - a.length).join("|");
const OBJECT = new RegExp(`^(${KIND})(?: (${PATH})|(?= \\(|$))(.*)$`, "s");
const OWNER = new RegExp(` (?:on|of|in) (${PATH})$`);

/** @returns the object an identity is said about (a comment, a grant, an owner), or undefined if it is an object itself */
export function subjectOf(identity: string): string | undefined {
  return ABOUT.exec(identity)?.[1];
}

/** @returns the kind of an object; of a comment or a grant, the kind of its object */
export function kindOf(identity: string): ObjectKind | undefined {
  return OBJECT.exec(subjectOf(identity) ?? identity)?.[1] as ObjectKind | undefined;
}

/**
 * @returns identities that, when they come or go, take this one with them (the nearest only; more than one where the
 * identity does not tell the kind of its relation)
 */
export function containersOf(identity: string): string[] {
  const subject = subjectOf(identity);
  if (subject !== undefined) return [subject];
  const [, kind = "", path = "", rest = ""] = OBJECT.exec(identity) ?? [];
  const names = path.match(new RegExp(NAME, "g")) ?? [];
  if (kind === "column order of") return relations(path);
  if (isSetting(kind)) return [];
  const whole = PARTS_OF[kind];
  if (whole !== undefined) return [`${whole} ${names.slice(0, -1).join(".")}`];
  if (RELATION_PARTS.has(kind)) return relations(names.slice(0, -1).join("."));
  const owner = OWNER.exec(rest)?.[1];
  if (owner !== undefined) return ownerContainers(kind, owner);
  return names.length > 1 && names[0] !== undefined ? [`schema ${names[0]}`] : [];
}

function ownerContainers(kind: string, owner: string): string[] {
  if (kind === "sequence") return [`column ${owner}`];
  if (kind === "user mapping of") return [`server ${owner}`];
  return kind.startsWith("future ") ? [`schema ${owner}`] : relations(owner);
}

const relations = (path: string) => RELATIONS.map((kind) => `${kind} ${path}`);

/** @returns the relation's name in the identity of a column or of a column order, else undefined */
export function columnRelation(identity: string): string | undefined {
  const [, kind, path = ""] = OBJECT.exec(identity) ?? [];
  if (kind === "column order of") return path;
  if (kind !== "column") return undefined;
  return (path.match(new RegExp(NAME, "g")) ?? []).slice(0, -1).join(".");
}
