import { readFile } from 'node:fs/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { ClientCapabilities } from '@modelcontextprotocol/client';
import { StdioClientTransport, getDefaultEnvironment } from '@modelcontextprotocol/client/stdio';
import { onTestFinished } from 'vitest';
import * as z from 'zod';
import { createTroupe } from '../../src/server.ts';
import type { Troupe, TroupeOptions } from '../../src/server.ts';
import { temporaryDirectory } from '../support/data-directory.ts';

/** The official client against the real service, in both eras of the protocol and over both transports. */

export type Era = 'modern' | 'legacy';
export const eras: readonly Era[] = ['modern', 'legacy'];
/** The revision that the client and the service agree on. */
export const revisions: Readonly<Record<Era, string>> = { modern: '2026-07-28', legacy: '2025-11-25' };

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface Serving extends Troupe {
  readonly data: string;
  readonly token: string;
}

export async function serveMcp(options: Partial<TroupeOptions> = {}): Promise<Serving> {
  const data = options.data ?? (await temporaryDirectory());
  const troupe = await createTroupe({ data, port: 0, logger, ...options });
  onTestFinished(() => troupe.close());
  return { ...troupe, data, token: (await readFile(troupe.tokenFile, 'utf8')).trim() };
}

const newClient = (era: Era, capabilities: ClientCapabilities = {}): Client =>
  new Client({ name: 'test', version: '1.0.0' }, { capabilities, versionNegotiation: { mode: era === 'modern' ? 'auto' : 'legacy' } });

export interface HttpChoice {
  readonly era?: Era;
  readonly path?: '/mcp' | '/mcp/all';
  readonly token?: string;
  readonly capabilities?: ClientCapabilities;
}

export async function overHttp({ http, token }: Serving, choice: HttpChoice = {}): Promise<Client> {
  const client = newClient(choice.era ?? 'modern', choice.capabilities);
  const headers = { authorization: `Bearer ${choice.token ?? token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${http}${choice.path ?? '/mcp'}`), { requestInit: { headers } }));
  onTestFinished(() => client.close());
  return client;
}

export interface StdioChoice {
  readonly era?: Era;
  readonly args?: readonly string[];
  readonly capabilities?: ClientCapabilities;
  readonly env?: Readonly<Record<string, string>>;
}

/** `troupe mcp` as a process of its own, on the directory of a service that runs. */
export async function overStdio(
  command: string,
  data: string,
  { era = 'modern', args = [], env = {}, capabilities }: StdioChoice = {},
): Promise<Client> {
  const client = newClient(era, capabilities);
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [command, 'mcp', '--data', data, ...args],
      env: { ...getDefaultEnvironment(), ...env },
      stderr: 'pipe',
    }),
  );
  onTestFinished(() => client.close());
  return client;
}

type Called = Awaited<ReturnType<Client['callTool']>>;

/** The structured content of an answer that is no refusal. */
export async function answer(client: Client, name: string, args: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const result = await client.callTool({ name, arguments: args });
  if (result.isError === true) throw new Error(`${name} was refused: ${textOf(result)}`);
  return z.record(z.string(), z.unknown()).parse(result.structuredContent);
}

export const textOf = (result: Called): string => {
  const [first] = result.content;
  return first?.type === 'text' ? first.text : '';
};

const refusalShape = z.object({
  error: z.looseObject({ reason: z.string(), message: z.string(), fix: z.string(), retryable: z.boolean() }),
});

export type Refusal = z.output<typeof refusalShape>['error'];

/** What a call was refused with. */
export async function refusal(client: Client, name: string, args: Record<string, unknown> = {}): Promise<Refusal> {
  const result = await client.callTool({ name, arguments: args });
  if (result.isError !== true) throw new Error(`${name} was not refused: ${textOf(result)}`);
  return refusalShape.parse(JSON.parse(textOf(result))).error;
}

/** The text at a name. */
export const textAt = (data: Record<string, unknown>, name: string): string => z.string().parse(data[name]);
