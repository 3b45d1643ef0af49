import { type DatabaseReport, decodeReport, type JobReport } from "../../engine/job/report";
import type { Pod, TerminatedState } from "./objects";

/**
 * What the Job's pods (oldest first) have reported of each database. A later try overrides an earlier one, but a database
 * that was done stays done where a later try did not get to it.
 */
export function reportOf(pods: readonly Pod[]): JobReport | undefined {
  return pods
    .map(messageOf)
    .map((message) => (message === undefined ? undefined : decodeReport(message)))
    .filter((report) => report !== undefined)
    .reduce<JobReport | undefined>(
      (before, report) => (before ? mergeReports(before, report) : report),
      undefined,
    );
}

function messageOf(pod: Pod): string | undefined {
  const ended: TerminatedState | undefined = pod.status?.containerStatuses?.find(
    ({ state }) => state?.terminated?.message,
  )?.state?.terminated;
  return ended?.message;
}

function mergeReports(before: JobReport, after: JobReport): JobReport {
  const databases: Record<string, DatabaseReport> = { ...before.databases };
  for (const [name, report] of Object.entries(after.databases)) {
    const isNews = report.state === "done" || report.state === "failed";
    if (isNews || databases[name]?.state !== "done") databases[name] = report;
  }
  return { ...after, databases };
}

/** Of the failures that the same Job would meet again, unchanged. */
const LASTING: ReadonlySet<string> = new Set(["usage", "migrations"]);

/** Whether a failed Job may get further if it is run again, by its report and by the exit code of its last pod. */
export function mayHelpToRunAgain(
  report: JobReport | undefined,
  exitCode: number | undefined,
): boolean {
  const databases = Object.values(report?.databases ?? {});
  if (report === undefined || (databases.length === 0 && !report.error))
    return exitCode !== 64 && exitCode !== 65;
  if (report.error) return !LASTING.has(report.error.class);
  return databases.some(({ state, error }) => state !== "done" && !LASTING.has(error?.class ?? ""));
}
