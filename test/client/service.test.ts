import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StreamEvent } from '../../src/client/link.ts';
import { addToken, revokeToken } from '../../src/transport/tokens.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { linkTo, refusal } from './scripted.ts';
import { serviceOn } from './serving.ts';

/** A link and a real service in this process, which ends and comes back at another port. */

const eventsIn = (told: readonly StreamEvent[]) => told.flatMap((each) => (each.kind === 'events' ? each.events : []));

test('a follower misses nothing and hears nothing twice while the service ends and comes back', async () => {
  const service = await serviceOn(await temporaryDirectory());
  const link = linkTo(service.address);
  const told: StreamEvent[] = [];
  link.follow((each) => void told.push(each));
  await expect.poll(() => told[0]?.kind).toBe('live');
  const made: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    const calls = Array.from({ length: 40 }, (_, n) => link.call('task.create', { title: `${round}-${n}` }));
    if (round > 0) await service.restart();
    for (const { task } of await Promise.all(calls)) made.push(task.id);
  }
  const { position } = await link.call('task.note', { taskId: (await link.call('task.list', {})).items[0]!.id, text: 'the last' });
  await expect.poll(() => eventsIn(told).some((event) => event.position === position), { timeout: 5_000 }).toBe(true);
  const created = eventsIn(told).filter(({ type }) => type === 'task.created');
  expect(created.map(({ taskId }) => String(taskId)).sort()).toEqual(made.sort());
  expect(new Set(made).size).toBe(160);
  expect(told.filter(({ kind }) => kind !== 'events').map(({ kind }) => kind)).toEqual(['live']);
});

test('a follower is told to list anew when the log is another one', async () => {
  const data = await temporaryDirectory();
  const service = await serviceOn(data);
  const link = linkTo(service.address);
  const told: StreamEvent[] = [];
  link.follow((each) => void told.push(each));
  await link.call('task.create', { title: 'lost' });
  await expect.poll(() => eventsIn(told).length).toBe(1);
  await service.restart(async () => {
    for (const name of ['db.json', 'journal.1.jsonl', 'journal.2.jsonl']) await rm(join(data, name), { force: true });
  });
  await expect.poll(() => told.at(-1)?.kind).toBe('list');
  const { task } = await link.call('task.create', { title: 'new' });
  await expect.poll(() => eventsIn(told).at(-1)?.taskId).toBe(task.id);
});

test('equal filters share a view, and a stopped follower hears nothing more', async () => {
  const service = await serviceOn(await temporaryDirectory());
  const link = linkTo(service.address);
  const { task } = await link.call('task.create', { title: 'mine' });
  const heard: Record<string, StreamEvent[]> = { first: [], second: [], other: [] };
  const stopFirst = link.follow((each) => void heard['first']!.push(each), { taskId: task.id });
  link.follow((each) => void heard['other']!.push(each), { taskId: 't_00000000000000000000000000' });
  await expect.poll(() => heard['first']!.length).toBe(1);
  const stopSecond = link.follow((each) => void heard['second']!.push(each), { taskId: task.id });
  expect(heard['second']).toEqual([{ kind: 'live', position: expect.any(String) }]);
  await link.call('task.note', { taskId: task.id, text: 'one' });
  await expect.poll(() => heard['second']!.length).toBe(2);
  stopFirst();
  await link.call('task.note', { taskId: task.id, text: 'two' });
  await expect.poll(() => heard['second']!.length).toBe(3);
  stopSecond();
  await link.call('task.note', { taskId: task.id, text: 'three' });
  await link.call('task.get', { taskId: task.id });
  expect([heard['first']!.length, heard['second']!.length, heard['other']!.length]).toEqual([2, 3, 1]);
});

