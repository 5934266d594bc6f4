import { variables } from '../../src/cli/variables.ts';
import { version } from '../../src/version.ts';

/**
 * server.json tells the MCP registry how agents run `troupe mcp`. The name begins with a namespace that the publisher owns there, and
 * package.json must have it as `mcpName`.
 */
export const serverJson = (name: string): string =>
  JSON.stringify({
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
    name,
    title: 'Troupe',
    description: 'One durable list of work that AI agents, programs and people plan, execute and complete.',
    version,
    packages: [
      {
        registryType: 'npm',
        identifier: 'troupe',
        version,
        runtimeHint: 'npx',
        transport: { type: 'stdio' },
        packageArguments: [{ type: 'positional', value: 'mcp' }],
        environmentVariables: [
          { name: 'TROUPE_DATA', description: plain(variables.TROUPE_DATA), format: 'filepath' },
          { name: 'TROUPE_WORKER', description: plain(variables.TROUPE_WORKER) },
          { name: 'TROUPE_LOG', description: plain(variables.TROUPE_LOG), choices: ['debug', 'info', 'warn', 'error', 'silent'] },
        ],
      },
    ],
  });

const plain = (markdown: string): string => markdown.replaceAll('`', '');
