import type { Command } from 'commander';
import { commandsBelow, pathOf } from '../../src/cli/program.ts';

/** The text of docs/cli.md, made of the commands as they are. */
export function reference(program: Command): string {
  const [top, ...commands] = commandsBelow(program);
  return `${['# The command line', '', 'Made of the program by `test/cli/reference.test.ts`; write it anew with `UPDATE=1`.', ...section(top), ...commands.flatMap(section)].join('\n')}\n`;
}

function section(command: Command | undefined): string[] {
  if (command === undefined) return [];
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 120, getOutHasColors: () => false });
  command.outputHelp();
  return ['', `## \`${pathOf(command)}\``, '', '```', help.trimEnd(), '```'];
}
