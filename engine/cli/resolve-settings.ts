import type { Connection } from "../core/connection";
import { DEFAULT_OPTIONS, type EngineOptions } from "../options/options";
import type { GivenSettings } from "./environment";
import { connectionTarget, type Target } from "./libpq/target";
import { type Environment, namesTarget } from "./libpq/variables";
import { configurationError, type SettingValue } from "./read-setting";
import { findSetting } from "./settings";

/** Everything a command needs to know, from all sources together. */
export interface ResolvedSettings {
  readonly connection: () => Connection;
  readonly options: EngineOptions;
  /** What the connection is to be called, besides that it is ours. */
  readonly applicationName?: string;
  /** On what is set and has no effect; for commands that connect. */
  readonly warnings: readonly string[];
  /** What the password setting and the URL hold. */
  readonly passwords: readonly (string | undefined)[];
  /** Values of the placeholders that are declared to be secret. */
  readonly secrets: readonly string[];
}

/** What a stack says of one of its databases, in place of variables and files. */
export interface BaseSettings {
  readonly connection: () => Connection;
  readonly options: EngineOptions;
  /** Passwords and all else that may be secret. */
  readonly secrets: readonly string[];
}

type Values = ReadonlyMap<string, SettingValue>;
type Placeholders = Readonly<Record<string, string>>;

const FOREVER = Number.MAX_SAFE_INTEGER;

/**
 * Puts the sources together; later ones win.
 * @param env for libpq's variables and files
 * @throws TidemarkError (CONFIGURATION) for a secret placeholder that has no value.
 */
export function resolveSettings(
  env: Environment,
  ...sources: readonly GivenSettings[]
): ResolvedSettings {
  const values: Values = new Map(sources.flatMap((source) => [...source.values]));
  const placeholders = Object.assign(
    {},
    ...sources.map((source) => source.placeholders),
  ) as Placeholders;
  const target = readTarget(values, env);
  const isRead = !(target instanceof Error);
  return {
    connection: () => {
      if (!isRead) throw target;
      return target.connection;
    },
    options: optionsOf(values, placeholders, isRead ? target.connection : {}),
    ...(isRead && target.applicationName && { applicationName: target.applicationName }),
    warnings: isRead ? target.warnings : [],
    passwords: isRead ? target.passwords : [textOf(values, "password") ?? ""],
    secrets: secretValues(values, placeholders),
  };
}

/** The same upon a stack's database: only what the command line gives wins over it. */
export function resolveUpon(base: BaseSettings, given: GivenSettings): ResolvedSettings {
  const { values, placeholders } = given;
  const user = textOf(values, "user");
  const password = textOf(values, "password");
  return {
    connection: () => {
      const connection = base.connection();
      return {
        ...connection,
        user: user ?? connection.user,
        password: password ?? connection.password,
      };
    },
    options: {
      ...base.options,
      ...givenOptions(values),
      placeholders: { ...base.options.placeholders, ...placeholders },
    },
    warnings: [],
    passwords: [password, ...base.secrets],
    secrets: secretValues(values, { ...base.options.placeholders, ...placeholders }),
  };
}

function optionsOf(
  values: Values,
  placeholders: Placeholders,
  { defaults = {} }: Pick<Connection, "defaults">,
): EngineOptions {
  // What the URL sets for the session is meant; only a setting of the command's own would win over it.
  const lockTimeout = "lock_timeout" in defaults ? { lockTimeout: 0 } : {};
  return { ...DEFAULT_OPTIONS, ...lockTimeout, ...givenOptions(values), placeholders };
}

function givenOptions(values: Values): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [key, value] of values) if (findSetting(key)?.isOption) given[key] = value;
  const retries = values.get("lockRetryCount");
  if (typeof retries === "number") given.lockWait ??= retries < 0 ? FOREVER : retries * 1000;
  return given;
}

/** Names ignore case, as in the files. One that has no value is most likely misspelt, and its secret would be shown. */
function secretValues(values: Values, placeholders: Placeholders): string[] {
  const names = values.get("secretPlaceholders");
  if (!Array.isArray(names)) return [];
  const byName = Object.entries(placeholders).map(([key, value]) => [key.toLowerCase(), value]);
  return (names as readonly string[]).flatMap((name) => {
    const found = byName.filter(([key]) => key === name.toLowerCase());
    if (found.length === 0)
      throw configurationError(
        `The placeholder ${name} is to be kept secret, and it has no value.`,
        `Give it one (FLYWAY_PLACEHOLDERS_${name.toUpperCase()}), or correct --secret-placeholders or TIDEMARK_SECRET_PLACEHOLDERS.`,
      );
    return found.map(([, value = ""]) => value);
  });
}

/** Where the database is, or why that is not known: not every command needs one. */
function readTarget(values: Values, env: Environment): Target | Error {
  const url = textOf(values, "url");
  if (url === undefined && !namesTarget(env)) {
    return configurationError(
      "No database is given.",
      "Set FLYWAY_URL or DATABASE_URL, or give --url postgresql://host:5432/database, or --stack <stack> --database <name>; or set PGHOST, PGDATABASE or PGSERVICE.",
    );
  }
  try {
    const credentials = { user: textOf(values, "user"), password: textOf(values, "password") };
    return connectionTarget(url, credentials, env);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function textOf(values: Values, key: string): string | undefined {
  const value = values.get(key);
  return typeof value === "string" && value !== "" ? value : undefined;
}
