import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, table } from './report.ts';
import { interleaved, tellRatio } from './rounds.ts';
import { startTroupe } from './service.ts';

/** How long a client waits for its first answer: from the start of the process over the handshake and the list to the first call. */

const rounds = 21;

const params = {
  initialize: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1.0.0' } },
  'tools/list': {},
  'tools/call': { name: 'orchestrator_plan_task', arguments: { title: 'The first', description: 'Of this process.' } },
} as const;

interface Sample {
  readonly handshake: number;
  readonly list: number;
  readonly call: number;
}

async function firstAnswer(args: readonly string[]): Promise<Sample> {
  const start = performance.now();
  const child = spawn(process.execPath, [...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const ask = async (method: keyof typeof params): Promise<number> => {
    send({ id: method, method, params: params[method] });
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`${args.join(' ')} ended`);
      const answer = JSON.parse(value) as { id?: string; error?: unknown; result?: { isError?: boolean } };
      if (answer.id !== method) continue;
      if (answer.error !== undefined || answer.result?.isError === true) throw new Error(`${method}: ${value}`);
      return performance.now() - start;
    }
  };
  const handshake = await ask('initialize');
  send({ method: 'notifications/initialized' });
  const sample = { handshake, list: await ask('tools/list'), call: await ask('tools/call') };
  child.stdin.end();
  await ended;
  return sample;
}

export async function mcpFirst(): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'troupe-bench-'));
  const service = await startTroupe([], data);
  try {
    const names = ['troupe', 'map'] as const;
    const programs = { troupe: ['dist/cli/main.js', 'mcp', '--data', data], map: ['build/bench/mcp-map-server.js'] };
    for (const name of names) await firstAnswer(programs[name]);
    const samples = await interleaved(names, rounds, (name) => firstAnswer(programs[name]));
    const of = (name: 'troupe' | 'map', figure: keyof Sample) => samples[name].map((one) => one[figure]);
    const figures = ['handshake', 'list', 'call'] as const;
    table(
      ['ms since the start, until the answer of', 'initialize', 'tools/list', 'the first tools/call'],
      names.map((name) => [name, ...figures.map((figure) => median(of(name, figure)).toFixed(0))]),
    );
    tellRatio('ratio of the first answer', of('troupe', 'call'), of('map', 'call'), '≤ 1.3');
  } finally {
    await service.stop();
    await rm(data, { recursive: true, force: true });
  }
}
