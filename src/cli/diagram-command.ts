import { Command, Option } from './commander.ts';
import type { DiagramOptions } from './diagram.ts';

/** Needs neither a service nor a data directory. */
export function diagramCommand(): Command {
  return new Command('diagram')
    .description('Prints the diagram of a state machine: task (the default) or session.')
    .argument('[machine]', 'which machine', 'task')
    .addOption(
      new Option('--format <format>', 'Mermaid, a picture, data with the layout, or code for Stately Studio')
        .choices(['mermaid', 'svg', 'json', 'xstate'])
        .default('mermaid'),
    )
    .addHelpText('after', '\nFor example: troupe diagram session --format svg > session.svg')
    .action(async (machine: string, options: DiagramOptions) => (await import('./diagram.ts')).diagram(machine, options));
}
