import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { userInfo } from "node:os";

import { Client, type ClientConfig } from "pg";

import { type Connection, describeConnection } from "../core/connection";
import { TidemarkError } from "../core/errors";
import { writeStartupOptions } from "../core/startup-options";
import { connectionError, sqlStateOf } from "./connection-error";
import { patienceOf } from "./loss-detection";

export interface ConnectOptions {
  /** Shown in pg_stat_activity, and so to whoever waits for our lock. */
  readonly applicationName: string;
  /** Milliseconds. */
  readonly connectTimeout?: number;
  /** Stops an attempt that is under way. */
  readonly signal?: AbortSignal;
}

const DEFAULT_CONNECT_TIMEOUT = 10_000;
const NO_TLS = "The server does not support SSL connections";

/**
 * Opens one connection, and tries again where that may help, after 1, 2, 4 … seconds.
 * @throws TidemarkError of the last try.
 */
export async function connectPatiently(
  connection: Connection,
  options: ConnectOptions & {
    readonly connectRetries?: number;
    readonly connectRetriesInterval?: number;
  },
): Promise<Client> {
  const { connectRetries = 0, connectRetriesInterval = 120 } = options;
  for (let retry = 0, pause = 1; ; retry++, pause = Math.min(pause * 2, connectRetriesInterval)) {
    try {
      return await connect(connection, options);
    } catch (error) {
      const mayHelp = error instanceof TidemarkError && error.class === "temporary";
      if (!mayHelp || retry >= connectRetries) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause * 1000));
  }
}

/**
 * Opens one connection, as libpq's sslmode says. A pooler that refuses the search_path in the startup packet gets none:
 * it is set later, where it can be.
 * @throws TidemarkError that says what failed (host, login, database, TLS) and never holds the password.
 */
export async function connect(connection: Connection, options: ConnectOptions): Promise<Client> {
  try {
    return await openAsAsked(connection, options);
  } catch (error) {
    if (!connection.searchPath || !isStartupParameter(error))
      throw connectionError(error, connection);
  }
  try {
    return await openAsAsked({ ...connection, searchPath: undefined }, options);
  } catch (error) {
    throw connectionError(error, connection);
  }
}

async function openAsAsked(connection: Connection, options: ConnectOptions): Promise<Client> {
  const sslmode = connection.host.startsWith("/") ? "disable" : connection.sslmode; // as libpq: a socket needs none
  try {
    return await open(connection, options, sslmode !== "disable" && sslmode !== "allow");
  } catch (error) {
    const mayFallBack = sslmode === "prefer" && error instanceof Error && error.message === NO_TLS;
    if (!mayFallBack) throw error;
    return open(connection, options, false);
  }
}

/** PgBouncer's words (protocol violation) for a parameter that it cannot keep apart for each client. */
function isStartupParameter(error: unknown): boolean {
  return (
    sqlStateOf(error) === "08P01" &&
    error instanceof Error &&
    /startup parameter/i.test(error.message)
  );
}

/** Milliseconds that a goodbye may take. */
const GOODBYE = 1000;

/** Ends a connection; one that does not answer the goodbye is cut, since it could keep this process for minutes. */
export async function closeClient(client: Client): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, GOODBYE);
  });
  await Promise.race([client.end().catch(() => undefined), late]);
  clearTimeout(timer);
  streamOf(client).destroy();
}

/** The driver's socket, TLS or not; its published types leave it out. */
export function streamOf(client: Client): Socket {
  return (client as Client & { readonly connection: { readonly stream: Socket } }).connection
    .stream;
}

async function open(
  connection: Connection,
  options: ConnectOptions,
  tls: boolean,
): Promise<Client> {
  const client = clientOf(clientConfig(connection, options, tls));
  options.signal?.addEventListener("abort", () => streamOf(client).destroy());
  client.on("error", () => undefined); // a lost connection is reported by the query that meets it
  try {
    await client.connect();
  } catch (error) {
    // A refusal of our own (no password, no TLS) leaves the socket open, which would keep this process alive.
    void closeClient(client);
    throw error;
  }
  return client;
}

/**
 * A client that goes by its configuration alone. The driver asks the environment for what is empty (PGUSER, PGOPTIONS,
 * PGREPLICATION, PGSSLNEGOTIATION); who wants libpq's variables has put them into the connection.
 */
function clientOf(config: ClientConfig): Client {
  const client = new Client({ ...config, sslnegotiation: "postgres" });
  const { connectionParameters } = client as Client & {
    readonly connectionParameters: { options?: string; replication?: string };
  };
  connectionParameters.options = config.options;
  connectionParameters.replication = undefined;
  return client;
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}

function clientConfig(connection: Connection, options: ConnectOptions, tls: boolean): ClientConfig {
  const user = connection.user || systemUser();
  return {
    host: connection.host,
    port: connection.port,
    database: connection.database || user,
    user,
    // A function, since without a password the driver would look into the environment and ~/.pgpass for another one.
    password: () => connection.password ?? "",
    application_name: options.applicationName,
    client_encoding: "UTF8",
    connectionTimeoutMillis:
      options.connectTimeout ?? connection.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT,
    pipeline: true, // so that a script and what belongs to it can be sent in one go
    keepAlive: true, // Node asks ten times, each second, when the time is up
    keepAliveInitialDelayMillis: patienceOf(connection).keepalivesIdle * 1000,
    stream: connection.stream as ClientConfig["stream"],
    ssl: tls ? tlsOptions(connection) : false,
    options: writeStartupOptions({
      ...connection.defaults,
      ...(connection.searchPath && { search_path: connection.searchPath }),
    }),
  };
}

function tlsOptions(connection: Connection): Exclude<ClientConfig["ssl"], undefined> {
  const ca = connection.sslrootcert
    ? readRootCertificate(connection, connection.sslrootcert)
    : undefined;
  switch (connection.sslmode) {
    case "verify-full":
      return { ca, rejectUnauthorized: true };
    case "verify-ca":
      return { ca, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    default:
      return { rejectUnauthorized: false };
  }
}

function readRootCertificate(connection: Connection, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new Error(`cannot read sslrootcert ${path} for ${describeConnection(connection)}`, {
      cause,
    });
  }
}
