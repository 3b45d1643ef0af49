/** The test server as a stack sees it: a role that may create databases, and databases that go away with the test. */
import { randomBytes } from "node:crypto";

import { Client, escapeIdentifier, escapeLiteral } from "pg";

import { CANARY } from "./canary";
import { type TestServer, testServer } from "./postgres";

export class StackServer {
  readonly host: string;
  readonly port: number;
  /** May log in and create databases. */
  readonly user: string;
  readonly password = CANARY;
  readonly #administrator: TestServer;
  readonly #databases: string[] = [];
  readonly #clients = new Set<Client>();

  private constructor(administrator: TestServer, user: string) {
    this.#administrator = administrator;
    this.host = administrator.host;
    this.port = administrator.port;
    this.user = user;
  }

  static async open(): Promise<StackServer> {
    const server = new StackServer(await testServer(), randomName("stack"));
    await server.administer(
      `CREATE ROLE ${server.user} LOGIN CREATEDB PASSWORD ${escapeLiteral(CANARY)}`,
    );
    return server;
  }

  /** A name that no other test has; the database of this name is dropped in the end, whoever made it. */
  databaseName(): string {
    const name = randomName("stack");
    this.#databases.push(name);
    return name;
  }

  /** Makes an empty database that belongs to the role. */
  async createDatabase(): Promise<string> {
    const name = this.databaseName();
    await this.administer(`CREATE DATABASE ${name} OWNER ${this.user} TEMPLATE template0`);
    return name;
  }

  /** Runs SQL as the stack's role; parameters are for one statement alone. */
  async query<Row extends object>(
    database: string,
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<Row[]> {
    const client = await this.connect(database);
    try {
      return (await client.query<Row>(sql, parameters && [...parameters])).rows;
    } finally {
      await this.disconnect(client);
    }
  }

  /** A connection as the stack's role; it is closed in the end. */
  async connect(database: string): Promise<Client> {
    const { host, port, user, password } = this;
    return this.#open({ host, port, user, password, database, application_name: "a test" });
  }

  async disconnect(client: Client): Promise<void> {
    this.#clients.delete(client);
    await client.end();
  }

  async exists(database: string): Promise<boolean> {
    const client = await this.#open({ ...this.#administrator, database: "postgres" });
    const found = await client.query("SELECT FROM pg_database WHERE datname = $1", [database]);
    await this.disconnect(client);
    return found.rowCount === 1;
  }

  async administer(...statements: string[]): Promise<void> {
    const client = await this.#open({ ...this.#administrator, database: "postgres" });
    for (const statement of statements) await client.query(statement);
    await this.disconnect(client);
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#clients].map((client) => client.end()));
    this.#clients.clear();
    const drops = this.#databases.map((name) => `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await this.administer(...drops, `DROP ROLE IF EXISTS ${escapeIdentifier(this.user)}`);
  }

  async #open(config: ConstructorParameters<typeof Client>[0] & object): Promise<Client> {
    const client = new Client(config);
    client.on("error", () => undefined); // a test may end connections: their queries tell
    await client.connect();
    this.#clients.add(client);
    return client;
  }
}

/** History and objects of a database, to see that something has left it alone. */
export async function describeDatabase(server: StackServer, database: string): Promise<unknown> {
  const columns = await server.query(
    database,
    `SELECT n.nspname, c.relname, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod) AS type
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
     WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
     ORDER BY 1, 2, a.attnum`,
  );
  return { columns, history: await historyOf(server, database) };
}

/** The rows of flyway_schema_history, oldest first; undefined: there is no such table. */
export async function historyOf(
  server: StackServer,
  database: string,
): Promise<readonly HistoryRow[] | undefined> {
  const [found] = await server.query<{ table: string | null }>(
    database,
    "SELECT to_regclass('public.flyway_schema_history') AS table",
  );
  if (!found?.table) return undefined;
  return server.query<HistoryRow>(
    database,
    `SELECT installed_rank AS rank, version, description, type, script, checksum, success
     FROM public.flyway_schema_history ORDER BY installed_rank`,
  );
}

export interface HistoryRow {
  readonly rank: number;
  readonly version: string | null;
  readonly description: string;
  readonly type: string;
  readonly script: string;
  readonly checksum: number | null;
  readonly success: boolean;
}

const randomName = (prefix: string) => `${prefix}_${randomBytes(6).toString("hex")}`;
