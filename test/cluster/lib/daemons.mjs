// Programs that outlive the script: each is known by its number and its start time, so that nothing else is ever ended.
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { home } from "./home.mjs";

const pidFile = (name) => join(home.run, `${name}.pid`);
export const logFile = (name) => join(home.logs, `${name}.log`);

/** The number of the program that we have started, if it still runs. */
export function pidOf(name) {
  if (!existsSync(pidFile(name))) return undefined;
  const [pid, started] = readFileSync(pidFile(name), "utf8").split(" ");
  return startTime(pid) === started?.trim() ? Number(pid) : undefined;
}

// A zombie has ended; in a container nobody may ever ask about it.
function startTime(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

export function start(name, program, args, environment = {}) {
  if (pidOf(name)) return;
  mkdirSync(home.run, { recursive: true });
  mkdirSync(home.logs, { recursive: true });
  const log = openSync(logFile(name), "a", 0o600);
  const child = spawn(program, args, {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, ...environment },
  });
  closeSync(log);
  child.on("error", () => {}); // waiting for what it should do says so
  if (!child.pid) return;
  writeFileSync(pidFile(name), `${child.pid} ${startTime(child.pid)}`);
  child.unref();
}

/** Asks it to end, insists after a while. */
export async function stop(name, seconds = 5) {
  const pid = pidOf(name);
  if (pid) {
    process.kill(pid, "SIGTERM");
    for (const end = Date.now() + seconds * 1000; pidOf(name) && Date.now() < end;) await sleep(50);
    if (pidOf(name)) process.kill(pid, "SIGKILL");
    for (const end = Date.now() + 5000; pidOf(name) && Date.now() < end;) await sleep(20);
  }
  rmSync(pidFile(name), { force: true });
}

/** The last lines of its log. */
export function lastWords(name, count = 5) {
  if (!existsSync(logFile(name))) return "";
  return readFileSync(logFile(name), "utf8").trimEnd().split("\n").slice(-count).join("\n");
}
