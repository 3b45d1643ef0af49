import { resourceLog } from "./engine-log";
import type { Finding } from "./finding";
import type { DesiredInputs, Recorded } from "./types";

/** Tells the user, on the resource's own row, what a check has found. `recorded` is what the state has; a new resource has nothing. */
export async function tellFinding(
  { name, resourceUrn }: Pick<DesiredInputs, "name" | "resourceUrn">,
  finding: Finding,
  recorded?: Pick<Recorded, "schemaVersion">,
): Promise<void> {
  const log = resourceLog(resourceUrn);
  const version = recorded?.schemaVersion ?? null;
  if (finding.unreachable) {
    await log.warning(
      `${name}: from what the stack remembers (at ${version ?? "no version"}), since the database cannot be asked: ${finding.unreachable}`,
    );
  }
  await log.info(`${name}: ${finding.pending ?? describeSettled(finding, version)}`);
}

function describeSettled({ knowledge, schemaVersion }: Finding, recorded: string | null): string {
  const version = knowledge === "live" ? schemaVersion : recorded;
  return `at ${version ?? "no version"}, nothing pending (${knowledge})`;
}
