import { CommanderError } from './commander.ts';
import type { Command } from './commander.ts';
import { exits } from './exit-codes.ts';
import { reportFailure, usageFailure } from './failure.ts';
import { createProgram, pathOf, commandsBelow } from './program.ts';

/** Does what the words say, and sets the exit code. */
export async function run(argv: readonly string[]): Promise<void> {
  const [, , ...words] = argv;
  // What stands behind `--` is for somebody else.
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  // Not for the service: its log is on standard error, and who started it reads there in words why it ended.
  const isJson = own.includes('--json') && own[0] !== 'serve';
  const program = createProgram(words[0]);
  let fault: Error | null = null;
  for (const command of commandsBelow(program))
    command.exitOverride().configureOutput({ outputError: (told) => (fault = usageFailure(told, pathOf(command))) });
  try {
    checkHelp(program, words);
    await program.parseAsync(argv);
  } catch (error) {
    // Help and version end this way too, with 0.
    if (!(error instanceof CommanderError)) process.exitCode = reportFailure(error, isJson);
    else if (error.exitCode === 0) process.exitCode = exits.ok;
    else process.exitCode = fault === null ? exits.usage : reportFailure(fault, isJson);
  }
}

/** Commander shows the help of everything for a command that there is not. */
function checkHelp(program: Command, words: readonly string[]): void {
  let command = program;
  let isHelp = false;
  for (const word of words) {
    if (word === 'help' && command.commands.length > 0) isHelp = true;
    else {
      const below = command.commands.find((one) => one.name() === word);
      if (below === undefined && isHelp && !word.startsWith('-')) throw usageFailure(`unknown command '${word}'`, pathOf(command));
      if (below === undefined) return;
      command = below;
    }
  }
}
