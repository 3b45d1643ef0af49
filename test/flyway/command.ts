import { spawn } from "node:child_process";
import { join, resolve } from "node:path";

/** Compiled, this file lies in bin/test/flyway. */
const COMMAND = resolve(__dirname, "../../engine/cli/main.js");

/** What one run of the command said. */
export interface CommandOutcome {
  readonly exitCode: number;
  readonly timedOut: boolean;
  /** What `--json` printed; undefined: nothing. */
  readonly report?: Readonly<Record<string, unknown>>;
  readonly stderr: string;
}

interface CommandSurroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** Runs the tidemark command with `--json`, in a process of its own; it is killed when its time is over. */
export function runCommand(
  [command = "", ...args]: readonly string[],
  { cwd, env, timeoutMs }: CommandSurroundings,
): Promise<CommandOutcome> {
  const child = spawn(process.execPath, [COMMAND, command, "--json", ...args], {
    cwd,
    env: { PATH: process.env.PATH, TZ: "UTC", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  let timedOut = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill("SIGKILL");
  }, timeoutMs);
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code) => {
      clearTimeout(timer);
      const report =
        stdout.trim() === "" ? undefined : (JSON.parse(stdout) as Record<string, unknown>);
      done({ exitCode: code ?? -1, timedOut, report, stderr });
    });
  });
}

/** Flyway's properties without their prefix; a list is of folders below that of the migrations. */
export type Config = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Flyway's properties as our flags and variables. */
export function toCommandLine(
  config: Config,
  files: string,
): { args: string[]; env: Record<string, string> } {
  const args: string[] = [];
  const env: Record<string, string> = { FLYWAY_LOCATIONS: `filesystem:${files}` };
  for (const [key, value] of Object.entries(config)) {
    if (Array.isArray(value))
      env[variable(key)] = value
        .map((folder) => `filesystem:${join(files, String(folder))}`)
        .join(",");
    else if (key.startsWith("placeholders."))
      args.push("--placeholders", `${key.slice("placeholders.".length)}=${String(value)}`);
    else env[variable(key)] = String(value);
  }
  return { args, env };
}

function variable(key: string): string {
  return `FLYWAY_${key
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .replaceAll(".", "_")
    .toUpperCase()}`;
}
