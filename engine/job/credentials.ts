import { resolve } from "node:path";

import { type Connection, parseConnectionUrl, readSslMode } from "../core/connection";
import { TidemarkError } from "../core/errors";
import { secretsOfOptions } from "../core/secrets";
import type { SecretOptions } from "../options/options";
import { secretOptionsSchema } from "../options/schemas";
import type { JobDatabase } from "./spec";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the pod's environment adds to the spec of one database. */
export interface Credentials {
  readonly connection: Connection;
  readonly options: SecretOptions;
}

/**
 * Every text of the environment that no message may show. Asked for before anything is read, so that a failure in
 * reading is scrubbed, too.
 */
export function secretsOf({ environment }: JobDatabase, env: Environment): string[] {
  const { url, password, secretOptions } = environment;
  const raw = [url, password, secretOptions].map((name) => (name ? env[name] : undefined));
  const options = secretOptions ? textsIn(env[secretOptions]) : [];
  return [...raw, passwordIn(env[url]), ...options].filter(isThere);
}

const isThere = (text: string | undefined): text is string => text !== undefined;

function passwordIn(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  try {
    return parseConnectionUrl(url).password;
  } catch {
    return undefined; // said when the URL is used, without quoting it
  }
}

function textsIn(json: string | undefined): string[] {
  try {
    return secretsOfOptions(secretOptionsSchema.parse(JSON.parse(json ?? "")));
  } catch {
    return [];
  }
}

/**
 * The connection and the secret options of one database.
 * @param folder where job.json lies, and certificates beside it
 * @throws TidemarkError (CONFIGURATION) that names the variable that is missing or cannot be read.
 */
export function readCredentials(
  database: JobDatabase,
  env: Environment,
  folder: string,
): Credentials {
  const { environment, sslmode, sslrootcert } = database;
  const variable = (name: string): string => {
    const value = env[name];
    if (value !== undefined && value !== "") return value;
    throw unusable(name, "is not set");
  };
  const url = parseConnectionUrl(variable(environment.url).trim());
  return {
    connection: {
      ...url,
      user: environment.user ? variable(environment.user) : url.user,
      password: environment.password ? variable(environment.password) : url.password,
      sslmode: readSslMode(sslmode),
      sslrootcert: sslrootcert === undefined ? url.sslrootcert : resolve(folder, sslrootcert),
    },
    options: environment.secretOptions
      ? secretOptions(environment.secretOptions, variable(environment.secretOptions))
      : {},
  };
}

function secretOptions(name: string, json: string): SecretOptions {
  try {
    return secretOptionsSchema.parse(JSON.parse(json));
  } catch {
    throw unusable(name, "is not JSON with placeholders (texts by name) and initSql (a text)");
  }
}

function unusable(name: string, what: string): TidemarkError {
  return new TidemarkError({
    code: "CONFIGURATION",
    class: "usage",
    message: `The environment variable ${name} ${what}.`,
    remedy: `In the Job it comes from the key ${name} of a Secret: see that the Secret has this key, and that its ExternalSecret is synced.`,
  });
}
