// An error that a user can act on: what is wrong and what to do next; and the frame that every command runs in.
import { paint } from "./terminal.mjs";

export class Failure extends Error {
  constructor(what, next = "", exitCode = 1) {
    super(what);
    this.next = next;
    this.exitCode = exitCode;
  }
}

export const usage = (what, next) => new Failure(what, next, 64);

/** Runs a command; its result is the exit code. */
export async function command(work) {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Prints an error on stderr and says which exit code it asks for. */
export function report(error) {
  const known = error instanceof Failure ? error : permission(error);
  console.error(`\n${paint.red("error:")} ${known ? known.message : (error?.stack ?? error)}`);
  if (known?.next)
    console.error(`${paint.bold("next:")}  ${known.next.replaceAll("\n", "\n       ")}`);
  return known?.exitCode ?? 70;
}

function permission(error) {
  if (error?.code !== "EACCES" && error?.code !== "EPERM") return undefined;
  return new Failure(
    `permission denied: ${error.path ?? error.message}`,
    "It may belong to another user because a command was once run as root.\n" +
      "Give it back (chown) or remove it, and run the command again.",
  );
}
