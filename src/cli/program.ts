import { artifactCommand } from './artifact-command.ts';
import { backupCommands } from './backup-commands.ts';
import type { Named } from './call.ts';
import { Command } from './commander.ts';
import { completionCommand } from './completion-command.ts';
import { version } from '../version.ts';
import { diagramCommand } from './diagram-command.ts';
import { editCalls } from './edit-calls.ts';
import { exitWords } from './exit-codes.ts';
import { exportCommand } from './export-command.ts';
import { graphCommand } from './graph-command.ts';
import { importCommand } from './import-command.ts';
import { inspectCommand } from './inspect-command.ts';
import { mcpCommand } from './mcp-command.ts';
import { pageCommand } from './page-command.ts';
import { planCommand } from './plan-command.ts';
import { readingCalls } from './reading-calls.ts';
import { serveCommand } from './serve-command.ts';
import { sessionCommand } from './session-calls.ts';
import { taskCalls } from './task-calls.ts';
import { tokenCommand } from './token-command.ts';
import { watchCommand } from './watch-command.ts';
import { workCommand } from './work-command.ts';

const named = (name: string, make: () => Command): Named => ({ name, make });

const groups: readonly (readonly [heading: string, commands: readonly Named[]])[] = [
  ['Plan:', [named('plan', planCommand)]],
  ['Work:', [...taskCalls(), ...editCalls(), sessionCommand, named('work', workCommand)]],
  ['Look:', [...readingCalls(), named('artifact', artifactCommand), named('graph', graphCommand), named('watch', watchCommand)]],
  [
    'Service:',
    [
      named('serve', serveCommand),
      named('page', pageCommand),
      named('mcp', mcpCommand),
      named('token', tokenCommand),
      named('completion', completionCommand),
    ],
  ],
  ['Data:', [named('import', importCommand), named('export', exportCommand), ...backupCommands]],
  ['Machines:', [named('diagram', diagramCommand), named('inspect', inspectCommand)]],
];

const exitCodes = Object.entries(exitWords)
  .map(([code, words]) => `${code} ${words}`)
  .join(', ');

/** The command line, or as much of it as the word that stands for a command needs. What a command does is loaded when it is called. */
export function createProgram(word?: string): Command {
  const program = new Command('troupe')
    .description('A task orchestrator on the actor model.')
    .version(version)
    .addHelpText(
      'after',
      `\nA task or a session is named by its id or by the beginning of it. Exit codes: ${exitCodes}.\n\nThe data directory is the one of --data, else of TROUPE_DATA, else the nearest ` +
        ".troupe upwards, else .troupe in the root of the git repository, else the user's data folder.",
    );
  const only = groups.flatMap(([, commands]) => commands).find(({ name }) => name === word);
  if (only !== undefined) return program.addCommand(only.make());
  for (const [heading, commands] of groups) {
    program.commandsGroup(heading);
    for (const { make } of commands) program.addCommand(make());
  }
  return program;
}

/** With those below it. */
export const commandsBelow = (command: Command): Command[] => [command, ...command.commands.flatMap(commandsBelow)];

/** As it is typed: `troupe token add`. */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
