import { parseSpan } from './arguments.ts';
import { addCommon, addWorker, count } from './call.ts';
import { Command } from './commander.ts';
import { filters } from './task-filter.ts';
import type { WorkOptions } from './work.ts';

export function workCommand(): Command {
  const command = addWorker(addCommon(new Command('work')))
    .description('Runs a command for each task that is ready: the context is its standard input, its output is the work.')
    .requiredOption('--exec <command>', 'given to the shell; an exit code other than 0 fails the task')
    .addOption(count('--concurrency <number>', 'how many at the same time (1 to 32)').default(1))
    .option('--until-empty', 'end when nothing is ready; with 1 when a task failed')
    .option('--lease-time <time>', 'for how long a task is held if this process dies: 1m, 1h', parseSpan, 60_000)
    .addHelpText(
      'after',
      '\nThe command finds TROUPE_TASK_ID, TROUPE_TASK_TITLE and TROUPE_LEASE_ID in its environment. Ctrl+C lets what runs finish; a second ' +
        'one ends it, and the tasks go back.\n\nFor example: troupe work --exec "my-agent --print" --specialist writer --concurrency 2',
    );
  for (const option of filters()) command.addOption(option);
  return command.action(async (options: WorkOptions) => {
    process.exitCode = await (await import('./work.ts')).work(options);
  });
}
