// Puts a new database in the old one's place. At each moment the old one or the new one is there, whole; what a run that
// was interrupted has left is put right by the next one.
import { newName, oldName } from "./names.mjs";
import { chainOf, ensureTemplate, migrate, staleAmong } from "./template.mjs";

/** Puts right what an interrupted reset has left, and drops stale templates. Returns what was done, in words. */
export async function cleanUp(server, configs) {
  const notes = [];
  for (const { name, database } of configs) {
    const all = await server.databases();
    if (!all.has(oldName(database))) continue;
    if (all.has(database)) await server.drop(oldName(database));
    else await server.rename([oldName(database), database]);
    notes.push(`an earlier reset of ${name} was interrupted: put right`);
  }
  for (const stale of staleAmong(await server.databases())) await server.drop(stale);
  return notes;
}

/**
 * Makes the database anew and migrated: `{ reason }`, in words.
 * @throws TidemarkError where a migration fails: the old database is as it was.
 */
export async function replace(server, config, progress = () => {}) {
  const [{ version }] = await server.rows("SELECT version()");
  const chain = await chainOf(config, version);
  if (chain.namesDatabase) return replaceInPlace(server, config, chain);
  if (chain.count === 0) {
    await swap(server, config.database);
    return { reason: "new and empty: it has no migrations" };
  }
  progress(`${chain.count} migrations`);
  const { template, built } = await ensureTemplate(server, config, chain);
  await swap(server, config.database, template);
  const from = built ? "a template made now" : "the template";
  return { reason: `new, ${plural(chain.count)} from ${from}` };
}

/** From a copy of the template, or empty. */
async function swap(server, database, template) {
  const [fresh, old] = [newName(database), oldName(database)];
  await server.drop(fresh);
  await server.create(fresh, template);
  const exists = (await server.databases()).has(database);
  if (exists) await server.rename([database, old], [fresh, database]);
  else await server.rename([fresh, database]);
  await server.drop(old);
}

/** Scripts that name the database they run in have to run in one of that name. */
async function replaceInPlace(server, config, { count }) {
  const { database } = config;
  const old = oldName(database);
  const exists = (await server.databases()).has(database);
  if (exists) await server.rename([database, old]);
  try {
    await server.create(database);
    await migrate(config, database);
  } catch (error) {
    await server.drop(database);
    if (exists) await server.rename([old, database]);
    throw error;
  }
  await server.drop(old);
  return { reason: `new, ${plural(count)} run anew, as some of them name their database` };
}

const plural = (count) => (count === 1 ? "1 migration" : `${count} migrations`);
