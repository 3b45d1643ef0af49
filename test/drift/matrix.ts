/** Objects, by the words that name them in a statement, for the statements that there are for many kinds of objects. */

export interface Subject {
  /** What stands after COMMENT ON, ALTER and DROP. */
  readonly words: string;
  readonly identity: string;
  /** What is there before, where the fixture does not have it. */
  readonly given?: string;
}

export const SUBJECTS: readonly Subject[] = [
  { words: "ACCESS METHOD pile", identity: "access method pile" },
  { words: "AGGREGATE total_of(int)", identity: "aggregate public.total_of(integer)" },
  { words: "CAST (mood AS int)", identity: "cast (public.mood as integer)" },
  { words: "COLLATION plain", identity: "collation public.plain" },
  { words: "COLUMN users.name", identity: "column public.users.name" },
  { words: "COLUMN people.label", identity: "column public.people.label" },
  { words: "COLUMN address.street", identity: "attribute public.address.street" },
  {
    words: "CONSTRAINT name_short ON users",
    identity: "constraint public.users.name_short",
  },
  {
    words: "CONSTRAINT has_at ON DOMAIN email",
    identity: "domain constraint public.email.has_at",
  },
  {
    words: "CONSTRAINT loose_a_not_null ON loose",
    identity: "not null constraint public.loose.loose_a_not_null",
  },
  { words: "CONVERSION latin", identity: "conversion public.latin" },
  { words: "DATABASE {database}", identity: "the database" },
  { words: "DOMAIN email", identity: "domain public.email" },
  { words: "EVENT TRIGGER watch_ddl", identity: "event trigger watch_ddl" },
  { words: "EXTENSION citext", identity: "extension citext" },
  { words: "FOREIGN DATA WRAPPER nowhere", identity: "foreign data wrapper nowhere" },
  { words: "FOREIGN TABLE away", identity: "foreign table public.away" },
  { words: "FUNCTION f(int)", identity: "function public.f(integer)" },
  { words: "INDEX users_email_idx", identity: "index public.users_email_idx on public.users" },
  { words: "LANGUAGE talk", identity: "language talk" },
  { words: "MATERIALIZED VIEW totals", identity: "materialized view public.totals" },
  { words: "OPERATOR ===(int, int)", identity: 'operator public."==="(integer, integer)' },
  { words: "OPERATOR CLASS ints USING btree", identity: "operator class public.ints using btree" },
  {
    words: "OPERATOR FAMILY family USING btree",
    identity: "operator family public.family using btree",
  },
  { words: "POLICY own_row ON users", identity: "policy public.users.own_row" },
  { words: "PROCEDURE p(int)", identity: "procedure public.p(integer)" },
  { words: "ROUTINE f(int)", identity: "function public.f(integer)" },
  { words: "PUBLICATION feed", identity: "publication feed" },
  { words: "RULE no_orders ON orders", identity: "rule public.orders.no_orders" },
  { words: "SCHEMA audit", identity: "schema audit" },
  { words: "SEQUENCE tickets", identity: "sequence public.tickets" },
  { words: "SERVER far", identity: "server far" },
  {
    words: "STATISTICS orders_stats",
    identity: "statistics public.orders_stats on public.orders",
  },
  { words: "SUBSCRIPTION reader", identity: "subscription reader", given: "{subscription}" },
  { words: "TABLE loose", identity: "table public.loose" },
  {
    words: "TEXT SEARCH CONFIGURATION words",
    identity: "text search configuration public.words",
  },
  {
    words: "TEXT SEARCH DICTIONARY plain_words",
    identity: "text search dictionary public.plain_words",
  },
  { words: "TEXT SEARCH PARSER reading", identity: "text search parser public.reading" },
  { words: "TEXT SEARCH TEMPLATE form", identity: "text search template public.form" },
  { words: "TRANSFORM FOR int LANGUAGE sql", identity: "transform (integer, sql)" },
  { words: "TRIGGER users_touch ON users", identity: "trigger public.users.users_touch" },
  { words: "TYPE mood", identity: "enum public.mood" },
  { words: "TYPE address", identity: "composite type public.address" },
  { words: "TYPE span", identity: "range type public.span" },
  { words: "TYPE raw", identity: "base type public.raw" },
  { words: "TYPE unfinished", identity: "shell type public.unfinished" },
  { words: "USER MAPPING FOR {role} SERVER far", identity: "user mapping of {role} on far" },
  { words: "VIEW people", identity: "view public.people" },
];

export interface Action {
  readonly statement: (words: string) => string;
  /** A difference that has to be among those that are found. */
  readonly drift: (identity: string) => RegExp;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const about =
  (before: string, after = "(?:added|changed)") =>
  (identity: string) =>
    new RegExp(`^${before} ${escaped(identity)} ${after}$`);
const removed = (identity: string) => new RegExp(`^${escaped(identity)} removed$`);

export const ACTIONS: Readonly<Record<string, Action>> = {
  comment: {
    statement: (words) => `COMMENT ON ${words} IS 'by hand'`,
    drift: about("comment on"),
  },
  owner: {
    statement: (words) => `ALTER ${words} OWNER TO {admin}`,
    drift: about("owner of", "changed"),
  },
  rename: { statement: (words) => `ALTER ${words} RENAME TO by_hand`, drift: removed },
  "set schema": {
    statement: (words) => `ALTER ${words} SET SCHEMA audit`,
    // An extension is named without its schema.
    drift: (identity) =>
      new RegExp(
        `^${escaped(identity)} ${identity.startsWith("extension") ? "changed" : "removed"}$`,
      ),
  },
  drop: { statement: (words) => `DROP ${words} CASCADE`, drift: removed },
  grant: {
    statement: (words) =>
      `GRANT ALL ON ${words.replace(/^((?:FOREIGN|MATERIALIZED) )?(?:TABLE|VIEW) /, "").replace(/^SERVER/, "FOREIGN SERVER")} TO {admin}`,
    drift: about("grant to {admin} on"),
  },
};

/** What the parser reads and the server refuses: statement → SQLSTATE. */
export const REFUSED: Readonly<Record<string, string>> = {
  "ALTER DATABASE {database} RENAME TO by_hand": "0A000", // not while it is the current one
  "ALTER TYPE unfinished RENAME TO by_hand": "42704",
  "ALTER TYPE unfinished SET SCHEMA audit": "42704",
};

/** What the server accepts with a warning, and does not do. */
export const IGNORED: readonly string[] = ["ALTER INDEX users_email_idx OWNER TO {admin}"];
