import { TidemarkError } from "./errors";

export type SslMode = "disable" | "allow" | "prefer" | "require" | "verify-ca" | "verify-full";

const SSL_MODES: readonly string[] = [
  "disable",
  "allow",
  "prefer",
  "require",
  "verify-ca",
  "verify-full",
];

/** How to reach one database. The password is kept apart from whatever may be printed. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user?: string;
  readonly password?: string;
  readonly sslmode: SslMode;
  readonly sslrootcert?: string;
  /** Milliseconds. */
  readonly connectTimeout?: number;
  readonly searchPath?: string;
  /** Seconds without traffic until TCP asks whether the other side is there; libpq's name. */
  readonly keepalivesIdle?: number;
  /** Milliseconds for which the other side may leave what was sent without an answer; libpq's name. */
  readonly tcpUserTimeout?: number;
  /** Opens the way to the server where it is not a socket of its own: a tunnel. TLS goes through it, to the host above. */
  readonly stream?: () => NodeJS.ReadWriteStream;
}

/** The same without the password: for messages. */
export function describeConnection(connection: Connection): string {
  const { host, port, database } = connection;
  return `${host.includes(":") ? `[${host}]` : host}:${port}/${database}`;
}

/**
 * Reads `postgresql://`, `postgres://` and `jdbc:postgresql://` URLs, with or without credentials.
 * Passwords may hold any character: what follows the first `:` of the user part up to the last `@` before the host is
 * taken, percent-decoded where it is valid percent-encoding.
 * @throws TidemarkError (CONFIGURATION) that never quotes the URL, since it may hold a password.
 */
export function parseConnectionUrl(url: string): Connection {
  const isJdbc = url.startsWith("jdbc:");
  const scheme = /^(?:jdbc:)?postgres(?:ql)?:\/\//.exec(url);
  if (!scheme) {
    throw badUrl(
      "it does not begin with postgresql://, postgres:// or jdbc:postgresql://",
      "Write postgresql://user:password@host:5432/database, or give user and password apart from it.",
    );
  }
  const { credentials, rest } = splitCredentials(url.slice(scheme[0].length));
  const { host, port, database, query } = splitAddress(rest);
  const parameters = readParameters(query, isJdbc);
  const user = credentials.user ?? parameters.user;
  return {
    host,
    port,
    database: database === "" ? (user ?? "") : database,
    user,
    password: credentials.password ?? parameters.password,
    sslmode: parameters.sslmode ?? "prefer",
    sslrootcert: parameters.sslrootcert,
    connectTimeout: parameters.connectTimeout,
    searchPath: parameters.searchPath,
    keepalivesIdle: parameters.keepalivesIdle,
    tcpUserTimeout: parameters.tcpUserTimeout,
  };
}

interface Credentials {
  user?: string;
  password?: string;
}

function splitCredentials(text: string): { credentials: Credentials; rest: string } {
  // A password with a raw `/`, `?` or `#` can only be told from the rest by the last `@` before the parameters.
  const at = text.slice(0, queryStart(text)).lastIndexOf("@");
  if (at < 0) return { credentials: {}, rest: text };
  const userPart = text.slice(0, at);
  const colon = userPart.indexOf(":");
  const credentials: Credentials =
    colon < 0
      ? { user: decode(userPart) }
      : { user: decode(userPart.slice(0, colon)), password: decode(userPart.slice(colon + 1)) };
  return { credentials, rest: text.slice(at + 1) };
}

const KNOWN_PARAMETER =
  /\?(?=(?:user|password|ssl\w*|connect_?[tT]imeout|currentSchema|search_path|application_name|ApplicationName)=)/g;
