import { TidemarkError } from "../../core/errors";
import { configurationError } from "../read-setting";
import type { BaseSettings } from "../resolve-settings";
import { databasesOf, pickDatabase, type StackDatabase } from "./deployment";
import { findProject, fromHere } from "./project";
import { loadProvider } from "./provider";
import { exportStack } from "./pulumi-cli";

/** Which stack, and which of its databases. */
export interface StackChoice {
  readonly stack: string;
  readonly database?: string;
}

/** The commands that have nothing to do where a database has no migrations. */
const NEED_MIGRATIONS = new Set(["plan", "migrate", "validate", "baseline", "repair"]);

/** Of a command line; undefined: no stack is named. */
export function stackChoice(
  own: Readonly<Record<string, unknown>>,
  isUrlGiven: boolean,
): StackChoice | undefined {
  const { stack, database } = own;
  if (typeof stack !== "string") return undefined;
  if (isUrlGiven)
    throw configurationError(
      "--url and --stack contradict each other: each says which database is meant.",
      "Give one of the two.",
    );
  return { stack, ...(typeof database === "string" && { database }) };
}

/** All databases that the state of a stack has, with paths as they are named from `folder`. */
export async function readStack(stack: string, folder = process.cwd()): Promise<StackDatabase[]> {
  const project = findProject(folder);
  const databases = databasesOf(await exportStack(project, stack), stack);
  return databases.map(({ recorded, ...database }) => {
    const { locations, sslrootcert } = recorded;
    const here = (path: string): string =>
      fromHere(path.replace(/^filesystem:/, ""), project, folder);
    return {
      ...database,
      recorded: {
        ...recorded,
        locations: locations.map(here),
        ...(sslrootcert && { sslrootcert: here(sslrootcert) }),
      },
    };
  });
}

/**
 * Connection and options of a stack's database, as the provider itself would have them.
 * @throws TidemarkError (CONFIGURATION) for what is not there, and, when connected to, for reach none.
 */
export async function stackSettings(
  choice: StackChoice,
  command: string,
): Promise<BaseSettings & { readonly name: string }> {
  const { stack } = choice;
  const database = pickDatabase(await readStack(stack), choice.database, stack);
  const { name, recorded } = database;
  if (recorded.locations.length === 0 && NEED_MIGRATIONS.has(command))
    throw configurationError(
      `${name} has no migrations in stack ${stack} (migrations: none): ${command} has nothing to work with.`,
      "Give it a folder of migrations in the stack's configuration; info and check work without.",
    );
  return { name, ...(await settingsOf(database, stack)) };
}

/** The same for one that has been found. */
export async function settingsOf(
  { name, recorded }: StackDatabase,
  stack: string,
): Promise<BaseSettings> {
  const { connectionOf, isReachable, optionsOf, secretTextsOf } = await loadProvider();
  return {
    connection: () => {
      if (!isReachable(recorded)) throw unreachable(name, stack);
      return connectionOf(recorded);
    },
    options: optionsOf(recorded),
    secrets: secretTextsOf(recorded),
  };
}

function unreachable(name: string, stack: string): TidemarkError {
  return new TidemarkError({
    code: "CONFIGURATION",
    class: "usage",
    message: `${name} is not to be asked from here: stack ${stack} has reach none for it.`,
    remedy:
      "Run the command where the database can be reached, with --url, or set tidemark:reach to direct or portForward and run up.",
  });
}
