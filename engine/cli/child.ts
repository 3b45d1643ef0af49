import { spawn } from "node:child_process";

export interface Finished {
  /** null: ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end and gives what it has printed; it is asked nothing.
 * @throws the error of the system where it cannot be started
 */
export function runToEnd(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env: NodeJS.ProcessEnv },
): Promise<Finished> {
  const child = spawn(program, [...args], { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const heard = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout.on("data", (part: Buffer) => heard.stdout.push(part));
  child.stderr.on("data", (part: Buffer) => heard.stderr.push(part));
  const text = (parts: readonly Buffer[]): string => Buffer.concat(parts).toString("utf8");
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ code, stdout: text(heard.stdout), stderr: text(heard.stderr) }),
    );
  });
}
