import { configurationError, readSetting, type SettingValue } from "./read-setting";
import { SETTINGS, variableOf } from "./settings";

/** Settings by key, with the placeholders apart. */
export interface GivenSettings {
  readonly values: ReadonlyMap<string, SettingValue>;
  readonly placeholders: Readonly<Record<string, string>>;
}

const PLACEHOLDER = "FLYWAY_PLACEHOLDERS_";
const OURS = /^(?:FLYWAY|TIDEMARK)_/;

/** Variables of ours that are no settings. */
const NO_SETTING: ReadonlySet<string> = new Set(["FLYWAY_CONFIG_FILES"]);

/**
 * Settings from FLYWAY_*, TIDEMARK_* and DATABASE_URL.
 * @throws TidemarkError (CONFIGURATION) that names a FLYWAY_* variable which is set and not supported.
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): GivenSettings {
  const values = new Map<string, SettingValue>();
  const placeholders: Record<string, string> = {};
  const byVariable = new Map(SETTINGS.map((setting) => [variableOf(setting), setting]));
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || !OURS.test(name) || NO_SETTING.has(name)) continue;
    const setting = byVariable.get(name);
    if (setting) values.set(setting.key, readSetting(setting, text, name));
    else if (name.startsWith(PLACEHOLDER))
      placeholders[name.slice(PLACEHOLDER.length).toLowerCase()] = text;
    else if (name.startsWith("FLYWAY_")) throw unsupported(name);
  }
  if (!values.has("url") && env.DATABASE_URL) values.set("url", env.DATABASE_URL);
  return { values, placeholders };
}

function unsupported(name: string): Error {
  return configurationError(
    `The variable ${name} is set, and Tidemark does not support it.`,
    `Unset it if the run does not depend on it: env -u ${name} tidemark …. docs/flyway-compatibility.md lists what is supported.`,
  );
}
