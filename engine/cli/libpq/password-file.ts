import { readFileSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";

import type { Connection } from "../../core/connection";
import type { Environment } from "./variables";

/** What a line of the file is compared with. */
export type Login = Pick<Connection, "host" | "port" | "database"> & { readonly user: string };

/**
 * The password of `PGPASSFILE` or `~/.pgpass` for a login, by libpq's rules: a file that others may read is not used.
 * @returns with a warning where there is a file and it cannot be used
 */
export function passwordFromFile(
  login: Login,
  env: Environment,
  home: string,
): { readonly password?: string; readonly warning?: string } {
  const file = env.PGPASSFILE || join(home, ".pgpass");
  let stats: Stats;
  try {
    stats = statSync(file);
  } catch {
    return {};
  }
  if (!stats.isFile())
    return { warning: `The password file ${file} is not used: it is no plain file.` };
  if (process.platform !== "win32" && (stats.mode & 0o077) !== 0)
    return {
      warning: `The password file ${file} is not used: others may read it. Remedy: chmod 600 ${file}`,
    };
  try {
    return { password: findPassword(readFileSync(file, "utf8"), login) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { warning: `The password file ${file} is not used: ${why}.` };
  }
}

/** Of the first line that fits: `host:port:database:user:password`, `*` fits all, `\:` and `\\` stand for themselves. */
export function findPassword(text: string, login: Login): string | undefined {
  // A socket's folder may be written out, or as localhost.
  const hosts = login.host.startsWith("/") ? [login.host, "localhost"] : [login.host];
  const wanted = [hosts, [String(login.port)], [login.database], [login.user]];
  for (const line of text.split(/\r?\n/)) {
    if (line === "" || line.startsWith("#")) continue;
    const fields = splitLine(line);
    if (fields.length < 5) continue;
    const fits = wanted.every((values, i) => {
      const field = fields[i] ?? "";
      return field === "*" || values.includes(unescaped(field));
    });
    const password = fits ? unescaped(fields[4] ?? "") : "";
    if (fits) return password === "" ? undefined : password;
  }
  return undefined;
}

/** Four fields, as they are written; the rest of the line up to a further colon is the fifth. */
const splitLine = (line: string): string[] =>
  Array.from(line.matchAll(/(?:^|:)((?:\\.|[^\\:]|\\$)*)/g), ([, field = ""]) => field);

const unescaped = (field: string): string => field.replace(/\\(.)/g, "$1");
