import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

/** One agent over stdio, through the official client. */
export interface Agent {
  call(name: string, args: Record<string, unknown>): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** Starts the program as a process of its own. */
export async function startAgent(args: readonly string[]): Promise<Agent> {
  const client = new Client({ name: 'bench', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [...args], stderr: 'inherit' }));
  return {
    async call(name, given) {
      const { isError, content, structuredContent } = await client.callTool({ name, arguments: given });
      if (isError === true || typeof structuredContent !== 'object' || structuredContent === null)
        throw new Error(`${name}: ${JSON.stringify(content)}`);
      return { ...structuredContent };
    },
    close: () => client.close(),
  };
}
