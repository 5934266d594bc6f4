import { Command, Option } from './commander.ts';
import { addCommon } from './call.ts';
import type { GraphOptions } from './graph.ts';

export function graphCommand(): Command {
  return addCommon(new Command('graph'))
    .description('Draws a plan: who is part of what, and who waits for whom.')
    .argument('<task>', 'a task of the plan')
    .addOption(new Option('--format <format>', 'lines for people, or Mermaid').choices(['tree', 'mermaid']).default('tree'))
    .action(async (task: string, options: GraphOptions) => (await import('./graph.ts')).graph(task, options));
}
