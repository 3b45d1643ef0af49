import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A process of this machine, with what its arguments tell to everybody. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly args: string;
}

export async function listProcesses(): Promise<ProcessInfo[]> {
  if (existsSync("/proc/self/cmdline")) return fromProc(); // small systems have no ps
  const columns = ["-axww", "-o", "pid=,ppid=,args="];
  const { stdout } = await run("ps", columns, { maxBuffer: 1 << 26 });
  return [...stdout.matchAll(/^ *(\d+) +(\d+) +(.*)$/gm)].map(
    ([, pid, parent, args = ""]): ProcessInfo => ({
      pid: Number(pid),
      parent: Number(parent),
      args,
    }),
  );
}

function fromProc(): ProcessInfo[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      // pid (name) state parent …: the name may hold anything.
      const [, parent] = /.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
      return [{ pid: Number(pid), parent: Number(parent), args }];
    } catch {
      return []; // it has just ended
    }
  });
}

/** The processes that a process has started, and theirs. */
export async function descendantsOf(root: number): Promise<number[]> {
  const all = await listProcesses();
  const found = [root];
  for (const parent of found)
    found.push(...all.filter((each) => each.parent === parent).map(({ pid }) => pid));
  return found.slice(1);
}
