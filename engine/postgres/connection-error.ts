import { type Connection, describeConnection } from "../core/connection";
import { type ErrorClass, TidemarkError } from "../core/errors";
import { networkError } from "../core/network-error";

/** PostgreSQL's SQLSTATE of an error from the server; undefined for any other error. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string")
    return undefined;
  return /^[0-9A-Z]{5}$/.test(error.code) && "severity" in error ? error.code : undefined;
}

/** A connection that was open has come to nothing without anybody's word; the message says how it was noticed. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
  /** As the operating system says it. */
  readonly code = "ETIMEDOUT";
}

/**
 * What a failed query means whose connection has failed as `reason` says: the driver itself says of a later query only
 * that there is no connection.
 */
export function lostConnection(error: unknown, reason: Error, connection: Connection): unknown {
  if (sqlStateOf(error) !== undefined || error instanceof TidemarkError) return error;
  if (reason instanceof ConnectionLost || sqlStateOf(reason) !== undefined) return reason;
  const { code, said, reason: inWords } = networkError(reason);
  if (code === "") return error;
  // Node's own text says no more than the code; that of a tunnel says where it broke.
  const words = /^\w+ E[A-Z]+$/.test(said) ? inWords : said.replace(/^Connection terminated: /, "");
  const where = `${connection.host}:${connection.port}`;
  return new ConnectionLost(`The connection to ${where} was lost: ${words}`, { cause: reason });
}

interface Verdict {
  readonly class: ErrorClass;
  readonly message: string;
  readonly remedy: string;
}

/** What a failed connection attempt means to the user. */
export function connectionError(error: unknown, connection: Connection): TidemarkError {
  if (error instanceof TidemarkError) return error;
  const verdict = fromServer(error, connection) ?? fromNetwork(error, connection);
  return new TidemarkError({
    code: "DB_CONNECTION",
    ...verdict,
    sqlState: sqlStateOf(error),
    cause: error,
  });
}

function fromServer(error: unknown, connection: Connection): Verdict | undefined {
  const where = describeConnection(connection);
  const user = connection.user ?? "";
  const said = error instanceof Error ? error.message : String(error);
  switch (sqlStateOf(error)) {
    case undefined:
      return undefined;
    case "28P01":
    case "28000":
      return {
        class: "usage",
        message: `${where} refused the login of "${user}": ${said}.`,
        remedy:
          "Check user and password. In a URL, percent-encode special characters of the password, or give user and password apart.",
      };
    case "3D000":
      return {
        class: "usage",
        message: `The database "${connection.database}" does not exist on ${connection.host}:${connection.port}.`,
        remedy:
          "Create it, correct its name, or let the stack create it: databases.<name>.createDatabase: true.",
      };
    case "42704":
    case "22023":
    case "55P02":
      return badSetting(where, said);
    case "42501":
      if (said.includes("parameter")) return badSetting(where, said);
      return {
        class: "usage",
        message: `"${user}" may not connect to ${where}: ${said}.`,
        remedy: `Grant it: GRANT CONNECT ON DATABASE "${connection.database}" TO "${user}".`,
      };
    default:
      return {
        class: "temporary",
        message: `${where} does not accept connections: ${said}.`,
        remedy: "Try again when the server is ready.",
      };
  }
}

/** Of `options` or `search_path` of the URL: no other setting is sent along. */
function badSetting(where: string, said: string): Verdict {
  return {
    class: "usage",
    message: `${where} does not take a setting that the session is to begin with: ${said}.`,
    remedy: "Correct options or search_path in the database URL.",
  };
}

function fromNetwork(error: unknown, connection: Connection): Verdict {
  const where = `${connection.host}:${connection.port}`;
  const { code, said, reason } = networkError(error);
  if (/password must be a (non-empty )?string|no password/i.test(said)) {
    return {
      class: "usage",
      message: `${where} asks for a password and none was given.`,
      remedy: "Give it in FLYWAY_PASSWORD, in the URL, or in the stack's server.password.",
    };
  }
  if (/SSL|certificate|self.signed|altnames/i.test(`${said} ${code}`)) {
    return {
      class: "usage",
      message: `No TLS connection to ${where}: ${said}.`,
      remedy: "Check sslmode (disable, prefer, require, verify-ca, verify-full) and sslrootcert.",
    };
  }
  return {
    class: "temporary",
    message: `Cannot reach ${where}: ${reason}.`,
    remedy:
      "Check host and port, that the server runs, and that this machine may reach it; then try again.",
  };
}
