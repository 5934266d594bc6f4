import { cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { connect } from '../support/client.ts';
import type { Client } from '../support/client.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { differences, Follower, listAll } from './follower.ts';
import { compileService, Restarted } from './service.ts';
import type { Address } from './service.ts';

/** A data directory that was put back: positions of the history that was lost are never taken for positions of the new one. */

let program = '';
beforeAll(async () => {
  program = await compileService();
});

const notes = async (client: Client, taskId: `t_${string}`, texts: readonly string[]): Promise<void> => {
  for (const text of texts) await client.request('task.note', { taskId, text });
};
const texts = (count: number, word: string): string[] => Array.from({ length: count }, (_, index) => `${word} ${index}`);

async function headOf({ url, token }: Address): Promise<string> {
  const client = await connect(url, token);
  const { position } = await client.request('system.ping', {});
  await client.close();
  return position;
}

/** A follower up to the head of a service that is stopped then, a copy from before its last events, and the task. */
async function history(how: 'SIGTERM' | 'SIGKILL') {
  const service = new Restarted(program, join(await temporaryDirectory(), 'data'));
  const early = await service.start();
  const boss = await connect(early.url, early.token);
  const { task } = await boss.request('task.create', { title: 'Noted' });
  await notes(boss, task.id, texts(5, 'kept'));
  await boss.close();
  const follower = new Follower({ isWhole: true });
  const kept = await headOf(early);
  await follower.follow(early, () => follower.position === kept);
  await service.stop(how);
  const copy = join(await temporaryDirectory(), 'copy');
  await cp(service.data, copy, { recursive: true });

  const later = await service.start();
  const client = await connect(later.url, later.token);
  await notes(client, task.id, texts(5, 'lost'));
  const lost = await headOf(later);
  await follower.follow(later, () => follower.position === lost);
  await client.close();
  await service.stop(how);
  await rename(service.data, `${service.data}.lost`);
  await rename(copy, service.data);
  return { service, follower, taskId: task.id, kept, lost };
}

test.each(['SIGTERM', 'SIGKILL'] as const)('an older copy, put back after %s', async (how) => {
  const { service, follower, taskId, kept, lost } = await history(how);
  const address = await service.start();
  const client = await connect(address.url, address.token);
  // As it was copied; with fewer events than were lost; with as many; with more.
  for (const count of [0, 3, 2, 4]) {
    await notes(client, taskId, texts(count, 'new'));
    const position = await headOf(address);
    expect(await client.request('events.subscribe', { since: lost })).toMatchObject({ mode: 'list', reason: 'POSITION_GONE', position });
    // Positions from before the copy are still of this history.
    expect(await client.request('events.subscribe', { since: kept, filter: { taskId } })).toMatchObject({ mode: 'resumed' });
  }
  const head = await headOf(address);
  const before = follower.events;
  await follower.follow(address, () => follower.position === head);
  await notes(client, taskId, texts(2, 'last'));
  const end = await headOf(address);
  await follower.follow(address, () => follower.position === end);
  expect(follower.modes).toEqual({ live: 1, resumed: 2, list: 1 });
  expect(follower.events - before).toBe(2);
  expect(follower.faults).toEqual([]);
  expect(differences(follower.tasks, await listAll(client, {}))).toEqual([]);
  await client.close();
});
