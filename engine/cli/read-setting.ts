import { TidemarkError } from "../core/errors";
import type { Kind } from "../options/row";
import type { Setting } from "./settings";

export type SettingValue = string | boolean | number | readonly string[];

const UNITS: Readonly<Record<string, number>> = { "": 1, ms: 1, s: 1000, m: 60_000 };

type Reader = (text: string, from: string) => SettingValue;

/** A kind that is not here is taken as it is. */
const READERS: Readonly<Partial<Record<Kind, Reader>>> = {
  list: splitList,
  boolean: (text, from) => {
    const value = asBoolean(text);
    if (value !== undefined) return value;
    throw configurationError(
      `${from}: "${text}" is neither true nor false.`,
      "Write true or false.",
    );
  },
  "boolean or list": (text, from) => asBoolean(text) ?? readNames(text, from),
  duration: readDuration,
  count: (text, from) => {
    if (/^-?\d+$/.test(text.trim())) return Number(text);
    throw configurationError(`${from}: "${text}" is not a whole number.`, "Write a whole number.");
  },
};

/**
 * The value of a setting's text.
 * @param from where the text stands, as the user knows it: a flag, a variable, a key of a file.
 * @throws TidemarkError (CONFIGURATION) that names `from`.
 */
export function readSetting({ kind }: Setting, text: string, from: string): SettingValue {
  return READERS[kind]?.(text, from) ?? text;
}

/** In milliseconds. */
export function readDuration(text: string, from: string): number {
  const match = /^(\d+)\s*(ms|s|m|)$/.exec(text.trim());
  if (match) return Number(match[1]) * (UNITS[match[2] ?? ""] ?? 1);
  throw configurationError(
    `${from}: "${text}" is not a duration.`,
    "Write a number of milliseconds, or one with a unit: 500ms, 5s, 2m.",
  );
}

function splitList(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function asBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  return word === "true" || word === "false" ? word === "true" : undefined;
}

/** Names of scripts. A bare word is none, and most likely meant as true or false. */
function readNames(text: string, from: string): string[] {
  const names = splitList(text);
  const word = names.find((name) => /^[A-Za-z0-9]+$/.test(name));
  if (names.length > 0 && word === undefined) return names;
  throw configurationError(
    `${from}: "${word ?? text}" is neither true nor false nor the name of a script.`,
    "Write true, false, or the scripts that may, such as V7__drop_old_tables.sql, comma-separated.",
  );
}

export function configurationError(message: string, remedy: string): TidemarkError {
  return new TidemarkError({ code: "CONFIGURATION", class: "usage", message, remedy });
}
