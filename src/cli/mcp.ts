import { once } from 'node:events';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { createLog } from '../logger.ts';
import { createMcpServer } from '../transport/mcp/mcp-server.ts';
import type { Toolset } from '../transport/mcp/toolbox.ts';
import { version } from '../version.ts';
import { LinkBackend } from './link-backend.ts';
import { onListen, WhenWanted } from './on-listen.ts';
import { variable } from './variables.ts';

export interface McpCommandOptions {
  readonly data?: string;
  readonly worker?: string;
  readonly toolset: Toolset;
}

/** Serves one agent on standard input and output until its end is closed. Standard output carries the protocol and nothing else. */
export async function mcp({ data, worker, toolset }: McpCommandOptions): Promise<void> {
  const { logger } = createLog(variable('TROUPE_LOG') ?? 'warn');
  const backend = LinkBackend.open({ data, worker, client: { name: 'mcp', version } });
  logger.info({ worker: backend.worker }, `data directory ${backend.data.line}`);
  const changes = new WhenWanted(backend.follow);
  const served = serveStdio(({ era }) => createMcpServer({ backend, toolset, logger, version, era, follow: changes.follow }), {
    transport: onListen(new StdioServerTransport(), changes.want),
    onerror: (error) => logger.debug({ err: error }, 'mcp'),
  });
  await Promise.race([once(process.stdin, 'end'), once(process.stdin, 'close'), once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  await served.close();
  await backend.close();
  process.stdin.destroy();
}
