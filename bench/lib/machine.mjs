// What the numbers depend on.
import { arch, cpus, platform, totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** One paragraph on machine, programs and method. */
export async function machineFacts({ server, pairs }) {
  const [{ model }] = cpus();
  return [
    `${cpus().length} cores (${model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${platform()} ${arch()};`,
    `Node ${process.versions.node}; PostgreSQL ${await server.version()} on 127.0.0.1 with its default settings (fsync on).`,
    `Medians of ${pairs} rounds after one to warm up; in each round everyone takes a turn. A ratio is the median of the`,
    "rounds' ratios, ours divided by the other's. Time is that of the whole process, from start to exit.",
  ].join("\n");
}

const QUIET = 0.15;

/** A remark if the machine is busy although we do nothing; undefined: it is quiet. */
export async function busyRemark() {
  const before = cpuTimes();
  await sleep(1500);
  const after = cpuTimes();
  const busy = (after.busy - before.busy) / (after.all - before.all || 1);
  if (busy < QUIET) return undefined;
  return `*Preliminary: the machine was busy with something else (${Math.round(100 * busy)} % of its processors) when this began.*`;
}

function cpuTimes() {
  const all = sum(cpus().flatMap(({ times }) => Object.values(times)));
  return { all, busy: all - sum(cpus().map(({ times }) => times.idle)) };
}

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
