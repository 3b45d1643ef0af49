import type { StackTarget } from "../core/remedy";
import { readConfigFiles } from "./config-files";
import { givenVariables, readEnvironment } from "./environment";
import type { Invocation } from "./program";
import { configurationError } from "./read-setting";
import { type ResolvedSettings, resolveSettings, resolveUpon } from "./resolve-settings";
import { stackChoice } from "./stack/stack-settings";

/** The commands whose `--database` means something without a stack. */
const OWN_DATABASE = new Set(["check", "dump", "new"]);

/** What a command works with. */
export interface CommandSettings {
  readonly settings: ResolvedSettings;
  /** On what is set and has no effect. */
  readonly warnings: readonly string[];
  /** Where the settings are a stack's. */
  readonly target?: StackTarget;
}

/**
 * The settings of a command: from a stack where one is named, else from files, variables and flags.
 * @throws TidemarkError (CONFIGURATION) for what cannot be read or contradicts itself.
 */
export async function commandSettings({
  command,
  given,
  own,
}: Pick<Invocation, "command" | "given" | "own">): Promise<CommandSettings> {
  const environment = readEnvironment(process.env);
  const choice = stackChoice(own, given.values.has("url"));
  if (choice) {
    const { stackSettings } = await import("./stack/stack-settings.js");
    const base = await stackSettings(choice, command);
    const { stack } = choice;
    const target = { stack, database: base.name };
    return { settings: resolveUpon(base, given), warnings: unused(stack), target };
  }
  if (own.database !== undefined && !OWN_DATABASE.has(command))
    throw configurationError(
      "--database names a database of a stack, and no stack is named.",
      "Add --stack <stack>, or give --url in place of both.",
    );
  const files = await readConfigFiles(process.cwd(), process.env.FLYWAY_CONFIG_FILES);
  const settings = resolveSettings(process.env, ...files, environment, given);
  return { settings, warnings: settings.warnings };
}

function unused(stack: string): string[] {
  const names = givenVariables(process.env);
  if (names.length === 0) return [];
  return [
    `${names.join(", ")} ${names.length === 1 ? "is" : "are"} set and not used: with --stack ${stack}, all settings are the stack's; only a flag wins over them.`,
  ];
}
