// A failure of the engine in the words of a command.
import { compiled, secretsOf } from "../dev-config.mjs";
import { Failure } from "../failure.mjs";

/** What went wrong with this database, with file, line and remedy, and without secrets. */
export function migrationFailure(error, config) {
  if (error instanceof Failure) return error;
  const { failureLines, failureText } = compiled("engine", "index.js");
  const text = failureText(error, secretsOf(config));
  return new Failure(
    `${config.name} is as it was.\n${failureLines(text).join("\n")}`,
    "Correct it and run the reset again.",
    65,
  );
}
