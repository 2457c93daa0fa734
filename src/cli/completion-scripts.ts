/** What a shell must know of one command. */
export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  /** What may stand where others take files: its own commands, or the choices of its argument. */
  readonly words: readonly string[];
  readonly options: readonly {
    readonly name: string;
    readonly description: string;
    readonly choices: readonly string[];
  }[];
}

export type Shell = 'bash' | 'zsh' | 'fish';

/** A script that completes commands, their options and the options' choices; files everywhere else. */
export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  return { bash, zsh, fish }[shell](commands);
}

function bash(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(
    ({ name, options, words }) =>
      `    ${name}) options='${options.map((option) => option.name).join(' ')}' words='${words.join(' ')}' ;;`,
  );
  return `# clade completions bash > ~/.local/share/bash-completion/completions/clade
_clade() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" options='' words=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=( $(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$current") )
    return
  fi
  case "\${COMP_WORDS[1]} $previous" in
${choicesOf(commands)
  .map(
    ({ command, option, choices }) =>
      `    '${command} ${option}') COMPREPLY=( $(compgen -W '${choices.join(' ')}' -- "$current") ); return ;;`,
  )
  .join('\n')}
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  case "$current" in
    -*) COMPREPLY=( $(compgen -W "$options" -- "$current") ) ;;
    *) if [ -n "$words" ] && [ "$COMP_CWORD" -eq 2 ]; then COMPREPLY=( $(compgen -W "$words" -- "$current") )
       else COMPREPLY=( $(compgen -f -- "$current") ); fi ;;
  esac
}
complete -o filenames -F _clade clade
`;
}

function zsh(commands: readonly CompletedCommand[]): string {
  const listed = commands.map(({ name, description }) => `    '${name}:${zshText(description)}'`);
  const cases = commands.map(({ name, options, words }) => {
    const specs = options.map(({ name: option, description, choices }) => {
      const values = choices.length > 0 ? `:value:(${choices.join(' ')})` : '';
      return `'${option}[${zshText(description)}]${values}'`;
    });
    const rest = words.length > 0 ? [`'1:what:(${words.join(' ')})'`] : [];
    return `    ${name}) _arguments ${[...specs, ...rest, "'*:file:_files'"].join(' ')} ;;`;
  });
  return `#compdef clade
# clade completions zsh > a folder of $fpath, as _clade
_clade() {
  local -a commands
  commands=(
${listed.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _clade ]; then _clade "$@"; else compdef _clade clade; fi
`;
}

function fish(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, description, options, words }) => [
    `complete -c clade -n __fish_use_subcommand -f -a ${name} -d '${fishText(description)}'`,
    ...(words.length > 0
      ? [`complete -c clade -n '__fish_seen_subcommand_from ${name}' -f -a '${words.join(' ')}'`]
      : []),
    ...options.map(({ name: option, description: text, choices }) => {
      const flag = option.startsWith('--') ? `-l ${option.slice(2)}` : `-s ${option.slice(1)}`;
      const values = choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : '';
      return `complete -c clade -n '__fish_seen_subcommand_from ${name}' ${flag}${values} -d '${fishText(text)}'`;
    }),
  ]);
  const own = ['help', 'version'].map(
    (option) => `complete -c clade -n __fish_use_subcommand -f -l ${option}`,
  );
  return `# clade completions fish > ~/.config/fish/completions/clade.fish\n${[...own, ...lines].join('\n')}\n`;
}

function choicesOf(commands: readonly CompletedCommand[]) {
  return commands.flatMap(({ name, options }) =>
    options.flatMap(({ name: option, choices }) =>
      choices.length > 0 ? [{ command: name, option, choices }] : [],
    ),
  );
}

function zshText(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&').replaceAll("'", "'\\''");
}

function fishText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}
