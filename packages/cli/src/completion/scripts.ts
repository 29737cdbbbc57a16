/** What shells run to complete a command line of skein's: they hand over its words, and are told what may follow. */

/** Bash, 3.2 or newer. It cuts words at `:` and `=`, and puts in only what comes behind. */
const BASH = `# Completion of skein for bash: eval "$(skein completion bash)"
_skein() {
  local i n=-1 glue='' cur part line
  local -a words lines
  for ((i = 1; i <= COMP_CWORD; i++)); do
    if [[ $n -ge 0 && ( -n $glue || \${COMP_WORDS[i]} == [:=]* ) ]]; then
      words[n]+=\${COMP_WORDS[i]}
    else
      words[++n]=\${COMP_WORDS[i]}
    fi
    glue=''
    [[ \${COMP_WORDS[i]} == *[:=] && $i -lt $COMP_CWORD ]] && glue=1
  done
  cur=\${words[n]}
  part=\${cur##*[:=]}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) compopt -o filenames 2>/dev/null; while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$part") ;;
      :directories) compopt -o filenames 2>/dev/null; while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$part") ;;
      :commands) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -c -- "$part") ;;
      *) line=\${line%%$'\\t'*}; COMPREPLY+=("\${line#"\${cur%"$part"}"}") ;;
    esac
  done < <(command skein completion words -- "\${words[@]}" 2>/dev/null)
}
complete -F _skein skein
`;

const ZSH = `#compdef skein
# Completion of skein for zsh: source <(skein completion zsh), after compinit
_skein() {
  local line
  local -a found
  local -a before=("\${(@Q)words[2,CURRENT-1]}")
  for line in "\${(@f)$(command skein completion words -- "\${before[@]}" "\${(Q)PREFIX}" 2>/dev/null)}"; do
    case $line in
      '') ;;
      :files) _files ;;
      :directories) _files -/ ;;
      :commands) _command_names -e ;;
      *) found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  (( \${#found} )) && _describe -V skein found
}
if [[ \${funcstack[1]} == _skein ]]; then _skein "$@"; else compdef _skein skein; fi
`;

const FISH = `# Completion of skein for fish: skein completion fish > ~/.config/fish/completions/skein.fish
function __skein_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    for line in (command skein completion words -- $before[2..] "$current" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path "$current"
            case :directories
                __fish_complete_directories "$current"
            case :commands
                complete -C "$current"
            case '*'
                echo $line
        end
    end
end
complete -c skein -f -k -a '(__skein_complete)'
`;

export const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH };
