import type { CompletedCommand, CompletedOption, CompletedValue } from "./completion";

/** For zsh 5: sourced, or as a file _tidemark in fpath. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const [program, ...others] = commands;
  const described = others
    .map(({ name, help }) => quoted(`${escape(name)}:${help}`))
    .join("\n    ");
  return `#compdef tidemark
# zsh completion of tidemark: . <(tidemark completion zsh)
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }

_tidemark_databases() {
  local folder=\${opt_args[--folder]:-migrations}
  local -a names=($folder/*(N/:t))
  compadd -a names
}

_tidemark() {
  local context state line curcontext=$curcontext
  local -a commands=(
    ${described}
  )
  _arguments -C ${(program?.options ?? []).map(optionText).join(" ")} '1:command:->command' '*::argument:->rest' && return
  [[ $state == command ]] && { _describe command commands; return; }
  case $words[1] in
${others.map(commandCase).join("\n")}
  esac
}

if [[ $funcstack[1] == _tidemark ]]; then _tidemark "$@"; else compdef _tidemark tidemark; fi
`;
}

function commandCase({ name, options, argument }: CompletedCommand): string {
  const rest = argument.kind === "none" ? "" : ` '*:argument:${action(argument)}'`;
  return `    ${name}) _arguments ${options.map(optionText).join(" ")}${rest} ;;`;
}

function optionText({ names, help, value, isOptional }: CompletedOption): string {
  const text = help.replace(/[[\]:\\]/g, "\\$&");
  const given = value.kind === "none" ? "" : `:${isOptional ? ":" : ""}value:${action(value)}`;
  return names.map((name) => quoted(`${name}[${text}]${given}`)).join(" ");
}

function action({ kind, words }: CompletedValue): string {
  switch (kind) {
    case "words":
      return `(${words.join(" ")})`;
    case "files":
      return "_files";
    case "folders":
      return "_files -/";
    case "databases":
      return "_tidemark_databases";
    default:
      return " ";
  }
}

const escape = (text: string): string => text.replaceAll(":", "\\:");
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
