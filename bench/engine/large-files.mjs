import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { measureMemory, takeTurns } from "../lib/measure.mjs";
import { describeProgram, findProgram } from "../lib/peers.mjs";
import { writeCopy, writeInserts } from "../lib/scripts.mjs";
import { absentRow, megabytes, otherRow, ownRow } from "../lib/table.mjs";
import { psql, tidemark } from "./entrants.mjs";

const MEMORY_GOAL = 3; // times the file

/** One large migration in one transaction, and the most memory that our process takes for it. */
export const largeFiles = [
  section("One migration of 50 MB, INSERTs", "50 MB of INSERTs", (file) =>
    writeInserts(file, 50_000_000),
  ),
  section("One migration with a COPY of 1,000,000 rows", "COPY of 1,000,000 rows", (file) =>
    writeCopy(file, 1_000_000),
  ),
];

function section(title, work, write) {
  return {
    title,
    async work({ server, folder, pairs }) {
      const own = join(folder, work.replaceAll(/\W+/g, "-"));
      mkdirSync(own, { mode: 0o755 });
      const file = join(own, "V1__large.sql");
      const size = write(file);
      const ours = { server, folder: own, database: "bench_tidemark" };
      const contenders = [withFresh(tidemark("migrate", ours), ours)];
      const program = findProgram("psql");
      if (program) {
        const theirs = { server, database: "bench_psql" };
        const name = await describeProgram("psql", program);
        const call = psql(program, [file], theirs, ["--single-transaction"]);
        contenders.push(withFresh({ ...call, name }, theirs));
      }
      const [mine, other] = await takeTurns(contenders, { pairs });
      const memory = await measureMemory(contenders[0]);
      for (const database of ["bench_tidemark", "bench_psql"]) await server.drop(database);
      const rows = [
        ownRow(work, mine.name, mine.wall),
        other
          ? otherRow(work, other.name, other.wall, mine.wall, { goal: 1.2 })
          : absentRow(work, "psql"),
        memoryRow(work, memory, size),
      ];
      return { rows, notes: [`The file has ${megabytes(size)}. ${await nodeItself()}`] };
    },
  };
}

async function nodeItself() {
  const idle = {
    name: "node",
    program: process.execPath,
    args: ["-e", "setTimeout(() => {}, 300)"],
  };
  const processes = (await measureMemory(idle)) ?? [];
  const node = processes.find(({ command }) => command.startsWith(process.execPath));
  return node ? `Node itself takes ${megabytes(node.bytes)} of the memory.` : "";
}

const withFresh = (contender, { server, database }) => ({
  ...contender,
  prepare: () => server.fresh(database),
});

function memoryRow(work, memory, size) {
  const label = `${work}: memory`;
  const process = memory?.find(({ command }) => command.includes("main.js migrate"));
  if (!process) return absentRow(label, "tidemark", "not known on this system");
  return ownRow(label, "tidemark", [process.bytes], { unit: megabytes, goal: MEMORY_GOAL * size });
}
