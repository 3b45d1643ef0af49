import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

import type { GivenSettings } from "./environment";
import { nearest } from "./near";
import { configurationError, readSetting, type SettingValue } from "./read-setting";
import { findSetting, isSetBy, SETTINGS } from "./settings";

/** What Flyway reads from the working directory; later files win, as there. */
const DEFAULT_FILES = ["flyway.conf", "flyway.toml"];

/**
 * Settings from `flyway.conf` and `flyway.toml` of the working directory, or from the files that FLYWAY_CONFIG_FILES names.
 * @throws TidemarkError (CONFIGURATION) that names file and key.
 */
export async function readConfigFiles(
  folder: string,
  named: string | undefined,
): Promise<GivenSettings[]> {
  const files = named === undefined ? DEFAULT_FILES : named.split(",").map((file) => file.trim());
  const settings: GivenSettings[] = [];
  for (const file of files) {
    const path = resolve(folder, file);
    if (!existsSync(path)) {
      if (named === undefined) continue;
      throw configurationError(`${file} does not exist.`, "Correct FLYWAY_CONFIG_FILES.");
    }
    const text = readFileSync(path, "utf8");
    settings.push(file.endsWith(".toml") ? await readToml(text, file) : readProperties(text, file));
  }
  return settings;
}

function readProperties(text: string, file: string): GivenSettings {
  const entries: [string, string][] = [];
  for (const raw of text.split(/\r\n|\r|\n/)) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const equals = line.indexOf("=");
    const key = equals < 0 ? line : line.slice(0, equals).trim();
    entries.push([key.replace(/^flyway\./, ""), equals < 0 ? "" : line.slice(equals + 1).trim()]);
  }
  return collect(entries, file);
}

async function readToml(text: string, file: string): Promise<GivenSettings> {
  const { parse } = await import("smol-toml"); // only where there is such a file
  let document: Record<string, unknown>;
  try {
    document = parse(text);
  } catch (cause) {
    throw configurationError(
      `${file} is not valid TOML: ${cause instanceof Error ? cause.message.split("\n", 1)[0] : ""}.`,
      "Correct the file.",
    );
  }
  const { flyway = {}, environments = {}, ...others } = document;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw unknownKey(unknown, file);
  const settings = flatten(flyway);
  const name = settings.find(([key]) => key === "environment")?.[1] ?? "default";
  const environment = (environments as Record<string, unknown>)[name] ?? {};
  const own = settings.filter(([key]) => key !== "environment");
  return collect([...flatten(environment).filter(([key]) => key !== "displayName"), ...own], file);
}

/** Nested tables as dotted keys, lists as comma-separated text. */
function flatten(table: unknown, prefix = ""): [string, string][] {
  return Object.entries(table as Record<string, unknown>).flatMap(
    ([key, value]): [string, string][] => {
      if (Array.isArray(value)) return [[prefix + key, value.join(",")]];
      if (typeof value === "object" && value !== null) return flatten(value, `${prefix}${key}.`);
      return [[prefix + key, String(value)]];
    },
  );
}

const PLACEHOLDERS = "placeholders.";

function collect(entries: readonly (readonly [string, string])[], file: string): GivenSettings {
  const values = new Map<string, SettingValue>();
  const placeholders: Record<string, string> = {};
  for (const [key, text] of entries) {
    const setting = findSetting(key);
    if (setting && setting.kind !== "map" && isSetBy(setting, "file"))
      values.set(key, readSetting(setting, text, `${file}: ${key}`));
    else if (key.startsWith(PLACEHOLDERS)) placeholders[key.slice(PLACEHOLDERS.length)] = text;
    else throw unknownKey(key, file);
  }
  return { values, placeholders };
}

function unknownKey(key: string, file: string): Error {
  const known = SETTINGS.filter((setting) => isSetBy(setting, "file") && setting.kind !== "map");
  const meant = nearest(
    key,
    known.map((setting) => setting.key),
  );
  return configurationError(
    `${file}: the key ${key} is not supported.${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
    "Remove it if the run does not depend on it. docs/command.md lists what is supported.",
  );
}
