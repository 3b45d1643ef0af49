// The highest resident memory of processes, as Linux counts it (VmHWM), looked at every few milliseconds.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { clearInterval, setInterval } from "node:timers";

const EVERY = 15;

/**
 * Runs `work`, which calls its argument with the number of the process it has started.
 * @returns [{ command, bytes }] of that process and all it has started; undefined where there is no /proc.
 */
export async function peakMemoryOf(work) {
  if (!existsSync("/proc/self/status")) {
    await work(() => {});
    return undefined;
  }
  const seen = new Map();
  let timer;
  await work((pid) => {
    timer = setInterval(() => look(pid, seen), EVERY);
  });
  clearInterval(timer);
  return [...seen.values()].sort((a, b) => b.bytes - a.bytes);
}

function look(root, seen) {
  const family = new Set([root]);
  for (const { pid, parent } of processes()) if (family.has(parent)) family.add(pid);
  for (const pid of family) {
    const command = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`)) ?? [];
    if (command === "" || !kilobytes) continue;
    // A process that has just been forked still is its parent; so each command counts by itself.
    seen.set(`${pid} ${command}`, { command, bytes: Number(kilobytes) * 1024 });
  }
}

// A child has a higher number than its parent, but for the rare moment at which they start over.
function processes() {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids
    .map((pid) => ({ pid: Number(pid), parent: parentOf(pid) }))
    .sort((a, b) => a.pid - b.pid);
}

const parentOf = (pid) => Number(/\) \S (\d+) /.exec(read(`/proc/${pid}/stat`))?.[1]);

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // gone meanwhile
  }
}
