import { resourceLog } from "./engine-log";
import { pulumiCommand } from "./pulumi-command";

/**
 * A fault of one database that only `diff` can see: what was recorded is not known before. The preview of an `up` warns,
 * and the update refuses.
 * @throws Error with the fault in a preview on its own, which has no other way to fail from here (decision 14)
 */
export async function reportFault(urn: string, name: string, text: string): Promise<void> {
  if (pulumiCommand() !== "up") throw new Error(`${name}: ${text}`);
  await resourceLog(urn).warning(`${name} will fail: ${text}`);
}
