import type { Client } from "pg";

/** @returns the pid of another session of this database whose query is LIKE `query`, once there is one */
export async function waitForBackend(
  client: Client,
  query: string,
  applicationName = "tidemark",
): Promise<number> {
  for (;;) {
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
         AND application_name = $2 AND query LIKE $1`,
      [query, applicationName],
    );
    if (rows[0]) return rows[0].pid;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function terminate(client: Client, pid: number): Promise<void> {
  await client.query("SELECT pg_terminate_backend($1)", [pid]);
}

/** @returns how many other sessions of this database have this application name */
export async function backendsOf(client: Client, applicationName: string): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = $1`,
    [applicationName],
  );
  return rows[0]?.n ?? 0;
}
