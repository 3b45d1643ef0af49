import { Command, CommanderError, Option } from "commander";

import type { GivenSettings } from "./environment";
import { configurationError, readSetting, type SettingValue } from "./read-setting";
import { flagOf, isSetBy, type Setting, SETTINGS } from "./settings";

/** What the command line asked for. */
export interface Invocation {
  readonly command: string;
  readonly args: readonly string[];
  readonly given: GivenSettings;
  readonly json: boolean;
  /** Flags of one command only. */
  readonly own: Readonly<Record<string, unknown>>;
}

interface CommandText {
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
}

const DATABASE_COMMANDS: readonly CommandText[] = [
  {
    name: "info",
    summary: "list all migrations with their states; never writes",
    examples: ["tidemark info", "tidemark info --json | jq -r .schemaVersion"],
  },
  {
    name: "plan",
    summary: "say what migrate would do now; never writes",
    examples: ["tidemark plan --locations migrations/platform"],
  },
  {
    name: "migrate",
    summary: "apply the pending migrations",
    examples: [
      "FLYWAY_PASSWORD=… tidemark migrate --url postgresql://app@db:5432/platform --locations migrations/platform",
      "tidemark migrate --target 4",
      "tidemark migrate --baseline-on-migrate --baseline-version 3",
    ],
  },
  {
    name: "validate",
    summary: "compare history and files; fails with every problem and its remedy; never writes",
    examples: ["tidemark validate --ignore-migration-patterns '*:pending'"],
  },
  {
    name: "baseline",
    summary: "mark an existing schema as being at a version",
    examples: ["tidemark baseline --baseline-version 3 --baseline-description 'Existing schema'"],
  },
  {
    name: "repair",
    summary: "make the history agree with the files; touches the history only",
    examples: ["tidemark repair"],
  },
  { name: "clean", summary: "refused: drops nothing (Flyway's clean)", examples: [] },
  { name: "undo", summary: "refused: write a new migration (Flyway's undo)", examples: [] },
];

const FLAGS = SETTINGS.filter((setting) => isSetBy(setting, "flag"));

/** Exit code 0, but nothing to run: help or version was shown. */
export class HelpShown extends Error {}

/**
 * Reads the command line.
 * @throws HelpShown when help was asked for, TidemarkError (CONFIGURATION) when the line cannot be read.
 */
export function parseCommandLine(argv: readonly string[], version: string): Invocation {
  let invocation: Invocation | undefined;
  const take = (name: string) => (args: readonly string[], options: Record<string, unknown>) => {
    invocation = readOptions(name, args, options);
  };
  const program = buildProgram(version, take);
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

type Take = (name: string) => (args: readonly string[], options: Record<string, unknown>) => void;

function buildProgram(version: string, take: Take): Command {
  const program = new Command("tidemark")
    .description("Migrates PostgreSQL databases; a drop-in for Flyway on the same schema history.")
    .version(version)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .addHelpText("after", HELP_AFTER);
  for (const text of DATABASE_COMMANDS) addDatabaseCommand(program, text, take);
  addLint(program, take);
  addNew(program, take);
  addJob(program, take);
  return program;
}

const HELP_AFTER = `
Settings come from flags, from FLYWAY_* and TIDEMARK_* variables (baselineVersion: FLYWAY_BASELINE_VERSION), and
have Flyway's defaults. Exit codes: 0 done, 64 usage or configuration, 65 migrations or history at fault,
75 temporary (try again), 70 a bug of ours.`;

function addDatabaseCommand(
  program: Command,
  { name, summary, examples }: CommandText,
  take: Take,
): void {
  const command = program.command(name).description(summary).exitOverride();
  for (const setting of FLAGS) command.addOption(optionFor(setting));
  command.option("--json", "one JSON object on stdout, progress on stderr");
  if (examples.length > 0)
    command.addHelpText("after", `\nExamples:\n${examples.map((e) => `  ${e}`).join("\n")}`);
  command.action((options: Record<string, unknown>) => take(name)([], options));
}

function addLint(program: Command, take: Take): void {
  program
    .command("lint")
    .description(
      "check names, order, syntax (PostgreSQL's own parser) and the schema-only rule of all migrations",
    )
    .argument("[folders...]", "folders of migrations", ["migrations"])
    .option("--exempt <scripts>", "scripts that may hold data, comma-separated")
    .option("--json", "one JSON object on stdout")
    .exitOverride()
    .addHelpText(
      "after",
      "\nExamples:\n  tidemark lint\n  tidemark lint migrations/platform --exempt platform/V2__seed_baseline_data.sql",
    )
    .action((folders: string[], options: Record<string, unknown>) =>
      take("lint")(folders, options),
    );
}

function addNew(program: Command, take: Take): void {
  program
    .command("new")
    .description("write the next migration file")
    .argument("<description>", "what the migration does, in words")
    .option("--database <name>", "folder below the migrations folder")
    .option("--folder <folder>", "the migrations folder", "migrations")
    .option("--repeatable", "a repeatable migration (R__…)")
    .option("--json", "one JSON object on stdout")
    .exitOverride()
    .addHelpText("after", '\nExamples:\n  tidemark new "add email verified" --database platform')
    .action((description: string, options: Record<string, unknown>) =>
      take("new")([description], options),
    );
}

function addJob(program: Command, take: Take): void {
  program
    .command("job")
    .description("migrate the databases of a stack's Kubernetes Job: its container runs this")
    .requiredOption("--spec <file>", "job.json, as the stack writes it into the Job's ConfigMap")
    .option("--bundle <file>", "the migrations, packed; without it they are in the image")
    .option("--work <folder>", "where the bundle is unpacked: an emptyDir")
    .option("--report <file>", "where the outcome goes: the container's termination message")
    .option("--grace <duration>", "how long a migration may go on after SIGTERM", "10s")
    .exitOverride()
    .addHelpText("after", JOB_HELP)
    .action((options: Record<string, unknown>) => take("job")([], options));
}

const JOB_HELP = `
This is the entry point of the Job that a stack with runner: job makes; elsewhere, use migrate. URLs, users and
passwords come from the environment variables that job.json names. Databases are migrated one after another, and one
that fails does not stop the others. Exit code: 0; 75 where all failures are temporary; else that of the first that is not.

Example:
  tidemark job --spec /tidemark/job.json --bundle /tidemark/migrations.bundle --work /work --report /dev/termination-log`;

const VALUES: Readonly<Record<string, string>> = {
  boolean: "[true|false]",
  "boolean or list": "[true|false|list]",
  map: "<name=value>",
};

function optionFor(setting: Setting): Option {
  const option = new Option(
    `${flagOf(setting)} ${VALUES[setting.kind] ?? `<${setting.kind}>`}`,
    setting.help.replaceAll("`", ""),
  );
  if (setting.kind !== "map") return option;
  return option.argParser((text: string, before: string[] | undefined) => [
    ...(before ?? []),
    text,
  ]);
}

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
          `--placeholders: "${text}" is not name=value.`,
          "Write --placeholders name=value.",
        );
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

function usageError(error: CommanderError): Error {
  const message = error.message.replace(/^error: /, "");
  return configurationError(
    `${message.charAt(0).toUpperCase()}${message.slice(1)}.`,
    "See tidemark --help.",
  );
}
