import { addCommon } from './call.ts';
import { Command } from './commander.ts';
import type { PageOptions } from './page.ts';

export function pageCommand(): Command {
  return addCommon(new Command('page'))
    .description('Prints the address of the page of the service that runs, with the token that opens it.')
    .addHelpText('after', '\nFor example: xdg-open "$(troupe page)". Whoever has the address can do what you can.')
    .action(async (options: PageOptions) => (await import('./page.ts')).page(options));
}
