#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { failureText } from "../core/failure-text";
import type { StackTarget } from "../core/remedy";
import { scrubEvent, Secrets, shownNames } from "../core/secrets";
import { checkCommand } from "./check-command";
import { commandSettings } from "./command-settings";
import { DATABASE_COMMANDS } from "./commands";
import { completionScript, type Shell } from "./completion";
import { dumpCommand } from "./dump-command";
import { EXIT_CODES } from "./exit-codes";
import { lintCommand } from "./lint-command";
import { newCommand } from "./new-command";
import { surviveLostOutput } from "./output";
import {
  describedProgram,
  HelpShown,
  type Invocation,
  NoCommand,
  parseCommandLine,
} from "./program";
import { renderEvent, renderFailure, renderReport } from "./render";
import { type Report, reportFailure, scrubReport } from "./report";
import type { ResolvedSettings } from "./resolve-settings";
import { painter, wantsColour } from "./terminal";

/** Of the settings, as soon as they are read. */
let secrets = Secrets.none;
/** The database of a stack that the command is about. */
let target: StackTarget | undefined;

/** Runs one command line. @returns the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const wantsJson = argv.includes("--json");
  let command = argv.find((arg) => !arg.startsWith("-")) ?? "";
  try {
    const invocation = parseCommandLine(argv, packageVersion());
    command = invocation.command;
    if (command === "completion") {
      print(process.stdout, completionScript(invocation.args[0] as Shell, describedProgram()));
      return 0;
    }
    if (command === "job")
      return await (await import("./job-command.js")).jobCommand(invocation.own);
    return show(invocation, scrubReport(await run(invocation), secrets));
  } catch (error) {
    if (error instanceof HelpShown) return 0;
    if (error instanceof NoCommand) {
      process.stderr.write(error.message);
      return EXIT_CODES.usage;
    }
    return fail(command, error, wantsJson);
  }
}

async function run(invocation: Invocation): Promise<Report> {
  const { args, own } = invocation;
  if (invocation.command === "status")
    return (await import("./status-command.js")).statusCommand(own, showProgress);
  const { settings, warnings, ...of } = await commandSettings(invocation);
  target = of.target;
  secrets = secretsOf(settings);
  if (invocation.command === "lint") return lintCommand(args, own, settings.options);
  if (invocation.command === "new") return newCommand(args[0] ?? "", own, settings.options);
  if (invocation.command === "dump") return dumpCommand(own, settings);
  for (const warning of warnings) warn(secrets.scrub(warning));
  if (invocation.command === "check") {
    const log = (line: string): void => print(process.stderr, `Not yet: ${line}`);
    return checkCommand({ ...settings, own, secrets, log, stop: stopSignal() });
  }
  const work = DATABASE_COMMANDS[invocation.command];
  if (!work) throw new Error(`no such command: ${invocation.command}`);
  const paint = painter(wantsColour(process.stderr, process.env));
  return work({
    ...settings,
    emit: (event) => {
      const line = renderEvent(scrubEvent(event, secrets), paint);
      if (line !== undefined) print(process.stderr, line);
    },
  });
}

function secretsOf({ connection, options, passwords, secrets }: ResolvedSettings): Secrets {
  const known = { values: passwords, declared: secrets };
  try {
    return new Secrets({ ...known, names: shownNames(connection(), options) });
  } catch {
    return new Secrets(known); // a URL that cannot be read is said when it is used, without quoting it
  }
}

function warn(message: string): void {
  const paint = painter(wantsColour(process.stderr, process.env));
  print(process.stderr, `${paint("yellow", "Warning:")} ${message}`);
}

/** One line that is written over; on a terminal alone. */
function showProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line.slice(0, 79)}`);
}

function show({ json }: Invocation, report: Report): number {
  const text = json
    ? JSON.stringify(report)
    : renderReport(report, painter(wantsColour(process.stdout, process.env)));
  print(process.stdout, text);
  if (typeof report.exitCode === "number") return report.exitCode;
  return report.ok ? 0 : EXIT_CODES.migrations;
}

function fail(command: string, error: unknown, json: boolean): number {
  const failure = failureText(error, secrets, target);
  if (json) print(process.stdout, JSON.stringify(reportFailure(command, error, failure)));
  print(process.stderr, renderFailure(failure, painter(wantsColour(process.stderr, process.env))));
  return EXIT_CODES[failure.class];
}

function print(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${text}\n`);
}

function packageVersion(): string {
  const file = join(__dirname, "..", "..", "..", "package.json"); // compiled, this file lies in bin/engine/cli
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** What is still open when the command has been stopped ends with the process, after a moment for the output. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      controller.abort();
      setTimeout(() => process.exit(EXIT_CODES.temporary), 200).unref();
    });
  return controller.signal;
}

surviveLostOutput();
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
