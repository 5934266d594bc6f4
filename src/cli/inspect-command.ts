import { Command, InvalidArgumentError, Option } from './commander.ts';
import type { InspectOptions } from './inspect.ts';

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('Experimental: serves a local page that shows the tasks live in a Stately Inspector.')
    .option('--plan <id>', 'only the plan that this task belongs to')
    .addOption(new Option('--task <id>', 'only this task').conflicts('plan'))
    .option('--data <directory>', 'the data directory (default: see troupe --help)')
    .option('--context', 'tell contexts and what events carried, too')
    .option('--url', 'print one address for another receiver, good for one connection within a minute, and end')
    .option('--inspector <url>', 'the inspector that is opened', parseInspector, 'https://stately.ai/inspect')
    .addHelpText(
      'after',
      '\nNothing leaves this machine before the button on the page is pressed. Then titles, ids, states and events go to the inspector.',
    )
    .action(async (options: InspectOptions) => {
      const { inspect } = await import('./inspect.ts');
      await inspect(options);
    });
}

function parseInspector(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') throw new InvalidArgumentError('an inspector is a page: https://…');
  return url.href;
}