const ADDRESS = /^(?:.*@)?(?:\[[^\]]*\]|[^:/?#@]*)(?::\d+)?(?:\/[^/?#@]*)?$/s;

const ANY_PARAMETER = /\?(?=[A-Za-z][\w.]*=)/;
const BARE_ADDRESS = /^(?:\[[^\]]*\]|[^:/?#@]*)(?::\d+)?\/[^/?#@]*$/s;

/** Where the parameters begin: the first behind a bare address, or the first known one behind credentials and address. */
function queryStart(text: string): number {
  const first = ANY_PARAMETER.exec(text)?.index;
  if (first !== undefined && BARE_ADDRESS.test(text.slice(0, first))) return first;
  for (const match of text.matchAll(KNOWN_PARAMETER)) {
    if (ADDRESS.test(text.slice(0, match.index))) return match.index;
  }
  return /\?[A-Za-z]+=[^@]*$/.exec(text)?.index ?? text.length;
}

function splitAddress(text: string): {
  host: string;
  port: number;
  database: string;
  query: string;
} {
  const match = /^(\[[^\]]*\]|[^:/?#]*)(?::([^/?#]*))?(?:\/([^?#]*))?(?:\?(.*))?$/s.exec(text);
  if (!match) {
    throw badUrl(
      "the part behind the scheme is not host:port/database",
      "Percent-encode special characters of the password (@ is %40, / is %2F, # is %23), or give user and password apart.",
    );
  }
  const [, host = "", portText, database = "", query = ""] = match;
  if (host.includes(",")) {
    throw badUrl("it names several hosts", "Name the one host that accepts writes.");
  }
  return {
    host: stripBrackets(host) || "localhost",
    port: readPort(portText),
    database: decode(database),
    query,
  };
}

function stripBrackets(host: string): string {
  return host.startsWith("[") ? host.slice(1, -1) : decode(host);
}

function readPort(text: string | undefined): number {
  if (text === undefined || text === "") return 5432;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port > 0 && port < 65536) return port;
  throw badUrl(
    "the port is not a number from 1 to 65535",
    "If the password holds a special character, percent-encode it (@ is %40, : is %3A, / is %2F), or give user and password apart.",
  );
}

interface Parameters extends Credentials {
  sslmode?: SslMode;
  sslrootcert?: string;
  connectTimeout?: number;
  searchPath?: string;
  keepalivesIdle?: number;
  tcpUserTimeout?: number;
}

function readParameters(query: string, isJdbc: boolean): Parameters {
  const parameters: Parameters = {};
  for (const pair of query.split("&").filter((p) => p !== "")) {
    const equals = pair.indexOf("=");
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? "" : decode(pair.slice(equals + 1));
    readParameter(parameters, name, value, isJdbc);
  }
  return parameters;
}

function readParameter(parameters: Parameters, name: string, value: string, isJdbc: boolean): void {
  switch (name) {
    case "user":
    case "password":
    case "sslrootcert":
      parameters[name] = value;
      return;
    case "sslmode":
      parameters.sslmode = readSslMode(value);
      return;
    case "ssl":
      if (value !== "false") parameters.sslmode ??= isJdbc ? "verify-full" : "require";
      return;
    case "connect_timeout":
    case "connectTimeout":
      parameters.connectTimeout = Number(value) * 1000 || undefined;
      return;
    case "keepalives_idle":
      parameters.keepalivesIdle = readPositive(name, value);
      return;
    case "tcp_user_timeout":
      parameters.tcpUserTimeout = readPositive(name, value);
      return;
    case "currentSchema":
    case "search_path":
      parameters.searchPath = value;
      return;
    case "application_name":
    case "ApplicationName":
      return; // ours says who holds the lock
    default:
      if (isJdbc) return; // the driver has dozens that mean nothing outside Java
      throw badUrl(
        `the parameter "${name}" is not supported`,
        "Supported: user, password, sslmode, sslrootcert, connect_timeout, search_path, keepalives_idle, tcp_user_timeout.",
      );
  }
}

/** 0 is libpq's word for the default. */
function readPositive(name: string, value: string): number | undefined {
  if (/^\d{1,9}$/.test(value)) return Number(value) || undefined;
  throw badUrl(`${name} "${value}" is no number`, "Write a whole number; 0 is the default.");
}

/** @throws TidemarkError (CONFIGURATION) for a word that is no sslmode of libpq. */
export function readSslMode(value: string): SslMode {
  if (SSL_MODES.includes(value)) return value as SslMode;
  throw badUrl(`sslmode "${value}" is unknown`, `Use one of ${SSL_MODES.join(", ")}.`);
}

/** Percent-decodes what is valid; a raw % of a password that was not encoded stays as it is. */
function decode(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escaped) => {
    try {
      return decodeURIComponent(escaped);
    } catch {
      return escaped;
    }
  });
}

function badUrl(what: string, remedy: string): TidemarkError {
  return new TidemarkError({
    code: "CONFIGURATION",
    class: "usage",
    message: `The database URL cannot be read: ${what}.`,
    remedy,
  });
}
