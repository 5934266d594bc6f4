import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../support/client.ts';
import { buildCommand, start } from '../support/command.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { randomFrom } from '../support/random.ts';
import { faultsOf, lifeOf, live } from './service-work.ts';
import type { Life } from './service-work.ts';

/** The built service, driven over the WebSocket by several clients, killed with commands in flight, started again without help. */

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

const serve = async (data: string, env: NodeJS.ProcessEnv = {}) => {
  const running = start(command, ['serve', '--json', '--port', '0', '--data', data], { env: { TROUPE_LOG: 'error', ...env } });
  const { url, tokenFile } = JSON.parse(await running.firstLine) as { url: string; tokenFile: string };
  return { ...running, url, token: (await readFile(tokenFile, 'utf8')).trim() };
};

const clients = 8;
const lanes = 4;

/** Lives on all lanes until the service is gone. */
async function drive(url: string, token: string, prefix: string, lives: Life[], stopAfter: (acknowledged: number) => void): Promise<void> {
  let acknowledged = 0;
  await Promise.all(
    Array.from({ length: clients }, async (_, index) => {
      const client = await connect(url, token, { worker: `w${index}` });
      await Promise.all(
        Array.from({ length: lanes }, async (__, lane) => {
          for (let n = 0; ; n++) {
            const life = lifeOf(`${prefix}-${index}-${lane}-${n}`, index * 7_919 + lane * 104_729 + n);
            lives.push(life);
            if (!(await live(client, life))) return;
            stopAfter(++acknowledged);
          }
        }),
      );
    }),
  );
}

/** Starts again, looks, sends everything that was not acknowledged once more, and looks again. */
async function faultsAfter(data: string, lives: readonly Life[]): Promise<readonly string[]> {
  const service = await serve(data);
  const faults = [...(await faultsOf(service.url, service.token, lives))];
  for (let index = 0; index < clients; index++) {
    const client = await connect(service.url, service.token, { worker: `w${index}` });
    for (const life of lives.filter(({ name }) => name.split('-')[1] === String(index)))
      if (life.acknowledged !== 'complete' && !(await live(client, life))) faults.push(`${life.name}: can't be carried on`);
    await client.close();
  }
  faults.push(...(await faultsOf(service.url, service.token, lives)));
  service.child.kill('SIGTERM');
  expect(await service.exit).toEqual({ code: 0, signal: null });
  return faults;
}

const steps = [
  ['written', 40],
  ['synced', 40],
  ['rotated', 2],
  ['artifacts-synced', 1],
  ['checkpoint-written', 1],
  ['checkpoint-synced', 1],
  ['renamed', 1],
  ['directory-synced', 1],
  ['removed', 1],
] as const;

describe('kill -9 with 32 commands in flight: nothing acknowledged is lost, no unit is torn', () => {
  test.each(steps)('at %s, hit %i', async (step, hit) => {
    const data = await temporaryDirectory();
    const service = await serve(data, { TROUPE_FAIL_POINT: `${step}:${hit}`, TROUPE_CHECKPOINT_BYTES: '1000000' });
    const lives: Life[] = [];
    await drive(service.url, service.token, step, lives, () => {});
    expect(await service.exit).toMatchObject({ signal: 'SIGKILL' });
    expect(lives.some(({ acknowledged }) => acknowledged === 'complete')).toBe(true);
    expect(await faultsAfter(data, lives)).toEqual([]);
  });

  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  const kills = Number(process.env['KILLS'] ?? 3);
  test(`at random, ${kills} times on one directory (SEED=${seed})`, { timeout: 60_000 + kills * 10_000 }, async () => {
    const random = randomFrom(seed);
    const data = await temporaryDirectory();
    const lives: Life[] = [];
    for (let kill = 0; kill < kills; kill++) {
      const service = await serve(data, { TROUPE_CHECKPOINT_BYTES: '1000000' });
      const wanted = 1 + Math.floor(random() * 150);
      await drive(service.url, service.token, `kill${kill}`, lives, (count) => {
        if (count === wanted) service.child.kill('SIGKILL');
      });
      await service.exit;
      expect(await faultsAfter(data, lives)).toEqual([]);
    }
  });
});
