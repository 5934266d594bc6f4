import { Command } from './commander.ts';
import { addCommon, addWorker, option } from './call.ts';
import type { PlanOptions } from './plan.ts';

export function planCommand(): Command {
  const command = addCommon(new Command('plan'))
    .description('Makes a whole plan of a file or of standard input, all of it or nothing, and prints the ids.')
    .argument('[file]', 'JSON or YAML of what task.plan takes, or a checklist in markdown; - or nothing for standard input', '-')
    .option('--title <title>', 'the title of the plan, instead of the one in the file')
    .addOption(option('--parent <id>', 'the task that it is a part of'))
    .option('--project <name>', 'the project that it belongs to')
    .option('--session <id>', 'the session that it belongs to')
    .option('--command-id <id>', 'makes it safe to say the same again')
    .addHelpText(
      'after',
      '\nFor example: printf "title: Tea\\ntasks:\\n- {ref: boil, title: Boil}\\n- {title: Pour, dependsOn: [boil]}\\n" | troupe plan',
    );
  return addWorker(command).action(async (file: string, options: PlanOptions) => (await import('./plan.ts')).plan(file, options));
}
