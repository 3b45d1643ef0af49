import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** Global flags of the Pulumi CLI, and flags before a command, that take the next argument as their value. */
const WITH_VALUE = new Set(
  "-C --cwd -s --stack --color --config-file -v --verbose --tracing --profiling --memprofilerate".split(
    " ",
  ),
);

/** Names and aliases of the commands that run a program. */
const COMMANDS: Readonly<Record<string, string>> = {
  ...{ preview: "preview", pre: "preview", up: "up", update: "up", watch: "up" },
  ...{ refresh: "refresh", destroy: "destroy", dn: "destroy", down: "destroy", import: "import" },
};

/** Between provider and CLI there may be a launcher's shell. */
const ANCESTORS = 4;

/**
 * The Pulumi command of a command line, by its own name; undefined: none that runs a program.
 * @param args the words of a process' command line, the executable first
 */
export function commandOf(args: readonly string[]): string | undefined {
  const [executable = "", ...rest] = args;
  if (!/^pulumi(?:\.exe)?$/i.test(basename(executable.replaceAll("\\", "/")))) return undefined;
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? "";
    if (WITH_VALUE.has(word)) i++;
    else if (!word.startsWith("-")) return COMMANDS[word];
  }
  return undefined;
}

let known: { readonly command: string | undefined } | undefined;

/**
 * The command of the Pulumi CLI that has started this process. The provider protocol does not say it, and a preview on
 * its own and the preview with which `up` begins are otherwise the same (decision 14).
 * @returns undefined where the system does not show other processes' command lines
 */
export function pulumiCommand(): string | undefined {
  known ??= { command: ancestorsCommand() };
  return known.command;
}

function ancestorsCommand(): string | undefined {
  let pid: number | undefined = process.ppid;
  for (let i = 0; i < ANCESTORS && pid !== undefined && pid > 1; i++) {
    const seen = processOf(pid);
    const command = seen && commandOf(seen.args);
    if (command !== undefined) return command;
    pid = seen?.parent;
  }
  return undefined;
}

interface SeenProcess {
  readonly parent: number | undefined;
  readonly args: readonly string[];
}

function processOf(pid: number): SeenProcess | undefined {
  try {
    return process.platform === "linux" ? fromProc(pid) : fromPs(pid);
  } catch {
    return undefined;
  }
}

function fromProc(pid: number): SeenProcess {
  const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  const parent = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { parent: parent === undefined ? undefined : Number(parent), args };
}

function fromPs(pid: number): SeenProcess {
  const line = execFileSync("ps", ["-o", "ppid=,args=", "-p", String(pid)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
  const [parent, ...args] = line.split(/\s+/);
  return { parent: Number(parent) || undefined, args };
}
