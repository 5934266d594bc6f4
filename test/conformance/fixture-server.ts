import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InMemoryServerEventBus } from '@modelcontextprotocol/server';
import { openHttp } from '../../src/transport/http.ts';
import { openMcpHandler } from '../../src/transport/mcp/over-http.ts';
import { openTokens } from '../../src/transport/tokens.ts';
import { createFixtures } from './fixtures.ts';

/** The tool's fixtures behind our port, gate, tokens and streamable HTTP: what is tested is the way there. */

export interface FixtureServer {
  readonly origin: string;
  readonly token: string;
  close(): Promise<void>;
}

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: console.error };

export async function openFixtureServer(allowHosts: readonly string[]): Promise<FixtureServer> {
  const data = mkdtempSync(join(tmpdir(), 'troupe-conformance-'));
  const http = await openHttp({ host: '127.0.0.1', port: 0, allowHosts, allowOrigins: [], insecure: false, logger });
  const onFault = (fault: Error): void => console.error(fault);
  const tokens = openTokens(data, { now: Date.now, onFault });
  const { origin } = http;
  const mcp = openMcpHandler({
    tokens,
    logger,
    origin,
    serverOf: () => ({ create: createFixtures, changes: new InMemoryServerEventBus() }),
  });
  const route = { path: '/mcp', methods: ['POST'], access: 'token', handle: mcp.handle, end: mcp.end } as const;
  http.mount({ tokens, routes: [route], upgrades: {} });
  return {
    origin,
    token: readFileSync(join(data, 'token'), 'utf8').trim(),
    async close() {
      await http.close(1_000);
      rmSync(data, { recursive: true });
    },
  };
}