test('work that no message can carry is uploaded, and the completion sent again is found', async () => {
  const service = await serviceOn(await temporaryDirectory());
  const link = linkTo(service.address);
  const { task } = await link.call('task.create', { title: 'big' });
  await link.call('task.execute', { taskId: task.id });
  // Long in JSON; and with this beginning pieces of equal length would end inside characters.
  const detailedWork = `abc${'\u0000\u{1f680}ü\n'.repeat(100_000)}`;
  const completion = { taskId: task.id, summary: 'done', detailedWork, artifactType: 'code', commandId: 'c-big' } as const;
  const calling = link.call('task.complete', completion);
  await service.restart();
  const done = await calling;
  expect(done.artifacts).toEqual([expect.objectContaining({ type: 'code', name: 'code.md', bytes: Buffer.byteLength(detailedWork) })]);
  const pages: string[] = [];
  for (let offset: number | null = 0; offset !== null;) {
    const page: { content: string; nextOffset: number | null } = await link.call('artifact.get', {
      artifactId: done.artifacts[0]!.id,
      offset,
    });
    pages.push(page.content);
    offset = page.nextOffset;
  }
  expect(pages.join('')).toBe(detailedWork);
  expect((await link.call('task.complete', completion)).repeated).toBe(true);
  expect((await refusal(link.call('task.complete', { ...completion, detailedWork: `${detailedWork}.` }))).reason).toBe('COMMAND_REUSED');
  const broken = `${'x'.repeat(300_000)}\ud800`;
  const error = await refusal(link.call('task.complete', { ...completion, detailedWork: broken }));
  expect(error.details.issues?.[0]?.path).toBe('detailedWork');
});

test('a revoked token is read once more: a new one goes on, without one the link stops', async () => {
  const data = await temporaryDirectory();
  const service = await serviceOn(data, 50);
  const link = linkTo(service.address);
  const { task } = await link.call('task.create', { title: 'x' });
  const told: StreamEvent[] = [];
  link.follow((each) => void told.push(each));
  const grant = { name: 'second', scopes: ['read', 'write'], projects: null, now: Date.now() } as const;
  await writeFile(join(data, 'second'), addToken(data, grant));
  service.useToken(join(data, 'second'));
  revokeToken(data, 'default');
  await link.call('task.note', { taskId: task.id, text: 'still here' });
  revokeToken(data, 'second');
  await expect.poll(() => told.at(-1), { timeout: 5_000 }).toMatchObject({ kind: 'ended', error: { reason: 'UNAUTHENTICATED' } });
  expect((await refusal(link.call('task.get', { taskId: task.id }))).reason).toBe('UNAUTHENTICATED');
});

test('a claim that is withdrawn takes nothing', async () => {
  const service = await serviceOn(await temporaryDirectory());
  const link = linkTo(service.address);
  const abort = new AbortController();
  const claim = refusal(link.call('task.claim', { waitMs: 20_000 }, { signal: abort.signal }));
  await link.call('task.list', {});
  abort.abort();
  expect((await claim).reason).toBe('CANCELLED');
  const { task } = await link.call('task.create', { title: 'free' });
  expect((await link.call('task.get', { taskId: task.id })).task.status).toBe('pending');
});

test('events come together when that is asked for, and those of sessions are told beside those of tasks', async () => {
  const service = await serviceOn(await temporaryDirectory());
  const link = linkTo(service.address);
  const told: StreamEvent[] = [];
  link.follow((each) => void told.push(each), {}, { batchMs: 50 });
  await expect.poll(() => told.length).toBe(1);
  const sessions = await Promise.all(['a', 'b'].map(async (title) => (await link.call('session.create', { title })).session.id));
  await Promise.all(sessions.map((sessionId) => link.call('session.pause', { sessionId })));
  await Promise.all(Array.from({ length: 30 }, (_, n) => link.call('task.create', { title: String(n) })));
  await expect.poll(() => eventsIn(told).length).toBe(34);
  const ofSessions = eventsIn(told).filter(({ taskId }) => taskId === null);
  expect(ofSessions.map(({ sessionId, rev }) => `${sessionId} ${rev}`).sort()).toEqual(
    sessions.flatMap((id) => [`${id} 1`, `${id} 2`]).sort(),
  );
  expect(told.some((each) => each.kind === 'events' && each.events.length > 1)).toBe(true);
});
