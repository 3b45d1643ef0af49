import type { CompletedCommand, CompletedValue } from "./completion";

/** For bash 3.2 and later; needs no bash-completion. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  return `# bash completion of tidemark: . <(tidemark completion bash)
_tidemark_options() {
  case $1 in
${cases(commands.map(({ name, options }) => [quoted(name), words(options.flatMap((o) => o.names))]))}
  esac
}

_tidemark_value() {
  case $1:$2 in
${cases(commands.flatMap(optionValues))}
  esac
}

_tidemark_argument() {
  case $1 in
${cases(commands.map(({ name, argument }) => [quoted(name), valueText(argument)]))}
  esac
}

${FUNCTIONS}
complete -F _tidemark tidemark
`;
}

const quoted = (name: string): string => `'${name}'`;
const words = (list: readonly string[]): string => `words ${list.join(" ")}`.trim();
const cases = (rows: readonly (readonly [string, string])[]): string =>
  rows.map(([pattern, text]) => `    ${pattern}) echo '${text}' ;;`).join("\n");

const valueText = ({ kind, words: list }: CompletedValue): string =>
  kind === "words" ? words(list) : kind;

function optionValues({ name, options }: CompletedCommand): [string, string][] {
  return options
    .filter(({ value }) => value.kind !== "none")
    .map(({ names, value, isOptional }) => [
      names.map((each) => `'${name}:${each}'`).join("|"),
      `${isOptional ? "optional" : "required"} ${valueText(value)}`,
    ]);
}

// `=` is a word of its own in bash, so that --locations=x comes as three.
const FUNCTIONS = `_tidemark_folder() { # the folder of migrations that the line names
  local i
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ \${COMP_WORDS[i]} == --folder ]] || continue
    [[ \${COMP_WORDS[i + 1]} == = ]] && ((i++))
    printf '%s' "\${COMP_WORDS[i + 1]}"
    return
  done
  printf migrations
}

_tidemark_offer() { # <kind> [<word>…]: what begins with $cur; of a list, what follows its last comma
  local kind=$1 before= last=$cur line
  shift
  case $kind in
    folders|files)
      if [[ $cur == *,* ]]; then before=\${cur%,*}, last=\${cur##*,}; fi
      local flag=-d
      [[ $kind == files ]] && flag=-f
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$before$line"); done < <(compgen $flag -- "$last")
      ;;
    databases)
      for line in "$(_tidemark_folder)"/*/; do
        [[ -d $line ]] || continue
        line=\${line%/}
        line=\${line##*/}
        [[ $line == "$cur"* ]] && COMPREPLY+=("$line")
      done
      ;;
    words)
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -W "$*" -- "$cur")
      ;;
  esac
}

_tidemark() {
  local cur=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= i word value
  COMPREPLY=()
  if [[ $cur == = ]]; then
    cur=
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word != -* ]]; then command=$word; break; fi
  done
  value=$(_tidemark_value "$command" "$previous")
  if [[ $value == required* || ($value == optional* && $cur != -*) ]]; then
    _tidemark_offer \${value#* }
    [[ $value == optional* && \${#COMPREPLY[@]} -eq 0 ]] || return
  fi
  if [[ $cur == -* ]]; then
    _tidemark_offer $(_tidemark_options "$command")
  else
    _tidemark_offer $(_tidemark_argument "$command")
  fi
}
`;
