// Which process serves a data folder: PostgreSQL's postmaster.pid, believed only if that process really does.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "./failure.mjs";
import { isAlive, isTaken } from "./lock.mjs";

const STOP_WITHIN = 30_000;

/** `{ pid, port }` of the server of this data folder, or undefined. A stale file is named by `onStale`. */
export function findServer(dataDirectory, onStale = () => {}) {
  const file = join(dataDirectory, "postmaster.pid");
  if (!existsSync(file)) return undefined;
  const [pid, , , port] = readFileSync(file, "utf8").split("\n");
  const found = { pid: Number(pid), port: Number(port) };
  if (found.pid > 0 && isAlive(found.pid) && serves(found.pid, dataDirectory)) return found;
  onStale({ file, pid: found.pid, taken: found.pid > 0 && isTaken(found.pid) });
  return undefined;
}

// A server works in its data folder. After a restart of the machine, or in a copied folder, the number in the file
// may belong to anything else.
function serves(pid, dataDirectory) {
  if (!existsSync("/proc/self/cwd")) return commandOf(pid).includes(dataDirectory);
  try {
    return (
      readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDirectory) &&
      /postgres/.test(nameOf(pid))
    );
  } catch {
    return false; // gone, a zombie, or not ours to look at
  }
}

const nameOf = (pid) => readFileSync(`/proc/${pid}/comm`, "utf8");
const commandOf = (pid) =>
  spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout ?? "";

/**
 * Removes a stale postmaster.pid whose number is in use: PostgreSQL would take that for a running server and refuse to
 * start. Where the number is free PostgreSQL cleans up itself. Returns the server if one does run.
 */
export async function clearStale(dataDirectory, log) {
  let stale;
  const running = findServer(dataDirectory, (found) => (stale = found));
  if (!stale) return running;
  if (!stale.taken) log("the last server did not end cleanly: PostgreSQL recovers by itself");
  else {
    log(`a stale postmaster.pid names process ${stale.pid}, which is not this server: removed`);
    await waitForOrphans(dataDirectory);
    rmSync(stale.file, { force: true });
  }
  return undefined;
}

// With the file goes PostgreSQL's own check that no process of a killed server is still at work on the data.
async function waitForOrphans(dataDirectory) {
  for (const until = Date.now() + STOP_WITHIN; Date.now() < until; await sleep(100)) {
    if (!processes().some((pid) => serves(pid, dataDirectory))) return;
  }
  throw new Failure(
    `processes of a killed server still work on ${dataDirectory}`,
    "End them (`ps -ef | grep postgres`).",
  );
}

const processes = () =>
  existsSync("/proc/self/cwd") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];

/** Asks the server to end its sessions and stop, and waits until it has. */
export async function stopProcess(dataDirectory, { pid }) {
  process.kill(pid, "SIGINT"); // PostgreSQL's "fast" shutdown
  for (const until = Date.now() + STOP_WITHIN; Date.now() < until; await sleep(50)) {
    if (!isAlive(pid) || !serves(pid, dataDirectory)) return;
  }
  throw new Failure(
    `PostgreSQL (process ${pid}) did not stop within ${STOP_WITHIN / 1000} s`,
    `See its log beside ${dataDirectory}.`,
  );
}
