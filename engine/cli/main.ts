#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { asFailure } from "../core/errors";
import { scrub } from "../core/scrub";
import { DATABASE_COMMANDS } from "./commands";
import { readConfigFiles } from "./config-files";
import { readEnvironment } from "./environment";
import { EXIT_CODES } from "./exit-codes";
import { lintCommand } from "./lint-command";
import { newCommand } from "./new-command";
import { HelpShown, type Invocation, parseCommandLine } from "./program";
import { renderEvent, renderFailure, renderReport } from "./render";
import { emptyReport, type Report, reportFailure } from "./report";
import { resolveSettings } from "./resolve-settings";
import { painter, wantsColour } from "./terminal";

const secrets: string[] = [];

/** Runs one command line. @returns the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const wantsJson = argv.includes("--json");
  let command = argv.find((arg) => !arg.startsWith("-")) ?? "";
  try {
    const invocation = parseCommandLine(argv, packageVersion());
    command = invocation.command;
    if (command === "job")
      return await (await import("./job-command.js")).jobCommand(invocation.own);
    return await show(invocation, await run(invocation));
  } catch (error) {
    if (error instanceof HelpShown) return 0;
    return fail(command, error, wantsJson);
  }
}

async function run(invocation: Invocation): Promise<Report> {
  const settings = resolveSettings(
    ...(await readConfigFiles(process.cwd(), process.env.FLYWAY_CONFIG_FILES)),
    readEnvironment(process.env),
    invocation.given,
  );
  const { args, own } = invocation;
  secrets.push(...settings.secrets);
  if (invocation.command === "lint") return lintCommand(args, own, settings.options);
  if (invocation.command === "new") return newCommand(args[0] ?? "", own, settings.options);
  const work = DATABASE_COMMANDS[invocation.command];
  if (!work) throw new Error(`no such command: ${invocation.command}`);
  const paint = painter(wantsColour(process.stderr, process.env));
  return work({
    ...settings,
    emit: (event) => {
      const line = renderEvent(event, paint);
      if (line !== undefined) print(process.stderr, line);
    },
  });
}

async function show({ json }: Invocation, report: Report): Promise<number> {
  const text = json
    ? JSON.stringify(report)
    : renderReport(report, painter(wantsColour(process.stdout, process.env)));
  print(process.stdout, text);
  return report.ok ? 0 : EXIT_CODES.migrations;
}

function fail(command: string, error: unknown, json: boolean): number {
  const failure = asFailure(error);
  if (json) print(process.stdout, JSON.stringify(reportFailure(error, emptyReport(command))));
  print(process.stderr, renderFailure(failure, painter(wantsColour(process.stderr, process.env))));
  if (failure.class === "bug" && failure.cause instanceof Error) {
    print(process.stderr, failure.cause.stack ?? "");
  }
  return EXIT_CODES[failure.class];
}

function print(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${scrub(text, secrets)}\n`);
}

function packageVersion(): string {
  const file = join(__dirname, "..", "..", "..", "package.json"); // compiled, this file lies in bin/engine/cli
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
