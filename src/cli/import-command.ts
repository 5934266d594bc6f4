import { addPlace } from './call.ts';
import { Command, Option } from './commander.ts';
import type { ImportOptions } from './import.ts';

/** By hand, so that nothing is loaded before it is wanted; a test holds it against the table of formats. */
const formats = ['troupe', 'task-master', 'claude-code', 'beads', 'markdown'];

export function importCommand(): Command {
  return addPlace(new Command('import'))
    .description('Makes tasks of what another program keeps. Nothing is made twice.')
    .argument('<file>', 'the file, a folder of task files of Claude Code, or - for standard input')
    .addOption(new Option('--format <name>', 'what the file is in (default: it is found out)').choices(formats))
    .option('--project <name>', 'the project that the tasks are made in', 'default')
    .option('--source <name>', 'tells two sources of one format apart, for example two task-master projects')
    .option('--done', 'make and complete what is done in the source, too (default: it is left out)')
    .option('--update', 'change tasks that were imported before and differ now')
    .option('--dry-run', 'only tell what would be done')
    .option('--json', 'tell the result as one JSON object')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrongly called or a file that cannot be imported; then nothing was changed.')
    .action(async (file: string, options: ImportOptions) => {
      const { importTasks } = await import('./import.ts');
      await importTasks(file, options);
    });
}
