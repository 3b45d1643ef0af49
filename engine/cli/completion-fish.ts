import type { CompletedCommand, CompletedOption, CompletedValue } from "./completion";

/** For fish 3 and later. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  return `# fish completion of tidemark: tidemark completion fish | source
complete -c tidemark -f
${commands.flatMap(lines).join("\n")}
`;
}

function lines({ name, help, options, argument }: CompletedCommand): string[] {
  const condition = name === "" ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${name}`;
  const start = `complete -c tidemark -n ${quoted(condition)}`;
  const own = options.map((option) => `${start} ${optionText(option)}`);
  if (name === "") return own;
  return [
    `complete -c tidemark -n __fish_use_subcommand -a ${name} -d ${quoted(help)}`,
    ...own,
    ...(argument.kind === "none" || argument.kind === "any"
      ? []
      : [`${start} ${valueText(argument)}`]),
  ];
}

function optionText({ names, help, value, isOptional }: CompletedOption): string {
  const named = names.map((n) => (n.startsWith("--") ? `-l ${n.slice(2)}` : `-s ${n.slice(1)}`));
  // -x is -r and -f, and -F takes -f back: fish refuses both.
  const needed = isOptional ? "" : value.kind === "files" ? "-r " : "-x ";
  const given = value.kind === "none" ? "" : ` ${needed}${valueText(value)}`;
  return `${named.join(" ")} -d ${quoted(help)}${given}`.trimEnd();
}

function valueText({ kind, words }: CompletedValue): string {
  switch (kind) {
    case "words":
      return `-a ${quoted(words.join(" "))}`;
    case "files":
      return "-F";
    case "folders":
      return "-a '(__fish_complete_directories)'";
    case "databases":
      return "-a '(for folder in migrations/*/; basename $folder; end)'";
    default:
      return "";
  }
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;
