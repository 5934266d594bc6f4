import { addCommon, option } from './call.ts';
import { Command } from './commander.ts';
import type { WatchOptions } from './watch.ts';

export function watchCommand(): Command {
  return addCommon(new Command('watch'))
    .description('Prints what happens as it happens, until Ctrl+C; with --json one object in each line.')
    .argument('[task]', 'only this task')
    .addOption(option('--plan <id>', 'only the plan that this task belongs to').conflicts('task'))
    .option('--project <name>', 'only this project')
    .option('--session <id>', 'only this session')
    .action(async (task: string | undefined, options: WatchOptions) => (await import('./watch.ts')).watch(task, options));
}
