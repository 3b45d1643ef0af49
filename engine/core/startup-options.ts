/** The parameter `options` of a URL: switches of the server's process, as PGOPTIONS has them. */

/** Settings that a session begins with, by lower-case name. */
export type SessionDefaults = Readonly<Record<string, string>>;

/** What a run relies on; the driver of Flyway insists on the same. */
const FIXED: Readonly<Record<string, RegExp>> = {
  client_encoding: /^(?:utf-?8|unicode)$/i,
  standard_conforming_strings: /^(?:on|true|yes|1)$/i,
};

const NAME = /^[A-Za-z][\w$]*(?:\.[A-Za-z_][\w$]*)*$/;

/**
 * Reads `-c name=value`, `-cname=value` and `--name=value`, of which the last for a name counts.
 * @param refuse makes the error for what cannot be honoured; it is given a name, never a value.
 */
export function readStartupOptions(text: string, refuse: (what: string) => Error): SessionDefaults {
  const defaults: Record<string, string> = {};
  const words = splitWords(text).values();
  for (const word of words) {
    const [, long, short] = /^(?:--(.*)|-c(.*))$/s.exec(word) ?? [];
    const setting = long ?? (short === "" ? next(words) : short);
    if (setting === undefined) throw refuse(`options holds ${describe(word)}`);
    const equals = setting.indexOf("=");
    const name = setting.slice(0, Math.max(equals, 0)).replaceAll("-", "_").toLowerCase();
    const value = setting.slice(equals + 1);
    if (!NAME.test(name)) throw refuse("options holds a setting that is not name=value");
    if (value.includes("\0")) throw refuse(`${name} in options holds a NUL character`);
    if (FIXED[name]?.test(value) === false)
      throw refuse(`${name} in options cannot be changed for a run`);
    defaults[name] = value;
  }
  return defaults;
}

/** The text that the server is given when a session begins, which it splits at blanks. */
export function writeStartupOptions(defaults: SessionDefaults): string {
  return Object.entries(defaults)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, "\\$&")}`)
    .join(" ");
}

/** As PostgreSQL splits them (pg_split_opts): at white space, where no backslash stands before it. */
function splitWords(text: string): string[] {
  return Array.from(text.matchAll(/(?:\\.|[^\s\\]|\\$)+/gs), ([word]) =>
    word.replace(/\\(.?)/gs, "$1"),
  );
}

function next(words: Iterator<string, undefined>): string | undefined {
  return words.next().value;
}

function describe(word: string): string {
  return /^-\w/.test(word) ? `the switch ${word.slice(0, 2)}` : "a word that is no switch";
}
