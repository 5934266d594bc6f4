import { addPlace } from './call.ts';
import { Command, Option } from './commander.ts';
import type { ExportOptions } from './export.ts';

/** By hand, so that nothing is loaded before it is wanted; a test holds it against the table of formats. */
const formats = ['json', 'markdown', 'mermaid'];

export function exportCommand(): Command {
  const command = new Command('export')
    .description('Writes tasks to standard output, to be read by people or imported again.')
    .argument('[task]', 'only this task and what is below it (default: everything)')
    .addOption(new Option('--format <name>', 'what to write').choices(formats).default('json'))
    .addOption(new Option('--json', 'the same as --format json').implies({ format: 'json' }))
    .option('--project <name>', 'only the tasks of this project')
    .option('--archived', 'with what is archived');
  return addPlace(command).action(async (task: string | undefined, options: ExportOptions) => {
    const { exportTasks } = await import('./export.ts');
    await exportTasks(task, options);
  });
}
