import { Argument, Command } from './commander.ts';
import { shells } from './shells.ts';
import type { Shell } from './shells.ts';

export function completionCommand(): Command {
  return new Command('completion')
    .description('Prints a script that completes commands and options in your shell.')
    .addArgument(new Argument('<shell>', 'whose script').choices(shells))
    .addHelpText(
      'after',
      '\nbash: source <(troupe completion bash)\nzsh:  source <(troupe completion zsh)\nfish: troupe completion fish | source',
    )
    .action(async (shell: Shell) => {
      const { completion } = await import('./completion.ts');
      process.stdout.write(completion(shell));
    });
}
