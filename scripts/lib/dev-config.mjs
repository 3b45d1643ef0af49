// The databases of stack dev as its configuration has them, read by the compiled program's own code.
import { createRequire } from "node:module";
import { join } from "node:path";
import { DEV } from "./arguments.mjs";
import { Failure } from "./failure.mjs";
import { paths, root } from "./paths.mjs";
import { capture } from "./processes.mjs";

const require = createRequire(import.meta.url);

/** A module of the compiled program; it is there after the set-up. */
export const compiled = (...path) => require(join(paths.bin, ...path));

/** The raw values of stack dev's `tidemark:` keys, as Pulumi hands them to the program: `{ key: text }`. */
export async function readDevValues({ engine, environment }) {
  const args = ["config", "--json", "--show-secrets", "--stack", DEV, "--non-interactive"];
  const { code, stdout, stderr } = await capture(engine.binary, args, {
    cwd: root,
    env: environment,
  });
  if (code !== 0)
    throw new Failure(
      `the configuration of stack ${DEV} cannot be read:\n${stderr.trim()}`,
      `Correct Pulumi.${DEV}.yaml.`,
    );
  return Object.fromEntries(
    Object.entries(JSON.parse(stdout))
      .filter(([key]) => key.startsWith("tidemark:"))
      .map(([key, { value }]) => [key.slice("tidemark:".length), value]),
  );
}

/**
 * What the values come to. Reads server.json anew, since a server that was started again may be on another port.
 * Folders and files in it are relative to the project: the commands that use it work there.
 * @throws Failure that lists every problem with its path.
 */
export function parseDevConfig(values) {
  try {
    return compiled("config", "parse.js").parseStackConfig(DEV, values);
  } catch (error) {
    if (error?.name !== "ConfigError") throw error;
    throw new Failure(error.message, `Correct Pulumi.${DEV}.yaml.`, 64);
  }
}

// The provider's own reading of a database's settings; `database` may be another one on the same server.
const provider = () => compiled("provider", "target.js");
const inputsOf = ({ server, ...config }, database = config.database) => ({
  ...config,
  ...server,
  database,
});

/** The connection of a configured database, as the engine takes it; or of another one on the same server. */
export const connectionOf = (config, database) =>
  provider().connectionOf(inputsOf(config, database));

/** A migrator for a configured database, or for another one on the same server. */
export const migratorOf = (config, { database, ...hooks } = {}) =>
  provider().migratorOf(inputsOf(config, database), hooks);

/** What no message on this database may show. */
export const secretsOf = (config) => provider().secretsOf(inputsOf(config));
