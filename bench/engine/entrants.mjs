// The programs that migrate a database with a folder of migrations, and how each is called.
import { join } from "node:path";
import { root } from "../../scripts/lib/paths.mjs";
import { describeProgram, findFlyway, findProgram } from "../lib/peers.mjs";
import {
  writeDbmate,
  writeGraphileMigrate,
  writeNodePgMigrate,
  writeVersioned,
  writeWrapped,
} from "../lib/scripts.mjs";

const MAIN = join(root, "bin", "engine", "cli", "main.js");

/** Our own command on a database. */
export const tidemark = (command, { server, database, folder }, args = []) => ({
  name: "tidemark",
  program: process.execPath,
  args: [MAIN, command, "--locations", folder, "--json", ...args],
  env: server.flyway(database),
});

/** One psql process for all files. */
export const psql = (program, files, { server, database }, args = []) => ({
  program,
  args: ["-X", "-q", "-v", "ON_ERROR_STOP=1", ...args, ...files.flatMap((file) => ["-f", file])],
  env: server.libpq(database),
});

// `find` says where it is and what it is called with its version; `write` puts the scripts down in the form it wants,
// and what that returns goes to `call`. A folder and a database belong to one entrant each.
const ENTRANTS = {
  tidemark: {
    find: () => ({ program: process.execPath, label: "tidemark" }),
    write: writeVersioned,
    call: (program, folder, { server, database }) =>
      tidemark("migrate", { server, database, folder }),
  },
  psql: {
    write: writeWrapped,
    call: psql,
  },
  Flyway: {
    find: findFlyway,
    write: writeVersioned,
    call: (program, folder, { server, database, classPath }) => {
      const {
        FLYWAY_URL: url,
        FLYWAY_USER: user,
        FLYWAY_PASSWORD: password,
      } = server.flyway(database);
      const config = { locations: `filesystem:${folder}` };
      return {
        program,
        args: ["-cp", classPath, "FlywayDriver"],
        input: JSON.stringify({ id: 1, command: "migrate", url, user, password, config }),
        isFailure: (output) => !output.includes('"exit":"ok"'),
      };
    },
  },
  dbmate: {
    write: writeDbmate,
    call: (program, folder, { server, database }) => ({
      program,
      args: ["--no-dump-schema", "--migrations-dir", folder, "migrate"],
      env: { DATABASE_URL: `${server.url(database, "postgres")}?sslmode=disable` },
    }),
  },
  "node-pg-migrate": {
    write: writeNodePgMigrate,
    call: (program, folder, { server, database }) => ({
      program,
      args: ["up", "--migrations-dir", folder, "--no-single-transaction", "--no-verbose"],
      env: { DATABASE_URL: server.url(database) },
    }),
  },
  "graphile-migrate": {
    write: writeGraphileMigrate,
    call: (program, folder, { server, database }) => ({
      program,
      args: ["migrate"],
      cwd: folder,
      env: { DATABASE_URL: server.url(database) },
    }),
  },
};

/**
 * The entrants of these names with `scripts` to migrate, each with a folder and a database of its own:
 * contenders for takeTurns with `database`; those that are not installed are `{ name, absent: true }`.
 */
export async function entrants(names, { server, folder, scripts }) {
  return Promise.all(
    names.map(async (name) => {
      const { find = () => findOnPath(name), write, call } = ENTRANTS[name];
      const found = await find();
      if (!found) return { name, absent: true };
      const { program, label, ...more } = found;
      const database = `bench_${name.toLowerCase().replaceAll("-", "_")}`;
      const written = write(join(folder, name), scripts);
      const how = call(program, written, { server, database, ...more });
      return { ...how, name: label, database, folder: join(folder, name) };
    }),
  );
}

async function findOnPath(name) {
  const program = findProgram(name);
  return program && { program, label: await describeProgram(name, program) };
}
