/** What stands under which key, of the Secret of the migrations and of the services' own. */
import type { DatabaseConfig } from "../config/stack-config";
import {
  type Credentials,
  credentialVariables,
  type DatabaseAddress,
  databaseUrl,
  jdbcUrl,
  urlTemplate,
  valueTemplate,
} from "./database-url";

type KeyedDatabase = Pick<DatabaseConfig, "name" | "database" | "server" | "migrationKeys">;

const addressOf = ({ database, server }: KeyedDatabase): DatabaseAddress => ({
  host: server.host,
  port: server.port,
  database,
});

/** Key → template, for one database of the Secret of the migrations. */
export function migrationTemplates(config: KeyedDatabase): Record<string, string> {
  const variables = credentialVariables(config.name);
  return keyed(config, {
    url: urlTemplate(addressOf(config), config.name),
    user: valueTemplate(variables.user),
    password: valueTemplate(variables.password),
  });
}

/** The same with the values themselves. */
export function migrationValues(
  config: KeyedDatabase,
  credentials: Credentials,
): Record<string, string> {
  return keyed(config, { url: databaseUrl(addressOf(config), credentials), ...credentials });
}

export const serviceTemplate = (config: KeyedDatabase): string =>
  urlTemplate(addressOf(config), config.name);

export const serviceValue = (config: KeyedDatabase, credentials: Credentials): string =>
  databaseUrl(addressOf(config), credentials);

function keyed(
  config: KeyedDatabase,
  { url, user, password }: Credentials & { url: string },
): Record<string, string> {
  const keys = config.migrationKeys;
  if (keys.user === undefined || keys.password === undefined) return { [keys.url]: url };
  return { [keys.url]: jdbcUrl(addressOf(config)), [keys.user]: user, [keys.password]: password };
}
