# complete.zsh <completion script> <line>…: prints what zsh offers for each line, a word a line, and a line `--` behind
# each, from real completions in a terminal of its own.
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT= ; stty -echo -onlcr; autoload -Uz compinit; compinit -u -D; source ${(q)1}"
zpty -w shell 'compadd () {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return $?; fi
  typeset -a words; builtin compadd -O words "$@"
  for word in $words; do print -r -- "<offered>$word"; done
}
offer () { print "<begin>"; _main_complete; print "<end>"; compstate[insert]=; compstate[list]= }
zle -C offer complete-word offer; bindkey "^I" offer; print "<ready>"'
zpty -r -m shell line '*<ready>*'
for line in "${@:2}"; do
  zpty -w -n shell $'\x15'"$line"$'\t' # ^U: away with the line before
  zpty -r -m shell heard '*<begin>*<end>*'
  for word in ${(f)heard}; do [[ $word == *'<offered>'* ]] && print -r -- ${${word#*'<offered>'}%$'\r'}; done
  print -r -- --
done
zpty -d shell
