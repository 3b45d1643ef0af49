import { StatementReader } from "./statement-reader";

/**
 * What a CONCURRENTLY statement on indexes works on. Such a statement is several transactions: when
 * it fails, an INVALID index stays behind, under the index's own name (create, drop) or under that
 * name with `_ccnew` or `_ccold` (reindex). Names are as in pg_class: folded, unquoted, cut.
 */
export interface ConcurrentIndex {
  action: "create" | "drop" | "reindex";
  /** Schema as written; absent: by search_path. An index lies in the schema of its table. */
  schema?: string;
  /** The index; absent where the server chooses the name, or all of `table` or `schema` is meant. */
  name?: string;
  table?: string;
  unique: boolean;
  ifNotExists: boolean;
  ifExists: boolean;
}

export interface IndexStatement {
  keyword: string;
  transactional: boolean | "either";
  detectedByFlyway: boolean;
  concurrentIndex?: ConcurrentIndex;
}

const NONE = { unique: false, ifNotExists: false, ifExists: false };

/** CREATE [UNIQUE] INDEX CONCURRENTLY and DROP INDEX CONCURRENTLY; undefined for all else. */
export function createOrDropIndex(
  verb: "CREATE" | "DROP",
  reader: StatementReader,
): IndexStatement | undefined {
  const unique = verb === "CREATE" && reader.accept("UNIQUE");
  if (!reader.accept("INDEX", "CONCURRENTLY")) return undefined;
  return {
    keyword: `${verb} ${unique ? "UNIQUE " : ""}INDEX CONCURRENTLY`,
    transactional: false,
    detectedByFlyway: true,
    concurrentIndex: verb === "CREATE" ? created(reader, unique) : dropped(reader),
  };
}

/** What follows the table in a CREATE INDEX: `USING … (…) …`; undefined where it is none. */
export function indexDefinition(sql: string): string | undefined {
  const reader = new StatementReader(sql);
  if (!reader.accept("CREATE")) return undefined;
  reader.accept("UNIQUE");
  if (!reader.accept("INDEX")) return undefined;
  reader.accept("CONCURRENTLY");
  created(reader, false);
  return reader.rest();
}

function created(reader: StatementReader, unique: boolean): ConcurrentIndex {
  const ifNotExists = reader.accept("IF", "NOT", "EXISTS");
  const index = reader.accept("ON") ? undefined : reader.name();
  if (index) reader.accept("ON");
  reader.accept("ONLY");
  const table = reader.name();
  return {
    ...NONE,
    action: "create",
    unique,
    ifNotExists,
    ...(index && { name: index.name }),
    ...(table && { table: table.name }),
    ...(table?.schema !== undefined && { schema: table.schema }),
  };
}

function dropped(reader: StatementReader): ConcurrentIndex {
  const ifExists = reader.accept("IF", "EXISTS");
  return { ...NONE, action: "drop", ifExists, ...reader.name() };
}

/**
 * REINDEX: refused in a transaction when CONCURRENTLY (word or option) or of more than one table.
 * Of one index or table: "either", since a partitioned one is refused.
 * (https://www.postgresql.org/docs/18/sql-reindex.html)
 */
export function reindex(reader: StatementReader): IndexStatement | undefined {
  const option = reader.options().get("CONCURRENTLY");
  reader.accept("VERBOSE");
  const target = reader.acceptOneOf("INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM");
  if (!target) return undefined;
  const concurrently = reader.accept("CONCURRENTLY") || isOn(option);
  const single = target === "INDEX" || target === "TABLE";
  return {
    keyword: `REINDEX ${target}${concurrently ? " CONCURRENTLY" : ""}`,
    transactional: single && !concurrently ? "either" : false,
    detectedByFlyway: !single,
    ...(concurrently && { concurrentIndex: reindexed(target, reader) }),
  };
}

function reindexed(target: string, reader: StatementReader): ConcurrentIndex {
  const named = reader.name();
  const base = { ...NONE, action: "reindex" as const };
  if (!named || target === "DATABASE" || target === "SYSTEM") return base;
  if (target === "INDEX") return { ...base, ...named };
  if (target === "SCHEMA") return { ...base, schema: named.name };
  return {
    ...base,
    table: named.name,
    ...(named.schema !== undefined && { schema: named.schema }),
  };
}

/** As defGetBoolean reads an option: there alone means on. */
function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== "FALSE" && value !== "OFF" && value !== "0";
}
