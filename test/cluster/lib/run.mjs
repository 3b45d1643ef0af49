// Running tools for the cluster: each failure names the tool and shows the end of what it said.
import { Failure } from "../../../scripts/lib/failure.mjs";
import { capture } from "../../../scripts/lib/processes.mjs";

/** Runs a tool to its end and returns its stdout. */
export async function run(program, args, options = {}) {
  const { code, stdout, stderr } = await capture(program, args, options).catch((error) => {
    throw new Failure(`${program} cannot be started: ${error.message}`, `Install ${program}.`);
  });
  if (code === 0) return stdout;
  const tail = (stderr || stdout).trimEnd().split("\n").slice(-15).join("\n");
  throw new Failure(`${program} ${args[0] ?? ""} failed (exit code ${code}):\n${tail}`);
}

/** Runs a tool whose failure does not matter, such as one that clears what may not be there. */
export const attempt = (program, args, options) =>
  capture(program, args, options).catch(() => undefined);

/** Asks until the answer is true. */
export async function waitUntil(what, seconds, ask, remedy) {
  const { setTimeout: sleep } = await import("node:timers/promises");
  for (const end = Date.now() + seconds * 1000; !(await ask()); await sleep(200))
    if (Date.now() > end) throw new Failure(`${what} is not there after ${seconds} s`, remedy);
}
