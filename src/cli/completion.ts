import type { Command } from './commander.ts';
import { commandsBelow, createProgram, pathOf } from './program.ts';
import type { Shell } from './shells.ts';

/** What can follow a command: commands below it, its options, and the words that an option takes. */
interface Words {
  /** Without `troupe`. */
  readonly path: string;
  readonly description: string;
  readonly below: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly { readonly flag: string; readonly description: string; readonly choices: readonly string[] }[];
}

const writers: Readonly<Record<Shell, (words: readonly Words[]) => string>> = { bash, zsh, fish };

/** A script for the shell, made of the commands as they are. */
export function completion(shell: Shell): string {
  return writers[shell](commandsBelow(createProgram()).map(wordsOf));
}

function wordsOf(command: Command): Words {
  const below = command.commands.map((one) => ({ name: one.name(), description: one.description() }));
  const options = command.options.flatMap(({ long, description, argChoices = [] }) =>
    long == null ? [] : [{ flag: long, description, choices: argChoices }],
  );
  return {
    path: pathOf(command).replace(/^troupe ?/, ''),
    description: command.description(),
    below,
    options: [...options, { flag: '--help', description: 'display help for command', choices: [] }],
  };
}

const wordList = ({ below, options }: Words): string => [...below.map(({ name }) => name), ...options.map(({ flag }) => flag)].join(' ');

/** Words up to the first option say which command it is. */
function bash(words: readonly Words[]): string {
  const cases = words.map((one) => `    '${one.path}') words='${wordList(one)}' ;;`);
  const choices = words.flatMap(({ path, options }) =>
    options.flatMap(({ flag, choices: list }) => (list.length === 0 ? [] : [`    '${path} ${flag}') words='${list.join(' ')}' ;;`])),
  );
  const parents = words.filter(({ path, below }) => path !== '' && below.length > 0).map(({ path }) => path);
  return `# troupe completion for bash: source <(troupe completion bash)
_troupe() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} path= words= n
  for ((n = 1; n < COMP_CWORD && n < 3; n++)); do
    [[ \${COMP_WORDS[n]} == -* ]] && break
    case "$n$path" in 1|2${parents.join('|2')}) path="\${path:+$path }\${COMP_WORDS[n]}" ;; esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  case "$path $before" in
${choices.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _troupe troupe
`;
}

/** zsh reads completions of bash. */
function zsh(words: readonly Words[]): string {
  const script = bash(words).split('\n').slice(1).join('\n');
  return `# troupe completion for zsh: source <(troupe completion zsh)
autoload -U +X compinit && compinit
autoload -U +X bashcompinit && bashcompinit
${script}`;
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fish(words: readonly Words[]): string {
  const lines = words.flatMap(({ path, below, options }) => {
    const condition =
      path === ''
        ? '__fish_use_subcommand'
        : path
            .split(' ')
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join('; and ');
    const complete = `complete -c troupe -n ${quoted(condition)}`;
    return [
      ...below.map(({ name, description }) => `${complete} -f -a ${name} -d ${quoted(description)}`),
      ...options.map(({ flag, description, choices }) => {
        const list = choices.length === 0 ? '' : ` -x -a ${quoted(choices.join(' '))}`;
        return `${complete} -l ${flag.slice(2)} -d ${quoted(description)}${list}`;
      }),
    ];
  });
  return `# troupe completion for fish: troupe completion fish | source\n${lines.join('\n')}\n`;
}
