// Which databases a reset is for, and whether it may.
import { usage } from "../failure.mjs";

/**
 * The configurations of the databases that are named.
 * @throws Failure for a name that is not in the configuration, and for a database that no reset may touch.
 */
export function chooseDatabases({ databases, protect }, names, server) {
  const known = databases.map(({ name }) => name);
  if (names.length === 0)
    throw usage(`which database? Stack dev has ${known.join(", ")}`, "npm run reset -- <database>");
  if (protect)
    throw usage(
      "stack dev is protected (tidemark:protect): nothing is reset",
      "Take it out first.",
    );
  return [...new Set(names)].map((name) => {
    if (name.startsWith("-")) throw usage(`unknown argument: ${name}`, "npm run reset -- --help");
    const config = databases.find((each) => each.name === name);
    if (!config) throw usage(`stack dev has no database ${name}: there are ${known.join(", ")}`);
    refuseElsewhere(config, server);
    return config;
  });
}

function refuseElsewhere({ name, server, runner, reach, database }, { host, port }) {
  const is = `${server.host}:${server.port}`;
  if (is !== `${host}:${port}`)
    throw usage(
      `${name} is on ${is}, and only databases of the server that npm run up starts here (${host}:${port}) are reset`,
      "Make that one anew by hand, if you mean it.",
    );
  if (runner !== "provider" || reach !== "direct")
    throw usage(
      `${name} has runner ${runner} and reach ${reach}: only a database that this machine migrates itself is reset`,
    );
  if (["postgres", "template0", "template1"].includes(database) || database.startsWith("tidemark_"))
    throw usage(`${name} is the server's own database ${database}: it is not reset`);
}
