import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

import type { Connection } from "../core/connection";
import { TidemarkError } from "../core/errors";
import { type Finished, runToEnd } from "./child";
import { configurationError } from "./read-setting";

export interface PgDump {
  readonly path: string;
  readonly major: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where packages put the programs of several majors beside one another. */
const PACKAGED = "/usr/lib/postgresql";

/**
 * A pg_dump for a server of this major: the one that is given, else the first on the PATH that is new enough, else the
 * newest that Debian's packages have put beside it.
 * @throws TidemarkError (CONFIGURATION) that says which there are and how to get one.
 */
export async function findPgDump(major: number, env: Environment, given?: string): Promise<PgDump> {
  const found: PgDump[] = [];
  for (const path of given === undefined ? candidates(env) : [given]) {
    const its = await majorOf(path);
    if (its === undefined) continue;
    if (its >= major) return { path, major: its };
    found.push({ path, major: its });
  }
  const there = found.map((each) => `${each.path} is ${each.major}`).join(", ");
  const missing =
    given === undefined ? "there is no pg_dump on the PATH" : `${given} cannot be run`;
  throw configurationError(
    `The server is PostgreSQL ${major}, and ${there || missing}: pg_dump has to be of that major or newer.`,
    `Install it (Debian: postgresql-client-${major}; macOS: brew install libpq), or name one: --pg-dump /path/to/pg_dump.`,
  );
}

function candidates(env: Environment): string[] {
  const onPath = (env.PATH ?? "").split(delimiter).filter(Boolean);
  const majors = existsSync(PACKAGED) ? readdirSync(PACKAGED) : [];
  const packaged = majors
    .sort((a, b) => Number(b) - Number(a))
    .map((name) => join(PACKAGED, name, "bin"));
  return [...onPath, ...packaged].map((folder) => join(folder, "pg_dump")).filter(existsSync);
}

async function majorOf(path: string): Promise<number | undefined> {
  const { code, stdout } = await run(path, ["--version"], {}).catch(() => ({
    code: 1,
    stdout: "",
  }));
  const [, major] = /(\d+)(?:\.\d+|devel|beta\d+|rc\d+)/.exec(stdout) ?? [];
  return code === 0 && major !== undefined ? Number(major) : undefined;
}

/**
 * The text of the dump. The password goes by the environment, which only the same user can read.
 * @throws TidemarkError with what pg_dump says.
 */
export async function runPgDump(
  { path }: PgDump,
  connection: Connection,
  args: readonly string[],
): Promise<string> {
  const { host, port, database, user, password, sslmode, sslrootcert } = connection;
  const { code, stdout, stderr } = await run(path, args, {
    PGHOST: host,
    PGPORT: String(port),
    PGDATABASE: database,
    PGUSER: user,
    PGPASSWORD: password ?? "",
    PGSSLMODE: sslmode,
    PGSSLROOTCERT: sslrootcert,
    PGCLIENTENCODING: "UTF8",
    PGAPPNAME: "tidemark dump",
    PGCONNECT_TIMEOUT: "15",
  });
  if (code === 0) return stdout;
  throw new TidemarkError({
    code: "ERROR",
    class: /could not connect|connection to server|timeout/i.test(stderr) ? "temporary" : "usage",
    message: `pg_dump failed: ${stderr.trim() || `exit code ${code ?? 1}`}`,
    remedy: "The role has to be able to read the definition of each object and to lock each table.",
  });
}

/** Without the user's own PG… variables: they are for other servers. */
function run(program: string, args: readonly string[], settings: Environment): Promise<Finished> {
  const own = Object.entries(process.env).filter(([name]) => !/^PG[A-Z]/.test(name));
  return runToEnd(program, args, { env: { ...Object.fromEntries(own), ...settings, LC_ALL: "C" } });
}
