import { Command } from './commander.ts';
import { addCommon } from './call.ts';
import type { CommonOptions } from './call.ts';

export function artifactCommand(): Command {
  return addCommon(new Command('artifact'))
    .description('Prints the work that was stored with a task; show names it.')
    .argument('<artifact>', 'its whole id, which begins with a_')
    .action(async (id: string, options: CommonOptions) => (await import('./artifact.ts')).artifact(id, options));
}
