// Starting other programs: captured with progress (set-up), or in the foreground with signals passed on (Pulumi).
import { spawn } from "node:child_process";
import { constants } from "node:os";

const running = new Set();
const cleanups = new Set();
let watching = false;

/** Runs `work` when the command is interrupted; the returned function withdraws it. */
export function onInterrupt(work) {
  watch();
  cleanups.add(work);
  return () => cleanups.delete(work);
}

// Interrupted during set-up: our own children end first, so that nothing goes on in the background.
function watch() {
  if (watching) return;
  watching = true;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => interrupt(signal));
}

let interrupted = false;

async function interrupt(signal) {
  if (foreground) return foreground(signal);
  // Idle inside another program (a test run): that one decides.
  if (running.size + cleanups.size === 0 && process.listenerCount(signal) > 1) return;
  const again = interrupted;
  interrupted = true;
  const ended = [...running].map((child) => new Promise((resolve) => child.once("exit", resolve)));
  for (const child of running) child.kill(again ? "SIGKILL" : "SIGTERM");
  if (again) return;
  const patience = setTimeout(() => running.forEach((child) => child.kill("SIGKILL")), 3_000);
  await Promise.all(ended);
  clearTimeout(patience);
  for (const work of cleanups) work();
  console.error("\ninterrupted; run the command again to go on");
  process.exit(128 + constants.signals[signal]);
}

/**
 * Runs a program to its end: `{ code, stdout, stderr }`. `onLine` sees each line of both as it comes, `onStart` the
 * number of the process.
 */
export function capture(program, args, { onLine, onStart, input, ...options } = {}) {
  watch();
  return new Promise((resolve, reject) => {
    const stdin = input === undefined ? "ignore" : "pipe";
    const child = spawn(program, args, { ...options, stdio: [stdin, "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    running.add(child);
    if (child.pid) onStart?.(child.pid);
    for (const name of ["stdout", "stderr"]) {
      const lines = onLine && splitLines(onLine);
      child[name].setEncoding("utf8").on("data", (text) => {
        output[name] += text;
        lines?.(text);
      });
    }
    if (input !== undefined) child.stdin.on("error", () => {}).end(input);
    child.on("error", (error) => (running.delete(child), reject(error)));
    child.on("close", (code, signal) => {
      running.delete(child);
      if (interrupted) return; // the command is about to end
      resolve({ code: code ?? 128 + constants.signals[signal], ...output });
    });
  });
}

function splitLines(onLine) {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop();
    lines.filter(Boolean).forEach((line) => onLine(line));
  };
}

let foreground;

/**
 * Runs a program in the foreground and returns its exit code. Pulumi ends an update cleanly at the first signal and
 * gives up at the second, so each signal has to reach it exactly once: on a terminal the kernel sends Ctrl-C to the
 * whole group; elsewhere the program gets a group of its own and we pass the signal on.
 */
export function runForeground(program, args, options = {}) {
  watch();
  const onTerminal = Boolean(process.stdin.isTTY);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "inherit", ...options, detached: !onTerminal });
    foreground = once((signal) => {
      if (onTerminal && signal === "SIGINT") return;
      child.kill(signal);
    });
    const done = () => (foreground = undefined);
    child.on("error", (error) => (done(), reject(error)));
    child.on("exit", (code, signal) => {
      done();
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

// npm passes a signal on to us that the group has had already: two within a second are one.
function once(send) {
  let last = 0;
  return (signal) => {
    if (Date.now() - last < 1000) return;
    last = Date.now();
    send(signal);
  };
}
