// What the commands understand of Pulumi's arguments; all of them go through to Pulumi.
import { usage } from "./failure.mjs";

export const DEV = "dev";

/** Prints `text` and ends the command when help is asked for. */
export function helpFor(text, args = process.argv.slice(2)) {
  if (!args.includes("--help") && !args.includes("-h")) return;
  process.stdout.write(`${text.trim()}\n`);
  process.exit(0);
}

/** Splits the stack from the other arguments: `{ stack, rest }`. */
export function splitStack(args) {
  const rest = [];
  let stack = DEV;
  for (let index = 0; index < args.length; index += 1) {
    const [, value] = /^(?:--stack=|-s=?)(.+)$/.exec(args[index]) ?? [];
    const separate = args[index] === "--stack" || args[index] === "-s";
    if (separate && args[index + 1] === undefined)
      throw usage(`${args[index]} needs the name of a stack`);
    if (separate) stack = args[(index += 1)];
    else if (value) stack = value;
    else rest.push(args[index]);
  }
  return { stack, rest };
}

/** The stack's own name: "organization/project/dev" is "dev". */
export const shortName = (stack) => stack.split("/").at(-1);

// Flags that stand before Pulumi's command and take a value of their own.
const GLOBAL_WITH_VALUE = new Set([
  "-C",
  "--cwd",
  "--color",
  "--memprofilerate",
  "--profiling",
  "--tracing",
  "-v",
  "--verbose",
]);

/** Where Pulumi's command stands in the arguments: `up` in `-C x up`; -1 if nowhere. */
export function commandIndex(args) {
  for (let index = 0; index < args.length; index += 1) {
    if (GLOBAL_WITH_VALUE.has(args[index])) index += 1;
    else if (!args[index].startsWith("-")) return index;
  }
  return -1;
}
