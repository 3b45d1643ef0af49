import { type ConcurrentIndex, createOrDropIndex, reindex } from "./concurrent-index";
import { StatementReader } from "./statement-reader";

/** Begins or ends a transaction. SAVEPOINT, RELEASE and ROLLBACK TO do not. */
export interface TransactionControl {
  readonly kind: "begin" | "commit" | "rollback" | "prepare";
  /** Of BEGIN: what follows it, such as `ISOLATION LEVEL SERIALIZABLE`; "" where nothing does. */
  readonly modes: string;
  /** COMMIT AND CHAIN: the next transaction begins at once. */
  readonly chain: boolean;
}

export interface StatementClass {
  /** The words that decided, for messages: "CREATE INDEX CONCURRENTLY"; else the first word. */
  keyword: string;
  /**
   * false: refused inside a transaction block. "either": depends on what the text does not show (a
   * procedure that commits, a partitioned table); Flyway runs these in a transaction.
   */
  transactional: boolean | "either";
  /**
   * Does Flyway 13 see that a statement with `transactional: false` needs to run without a
   * transaction? Where it does not, it runs the statement in one, and the server refuses (25001).
   */
  detectedByFlyway: boolean;
  transactionControl?: TransactionControl;
  /** Of CREATE | DROP INDEX CONCURRENTLY and REINDEX … CONCURRENTLY: where a failure leaves an invalid index. */
  concurrentIndex?: ConcurrentIndex;
}

export interface ClassifyOptions {
  /** As `server_version_num` (150018); without one, a current server is assumed. */
  serverVersion?: number;
}

type Rule = (
  reader: StatementReader,
  options: ClassifyOptions,
) => Partial<StatementClass> | undefined;

/**
 * What matters about one statement for running it in a transaction. The list of statements that
 * cannot is that of PreventInTransactionBlock in PostgreSQL's source (18) and of Flyway's
 * PostgreSQLParser; texts that are not SQL count as transactional, the server will refuse them.
 */
export function classifyStatement(sql: string, options: ClassifyOptions = {}): StatementClass {
  const reader = new StatementReader(sql);
  const keyword = reader.word();
  const found = RULES.get(keyword)?.(reader, options);
  return { keyword, transactional: true, detectedByFlyway: false, ...found };
}

/** The statements, by index, that are not simply run in any transaction. */
export function notableStatements(
  statements: Iterable<string>,
  options: ClassifyOptions = {},
): Map<number, StatementClass> {
  const notable = new Map<number, StatementClass>();
  let index = 0;
  for (const sql of statements) {
    const found = classifyStatement(sql, options);
    if (found.transactional !== true || found.transactionControl) notable.set(index, found);
    index++;
  }
  return notable;
}

const RULES = new Map<string, Rule>([
  ["CREATE", (reader) => createOrDrop("CREATE", reader)],
  ["DROP", (reader) => createOrDrop("DROP", reader)],
  ["ALTER", alter],
  ["REINDEX", (reader) => reindex(reader)],
  ["VACUUM", () => nonTransactional("VACUUM")],
  ["CLUSTER", cluster],
  ["REPACK", repack],
  ["DISCARD", (reader) => (reader.accept("ALL") ? nonTransactional("DISCARD ALL") : undefined)],
  ["CALL", () => ({ transactional: "either" })],
  ["DO", () => ({ transactional: "either" })],
  ["BEGIN", (reader) => begin(reader)],
  ["START", (reader) => (reader.accept("TRANSACTION") ? begin(reader) : undefined)],
  ["COMMIT", (reader) => endOfTransaction("COMMIT", "commit", reader)],
  ["END", (reader) => endOfTransaction("COMMIT", "commit", reader)],
  ["ROLLBACK", rollback],
  ["ABORT", rollback],
  ["PREPARE", prepare],
]);

function nonTransactional(keyword: string): Partial<StatementClass> {
  return { keyword, transactional: false, detectedByFlyway: true };
}

function missedByFlyway(keyword: string): Partial<StatementClass> {
  return { keyword, transactional: false };
}

/** CREATE and DROP SUBSCRIPTION can do without a slot and then be transactional; Flyway does not look. */
function createOrDrop(
  verb: "CREATE" | "DROP",
  reader: StatementReader,
): Partial<StatementClass> | undefined {
  const type = reader.acceptOneOf("DATABASE", "TABLESPACE", "SUBSCRIPTION");
  return type ? nonTransactional(`${verb} ${type}`) : createOrDropIndex(verb, reader);
}

