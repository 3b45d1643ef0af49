// What the commands print: one line per step with a reason and the time it took, notes, a table.
import { performance } from "node:perf_hooks";
import { clearInterval, setInterval } from "node:timers";

// With --json, stdout belongs to Pulumi alone.
const json = process.argv.some((argument) => argument === "--json" || argument === "-j");
const out = json ? process.stderr : process.stdout;
const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
const live = Boolean(out.isTTY) && TERM !== "dumb";
const coloured = !NO_COLOR && (live || Boolean(FORCE_COLOR && FORCE_COLOR !== "0"));

const colour = (code) => (text) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
export const paint = {
  bold: colour(1),
  dim: colour(2),
  red: colour(31),
  green: colour(32),
  yellow: colour(33),
};

export const say = (line = "") => out.write(`${line}\n`);

export function seconds(milliseconds) {
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const total = Math.round(milliseconds / 1000);
  return `${Math.floor(total / 60)} min ${total % 60} s`;
}

const NAME_WIDTH = 13;
const PROGRESS_EVERY = live ? 250 : 15_000;

/**
 * Runs one step. `work` gets `{ progress, note }` and returns `{ reason, value }`: the reason ends the step's line.
 * A step that takes long shows its last progress: in place on a terminal, every 15 s elsewhere.
 */
export async function step(name, work) {
  const started = performance.now();
  const elapsed = () => seconds(performance.now() - started);
  const label = name.padEnd(NAME_WIDTH);
  let latest = "";
  const erase = () => live && out.write("\r\u001b[K");
  const show = () => {
    if (live) out.write(`\r\u001b[K${clip(`… ${label} ${latest} (${elapsed()})`)}`);
    else if (latest) say(`… ${label} ${latest} (${elapsed()})`);
  };
  const timer = setInterval(show, PROGRESS_EVERY);
  const note = (line) => {
    erase();
    say(`${paint.yellow("·")} ${label} ${line}`);
  };
  try {
    const { reason, value } = await work({ progress: (text) => void (latest = text), note });
    erase();
    say(`${paint.green("✓")} ${label} ${reason} ${paint.dim(`(${elapsed()})`)}`);
    return value;
  } catch (error) {
    erase();
    say(`${paint.red("✗")} ${label} failed ${paint.dim(`(${elapsed()})`)}`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

const clip = (text) => text.slice(0, Math.max(20, (out.columns ?? 80) - 1));

/** Prints rows under a heading, each column as wide as its widest cell. */
export function table(heading, rows) {
  const all = [heading, ...rows].map((row) => row.map(String));
  const widths = heading.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  all.forEach((row, index) => {
    const line = row.map((cell, column) => cell.padEnd(widths[column])).join("  ");
    say(index === 0 ? paint.bold(line.trimEnd()) : line.trimEnd());
  });
}
