import { readFile } from 'node:fs/promises';
import { connect } from '../support/client.ts';
import { start } from '../support/command.ts';
import type { Running } from '../support/command.ts';
import { lifeOf, live } from './service-life.ts';
import type { Life } from './service-life.ts';

/** The built service on a data directory, driven over the WebSocket by several clients. */

export interface Serving extends Running {
  readonly url: string;
  readonly token: string;
}

export const spawnService = (command: string, data: string, env: NodeJS.ProcessEnv = {}): Running =>
  start(command, ['serve', '--json', '--port', '0', '--data', data], { env: { TROUPE_LOG: 'error', ...env } });

export async function serve(command: string, data: string, env: NodeJS.ProcessEnv = {}): Promise<Serving> {
  const running = spawnService(command, data, env);
  const { url, tokenFile } = JSON.parse(await running.firstLine) as { url: string; tokenFile: string };
  return { ...running, url, token: (await readFile(tokenFile, 'utf8')).trim() };
}

const concurrency = 16;

/** Does something for each item, some at a time. */
export async function forEach<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

const clients = 8;
const lanes = 4;
/** Far more than any kill needs. */
const mostCommands = 30_000;

const workerOf = (life: Life): string => `w${life.name.split('-')[1]}`;

/** Lives on all lanes until the service is gone. */
export async function drive(
  { url, token, child }: Serving,
  {
    prefix,
    seed,
    lives,
    onAcknowledged,
  }: { readonly prefix: string; readonly seed: number; readonly lives: Life[]; onAcknowledged(count: number): void },
): Promise<void> {
  let acknowledged = 0;
  const count = () => {
    onAcknowledged((acknowledged += 1));
    if (acknowledged === mostCommands) child.kill('SIGKILL');
  };
  const connected = await Promise.all(Array.from({ length: clients }, (_, index) => connect(url, token, { worker: `w${index}` }))).catch(
    () => [],
  );
  const lane = async (index: number, number: number) => {
    for (let n = 0; ; n++) {
      const life = lifeOf(`${prefix}-${index}-${number}-${n}`, seed + index * 7_919 + number * 104_729 + n);
      lives.push(life);
      const client = connected[index];
      if (client === undefined || !(await live(client, life, count))) return;
    }
  };
  await Promise.all(connected.flatMap((_, index) => Array.from({ length: lanes }, (__, number) => lane(index, number))));
  if (acknowledged >= mostCommands) throw new Error(`not killed by itself after ${acknowledged} commands`);
}

/** Sends everything that was not acknowledged once more; answers the lives that it changed. */
export async function carryOn({ url, token }: Serving, lives: readonly Life[]): Promise<readonly Life[]> {
  const open = lives.filter(({ acknowledged, steps }) => acknowledged < steps.length);
  for (const worker of new Set(open.map(workerOf))) {
    const client = await connect(url, token, { worker });
    await forEach(
      open.filter((life) => workerOf(life) === worker),
      async (life) => {
        if (!(await live(client, life))) throw new Error(`${life.name} can't be carried on`);
      },
    );
    await client.close();
  }
  return open;
}