function alter(
  reader: StatementReader,
  options: ClassifyOptions,
): Partial<StatementClass> | undefined {
  switch (reader.acceptOneOf("SYSTEM", "TYPE", "TABLE", "DATABASE", "SUBSCRIPTION")) {
    case "SYSTEM":
      return nonTransactional("ALTER SYSTEM");
    case "TYPE":
      return alterType(reader, options);
    case "TABLE":
      return alterTable(reader);
    case "DATABASE":
      reader.name();
      return reader.accept("SET", "TABLESPACE")
        ? missedByFlyway("ALTER DATABASE … SET TABLESPACE")
        : undefined;
    case "SUBSCRIPTION":
      return alterSubscription(reader);
    default:
      return undefined;
  }
}

/** PostgreSQL 12 lifted the rule (the new value still cannot be used before the commit). */
function alterType(
  reader: StatementReader,
  { serverVersion = Infinity }: ClassifyOptions,
): Partial<StatementClass> | undefined {
  reader.name();
  return serverVersion < 120_000 && reader.accept("ADD", "VALUE")
    ? nonTransactional("ALTER TYPE … ADD VALUE")
    : undefined;
}

function alterTable(reader: StatementReader): Partial<StatementClass> | undefined {
  reader.accept("IF", "EXISTS");
  reader.accept("ONLY");
  reader.name();
  if (!reader.accept("DETACH", "PARTITION")) return undefined;
  reader.name();
  return reader.accept("CONCURRENTLY")
    ? missedByFlyway("ALTER TABLE … DETACH PARTITION … CONCURRENTLY")
    : undefined;
}

/**
 * REFRESH, and what refreshes along the way unless told not to; SET of the options that change the
 * slot at the publisher. (https://www.postgresql.org/docs/18/sql-altersubscription.html)
 */
function alterSubscription(reader: StatementReader): Partial<StatementClass> | undefined {
  reader.name();
  if (reader.accept("REFRESH")) return missedByFlyway("ALTER SUBSCRIPTION … REFRESH");
  const verb = reader.acceptOneOf("SET", "ADD", "DROP");
  if (verb && reader.accept("PUBLICATION")) {
    const refresh = reader.skipPast("WITH") ? reader.options().get("REFRESH") : undefined;
    return isFalse(refresh)
      ? undefined
      : missedByFlyway(`ALTER SUBSCRIPTION … ${verb} PUBLICATION`);
  }
  const options = reader.options();
  return options.has("FAILOVER") || isFalse(options.get("TWO_PHASE"))
    ? missedByFlyway("ALTER SUBSCRIPTION … SET")
    : undefined;
}

/** Of one table: "either", since a partitioned one is refused. */
function cluster(reader: StatementReader): Partial<StatementClass> {
  reader.accept("VERBOSE");
  reader.options();
  return reader.name() ? { transactional: "either" } : missedByFlyway("CLUSTER");
}

function begin(reader: StatementReader): Partial<StatementClass> {
  reader.acceptOneOf("WORK", "TRANSACTION");
  return { transactionControl: { kind: "begin", modes: reader.rest(), chain: false } };
}

/** PostgreSQL 19's CLUSTER and VACUUM FULL in one; ANALYZE has transactions of its own, too. */
function repack(reader: StatementReader): Partial<StatementClass> {
  const options = reader.options();
  const alone = ["CONCURRENTLY", "ANALYZE"].find((o) => options.has(o) && !isFalse(options.get(o)));
  if (alone) return missedByFlyway(`REPACK (${alone})`);
  if (reader.acceptOneOf("CONCURRENTLY", "USING")) return missedByFlyway("REPACK");
  return reader.name() ? { transactional: "either" } : missedByFlyway("REPACK");
}

function endOfTransaction(
  verb: "COMMIT" | "ROLLBACK",
  kind: "commit" | "rollback",
  reader: StatementReader,
): Partial<StatementClass> {
  if (reader.accept("PREPARED")) return missedByFlyway(`${verb} PREPARED`);
  reader.acceptOneOf("WORK", "TRANSACTION");
  return { transactionControl: { kind, modes: "", chain: reader.accept("AND", "CHAIN") } };
}

function rollback(reader: StatementReader): Partial<StatementClass> | undefined {
  if (reader.accept("PREPARED")) return missedByFlyway("ROLLBACK PREPARED");
  reader.acceptOneOf("WORK", "TRANSACTION");
  return reader.accept("TO") ? undefined : endOfTransaction("ROLLBACK", "rollback", reader);
}

/** `PREPARE transaction AS …` is a prepared statement with an unlucky name. */
function prepare(reader: StatementReader): Partial<StatementClass> | undefined {
  return reader.accept("TRANSACTION") && reader.nextIs("string")
    ? { transactionControl: { kind: "prepare", modes: "", chain: false } }
    : undefined;
}

function isFalse(value: string | undefined): boolean {
  return value === "FALSE" || value === "OFF" || value === "0";
}
