// npm run seed: development data, which is no migration and never leaves stack dev.
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { DEV, helpFor, shortName, splitStack } from "./lib/arguments.mjs";
import { Failure, command, usage } from "./lib/failure.mjs";
import { root } from "./lib/paths.mjs";
import { setUp } from "./lib/set-up.mjs";
import { stackOutputs } from "./lib/stack.mjs";
import { step } from "./lib/terminal.mjs";

helpFor(`
npm run seed

Puts development data into the databases of stack dev: seeds/dev/<database>.sql, one transaction for each file. The
files can be applied again and again. No other stack is ever seeded.

  npm run up && npm run seed
`);

await command(async () => {
  const { stack, rest } = splitStack(process.argv.slice(2));
  if (shortName(stack) !== DEV) throw usage(`seeds are for stack dev only, not for ${stack}`);
  if (rest.length > 0) throw usage(`unknown argument: ${rest[0]}`, "npm run seed -- --help");
  const tools = await setUp(DEV);
  const { databases } = await stackOutputs(tools);
  if (!databases) throw new Failure("stack dev has no databases yet", "npm run up");
  for (const name of Object.keys(databases)) await step(name, () => seed(name, tools.server));
});

async function seed(database, { host, port, user, password }) {
  const file = join(root, "seeds", "dev", `${database}.sql`);
  if (!existsSync(file)) return { reason: "no seed" };
  const sql = readFileSync(file, "utf8");
  const { default: pg } = await import("pg"); // a dependency: there only after the set-up
  const client = new pg.Client({ host, port, user, password, database });
  try {
    await client.connect();
    return { reason: `${relative(root, file)}, ${await apply(client, sql)} rows` };
  } catch (error) {
    throw failed(relative(root, file), sql, error);
  } finally {
    await client.end().catch(() => {});
  }
}

async function apply(client, sql) {
  await client.query("BEGIN");
  const results = [await client.query(sql)].flat();
  await client.query("COMMIT"); // else the connection ends, and PostgreSQL rolls back
  return results.reduce(
    (sum, { command: verb, rowCount }) => sum + (verb === "SELECT" ? 0 : (rowCount ?? 0)),
    0,
  );
}

function failed(file, sql, error) {
  const line = error.position && sql.slice(0, Number(error.position)).split("\n").length;
  const place = line ? `${file}:${line}` : file;
  const state = error.code ? ` (${error.code})` : "";
  return new Failure(
    `${place}: ${error.message}${state}`,
    "Nothing of this file was applied. Correct it and run again.",
  );
}
