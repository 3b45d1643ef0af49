import { connectionParameters, type GivenConnection } from "../../core/connection";
import { configurationError } from "../read-setting";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What of libpq's variables is followed, and the parameter that each stands for. */
const PARAMETERS: Readonly<Record<string, string>> = {
  PGHOST: "host",
  PGPORT: "port",
  PGDATABASE: "dbname",
  PGUSER: "user",
  PGPASSWORD: "password",
  PGSSLMODE: "sslmode",
  PGSSLROOTCERT: "sslrootcert",
  PGAPPNAME: "application_name",
  PGCONNECT_TIMEOUT: "connect_timeout",
  PGOPTIONS: "options",
};

/** Session settings that libpq asks for when it connects. */
const SESSION: Readonly<Record<string, string>> = {
  PGDATESTYLE: "datestyle",
  PGTZ: "timezone",
  PGGEQO: "geqo",
};

/**
 * What asks for something that is not done here, and the values that ask for nothing. To pass over it in silence would
 * connect elsewhere, or less safely than was wanted. All others of libpq's variables change nothing of a run.
 */
const REFUSED: Readonly<Record<string, RegExp>> = {
  PGHOSTADDR: /^$/,
  PGSSLCERT: /^$/,
  PGSSLKEY: /^$/,
  PGSSLCRL: /^$/,
  PGSSLCRLDIR: /^$/,
  PGSSLCERTMODE: /^(?:allow|disable)?$/,
  PGSSLNEGOTIATION: /^(?:postgres)?$/,
  PGSSLMINPROTOCOLVERSION: /^(?:TLSv1(?:\.[012])?)?$/i,
  PGSSLMAXPROTOCOLVERSION: /^(?:TLSv1\.3)?$/i,
  PGGSSENCMODE: /^(?:disable|prefer)?$/,
  PGCHANNELBINDING: /^(?:disable|prefer)?$/,
  PGREQUIREAUTH: /^$/,
  PGREQUIREPEER: /^$/,
  PGREQUIRESSL: /^0?$/,
  PGTARGETSESSIONATTRS: /^(?:any|read-write|primary|prefer-standby)?$/,
};

/** Whether libpq's variables name a database, so that no URL is needed. */
export function namesTarget(env: Environment): boolean {
  return ["PGHOST", "PGDATABASE", "PGSERVICE"].some((name) => Boolean(env[name]));
}

/**
 * The connection that libpq's variables describe; an empty variable is as good as none.
 * @throws TidemarkError (CONFIGURATION) that names the variable, and never quotes a password.
 */
export function readLibpqVariables(env: Environment): GivenConnection {
  for (const [name, harmless] of Object.entries(REFUSED))
    if (!harmless.test(env[name] ?? ""))
      throw configurationError(
        `The variable ${name} is set, and what it asks for is not supported.`,
        `Unset it if the run does not depend on it: env -u ${name} tidemark ….`,
      );
  const parts = Object.entries(PARAMETERS).map(([name, parameter]) => {
    const value = env[name];
    if (!value) return {};
    const refuse = (what: string, remedy: string): Error =>
      configurationError(`The variable ${name} cannot be used: ${what}.`, remedy);
    return connectionParameters([[parameter, value]], refuse);
  });
  return Object.assign({}, ...parts) as GivenConnection;
}

/** Settings that libpq gives to every session, whatever the URL says. */
export function sessionVariables(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(SESSION).flatMap(([name, setting]) => {
      const value = env[name];
      return value ? [[setting, value]] : [];
    }),
  );
}
