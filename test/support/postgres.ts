/**
 * Databases for tests, on a real PostgreSQL: the one of TIDEMARK_TEST_URL (a superuser's URL), or else an embedded one
 * that this process starts at the first need and removes when it ends; of the major that TIDEMARK_TEST_POSTGRES names,
 * or else of the one of package.json.
 */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { Client } from "pg";

/** How to connect to the test server as its superuser. */
export interface TestServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** A role that may log in; it is dropped with the test's database. */
export interface TestRole {
  readonly name: string;
  readonly password: string;
  /** The test's database, as this role. */
  readonly url: string;
}

/** An empty database of one test. */
export interface TestDatabase {
  readonly name: string;
  /** The database, as the superuser. */
  readonly url: string;
  /** Connected as the superuser. */
  readonly client: Client;
  /** One more connection, as the superuser or as a role; it is closed with the test. */
  connect(role?: TestRole): Promise<Client>;
  /** @param attributes such as `SUPERUSER` or `CREATEDB`; none: a role that may only log in */
  createRole(attributes?: string): Promise<TestRole>;
}

let started: Promise<TestServer> | undefined;

/** @returns the test server; the embedded one is started once for each process */
export function testServer(): Promise<TestServer> {
  const url = process.env.TIDEMARK_TEST_URL;
  started ??= url ? Promise.resolve(serverOf(new URL(url))) : startEmbedded(embeddedMajor());
  return started;
}

/** The major of the embedded server, by `TIDEMARK_TEST_POSTGRES`; undefined: that of package.json. */
export function embeddedMajor(): number | undefined {
  const major = process.env.TIDEMARK_TEST_POSTGRES;
  return major ? Number(major) : undefined;
}

const ofMajor = new Map<number | undefined, Promise<TestServer>>();

/** @returns an embedded server of that major, one for each process */
export function serverOfMajor(major?: number): Promise<TestServer> {
  const server = ofMajor.get(major) ?? startEmbedded(major);
  ofMajor.set(major, server);
  return server;
}

/** @returns an embedded server of package.json's own major: the test server, where it is that */
export function currentServer(): Promise<TestServer> {
  const isTestServer = !process.env.TIDEMARK_TEST_URL && embeddedMajor() === undefined;
  return isTestServer ? testServer() : serverOfMajor();
}

/** @returns 15 for 15.18 */
export async function majorOf(server: Promise<TestServer>): Promise<number> {
  const client = new Client({ connectionString: urlOf(await server, "postgres") });
  await client.connect();
  try {
    const { rows } = await client.query<{ major: number }>(
      "SELECT current_setting('server_version_num')::int / 10000 AS major",
    );
    return rows[0]?.major ?? 0;
  } finally {
    await client.end();
  }
}

let asking: Promise<TestServer> | undefined;

/** @returns a server that asks for passwords: the test server, or, where it trusts everybody, an embedded one */
export function passwordServer(): Promise<TestServer> {
  asking ??= testServer().then(async (server) => {
    const client = new Client({ ...server, password: randomName("wrong"), database: "postgres" });
    try {
      await client.connect();
    } catch {
      return server;
    }
    await client.end();
    return startEmbedded(embeddedMajor());
  });
  return asking;
}

function serverOf(url: URL): TestServer {
  return {
    host: url.hostname,
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}

interface ServerLibrary {
  readonly startServer: (options: object) => Promise<TestServer>;
}

async function startEmbedded(version?: number): Promise<TestServer> {
  // Compiled, this file lies in bin/test/support.
  const library = pathToFileURL(
    resolve(__dirname, "../../../scripts/lib/postgres-server.mjs"),
  ).href;
  const home = mkdtempSync(join(tmpdir(), "tidemark-test-"));
  chmodSync(home, 0o755); // as root, the server runs as another user, who has to get in
  process.once("exit", () => purge(library, home));
  const { startServer } = (await import(library)) as ServerLibrary;
  const settings = { fsync: "off", full_page_writes: "off", synchronous_commit: "off" };
  return startServer({
    home,
    version,
    settings: { ...settings, max_connections: 200, max_prepared_transactions: 5 },
  });
}

/** In a process of its own: at the exit of this one nothing can be waited for, and interrupted tests leave by exit too. */
function purge(library: string, home: string): void {
  const script = `import { purgeServer } from ${JSON.stringify(library)};
    await purgeServer({ home: ${JSON.stringify(home)} });`;
  spawnSync(process.execPath, ["--input-type=module", "--eval", script], { stdio: "inherit" });
  rmSync(home, { recursive: true, force: true });
}

/** Makes an empty database for `work` and drops it afterwards, whatever happens, with its connections and roles. */
export async function withTestDatabase<T>(
  work: (db: TestDatabase) => Promise<T>,
  on: Promise<TestServer> = testServer(),
): Promise<T> {
  const server = await on;
  const name = randomName("t");
  const clients: Client[] = [];
  const roles: string[] = [];
  // template0: nobody is ever connected to it, which CREATE DATABASE would not stand.
  await asAdministrator(server, `CREATE DATABASE ${name} TEMPLATE template0`);
  try {
    return await work(await openDatabase(server, name, clients, roles));
  } finally {
    await Promise.allSettled(clients.map((client) => client.end()));
    const drops = roles.map((role) => `DROP ROLE IF EXISTS ${role}`);
    await asAdministrator(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`, ...drops);
  }
}

async function openDatabase(
  server: TestServer,
  name: string,
  clients: Client[],
  roles: string[],
): Promise<TestDatabase> {
  const connect = async (role?: TestRole) => {
    const client = new Client({ connectionString: role?.url ?? urlOf(server, name) });
    client.on("error", () => undefined); // a test may end its own connections: its queries tell
    clients.push(client);
    await client.connect();
    return client;
  };
  const client = await connect();
  const createRole = async (attributes = "") => {
    const role = { name: randomName("r"), password: randomBytes(12).toString("hex") };
    roles.push(role.name);
    await client.query(`CREATE ROLE ${role.name} LOGIN PASSWORD '${role.password}' ${attributes}`);
    return { ...role, url: urlOf({ ...server, user: role.name, password: role.password }, name) };
  };
  return { name, url: urlOf(server, name), client, connect, createRole };
}

async function asAdministrator(server: TestServer, ...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: urlOf(server, "postgres") });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

function urlOf({ host, port, user, password }: TestServer, database: string): string {
  const secret = password === "" ? "" : `:${encodeURIComponent(password)}`;
  return `postgresql://${encodeURIComponent(user)}${secret}@${host}:${port}/${database}`;
}

const randomName = (prefix: string) => `${prefix}_${randomBytes(8).toString("hex")}`;
