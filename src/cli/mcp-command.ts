import { Command, Option } from './commander.ts';
import type { McpCommandOptions } from './mcp.ts';

export function mcpCommand(): Command {
  return new Command('mcp')
    .description('Serves AI agents over the Model Context Protocol, on standard input and output.')
    .option('--data <directory>', 'the data directory (default: see troupe --help)')
    .option('--worker <name>', 'who holds the leases of this process (default: TROUPE_WORKER, else a name of its own)')
    .addOption(
      new Option('--toolset <set>', 'which tools are listed; a call by name works for every tool').choices(['core', 'all']).default('core'),
    )
    .addHelpText(
      'after',
      '\nThe service that owns the directory is found, or started in the background. Logs go to standard error (TROUPE_LOG).',
    )
    .action(async (options: McpCommandOptions) => {
      const { mcp } = await import('./mcp.ts');
      await mcp(options);
    });
}
