import { TidemarkError } from "../core/errors";
import type { Setting } from "./settings";

export type SettingValue = string | boolean | number | readonly string[];

const UNITS: Readonly<Record<string, number>> = { "": 1, ms: 1, s: 1000, m: 60_000 };

/**
 * The value of a setting's text.
 * @param from where the text stands, as the user knows it: a flag, a variable, a key of a file.
 * @throws TidemarkError (CONFIGURATION) that names `from`.
 */
export function readSetting(setting: Setting, text: string, from: string): SettingValue {
  switch (setting.kind) {
    case "text":
      return text;
    case "list":
      return splitList(text);
    case "boolean":
      return readBoolean(text, from);
    case "duration":
      return readDuration(text, from);
    case "count":
      return readCount(text, from);
  }
}

function splitList(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function readBoolean(text: string, from: string): boolean {
  const word = text.trim().toLowerCase();
  if (word === "true" || word === "false") return word === "true";
  throw configurationError(`${from}: "${text}" is neither true nor false.`, "Write true or false.");
}

function readDuration(text: string, from: string): number {
  const match = /^(\d+)\s*(ms|s|m|)$/.exec(text.trim());
  if (match) return Number(match[1]) * (UNITS[match[2] ?? ""] ?? 1);
  throw configurationError(
    `${from}: "${text}" is not a duration.`,
    "Write a number of milliseconds, or one with a unit: 500ms, 5s, 2m.",
  );
}

function readCount(text: string, from: string): number {
  if (/^-?\d+$/.test(text.trim())) return Number(text);
  throw configurationError(`${from}: "${text}" is not a whole number.`, "Write a whole number.");
}

export function configurationError(message: string, remedy: string): TidemarkError {
  return new TidemarkError({ code: "CONFIGURATION", class: "usage", message, remedy });
}
