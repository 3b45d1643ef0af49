import type { Client } from "pg";

import type { Connection } from "../core/connection";
import { sqlStateOf } from "./connection-error";

/** How long it may take until a connection that is gone without a word is taken for lost. */
export interface Patience {
  /** Seconds without traffic until TCP asks whether the other side is there: libpq's `keepalives_idle`. */
  readonly keepalivesIdle: number;
  /** Milliseconds for which the other side may leave what was sent without an answer: libpq's `tcp_user_timeout`. */
  readonly tcpUserTimeout: number;
}

/** Load balancers forget a connection after four minutes (Azure) to six (AWS) without traffic. */
const KEEPALIVES_IDLE = 60;
const TCP_USER_TIMEOUT = 180_000;

export function patienceOf(connection: Connection): Patience {
  return {
    keepalivesIdle: connection.keepalivesIdle ?? KEEPALIVES_IDLE,
    tcpUserTimeout: connection.tcpUserTimeout ?? TCP_USER_TIMEOUT,
  };
}

/** Milliseconds. PostgreSQL 14 and newer look this often, in the middle of a statement, whether the client hung up. */
const CHECK_INTERVAL = { client_connection_check_interval: 2000 };

/** How many questions of TCP may stay without an answer. */
const PROBES = 6;

/** PostgreSQL's settings of a session, in their base units; what the server has that is stricter stays. */
function serverSettings({ keepalivesIdle, tcpUserTimeout }: Patience): Record<string, number> {
  return {
    tcp_keepalives_idle: keepalivesIdle,
    tcp_keepalives_interval: Math.max(1, Math.round(keepalivesIdle / PROBES)),
    tcp_keepalives_count: PROBES,
    tcp_user_timeout: tcpUserTimeout,
  };
}

/** Settings that the server does not know (an older one) are left out: it has no row for them. 0 is the system's own. */
const APPLY = `SELECT pg_catalog.set_config(s.name, v.value::text, false)
  FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::int[])) AS v(name, value)
  JOIN pg_catalog.pg_settings s ON s.name = v.name
  WHERE CASE WHEN s.vartype = 'integer' THEN s.setting::int = 0 OR s.setting::int > v.value END`;

/**
 * Asks the server to notice when this client is gone: it would go on with a long statement and keep its locks, since it
 * notices only when it has something to say. Plain SQL, for databases without plpgsql. A server whose system has no way
 * to look notices as late as before.
 */
export async function noticeLostClient(client: Client, patience: Patience): Promise<void> {
  await apply(client, serverSettings(patience));
  await apply(client, CHECK_INTERVAL); // apart, since a system that cannot look refuses the value
}

async function apply(client: Client, settings: Record<string, number>): Promise<void> {
  try {
    await client.query(APPLY, [Object.keys(settings), Object.values(settings)]);
  } catch (error) {
    if (sqlStateOf(error) !== INVALID_PARAMETER_VALUE) throw error;
  }
}

const INVALID_PARAMETER_VALUE = "22023";
