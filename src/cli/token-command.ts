import { Command } from './commander.ts';
import { collect } from './arguments.ts';
import type { AddOptions, DataOptions } from './token.ts';

/** Works on the files of the data directory, whether a service runs on it or not. */
export function tokenCommand(): Command {
  const command = new Command('token').description('Makes, lists and revokes tokens.');
  const sub = (usage: string, description: string): Command =>
    command
      .command(usage)
      .description(description)
      .option('--data <directory>', 'the data directory (default: see troupe --help)')
      .option('--json', 'answer in JSON');
  sub('add <name>', 'Makes a token and prints it: it can be read only now.')
    .option('--scope <scope>', 'read, write or admin; can be given several times (default read and write)', collect, [])
    .option('--project <project>', 'a project that it opens; can be given several times (default all)', collect, [])
    .action(async (name: string, options: AddOptions) => (await import('./token.ts')).add(name, options));
  sub('list', 'Lists the tokens, without the tokens themselves.').action(async (options: DataOptions) =>
    (await import('./token.ts')).list(options),
  );
  sub('revoke <name>', 'Takes a token away; a running service closes its connections.').action(async (name: string, options: DataOptions) =>
    (await import('./token.ts')).revoke(name, options),
  );
  return command;
}
