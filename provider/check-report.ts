import { resourceLog } from "./engine-log";
import type { Knowledge } from "./pending";
import type { Live } from "./recorded";
import type { DesiredInputs, Recorded } from "./types";

/** What a check knows of one database; of a resource that the state has, `diff`, next in the same process, logs it. */
export interface CheckReport {
  readonly knowledge: Knowledge;
  /** Why nothing is known live. */
  readonly unreachable?: string;
  readonly schemaVersion: string | null;
  readonly pending?: string;
  /** What the database is like before the update, where it was asked. */
  readonly live?: Live;
}

/** Logs it on the resource's own row. `recorded` is what the state has; a new resource has nothing. */
export async function logCheckReport(
  { name, resourceUrn }: Pick<DesiredInputs, "name" | "resourceUrn">,
  report: CheckReport,
  recorded?: Pick<Recorded, "schemaVersion">,
): Promise<void> {
  const log = resourceLog(resourceUrn);
  const version = recorded?.schemaVersion ?? null;
  if (report.unreachable) {
    await log.warning(
      `${name}: from what the stack remembers (at ${version ?? "no version"}), since the database cannot be asked: ${report.unreachable}`,
    );
  }
  await log.info(`${name}: ${report.pending ?? describeSettled(report, version)}`);
}

function describeSettled(
  { knowledge, schemaVersion }: CheckReport,
  recorded: string | null,
): string {
  const version = knowledge === "live" ? schemaVersion : recorded;
  return `at ${version ?? "no version"}, nothing pending (${knowledge})`;
}
