import { Argument, Command, CommanderError } from "commander";

import { COMMANDS, FLAGS } from "./command-texts";
import type { GivenSettings } from "./environment";
import { configurationError, readSetting, type SettingValue } from "./read-setting";
import { flagOf } from "./settings";

/** What the command line asked for. */
export interface Invocation {
  readonly command: string;
  readonly args: readonly string[];
  readonly given: GivenSettings;
  readonly json: boolean;
  /** Flags of one command only. */
  readonly own: Readonly<Record<string, unknown>>;
}

/** Exit code 0, but nothing to run: help or version was shown. */
export class HelpShown extends Error {}

/** Nothing was asked for: the message is the help. */
export class NoCommand extends Error {}

/**
 * Reads the command line.
 * @throws HelpShown when help was asked for, NoCommand for an empty line, TidemarkError (CONFIGURATION) when the line cannot be read.
 */
export function parseCommandLine(argv: readonly string[], version: string): Invocation {
  let invocation: Invocation | undefined;
  const program = buildProgram(version, (name, args, options) => {
    invocation = readOptions(name, args, options);
  });
  if (argv.length === 0) throw new NoCommand(program.helpInformation());
  try {
    program.parse([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) throw new HelpShown();
    if (error instanceof CommanderError) throw usageError(error);
    throw error;
  }
  if (!invocation) throw new HelpShown();
  return invocation;
}

/** The program for those who only look at it, such as the completion of a shell. */
export const describedProgram = (): Command => buildProgram("", () => undefined);

function buildProgram(
  version: string,
  take: (name: string, args: readonly string[], options: Record<string, unknown>) => void,
): Command {
  const program = new Command("tidemark")
    .description("Migrates PostgreSQL databases; a drop-in for Flyway on the same schema history.")
    .version(version)
    .enablePositionalOptions() // dump has a --version of its own
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .addHelpText("after", HELP_AFTER);
  for (const { name, summary, argument, options, after = "", examples = [] } of COMMANDS) {
    const command = program.command(name).description(summary).exitOverride();
    if (argument) {
      const added = new Argument(argument.spec, argument.help).default(argument.default);
      command.addArgument(argument.choices ? added.choices(argument.choices) : added);
    }
    for (const option of options) command.addOption(option);
    const shown = examples.map((example) => `\n  ${example}`);
    if (shown.length > 0) shown.unshift("\nExamples:");
    command.addHelpText("after", after + shown.join(""));
    command.action(() => take(name, command.processedArgs.flat() as string[], command.opts()));
  }
  return program;
}

const HELP_AFTER = `
Settings come from flags, from FLYWAY_* and TIDEMARK_* variables (baselineVersion: FLYWAY_BASELINE_VERSION), and
have Flyway's defaults. Exit codes: 0 done, 64 usage or configuration, 65 migrations or history at fault,
75 temporary (try again), 70 a bug of ours.`;

function readOptions(
  command: string,
  args: readonly string[],
  options: Record<string, unknown>,
): Invocation {
  const values = new Map<string, SettingValue>();
  for (const setting of FLAGS) {
    const given = options[setting.key];
    if (typeof given === "string")
      values.set(setting.key, readSetting(setting, given, flagOf(setting)));
    else if (given === true) values.set(setting.key, true);
  }
  const placeholders = readPlaceholders(options.placeholders);
  return {
    command,
    args,
    given: { values, placeholders },
    json: options.json === true,
    own: options,
  };
}

function readPlaceholders(given: unknown): Record<string, string> {
  if (!Array.isArray(given)) return {};
  return Object.fromEntries(
    given.map((text: string) => {
      const equals = text.indexOf("=");
      if (equals < 1)
        throw configurationError(
          "--placeholders: there is one without a name.", // what there is may be a secret
          "Write --placeholders name=value.",
        );
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

function usageError(error: CommanderError): Error {
  const [message = "", meant] = error.message.replace(/^error: |\.$/g, "").split("\n");
  const question = meant ? ` ${meant.replace(/[()]/g, "")}` : "";
  return configurationError(
    `${message.charAt(0).toUpperCase()}${message.slice(1)}.${question}`,
    "See tidemark --help.",
  );
}
