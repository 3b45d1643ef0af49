// Template databases: one for each chain of migrations, made once by the engine itself and copied for each reset.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { compiled, migratorOf } from "../dev-config.mjs";
import { TEMPLATE, UNFINISHED, buildingName, templateName } from "./names.mjs";
import { quote } from "./server.mjs";

/** A template that no reset has used for so long goes. */
const KEEP_DAYS = 14;
/** So many of one database stay. */
const KEEP_EACH = 3;
const DAY = 86_400_000;

/**
 * Words of a script whose effect is on, or follows from, the database it runs in: settings, privileges and comment of a
 * database are not copied with it, and a script that names the database would reach the one in use.
 */
const ABOUT_THE_DATABASE =
  /\b(?:alter|on|drop|create)\s+database\b|\bcurrent_database\b|\bcurrent_catalog\b|flyway:database\b/i;

/**
 * The migrations of a database: `{ count, identity, namesDatabase }`. The identity is all that the schema follows from.
 * @throws TidemarkError where the files cannot be read.
 */
export async function chainOf(config, serverVersion) {
  if (config.locations.length === 0) return { count: 0 };
  const { migrations, callbacks } = await migratorOf(config).resolve();
  const files = [...migrations, ...[...callbacks.values()].flat()];
  const texts = files.map(({ path }) => readFileSync(path));
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const identity = JSON.stringify([
    ...[version, serverVersion, config.options],
    files.map(({ script, path, event, checksum, config: own }, index) => [
      ...[script, path, event, checksum, own],
      createHash("sha256").update(texts[index]).digest("hex"),
    ]),
  ]);
  const all = [...texts.map((text) => text.toString("latin1")), config.options.initSql ?? ""];
  return {
    count: migrations.length,
    identity,
    namesDatabase: all.some((text) => ABOUT_THE_DATABASE.test(text)),
  };
}

/** Migrates a database of the server from nothing, as an update of the stack would. */
export async function migrate(config, database) {
  const { migrateAndValidate } = compiled("engine", "index.js");
  await migrateAndValidate(migratorOf(config, { database }));
}

/** Makes the template of this chain unless it is there: `{ template, built }`. */
export async function ensureTemplate(server, config, chain) {
  const template = templateName(chain.identity);
  const built = !(await server.databases()).has(template);
  if (built) {
    const building = buildingName(template);
    await server.drop(building);
    await server.create(building);
    await migrate(config, building);
    // Nobody connects to it, so that it can be copied at any time.
    await server.run(`ALTER DATABASE ${quote(building)} WITH ALLOW_CONNECTIONS false`);
    await server.run(`ALTER DATABASE ${quote(building)} RENAME TO ${quote(template)}`);
  }
  await server.comment(template, describe(config.name));
  return { template, built };
}

const describe = (database) =>
  `Tidemark's template of ${database}, last used ${new Date().toISOString()}`;

function readComment(comment) {
  const [, database, time] =
    /^Tidemark's template of (.+), last used (\S+)$/s.exec(comment ?? "") ?? [];
  return { database, used: Date.parse(time ?? "") || 0 };
}

/** What is of no use any more: what was interrupted, what is old, all but the latest of each database. */
export function staleAmong(databases, now = Date.now()) {
  const names = [...databases.keys()];
  const templates = names
    .filter((name) => TEMPLATE.test(name))
    .map((name) => ({ name, ...readComment(databases.get(name)) }))
    .sort((a, b) => b.used - a.used);
  const rank = ({ name, database }) =>
    templates.filter((other) => other.database === database).findIndex((t) => t.name === name);
  const old = templates.filter(
    (each) => now - each.used > KEEP_DAYS * DAY || rank(each) >= KEEP_EACH,
  );
  return [...names.filter((name) => UNFINISHED.test(name)), ...old.map(({ name }) => name)];
}
