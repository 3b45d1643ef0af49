import { resourceLog } from "./engine-log";

/** A fault of one database that a preview shows and that its update refuses: an error on the resource's own row. */
export async function reportFault(urn: string, name: string, text: string): Promise<void> {
  await resourceLog(urn).error(`${name}: ${text}`);
}
