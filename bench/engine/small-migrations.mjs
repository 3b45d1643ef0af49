import { join } from "node:path";
import { takeTurns } from "../lib/measure.mjs";
import { smallMigrations } from "../lib/scripts.mjs";
import { comparisonRows } from "../lib/table.mjs";
import { entrants } from "./entrants.mjs";

const COUNT = 1000;
const WORK = "1,000 small migrations";
const NAMES = ["tidemark", "psql", "Flyway", "dbmate", "node-pg-migrate", "graphile-migrate"];

/** Everyone begins with an empty database; a transaction for each migration. */
export const smallMigrationsSection = {
  title: `${WORK}, one transaction each`,
  async work({ server, folder, pairs }) {
    const scripts = smallMigrations(COUNT);
    const all = await entrants(NAMES, { server, scripts, folder: join(folder, "small") });
    const present = all.filter(({ absent }) => !absent);
    const results = await takeTurns(
      present.map((entrant) => ({ ...entrant, prepare: () => server.fresh(entrant.database) })),
      { pairs },
    );
    for (const { database } of present) await server.drop(database);
    return {
      rows: comparisonRows(WORK, all, results, { limits: { psql: 1, Flyway: 1 / 3 } }),
      notes: [
        "psql runs the same files, each between BEGIN and COMMIT, in one process; it keeps no history.",
      ],
    };
  },
};
