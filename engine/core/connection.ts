import { TidemarkError } from "./errors";
import { readStartupOptions, type SessionDefaults } from "./startup-options";

const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;

export type SslMode = (typeof SSL_MODES)[number];

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
  /** What a session begins with besides; the search path above wins over one in here. */
  readonly defaults?: SessionDefaults;
  /** Opens the way to the server where it is not a socket of its own: a tunnel. TLS goes through it, to the host above. */
  readonly stream?: () => NodeJS.ReadWriteStream;
}

/** What a URL, a service or libpq's variables say of a connection; the rest is for others to say. */
export type GivenConnection = { -readonly [K in keyof Connection]?: Connection[K] } & {
  /** A service of pg_service.conf that says more. */
  service?: string;
  applicationName?: string;
};

/** The same without the password: for messages. */
export function describeConnection({ host, port, database }: Connection): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}/${database}`;
}

const PARAMETERS =
  "user, password, host, port, dbname, service, sslmode, sslrootcert, connect_timeout, search_path, keepalives_idle, tcp_user_timeout, options, application_name";

/**
 * The connection that a URL describes by itself.
 * @throws TidemarkError (CONFIGURATION) that never quotes the URL, since it may hold a password.
 */
export function parseConnectionUrl(url: string): Connection {
  const given = readConnectionUrl(url);
  if (given.service !== undefined)
    throw badUrl("service is not read here", "Write out host, port and database.");
  return completeConnection(given);
}

/** What is not said has libpq's defaults, but for the host: it is localhost. */
export function completeConnection(given: GivenConnection): Connection {
  const known: GivenConnection = { ...given };
  delete known.service;
  delete known.applicationName;
  return {
    sslmode: "prefer",
    ...known,
    host: known.host || "localhost",
    port: known.port ?? 5432,
    database: known.database || (known.user ?? ""),
  };
}

/**
 * Reads `postgresql://`, `postgres://` and `jdbc:postgresql://` URLs, with or without credentials.
 * Passwords may hold any character: what follows the first `:` of the user part up to the last `@` before the host is
 * taken, percent-decoded where it is valid percent-encoding.
 * @throws TidemarkError (CONFIGURATION) that never quotes the URL, since it may hold a password.
 */
export function readConnectionUrl(url: string): GivenConnection {
  const [scheme, jdbc] = /^(jdbc:)?postgres(?:ql)?:\/\//.exec(url) ?? [];
  if (scheme === undefined) {
    throw badUrl(
      "it does not begin with postgresql://, postgres:// or jdbc:postgresql://",
      "Write postgresql://user:password@host:5432/database, or give user and password apart from it.",
    );
  }
  const text = url.slice(scheme.length);
  const at = credentialsEnd(text);
  const { query, ...address } = splitAddress(text.slice(at + 1));
  const { host, port, database, ...parameters } = readParameters(query, jdbc !== undefined);
  return {
    ...parameters,
    ...(at >= 0 && readCredentials(text.slice(0, at))),
    ...address,
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(database !== undefined && { database }),
  };
}

const HOST = String.raw`(?:\[[^\]@]*\]|[^:/?#@]*)(?::\d+)?`;
const PATH = String.raw`\/[^/?#@]*`;
/** An address that a parameter of ours follows: whatever stands before it. */
const KNOWN = `${HOST}(?:${PATH})?\\?(?:${PARAMETERS.replaceAll(", ", "|")}|ssl\\w*|connectTimeout|currentSchema|ApplicationName)=`;
/** No credentials: an address with its database and any parameter, whose value may hold an `@`; or one of ours. */
const BARE = new RegExp(`^(?:${HOST}${PATH}(?:\\?[A-Za-z][\\w.]*=|$)|${KNOWN})`);
/** Each try ends at the next `@`, so that the time is linear. */
const BEFORE_ADDRESS = new RegExp(`@(?=${KNOWN})`);

/** Where the `@` behind the credentials is: a raw `/`, `?`, `#` or `@` of a password is told apart by what follows. */
function credentialsEnd(text: string): number {
  if (BARE.test(text)) return -1;
  const known = text.search(BEFORE_ADDRESS);
  return known >= 0 ? known : text.lastIndexOf("@");
}

function readCredentials(text: string): { user: string; password?: string } {
  const colon = text.indexOf(":");
  if (colon < 0) return { user: decode(text) };
  return { user: decode(text.slice(0, colon)), password: decode(text.slice(colon + 1)) };
}

