import { escapeIdentifier } from "pg";

import type { Connection } from "../core/connection";
import { TidemarkError } from "../core/errors";
import { closeClient, connect } from "./connect";
import { sqlStateOf } from "./connection-error";
import { serverFailure } from "./sql-failure";

/** Somebody else has made it, or is making it now: then the unique index of pg_database speaks first. */
const MADE_BY_ANOTHER: ReadonlySet<string | undefined> = new Set(["42P04", "23505"]);

/** Somebody is connected to template1, which CREATE DATABASE copies. */
const TEMPLATE_IN_USE = "55006";

/** The database that every cluster has, from which others are made. */
const MAINTENANCE_DATABASE = "postgres";

/**
 * Makes the database where it does not exist.
 * @returns whether it was made now.
 * @throws TidemarkError where the role may not create databases.
 */
export async function ensureDatabase(connection: Connection): Promise<boolean> {
  if (await exists(connection)) return false;
  const client = await connect(
    { ...connection, database: MAINTENANCE_DATABASE },
    { applicationName: "tidemark" },
  );
  try {
    await client.query(`CREATE DATABASE ${escapeIdentifier(connection.database)}`);
    return true;
  } catch (error) {
    if (MADE_BY_ANOTHER.has(sqlStateOf(error))) return false;
    throw notCreated(error, connection);
  } finally {
    await closeClient(client);
  }
}

async function exists(connection: Connection): Promise<boolean> {
  try {
    const client = await connect(connection, { applicationName: "tidemark" });
    await closeClient(client);
    return true;
  } catch (error) {
    if (error instanceof TidemarkError && error.place.sqlState === "3D000") return false;
    throw error;
  }
}

function notCreated(error: unknown, connection: Connection): unknown {
  const what = `The database "${connection.database}" cannot be created`;
  const sqlState = sqlStateOf(error);
  if (sqlState !== "42501" && sqlState !== TEMPLATE_IN_USE) return serverFailure(error, what);
  const said = error instanceof Error ? error.message : String(error);
  return new TidemarkError({
    code: "DB_CONNECTION",
    class: sqlState === TEMPLATE_IN_USE ? "temporary" : "usage",
    message: `${what}: ${said}.`,
    remedy:
      sqlState === TEMPLATE_IN_USE
        ? "Try again when nobody is connected to template1."
        : `Let an administrator create it, or grant the role CREATEDB: ALTER ROLE "${connection.user ?? ""}" CREATEDB.`,
    sqlState,
    cause: error,
  });
}
