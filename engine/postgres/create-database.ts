import { escapeIdentifier } from "pg";

import type { Connection } from "../core/connection";
import { TidemarkError } from "../core/errors";
import { connect } from "./connect";
import { sqlStateOf } from "./connection-error";

const DUPLICATE_DATABASE = "42P04";

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
    if (sqlStateOf(error) === DUPLICATE_DATABASE) return false; // somebody else was faster
    throw notCreated(error, connection);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function exists(connection: Connection): Promise<boolean> {
  try {
    const client = await connect(connection, { applicationName: "tidemark" });
    await client.end().catch(() => undefined);
    return true;
  } catch (error) {
    if (error instanceof TidemarkError && error.place.sqlState === "3D000") return false;
    throw error;
  }
}

function notCreated(error: unknown, connection: Connection): TidemarkError {
  const said = error instanceof Error ? error.message : String(error);
  return new TidemarkError({
    code: "DB_CONNECTION",
    class: "usage",
    message: `The database "${connection.database}" cannot be created: ${said}.`,
    remedy: `Let an administrator create it, or grant the role CREATEDB: ALTER ROLE "${connection.user ?? ""}" CREATEDB.`,
    sqlState: sqlStateOf(error),
    cause: error,
  });
}
