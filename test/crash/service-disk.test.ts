import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { connect, RefusedError } from '../support/client.ts';
import type { Client, Result } from '../support/client.ts';
import { buildCommand } from '../support/command.ts';
import { filesOf } from '../support/data-directory.ts';
import { mountMemory } from '../support/mount.ts';
import { serve, spawnService } from './service-run.ts';

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

const mountable = () => mountMemory('6m').catch(String);

/** The titles of all tasks. */
async function titlesOf(client: Client): Promise<Set<string>> {
  const titles = new Set<string>();
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page: Result<'task.list'> = await client.request('task.list', { limit: 200, ...(cursor === undefined ? {} : { cursor }) });
    for (const { title } of page.items) titles.add(title ?? '');
    cursor = page.nextCursor;
  }
  return titles;
}

test('a full disk refuses commands while reads go on; with space they are taken again, and a kill then costs nothing', async ({ skip }) => {
  const disk = await mountable();
  if (typeof disk === 'string') return skip(`nothing can be mounted here: ${disk}`);
  const ballast = join(disk.directory, 'ballast');
  await writeFile(ballast, Buffer.alloc(3_000_000));
  const data = join(disk.directory, 'data');
  const service = await serve(command, data, { TROUPE_CHECKPOINT_BYTES: '300000' });
  const client = await connect(service.url, service.token);
  await client.request('events.subscribe', {});
  const taken: string[] = [];
  const ids: string[] = [];
  const create = async (title: string) => {
    const { task } = await client.request('task.create', { commandId: title, title, description: 'x'.repeat(9_000) });
    taken.push(title);
    ids.push(task.id);
  };
  const refusalOf = async (): Promise<unknown> => {
    // Far more than the disk holds.
    for (let n = 0; n < 1_000; n++) {
      try {
        await create(`task-${n}`);
      } catch (error) {
        return error;
      }
    }
    return null;
  };
  const refusal = await refusalOf();
  expect(refusal).toBeInstanceOf(RefusedError);
  expect(refusal).toMatchObject({ reason: 'STORE_UNAVAILABLE', data: { retryable: true } });
  const refused = `task-${taken.length}`;
  expect(taken.length).toBeGreaterThan(10);
  expect(await titlesOf(client)).toEqual(new Set(taken));
  const health = await fetch(`${service.url.replace('ws:', 'http:').replace('/ws', '')}/healthz`);
  expect([health.status, await health.json()]).toMatchObject([503, { writable: false }]);

  await rm(ballast);
  // It tries again by itself, after pauses of its own.
  const untilTaken = async (): Promise<void> => {
    for (const until = performance.now() + 25_000; performance.now() < until; await pause(20)) {
      const done = await create(refused).catch((error: unknown) => error);
      if (!(done instanceof RefusedError)) return;
      expect(done.reason).toBe('STORE_UNAVAILABLE');
    }
    throw new Error('commands are not taken again');
  };
  await untilTaken();
  await create('the-last');
  expect(await titlesOf(client)).toEqual(new Set(taken));
  // What was refused was shown to nobody before it was taken.
  await client.until(() => client.events.some(({ taskId }) => taskId === ids.at(-1)));
  expect(client.events.map(({ taskId }) => taskId)).toEqual(ids);

  service.child.kill('SIGKILL');
  await service.exit;
  const again = await serve(command, data);
  const reader = await connect(again.url, again.token);
  expect(await titlesOf(reader)).toEqual(new Set(taken));
});

test('a service on a read-only directory says so and ends', async ({ skip }) => {
  const disk = await mountable();
  if (typeof disk === 'string') return skip(`nothing can be mounted here: ${disk}`);
  const service = await serve(command, disk.directory);
  const client = await connect(service.url, service.token);
  await client.request('task.create', { title: 'Kept' });
  service.child.kill('SIGKILL');
  await service.exit;
  const before = await filesOf(disk.directory);
  await disk.remount('ro');
  const refused = spawnService(command, disk.directory);
  expect(await refused.exit).toEqual({ code: 1, signal: null });
  expect([refused.out(), refused.err()]).toEqual(['', expect.stringMatching(new RegExp(`${disk.directory} .*EROFS`))]);
  expect(await filesOf(disk.directory)).toEqual(before);
  await disk.remount('rw');
  const again = await serve(command, disk.directory);
  expect(await titlesOf(await connect(again.url, again.token))).toEqual(new Set(['Kept']));
  expect((await readFile(join(disk.directory, 'token'), 'utf8')).trim()).toBe(service.token);
});
