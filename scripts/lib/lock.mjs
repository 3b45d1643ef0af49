// One set-up at a time: a lock file that names its owner, taken over when that process is gone.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onInterrupt } from "./processes.mjs";

/** Whether a process has this number; one that has ended but that nobody has asked about (a zombie) counts. */
export function isTaken(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM"; // another user's
  }
}

/** Whether this process can still do anything. */
export const isAlive = (pid) => isTaken(pid) && !isZombie(pid);

function isZombie(pid) {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false; // no /proc
  }
}

/** Runs `work` while this process holds the lock file. `onWait` hears the owner's pid when there is one. */
export async function withLock(file, work, onWait = () => {}) {
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; !take(file);) {
    const owner = ownerOf(file);
    if (!owner || !isAlive(owner)) {
      dropStale(file);
      continue;
    }
    if (!told) onWait(owner);
    told = true;
    await sleep(200);
  }
  const release = () => rmSync(file, { force: true });
  const forget = onInterrupt(release);
  try {
    return await work();
  } finally {
    forget();
    release();
  }
}

// The file appears with its content in one step, so that nobody ever reads an empty one.
function take(file) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

// Moved aside first: should another process have taken it over just now, it gets it back.
function dropStale(file) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
    const owner = ownerOf(aside);
    if (owner && isAlive(owner)) linkSync(aside, file);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
  }
  rmSync(aside, { force: true });
}

function ownerOf(file) {
  try {
    return Number.parseInt(readFileSync(file, "utf8"), 10) || undefined;
  } catch {
    return undefined;
  }
}
