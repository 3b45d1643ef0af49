import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { connectionParameters, type GivenConnection } from "../../core/connection";
import { nearest } from "../near";
import { configurationError } from "../read-setting";
import type { Environment } from "./variables";

/**
 * The connection that a service of `PGSERVICEFILE`, `~/.pg_service.conf` or `PGSYSCONFDIR/pg_service.conf` describes; the
 * first file that has it counts.
 * @throws TidemarkError (CONFIGURATION) for an unknown service, and for a file or a line that cannot be read; it never
 *   quotes a value.
 */
export function readService(name: string, env: Environment, home: string): GivenConnection {
  const { PGSERVICEFILE, PGSYSCONFDIR } = env;
  const files = [
    PGSERVICEFILE || join(home, ".pg_service.conf"),
    ...(PGSYSCONFDIR ? [join(PGSYSCONFDIR, "pg_service.conf")] : []),
  ];
  const known: string[] = [];
  for (const file of files.filter((candidate) => existsSync(candidate))) {
    const services = parseServiceFile(readText(file), file);
    const found = services.get(name);
    if (found) return found();
    known.push(...services.keys());
  }
  const meant = nearest(name, known);
  const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
  throw configurationError(
    `There is no service ${name} in ${files.join(" or ")}.${hint}`,
    known.length > 0
      ? `There are: ${known.join(", ")}.`
      : "Add it there: [name], then host=…, dbname=…, user=…, one a line; or correct PGSERVICE, PGSERVICEFILE or service=.",
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw configurationError(
      `The service file ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      "Correct PGSERVICEFILE, or the file's permissions.",
    );
  }
}

/** By name; what a service holds is read when it is asked for, so that a fault elsewhere does not matter. */
export function parseServiceFile(text: string, file: string): Map<string, () => GivenConnection> {
  const services = new Map<string, () => GivenConnection>();
  let lines: [number, string][] | undefined;
  for (const [index, raw] of text.split(/\r\n|\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [, section] = /^\[(.*)\]/.exec(line) ?? [];
    if (section === undefined) {
      lines?.push([index + 1, line]);
      continue;
    }
    const own: [number, string][] = [];
    lines = own;
    if (!services.has(section)) services.set(section, () => readLines(own, file)); // the first of a name counts
  }
  return services;
}

function readLines(lines: readonly [number, string][], file: string): GivenConnection {
  let connection: GivenConnection = {};
  for (const [number, line] of lines) {
    const equals = line.indexOf("=");
    const key = equals < 0 ? line : line.slice(0, equals);
    const refuse = (what: string, remedy: string): Error =>
      configurationError(`${file}:${number}: ${what}.`, remedy);
    if (equals < 0) throw refuse("the line is not name=value", "Correct the line.");
    if (key === "service")
      throw refuse("a service cannot name another one", "Write its settings out.");
    const read = connectionParameters([[key, line.slice(equals + 1)]], refuse);
    connection = { ...read, ...connection }; // the first of a name counts
  }
  return connection;
}
