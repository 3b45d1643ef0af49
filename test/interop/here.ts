import { DATABASE_COMMANDS } from "../../engine/cli/commands";
import { readEnvironment } from "../../engine/cli/environment";
import { type Report, reportFailure } from "../../engine/cli/report";
import { resolveSettings } from "../../engine/cli/resolve-settings";
import { failureText } from "../../engine/core/failure-text";
import { Secrets } from "../../engine/core/secrets";
import type { CommandOutcome, toCommandLine } from "../flyway/command";

const IGNORE_PROGRESS = (): void => undefined;

/** What the command does, in this process: for questions and random projects, of which there are many. */
export async function runHere(
  command: string,
  url: string,
  { args, env }: ReturnType<typeof toCommandLine>,
): Promise<CommandOutcome> {
  const report = await reportOf(command, { ...env, ...placeholdersOf(args), FLYWAY_URL: url });
  return {
    exitCode: report.ok ? 0 : 1,
    timedOut: false,
    stderr: "",
    report: JSON.parse(JSON.stringify(report)) as CommandOutcome["report"],
  };
}

async function reportOf(command: string, env: Record<string, string>): Promise<Report> {
  try {
    const run = DATABASE_COMMANDS[command];
    if (!run) throw new Error(`no such command: ${command}`);
    return await run({ ...resolveSettings({}, readEnvironment(env)), emit: IGNORE_PROGRESS });
  } catch (error) {
    return reportFailure(command, error, failureText(error, Secrets.none));
  }
}

/** `--placeholders k=v` as variables. */
function placeholdersOf(args: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    args
      .filter((arg) => arg !== "--placeholders")
      .map((arg) => {
        const at = arg.indexOf("=");
        return [`FLYWAY_PLACEHOLDERS_${arg.slice(0, at).toUpperCase()}`, arg.slice(at + 1)];
      }),
  );
}
