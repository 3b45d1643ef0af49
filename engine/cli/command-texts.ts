import { Option } from "commander";

import { SHELLS } from "./completion";
import { flagOf, isSetBy, type Setting, SETTINGS } from "./settings";

/** A command, as its help shows it. */
export interface CommandText {
  readonly name: string;
  readonly summary: string;
  /** What stands behind the name. */
  readonly argument?: {
    readonly spec: string;
    readonly help: string;
    readonly default?: unknown;
    readonly choices?: readonly string[];
  };
  readonly options: readonly Option[];
  readonly after?: string;
  readonly examples?: readonly string[];
}

/** The settings that are flags of every command that works on a database. */
export const FLAGS = SETTINGS.filter((setting) => isSetBy(setting, "flag"));

const VALUES: Readonly<Record<string, string>> = {
  boolean: "[true|false]",
  "boolean or list": "[true|false|list]",
  map: "<name=value>",
};

function optionFor(setting: Setting): Option {
  const { kind, help } = setting;
  const option = new Option(
    `${flagOf(setting)} ${VALUES[kind] ?? `<${kind}>`}`,
    help.replaceAll("`", ""),
  );
  if (kind !== "map") return option;
  return option.argParser((text: string, before: string[] = []) => [...before, text]);
}

const optionsFor = (...keys: readonly string[]): Option[] =>
  FLAGS.filter(({ key }) => keys.includes(key)).map(optionFor);

/** What the names of files depend on. */
const NAMING = [
  "sqlMigrationPrefix",
  "repeatableSqlMigrationPrefix",
  "sqlMigrationSeparator",
  "sqlMigrationSuffixes",
];

/** What finding and reading files depends on. */
const READING = [
  ...["locations", "callbackLocations", "encoding", "mixed", "executeInTransaction"],
  ...["placeholders", "placeholderReplacement", "placeholderPrefix", "placeholderSuffix"],
  ...NAMING,
];

const JSON_ONLY = new Option("--json", "one JSON object on stdout");
/** In place of a URL. */
const STACK_OPTION = new Option(
  "--stack <stack>",
  "a stack of this Pulumi project: its state gives all settings",
);
const STACK_OPTIONS = [
  STACK_OPTION,
  new Option("--database <name>", "which of the stack's databases, by its name there"),
];
const RUN_OPTIONS = [
  ...STACK_OPTIONS,
  ...FLAGS.map(optionFor),
  new Option("--json", "one JSON object on stdout, progress on stderr"),
];

const DATABASE_COMMANDS: readonly Omit<CommandText, "options">[] = [
  {
    name: "info",
    summary: "list all migrations with their states; never writes",
    examples: [
      "tidemark info",
      "tidemark info --stack dev --database platform",
      "tidemark info --json | jq -r .schemaVersion",
    ],
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
    examples: ["tidemark repair", "tidemark repair --stack dev --database platform"],
  },
  { name: "clean", summary: "refused: drops nothing (Flyway's clean)" },
  { name: "undo", summary: "refused: write a new migration (Flyway's undo)" },
];

const JOB_HELP = `
This is the entry point of the Job that a stack with runner: job makes; elsewhere, use migrate. URLs, users and
passwords come from the environment variables that job.json names. Databases are migrated one after another, and one
that fails does not stop the others. Exit code: 0; 75 where all failures are temporary; else that of the first that is not.
`;

const STATUS_HELP = `
One that cannot be asked is shown as the stack remembers it, and says why. Exit code: 0; 65 where a row has failed or a
migrate would be refused, as the database's own validate says.
`;

const CHECK_HELP = `
Exit code: 0 when the live schema version is at least that (by Flyway's order: 2 < 2.1 < 10) and no row has failed; else
75, also for a database that cannot be reached or does not exist yet; 64 for a version, a time or a URL that is none.
Without --stack, --database names the database on the server of the URL or of libpq's variables.
`;

