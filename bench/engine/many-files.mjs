import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { takeTurns } from "../lib/measure.mjs";
import { smallMigrations, writeVersioned } from "../lib/scripts.mjs";
import { ownRow } from "../lib/table.mjs";
import { tell } from "../lib/tell.mjs";
import { tidemark } from "./entrants.mjs";

const COUNTS = [1000, 10_000];
const QUESTIONS = ["plan", "info", "validate"];
const COLD_GOAL = 1500;
const WARM_GOAL = 500;

/** Processor time of the questions; cold: a new process; cached: a process that has asked before. */
export const manyFiles = {
  title: "plan, info and validate of 10,000 files: processor time",
  async work(context) {
    const rows = [];
    for (const count of COUNTS) rows.push(...(await rowsFor(count, context)));
    return {
      rows,
      notes: ["All of them are applied. Cold is a whole process, cached the second answer of one."],
    };
  },
};

async function rowsFor(count, { server, folder, pairs }) {
  const own = writeVersioned(join(folder, `files-${count}`), smallMigrations(count));
  const where = { server, folder: own, database: `bench_files_${count}` };
  await server.fresh(where.database);
  tell(`  recording ${count} as applied`);
  await takeTurns([tidemark("migrate", where, ["--skip-executing-migrations"])], { pairs: 0 });
  const contenders = QUESTIONS.flatMap((question) => [
    cold(question, where),
    cached(question, where),
  ]);
  const results = await takeTurns(contenders, { pairs });
  await server.drop(where.database);
  const isLarge = count === COUNTS.at(-1);
  return results.map(({ name, cpu, values }, index) => {
    const isCold = index % 2 === 0;
    const goal = isCold ? COLD_GOAL : WARM_GOAL;
    const files = `${count.toLocaleString("en")} files`;
    return ownRow(files, name, isCold ? cpu : values, { goal: isLarge ? goal : undefined });
  });
}

const cold = (question, where) => ({ ...tidemark(question, where), name: `${question}, cold` });

function cached(question, { server, database, folder }) {
  const script = fileURLToPath(new URL("ask-again.cjs", import.meta.url));
  return {
    name: `${question}, cached`,
    program: process.execPath,
    args: [script, question, folder],
    env: server.flyway(database),
    read: (output) => JSON.parse(output)[1],
  };
}
