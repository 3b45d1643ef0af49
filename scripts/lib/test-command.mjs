// What the commands that run mocha have in common: the last line "N passed, N failed", and what a user may set.
import { command, report } from "./failure.mjs";
import { say } from "./terminal.mjs";

/** Runs `run(arguments)`, which counts tests; an error is a failure of its own. Ends the process with the exit code. */
export const testCommand = (run) =>
  command(async () => {
    let total = { passed: 0, failed: 1 };
    try {
      total = await run(process.argv.slice(2));
    } catch (error) {
      report(error);
    }
    say(`${total.passed} passed, ${total.failed} failed`);
    return total.failed === 0 ? 0 : 1;
  });

/** Those of the named variables that are set. */
export const given = (names) =>
  Object.fromEntries(names.filter((name) => process.env[name]).map((n) => [n, process.env[n]]));
