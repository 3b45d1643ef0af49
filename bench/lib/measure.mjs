// Times programs. Everyone takes a turn in each round, so that a slow minute of the machine hits all alike.
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { Failure } from "../../scripts/lib/failure.mjs";
import { onInterrupt } from "../../scripts/lib/processes.mjs";
import { peakMemoryOf } from "./memory.mjs";
import { tell } from "./tell.mjs";

/**
 * Runs each contender once to warm up and then `pairs` times, in turns.
 * A contender is `{ name, program, args, env?, cwd?, input?, isFailure?, prepare?, read? }`: `prepare` runs before each
 * run, untimed; `read` takes a value of its own from the output.
 * @returns for each contender its name with `wall`, `cpu` (milliseconds) and `values`: lists with one item for each round.
 */
export async function takeTurns(contenders, { pairs }) {
  const results = contenders.map(({ name }) => ({ name, wall: [], cpu: [], values: [] }));
  for (let round = 0; round <= pairs; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const { wall, cpu, output } = await runOnce(contender);
      tell(
        `  ${round === 0 ? "warm-up" : `${round}/${pairs}`}  ${contender.name}: ${wall.toFixed(0)} ms`,
      );
      if (round === 0) continue;
      results[index].wall.push(wall);
      results[index].cpu.push(cpu);
      results[index].values.push(contender.read?.(output));
    }
  }
  return results;
}

/** The highest resident memory in bytes of each process of one run, by command line; undefined where it cannot be known. */
export async function measureMemory(contender) {
  return peakMemoryOf(async (watch) => {
    await contender.prepare?.();
    await execute(contender, watch);
  });
}

async function runOnce(contender) {
  await contender.prepare?.();
  return execute(contender);
}

// The shell tells the processor time of what it has run; its own start costs everyone the same millisecond.
const SCRIPT = '"$@"; code=$?; times >&3; exit $code';

async function execute({ name, program, args, env, cwd, input, isFailure }, onStart = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-bench-"));
  const [errors, times] = ["errors", "times"].map((file) => join(folder, file));
  const descriptors = [errors, times].map((file) => openSync(file, "w"));
  try {
    const start = performance.now();
    const child = spawn("/bin/sh", ["-c", SCRIPT, "sh", program, ...args], {
      cwd,
      env: { ...cleanEnvironment(), ...env },
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", ...descriptors],
    });
    onStart(child.pid);
    const { code, output } = await finish(child, input);
    const wall = performance.now() - start;
    if (code !== 0 || isFailure?.(output)) {
      throw failed(name, code, output, readFileSync(errors, "utf8"));
    }
    return { wall, output, cpu: childTime(readFileSync(times, "utf8")) };
  } finally {
    descriptors.forEach((descriptor) => closeSync(descriptor));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits for the end. A program that takes input is one that answers each line with a line, and ends with its input. */
function finish(child, input) {
  const forget = onInterrupt(() => child.kill("SIGKILL"));
  let output = "";
  child.stdin?.on("error", () => {}).write(`${input}\n`);
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
    if (text.includes("\n")) child.stdin?.end();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => (forget(), resolve({ code, output })));
  });
}

/** What the user has set for databases and stacks of their own is not for these. */
export function cleanEnvironment() {
  const foreign = /^(PULUMI_|FLYWAY_|TIDEMARK_|PG[A-Z]|DATABASE_URL$|NODE_OPTIONS$|npm_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

// The second line of `times` is for the children: user and system, such as 0m1.230000s.
function childTime(text) {
  const [, line = ""] = text.split("\n");
  const parts = [...line.matchAll(/(\d+)m([\d.]+)s/g)];
  return parts.reduce((sum, [, minutes, seconds]) => sum + 60_000 * minutes + 1000 * seconds, 0);
}

function failed(name, code, output, errors) {
  const said = `${output}\n${errors}`.trim().split("\n").slice(-15).join("\n");
  return new Failure(`${name} failed (exit code ${code}):\n${said}`);
}
