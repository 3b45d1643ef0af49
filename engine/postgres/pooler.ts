import type { Client } from "pg";

import type { Connection } from "../core/connection";
import { TidemarkError } from "../core/errors";
import { closeClient, connect } from "./connect";
import { sqlStateOf } from "./connection-error";

/** How often two connections are compared: a pool hands out its connections in turn, or the last one first. */
const ROUNDS = 20;

/** Milliseconds that the rival may wait for a server connection: a pool in session mode may have no other one. */
const RIVAL_PATIENCE = 2000;

/**
 * Makes sure that all we say goes to one server process, and nobody else's. A direct connection (or a tunnel) has the
 * process that it was announced at its begin; a pooler announces numbers of its own, and is then put to the test:
 * between two statements of ours, does another client get our server process, or do we get another one?
 * Costs one round trip on a direct connection. Through a pool in session mode, `search_path` of the URL is set here,
 * since poolers refuse or ignore it in the startup packet.
 * @returns the server process that serves this client.
 * @throws TidemarkError (usage) where the pooler does not keep it for us: the migration lock would exclude nobody, and
 *   what we set would change the sessions of others.
 */
export async function refuseTransactionPooler(
  client: Client,
  connection: Connection,
): Promise<number> {
  const pid = await pidOf(client);
  if (pid === (client as Client & { readonly processID: number }).processID) return pid;
  if (await isShared(client, connection, pid)) throw transactionPooler(connection);
  if (connection.searchPath)
    await client.query("SELECT pg_catalog.set_config('search_path', $1, false)", [
      connection.searchPath,
    ]);
  return pid;
}

async function isShared(client: Client, connection: Connection, pid: number): Promise<boolean> {
  // A setting makes proxies that share by default (RDS Proxy) keep the server process for us; the name is nobody's.
  await client.query("SELECT pg_catalog.set_config('tidemark.session', 'kept', false)");
  const rival = await openRival(connection);
  let other: number | "refused" | undefined = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      // Once it has waited in vain, only our own process can still be seen to change.
      other = rival && other !== undefined ? await occupy(rival) : undefined;
      if (other === pid || other === "refused" || (await pidOf(client)) !== pid) return true;
    }
    await client.query("SELECT pg_catalog.set_config('tidemark.session', '', false)");
    return false;
  } finally {
    if (rival) await closeClient(rival);
  }
}

/** Undefined: the pooler takes no other client now. */
async function openRival(connection: Connection): Promise<Client | undefined> {
  const options = { applicationName: "tidemark (pooler check)", connectTimeout: RIVAL_PATIENCE };
  return connect(connection, options).catch(() => undefined);
}

/**
 * Takes a server process for a transaction of the rival's.
 * @returns which one; undefined: there was none; "refused": the pooler has no transactions (statement mode).
 */
async function occupy(rival: Client): Promise<number | "refused" | undefined> {
  try {
    return await within(RIVAL_PATIENCE, async () => {
      await rival.query("ROLLBACK");
      await rival.query("BEGIN");
      return pidOf(rival);
    });
  } catch (error) {
    return sqlStateOf(error) === "08P01" ? "refused" : undefined;
  }
}

async function pidOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_catalog.pg_backend_pid() AS pid");
  return rows[0]?.pid ?? 0;
}

async function within<T>(ms: number, work: () => Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  const working = work();
  working.catch(() => undefined);
  try {
    return await Promise.race([working, late]);
  } finally {
    clearTimeout(timer);
  }
}

function transactionPooler({ host, port, database }: Connection): TidemarkError {
  return new TidemarkError({
    code: "DB_CONNECTION",
    class: "usage",
    message: `${host}:${port}/${database} is a connection pooler that gives each transaction, or statement, another server connection (transaction or statement pooling). Through it the migration lock excludes nobody, and settings leak into the sessions of others.`,
    remedy:
      "Connect to the PostgreSQL server itself (often port 5432), or to a pool in session mode: PgBouncer's pool_mode=session for this database or user, Supavisor's port 5432 in place of 6543, Azure's port 5432 in place of 6432.",
  });
}
