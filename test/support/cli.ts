import { spawn } from "node:child_process";
import { resolve } from "node:path";

import type { Report } from "../../engine/cli/report";

/** The compiled command: what package.json's `bin` names. */
const COMMAND = resolve(__dirname, "../../engine/cli/main.js");

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as the JSON report; throws where it is none. */
  readonly report: () => Report;
}

/** Runs `tidemark` in a process of its own, with nothing of the surrounding environment but PATH. */
export function tidemark(
  args: readonly string[],
  { env = {}, cwd = process.cwd() }: { env?: Record<string, string>; cwd?: string } = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? "", TZ: "UTC", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code) => {
      const stdout = Buffer.concat(out).toString("utf8");
      const stderr = Buffer.concat(err).toString("utf8");
      done({ code: code ?? -1, stdout, stderr, report: () => JSON.parse(stdout) as Report });
    });
  });
}
