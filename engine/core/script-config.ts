import { TidemarkError } from "./errors";

/** What `<script>.conf` beside a script can say (Flyway's script configuration). */
export interface ScriptConfig {
  readonly encoding?: string;
  /** Overrides what the statements say, both ways. */
  readonly executeInTransaction?: boolean;
  readonly placeholderReplacement?: boolean;
}

/**
 * Reads a script configuration: one `key=value` a line, `#` begins a comment.
 * @throws TidemarkError (CONFIGURATION) for a key that is unknown, (ERROR) for one that only paid editions of Flyway know.
 */
export function parseScriptConfig(text: string, file: string): ScriptConfig {
  const config: Record<string, string | boolean> = {};
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const equals = line.indexOf("=");
    const key = (equals < 0 ? line : line.slice(0, equals)).trim().replace(/^flyway\./, "");
    const value = equals < 0 ? "" : line.slice(equals + 1).trim();
    config[key] = readValue(key, value, `${file}:${index + 1}`);
  }
  return config;
}

function readValue(key: string, value: string, place: string): string | boolean {
  switch (key) {
    case "encoding":
      return value;
    case "executeInTransaction":
    case "placeholderReplacement":
      if (/^(true|false)$/i.test(value)) return value.toLowerCase() === "true";
      throw wrong(
        "CONFIGURATION",
        `${place}: ${key} is neither true nor false.`,
        "Write true or false.",
      );
    case "shouldExecute":
      throw wrong(
        "ERROR",
        `${place}: shouldExecute is not supported: whether a migration runs must not depend on where it runs.`,
        "Put the condition into the migration (a DO block), or the file into a folder of its own that only some environments have among their locations.",
      );
    default:
      throw wrong(
        "CONFIGURATION",
        `${place}: "${key}" is not a known key.`,
        "Known: encoding, executeInTransaction, placeholderReplacement.",
      );
  }
}

function wrong(code: "CONFIGURATION" | "ERROR", message: string, remedy: string): TidemarkError {
  return new TidemarkError({
    code,
    class: code === "ERROR" ? "migrations" : "usage",
    message,
    remedy,
  });
}