function splitAddress(text: string): {
  host?: string;
  port?: number;
  database?: string;
  query: string;
} {
  const match = /^(\[[^\]]*\]|[^:/?#]*)(?::([^/?#]*))?(?:\/([^?#]*))?(?:\?(.*))?$/s.exec(text);
  if (!match) {
    throw badUrl(
      "the part behind the scheme is not host:port/database",
      "Percent-encode special characters of the password (@ is %40, / is %2F, # is %23), or give user and password apart.",
    );
  }
  const [, host = "", portText = "", database = "", query = ""] = match;
  if (host.includes(",")) {
    throw badUrl("it names several hosts", ONE_HOST);
  }
  const bare = host.startsWith("[") ? host.slice(1, -1) : decode(host);
  return {
    ...(bare !== "" && { host: bare }),
    ...(portText !== "" && { port: readPort(portText, badUrl, PORT_OF_AN_URL) }),
    ...(database !== "" && { database: decode(database) }),
    query,
  };
}

function readPort(text: string, refuse: Refuse, remedy: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port > 0 && port < 65536) return port;
  throw refuse("the port is not a number from 1 to 65535", remedy);
}

const PORT_OF_AN_URL =
  "If the password holds a special character, percent-encode it (@ is %40, : is %3A, / is %2F), or give user and password apart.";

function readParameters(query: string, isJdbc: boolean): GivenConnection {
  const parameters: GivenConnection = {};
  for (const pair of query.split("&").filter((p) => p !== "")) {
    const [, name = "", value = ""] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
    // JDBC's driver takes a + for a blank; in a password that is most likely not meant.
    const isForm = isJdbc && name === "options";
    const text = decode(isForm ? value.replaceAll("+", " ") : value);
    readParameter(parameters, decode(name), text, { isJdbc, refuse: badUrl });
  }
  return parameters;
}

/** Makes the error for what cannot be used; it is never given a value that may be secret. */
export type Refuse = (what: string, remedy: string) => Error;

/**
 * The same parameters by libpq's names, as a service file and libpq's variables have them.
 * @throws what `refuse` makes of a name that is not supported, or a value that cannot be meant.
 */
export function connectionParameters(
  entries: readonly (readonly [string, string])[],
  refuse: Refuse,
): GivenConnection {
  const parameters: GivenConnection = {};
  for (const [name, value] of entries)
    readParameter(parameters, name, value, { isJdbc: false, refuse });
  return parameters;
}

interface Manner {
  readonly isJdbc: boolean;
  readonly refuse: Refuse;
}

function readParameter(
  parameters: GivenConnection,
  name: string,
  value: string,
  manner: Manner,
): void {
  const { isJdbc, refuse } = manner;
  switch (name) {
    case "user":
    case "password":
    case "sslrootcert":
      parameters[name] = value;
      return;
    case "sslmode":
      parameters.sslmode = readSslMode(value, refuse);
      return;
    case "ssl":
      if (value !== "false") parameters.sslmode ??= isJdbc ? "verify-full" : "require";
      return;
    case "connect_timeout":
    case "connectTimeout":
      parameters.connectTimeout = Number(value) * 1000 || undefined;
      return;
    case "keepalives_idle":
      parameters.keepalivesIdle = readPositive(name, value, refuse);
      return;
    case "tcp_user_timeout":
      parameters.tcpUserTimeout = readPositive(name, value, refuse);
      return;
    case "currentSchema":
    case "search_path":
      parameters.searchPath = value;
      return;
    case "options":
      parameters.defaults = readStartupOptions(value, (what) => refuse(what, OPTIONS_REMEDY));
      return;
    case "application_name":
    case "ApplicationName":
      parameters.applicationName = value;
      return;
    default:
      if (isJdbc) return; // the driver has dozens that mean nothing outside Java
      readAddressParameter(parameters, name, value, refuse);
  }
}

function readAddressParameter(
  parameters: GivenConnection,
  name: string,
  value: string,
  refuse: Refuse,
): void {
  switch (name) {
    case "host":
      if (value.includes(",")) throw refuse("it names several hosts", ONE_HOST);
      parameters.host = value;
      return;
    case "port":
      parameters.port = readPort(value, refuse, "Correct it.");
      return;
    case "dbname":
      parameters.database = value;
      return;
    case "service":
      parameters.service = value;
      return;
    default:
      throw refuse(`the parameter "${name}" is not supported`, `Supported: ${PARAMETERS}.`);
  }
}

const ONE_HOST = "Name the one host that accepts writes.";

const OPTIONS_REMEDY =
  "Write options=-c name=value, percent-encoded (a blank is %20, = is %3D), with settings that a session may change.";

/** 0 is libpq's word for the default. */
function readPositive(name: string, value: string, refuse: Refuse): number | undefined {
  if (/^\d{1,9}$/.test(value)) return Number(value) || undefined;
  throw refuse(`${name} "${value}" is no number`, "Write a whole number; 0 is the default.");
}

/** @throws TidemarkError (CONFIGURATION) for a word that is no sslmode of libpq. */
export function readSslMode(value: string, refuse: Refuse = badUrl): SslMode {
  const mode = SSL_MODES.find((known) => known === value);
  if (mode !== undefined) return mode;
  throw refuse(`sslmode "${value}" is unknown`, `Use one of ${SSL_MODES.join(", ")}.`);
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