const OTHER_COMMANDS: readonly CommandText[] = [
  {
    name: "status",
    summary: "show how all databases of a stack stand; never writes",
    options: [STACK_OPTION, JSON_ONLY],
    after: STATUS_HELP,
    examples: ["tidemark status --stack dev"],
  },
  {
    name: "check",
    summary: "succeed when the schema version is at least the given one; never writes",
    options: [
      new Option("--at-least <version>", "the version that is wanted").makeOptionMandatory(),
      new Option("--wait <duration>", "how long to ask again: 90s, 5m").default("0s"),
      ...STACK_OPTIONS,
      ...optionsFor("url", "user", "password", "schemas", "defaultSchema", "table", "initSql"),
      JSON_ONLY,
    ],
    after: CHECK_HELP,
    examples: [
      "tidemark check --stack dev --database platform --at-least 3",
      "DATABASE_URL=… tidemark check --at-least 3 --wait 5m      (an initContainer)",
    ],
  },
  {
    name: "lint",
    summary:
      "check names, order, syntax (PostgreSQL's own parser) and the schema-only rule of all migrations",
    argument: {
      spec: "[folders...]",
      help: "folders of migrations, each of one database; else the locations",
    },
    options: [
      ...optionsFor(...READING),
      new Option("--exempt <scripts>", "scripts that may hold data, comma-separated"),
      JSON_ONLY,
    ],
    examples: [
      "tidemark lint",
      "tidemark lint migrations/platform --exempt platform/V2__seed_baseline_data.sql",
    ],
  },
  {
    name: "new",
    summary: "write the next migration file",
    argument: { spec: "<description>", help: "what the migration does, in words" },
    options: [
      new Option("--database <name>", "folder below the migrations folder"),
      new Option("--folder <folder>", "the migrations folder").default("migrations"),
      new Option("--repeatable", "a repeatable migration (R__…)"),
      ...optionsFor(...NAMING),
      JSON_ONLY,
    ],
    examples: ['tidemark new "add email verified" --database platform'],
  },
  {
    name: "dump",
    summary: "write a live schema as a first migration, by pg_dump",
    options: [
      ...optionsFor("url", "user", "password", "schemas", "defaultSchema", "table", ...NAMING),
      new Option("--database <name>", "folder below the migrations folder"),
      new Option("--folder <folder>", "the migrations folder").default("migrations"),
      new Option("--output <file>", "the file, in place of one in that folder; -: stdout"),
      new Option("--version <version>", "version of the migration").default("1"),
      new Option("--description <words>", "description of the migration").default("baseline"),
      new Option("--with-grants", "keep privileges: their roles have to be there everywhere"),
      new Option("--with-owners", "keep owners: likewise"),
      new Option("--pg-dump <file>", "the pg_dump to use"),
      JSON_ONLY,
    ],
    examples: [
      "tidemark dump --url postgresql://app@db:5432/platform --database platform",
      "tidemark dump --url postgresql://app@db:5432/platform --output -",
    ],
  },
  {
    name: "completion",
    summary: "print a script that completes commands, options, folders and databases",
    argument: { spec: "<shell>", help: "the shell that reads it", choices: SHELLS },
    options: [],
    examples: [
      ". <(tidemark completion bash)      in ~/.bashrc; for zsh in ~/.zshrc, after compinit",
      "tidemark completion fish | source  in ~/.config/fish/config.fish",
    ],
  },
  {
    name: "job",
    summary: "migrate the databases of a stack's Kubernetes Job: its container runs this",
    options: [
      new Option(
        "--spec <file>",
        "job.json, as the stack writes it into the Job's ConfigMap",
      ).makeOptionMandatory(),
      new Option("--bundle <file>", "the migrations, packed; without it they are in the image"),
      new Option("--work <folder>", "where the bundle is unpacked: an emptyDir"),
      new Option("--report <file>", "where the outcome goes: the container's termination message"),
      new Option("--grace <duration>", "how long a migration may go on after SIGTERM").default(
        "10s",
      ),
    ],
    after: JOB_HELP,
    examples: [
      "tidemark job --spec /tidemark/job.json --bundle /tidemark/migrations.bundle --work /work --report /dev/termination-log",
    ],
  },
];

export const COMMANDS: readonly CommandText[] = [
  ...DATABASE_COMMANDS.map((text) => ({ ...text, options: RUN_OPTIONS })),
  ...OTHER_COMMANDS,
];
