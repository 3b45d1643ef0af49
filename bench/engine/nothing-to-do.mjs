import { join } from "node:path";
import { takeTurns } from "../lib/measure.mjs";
import { smallMigrations } from "../lib/scripts.mjs";
import { comparisonRows } from "../lib/table.mjs";
import { tell } from "../lib/tell.mjs";
import { entrants } from "./entrants.mjs";

const NAMES = ["tidemark", "Flyway", "dbmate", "node-pg-migrate", "graphile-migrate"];

/** All migrations are applied; migrate once more. */
export const nothingToDo = [section(1000, 500), section(10_000, 800)];

function section(count, goal) {
  const applied = `${count.toLocaleString("en")} applied`;
  return {
    title: `Nothing to do, ${applied}`,
    async work({ server, folder, pairs }) {
      const scripts = smallMigrations(count);
      const all = await entrants(NAMES, {
        server,
        scripts,
        folder: join(folder, `no-op-${count}`),
      });
      const present = all.filter(({ absent }) => !absent);
      for (const entrant of present) await applyAll(entrant, present[0], count, server);
      await server.settle();
      const results = await takeTurns(present, { pairs });
      for (const { database } of present) await server.drop(database);
      return {
        rows: comparisonRows(applied, all, results, { goal, limits: { Flyway: 1 / 3 } }),
        notes: ["Flyway has a database with the history that tidemark has written."],
      };
    },
  };
}

// Flyway reads the history that we have written, and takes minutes to write one like it.
async function applyAll(entrant, ours, count, server) {
  if (entrant.name.startsWith("Flyway")) return server.copy(ours.database, entrant.database);
  tell(`  ${entrant.name}: applying ${count}`);
  await server.fresh(entrant.database);
  await takeTurns([entrant], { pairs: 0 });
}
