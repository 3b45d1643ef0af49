import { nearest } from "./near";
import { configurationError, readSetting, type SettingValue } from "./read-setting";
import { type Setting, SETTINGS, variableOf } from "./settings";

/** Settings by key, with the placeholders apart. */
export interface GivenSettings {
  readonly values: ReadonlyMap<string, SettingValue>;
  readonly placeholders: Readonly<Record<string, string>>;
}

const PLACEHOLDER = "FLYWAY_PLACEHOLDERS_";
const PREFIX = /^(FLYWAY|TIDEMARK)_/;

/** Ours, and no settings of a run: which files to read, and what the scripts and tests of this repository go by. */
const NO_SETTING =
  /^(?:FLYWAY_CONFIG_FILES|TIDEMARK_(?:BENCH|CLUSTER|ENGINE|FAULTS|FLYWAY|INTEROP|KUBE|MODEL|MUTANTS|TEST)_\w+)$/;

/** What Kubernetes puts into every pod beside a Service that is called tidemark, or tidemark-something. */
const SERVICE_LINK =
  /^TIDEMARK_(?:\w+_)?(?:SERVICE_(?:HOST|PORT\w*)|PORT(?:_\d+_(?:TCP|UDP|SCTP)\w*)?)$/;

const BY_VARIABLE: ReadonlyMap<string, Setting> = new Map(
  SETTINGS.filter(({ kind }) => kind !== "map").map((setting) => [variableOf(setting), setting]),
);

/**
 * Settings from FLYWAY_*, TIDEMARK_* and DATABASE_URL.
 * @throws TidemarkError (CONFIGURATION) that names a FLYWAY_* or TIDEMARK_* variable which is set and not supported.
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): GivenSettings {
  const values = new Map<string, SettingValue>();
  const placeholders: Record<string, string> = {};
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || !PREFIX.test(name)) continue;
    if (NO_SETTING.test(name) || SERVICE_LINK.test(name)) continue;
    const setting = BY_VARIABLE.get(name);
    if (setting) values.set(setting.key, readSetting(setting, text, name));
    else if (name.startsWith(PLACEHOLDER) && name !== PLACEHOLDER)
      placeholders[name.slice(PLACEHOLDER.length).toLowerCase()] = text;
    else throw unsupported(name);
  }
  if (!values.has("url") && env.DATABASE_URL) values.set("url", env.DATABASE_URL);
  return { values, placeholders };
}

/** The names of the variables that set something. */
export function givenVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env).filter(
    (name) =>
      env[name] !== undefined &&
      (BY_VARIABLE.has(name) || (name.startsWith(PLACEHOLDER) && name !== PLACEHOLDER)),
  );
}

function unsupported(name: string): Error {
  const variables = [...BY_VARIABLE.keys()];
  const bare = name.replace(PREFIX, "");
  const meant =
    variables.find((variable) => variable.replace(PREFIX, "") === bare) ?? nearest(name, variables);
  return configurationError(
    `The variable ${name} is set, and Tidemark does not support it.${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
    `Unset it if the run does not depend on it: env -u ${name} tidemark …. docs/command.md lists what is supported.`,
  );
}
