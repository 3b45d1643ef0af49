/**
 * The one place where the command reaches the provider: how a recorded database is connected to (directly or through a
 * tunnel), which options it has, how state and database are compared. It is loaded only for --stack: the image holds
 * the engine alone, and an ordinary command starts without it.
 */
import { configurationError } from "../read-setting";

/** @throws TidemarkError (CONFIGURATION) where only the engine is installed. */
export async function loadProvider() {
  try {
    const [target, recorded, pending] = await Promise.all([
      import("../../../provider/target.js"),
      import("../../../provider/recorded.js"),
      import("../../../provider/pending.js"),
    ]);
    return { ...target, ...recorded, ...pending };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw configurationError(
      "--stack: this installation holds the engine alone, and cannot read a stack.",
      "Run it where the project is, or give --url in place of --stack.",
    );
  }
}
