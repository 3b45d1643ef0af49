import { EXIT_CODES } from "./exit-codes";

/**
 * Lets the command end its work whatever becomes of its output. A reader that has gone (`| head -1`) wants no more of it,
 * and a migration that is running does not depend on that. An output that is lost for another reason, such as a full
 * disk, is said on stderr, and the exit code is 75 where all else went well: nobody has seen the result.
 */
export function surviveLostOutput(): void {
  let isLost = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || isLost) return;
    isLost = true;
    process.stderr.write(
      `The output cannot be written: ${error.message}. The work itself is not affected by that.\n`,
    );
  });
  process.stderr.on("error", () => undefined); // there is nowhere left to say it
  process.on("exit", (code) => {
    if (isLost && code === 0) process.exitCode = EXIT_CODES.temporary;
  });
}
