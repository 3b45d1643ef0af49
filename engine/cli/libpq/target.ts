import { homedir, userInfo } from "node:os";

import {
  completeConnection,
  type Connection,
  type GivenConnection,
  readConnectionUrl,
} from "../../core/connection";
import { passwordFromFile } from "./password-file";
import { readService } from "./service-file";
import { type Environment, readLibpqVariables, sessionVariables } from "./variables";

/** What settings of the command's own say; they win over all else. */
export interface Credentials {
  readonly user?: string;
  readonly password?: string;
}

export interface Target {
  readonly connection: Connection;
  /** What a URL, a service or PGAPPNAME calls the program. */
  readonly applicationName?: string;
  /** On a password file that is not used. */
  readonly warnings: readonly string[];
  /** Every password that was read, also where another one wins. */
  readonly passwords: readonly string[];
}

/**
 * Where to connect to, with libpq's precedence: the command's own user and password, the URL, its service, libpq's
 * variables, the password file, defaults.
 * @param url undefined: libpq's variables say it
 * @throws TidemarkError (CONFIGURATION) that names what cannot be used, and never quotes a password.
 */
export function connectionTarget(
  url: string | undefined,
  credentials: Credentials,
  env: Environment,
): Target {
  const given = url === undefined ? {} : readConnectionUrl(url);
  const variables = readLibpqVariables(env);
  const home = env.HOME || homedir();
  const name = given.service ?? (env.PGSERVICE || undefined);
  const service = name === undefined ? {} : readService(name, env, home);
  const merged = merge(variables, service, given, credentials);
  const user = merged.user || systemUser();
  const { applicationName, ...known } = merged;
  const defaults = { ...known.defaults, ...sessionVariables(env) };
  const connection = completeConnection({
    ...known,
    user,
    ...(Object.keys(defaults).length > 0 && { defaults }),
  });
  const sources = [credentials, given, service, variables];
  const rest = {
    ...(applicationName !== undefined && { applicationName }),
    passwords: sources.flatMap(({ password }) => (password === undefined ? [] : [password])),
  };
  if (connection.password) return { connection, ...rest, warnings: [] };
  const { password, warning } = passwordFromFile({ ...connection, user }, env, home);
  return {
    connection: password === undefined ? connection : { ...connection, password },
    ...rest,
    passwords: password === undefined ? rest.passwords : [...rest.passwords, password],
    warnings: warning === undefined ? [] : [warning],
  };
}

/** The later one wins where it says something. */
function merge(...sources: readonly GivenConnection[]): GivenConnection {
  const entries = sources.flatMap((source) => Object.entries(source));
  return Object.fromEntries(
    entries.filter(([key, value]) => key !== "service" && value !== undefined && value !== ""),
  );
}

/** As libpq: who runs the process. A container's number may have no name. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}
