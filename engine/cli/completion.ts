import type { Command, Option } from "commander";

import { bashCompletion } from "./completion-bash";
import { fishCompletion } from "./completion-fish";
import { zshCompletion } from "./completion-zsh";

/** What may stand behind an option, or in place of an argument. */
export type ValueKind = "none" | "any" | "words" | "files" | "folders" | "databases";

export interface CompletedValue {
  readonly kind: ValueKind;
  /** Of kind `words`. */
  readonly words: readonly string[];
}

export interface CompletedOption {
  /** `--locations`, `-h`. */
  readonly names: readonly string[];
  readonly help: string;
  readonly value: CompletedValue;
  /** The value may be left out: `--group`, `--group true`. */
  readonly isOptional: boolean;
}

export interface CompletedCommand {
  readonly name: string;
  readonly help: string;
  readonly options: readonly CompletedOption[];
  readonly argument: CompletedValue;
}

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export type Shell = keyof typeof SCRIPTS;
export const SHELLS = Object.keys(SCRIPTS) as readonly Shell[];

/** The completion script of a shell, with every command and option that the program has. */
export function completionScript(shell: Shell, program: Command): string {
  return SCRIPTS[shell](describeProgram(program));
}

/** The program's commands; the first, without a name, is the program itself. */
export function describeProgram(program: Command): CompletedCommand[] {
  const commands = program.createHelp().visibleCommands(program);
  const names = commands.map((command) => command.name());
  return [
    { ...describe(program), name: "", argument: { kind: "words", words: names } },
    ...commands.map((command) =>
      command.name() === "help"
        ? { ...describe(command), argument: { kind: "words" as const, words: names } }
        : describe(command),
    ),
  ];
}

function describe(command: Command): CompletedCommand {
  const [argument] = command.registeredArguments;
  return {
    name: command.name(),
    help: command.description(),
    options: command.createHelp().visibleOptions(command).map(describeOption),
    argument: argument
      ? valueOf(argument.name(), argument.argChoices)
      : { kind: "none", words: [] },
  };
}

function describeOption(option: Option): CompletedOption {
  const { short, long, description, flags, argChoices } = option;
  const names = [long, short].filter((name) => name !== undefined);
  const base = { names, help: description, isOptional: option.optional };
  if (!option.required && !option.optional) return { ...base, value: { kind: "none", words: [] } };
  const placeholder = /[<[]([^>\]]*)[>\]]/.exec(flags)?.[1] ?? "";
  return { ...base, value: valueOf(placeholder, argChoices, long) };
}

/** By the word that the help shows in its place, and, of a plain name or list, by the option it belongs to. */
function valueOf(placeholder: string, choices?: readonly string[], long = ""): CompletedValue {
  if (choices) return { kind: "words", words: choices };
  const word = placeholder.replace(/\.{3}$/, "");
  if (word.startsWith("true|false")) return { kind: "words", words: ["true", "false"] };
  if (/^(folders?|dir(ectory)?)$/.test(word) || /-?locations$/.test(long))
    return { kind: "folders", words: [] };
  if (/^files?$/.test(word)) return { kind: "files", words: [] };
  if (long === "--database") return { kind: "databases", words: [] };
  return { kind: "any", words: [] };
}
