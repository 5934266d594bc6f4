import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, table } from './report.ts';
import { startTroupe } from './service.ts';

/** How long a command takes that asks a running service, beside a Node that does nothing: from its start to its end. */

const rounds = 30;
const program = 'dist/cli/main.js';
const goal = 1.5;

interface Cost {
  readonly wallMs: number;
  /** Processor time, of the process and its threads. */
  readonly cpuMs: number;
}

/** bash's own clock: Node tells the processor time of all its children only, not of one. */
async function cost(args: readonly string[], data: string): Promise<Cost> {
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null', 'bash', process.execPath, ...args], {
    env: { ...process.env, TROUPE_DATA: data },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${said}`);
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = said.trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
  return { wallMs: wall * 1_000, cpuMs: (user + system) * 1_000 };
}

export async function cli(): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'troupe-bench-cli-'));
  const service = await startTroupe([], data);
  try {
    const id = execFileSync(process.execPath, [program, 'create', 'One task', '--data', data], { encoding: 'utf8' }).trim();
    const commands: Readonly<Record<string, readonly string[]>> = {
      'node -e 0': ['-e', '0'],
      'troupe --version': [program, '--version'],
      'troupe list': [program, 'list'],
      'troupe show': [program, 'show', id],
    };
    const names = Object.keys(commands);
    const costs = new Map<string, Cost[]>(names.map((name) => [name, []]));
    for (let round = 0; round < rounds; round += 1)
      for (const name of round % 2 === 0 ? names : names.toReversed()) costs.get(name)?.push(await cost(commands[name] ?? [], data));
    const middle = (name: string, of: keyof Cost) => median((costs.get(name) ?? []).map((one) => one[of]));
    const bare = { wallMs: middle('node -e 0', 'wallMs'), cpuMs: middle('node -e 0', 'cpuMs') };
    const cells = (name: string, of: keyof Cost) => [middle(name, of).toFixed(0), (middle(name, of) / bare[of]).toFixed(2)];
    table(
      [`medians of ${rounds} interleaved rounds`, 'ms', 'of bare Node', 'ms of processor', 'of bare Node'],
      names.map((name) => [`\`${name}\``, ...cells(name, 'wallMs'), ...cells(name, 'cpuMs')]),
    );
    console.log(`goal: list and show at most ${goal} times bare Node`);
  } finally {
    await service.stop();
    await rm(data, { recursive: true, force: true });
  }
}
