import { type Connection, parseConnectionUrl } from "../core/connection";
import { DEFAULT_OPTIONS, type EngineOptions } from "../core/options";
import type { GivenSettings } from "./environment";
import { configurationError, type SettingValue } from "./read-setting";
import { findSetting } from "./settings";

/** Everything a command needs to know, from all sources together. */
export interface ResolvedSettings {
  readonly connection: () => Connection;
  readonly options: EngineOptions;
  /** Values of the placeholders that are declared to be secret. */
  readonly secrets?: readonly string[];
}

const FOREVER = Number.MAX_SAFE_INTEGER;

/** Puts the sources together; later ones win. */
export function resolveSettings(...sources: readonly GivenSettings[]): ResolvedSettings {
  const values = new Map(sources.flatMap((source) => [...source.values]));
  const placeholders = Object.assign({}, ...sources.map((source) => source.placeholders)) as Record<
    string,
    string
  >;
  return { connection: () => connectionOf(values), options: optionsOf(values, placeholders) };
}

function optionsOf(
  values: ReadonlyMap<string, SettingValue>,
  placeholders: Record<string, string>,
): EngineOptions {
  const given: Record<string, unknown> = {};
  for (const [key, value] of values) {
    const option = findSetting(key)?.option;
    if (option !== undefined) given[option] = value;
  }
  const retries = values.get("lockRetryCount");
  if (typeof retries === "number") given.lockWait ??= retries < 0 ? FOREVER : retries * 1000;
  return { ...DEFAULT_OPTIONS, ...given, placeholders };
}

function connectionOf(values: ReadonlyMap<string, SettingValue>): Connection {
  const url = textOf(values, "url");
  if (url === undefined) {
    throw configurationError(
      "No database is given.",
      "Set FLYWAY_URL or DATABASE_URL, or give --url postgresql://host:5432/database.",
    );
  }
  const connection = parseConnectionUrl(url);
  const user = textOf(values, "user") ?? connection.user;
  const password = textOf(values, "password") ?? connection.password;
  return { ...connection, user, password };
}

function textOf(values: ReadonlyMap<string, SettingValue>, key: string): string | undefined {
  const value = values.get(key);
  return typeof value === "string" && value !== "" ? value : undefined;
}
