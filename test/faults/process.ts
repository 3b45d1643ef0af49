/** The real command in a process of its own, which a test may kill. */
import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Compiled, this file lies in bin/test/faults. */
const COMMAND = resolve(__dirname, "../../engine/cli/main.js");
/** Far more than any round needs: who takes longer hangs. */
const HANGS_AFTER = 90_000;

export interface Ended {
  /** null: killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningMigrate {
  readonly ended: Promise<Ended>;
  readonly isRunning: () => boolean;
  readonly kill: () => void;
}

export function startMigrate(
  folder: string,
  env: Readonly<Record<string, string>>,
): RunningMigrate {
  const child = spawn(process.execPath, [COMMAND, "migrate", "--json", "--locations", folder], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", TZ: "UTC", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return {
    ended: withinReason(child),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    kill: () => void child.kill("SIGKILL"),
  };
}

async function withinReason(child: ChildProcess): Promise<Ended> {
  const abort = new AbortController();
  const hangs = sleep(HANGS_AFTER, undefined, { signal: abort.signal }).then(() => {
    child.kill("SIGKILL");
    throw new Error("the command hangs");
  });
  hangs.catch(() => undefined);
  try {
    return await Promise.race([end(child), hangs]);
  } finally {
    abort.abort();
  }
}

function end(child: ChildProcess): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code) => done({ code, stdout, stderr }));
  });
}
