import { readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { TaskId } from '../../../src/ids.ts';
import { createMemoryStore } from '../../../src/persistence/memory/store.ts';
import type { Store } from '../../../src/persistence/store.ts';
import { createManualClock, startService, worker } from '../../support/service.ts';
import { artifactId, artifactRef, newTask, noon, taskId, unitOf } from '../../support/records.ts';
import { openStore, setClock, temporaryDirectory } from '../../support/data-directory.ts';
import { overStores } from './checked-service.ts';
import type { CheckedService } from './checked-service.ts';

const ada = worker('ada');
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const kindsOf = async ({ ask }: CheckedService, params = {}) =>
  Object.fromEntries((await ask('maintenance.scan', params)).items.map(({ taskId: id, kind }) => [id, kind]));

overStores('maintenance.scan', (start) => {
  test('finds what does not go on, by the limits of the roles', async () => {
    const service = await start();
    const { ask, create, clock } = service;
    const limits = { researcher: 12, documenter: 8, reviewer: 6, tester: 16, implementer: 48, architect: 72, debugger: 24, generic: 24 };
    const begun = clock.now();
    const ids: TaskId[] = [];
    for (const specialist of Object.keys(limits)) {
      const id = await create({ specialist });
      ids.push(id);
      await ask('task.block', { taskId: id, question: `of ${specialist}?` });
    }
    // What touches a task later does not make its question younger.
    clock.advance(5 * hourMs);
    for (const id of ids) await ask('task.note', { taskId: id, text: 'still open' });
    const found = async () => (await ask('maintenance.scan', {})).items.map(({ specialist, kind }) => `${specialist}: ${kind}`).toSorted();
    const until = (hours: number) => Object.entries(limits).flatMap(([key, limit]) => (limit <= hours ? [`${key}: unanswered`] : []));
    for (const hours of new Set(Object.values(limits).toSorted((a, b) => a - b))) {
      clock.advance(begun + hours * hourMs - 1 - clock.now());
      expect(await found()).toEqual(until(hours - 1).toSorted());
      clock.advance(1);
      expect(await found()).toEqual(until(hours).toSorted());
    }
    const { items } = await ask('maintenance.scan', {});
    expect(items).toHaveLength(8);
    expect(items.find(({ specialist }) => specialist === 'reviewer')).toMatchObject({
      since: '2026-01-01T00:00:00.000Z',
      limitHours: 6,
      detail: 'of reviewer?',
    });
  });

  test('a running task is stale when it was not heard of; a report makes it fresh, a note does not', async () => {
    const service = await start();
    const { ask, create, clock } = service;
    const id = await create({ specialist: 'tester' });
    await ask('task.execute', { taskId: id }, ada);
    clock.advance(5 * hourMs);
    await ask('task.progress', { taskId: id, message: 'half' }, ada);
    clock.advance(15 * hourMs);
    await ask('task.note', { taskId: id, text: 'n' });
    expect(await kindsOf(service)).toEqual({});
    expect((await ask('maintenance.scan', { staleHours: 15 })).items).toMatchObject([
      {
        taskId: id,
        kind: 'stale',
        holder: 'test/ada',
        hours: 15,
        limitHours: 15,
        detail: 'last report: half',
        since: '2026-01-01T05:00:00.000Z',
      },
    ]);
    expect((await ask('maintenance.scan', { staleHours: 15.01 })).items).toEqual([]);
  });

  test('names what failed, what waits for it, and what is open below a parent that is over', async () => {
    const service = await start();
    const { ask, create, plan, clock } = service;
    const failed = await create();
    const waits = await create({ dependsOn: [failed] });
    await ask('task.execute', { taskId: failed }, ada);
    await ask('task.fail', { taskId: failed, error: { message: 'no network', retryable: false } }, ada);
    const id = await plan({ tasks: [{ ref: 'a', title: 'A' }] });
    await ask('task.execute', { taskId: id('a') }, ada);
    await ask('task.complete', { taskId: id('a'), summary: 's' }, ada);
    await ask('task.execute', { taskId: id('') }, ada);
    const child = await create({ parentId: id('') });
    await ask('task.fail', { taskId: id(''), error: { message: 'gave up', retryable: false } }, ada);
    expect(await kindsOf(service)).toEqual({ [failed]: 'failed', [waits]: 'stuck', [id('')]: 'failed', [child]: 'orphaned' });
    expect(await kindsOf(service, { taskId: id('') })).toEqual({ [id('')]: 'failed', [child]: 'orphaned' });
    expect(await kindsOf(service, { taskId: child })).toEqual({ [child]: 'orphaned' });
    clock.advance(100 * dayMs);
    expect((await ask('maintenance.scan', {})).items.find(({ kind }) => kind === 'stuck')?.detail).toContain(failed);
  });

  test('names what belongs to a session that is gone, and only old trees of it are archived', async () => {
    const store = createMemoryStore({ clock: createManualClock(noon) });
    const { ask } = await start({ store, unchecked: true });
    const sessionId = `s_${'0'.repeat(26)}` as const;
    await store.commit([unitOf([newTask(taskId(1), { spec: { rootId: taskId(1), sessionId } })])]);
    expect((await ask('maintenance.scan', { sessionId })).items).toMatchObject([
      { taskId: taskId(1), kind: 'orphaned', detail: `its session ${sessionId} is gone` },
    ]);
    expect((await ask('maintenance.archive', { days: { orphaned: 1 } })).items).toEqual([]);
    expect((await ask('maintenance.archive', { days: { orphaned: 0 } })).items).toMatchObject([{ taskId: taskId(1), kind: 'orphaned' }]);
  });

  test('comes in pages that together are all, also when tasks move in between', async () => {
    const service = await start();
    const { ask, create } = service;
    const ids = [];
    for (let n = 0; n < 7; n++) {
      const id = await create();
      await ask('task.execute', { taskId: id }, ada);
      await ask('task.fail', { taskId: id, error: { message: 'no', retryable: false } }, ada);
      ids.push(id);
    }
    const seen = new Set<string>();
    let cursor: string | null | undefined;
    let pages = 0;
    while (cursor !== null) {
      const page: Awaited<ReturnType<typeof ask<'maintenance.scan'>>> = await ask('maintenance.scan', {
        limit: 2,
        ...(cursor === undefined ? {} : { cursor }),
      });
      expect(page.items.length).toBeLessThanOrEqual(2);
      for (const { taskId: id } of page.items) seen.add(id);
      // The one that the cursor stands on moves away.
      const last = page.items.at(-1)?.taskId;
      if (last !== undefined && pages === 0) await ask('task.retry', { taskId: last });
      cursor = page.nextCursor;
      pages += 1;
    }
    expect([...seen].toSorted()).toEqual(ids.toSorted());
    expect(await service.refused('maintenance.scan', { cursor: 'nonsense' })).toMatchObject({ issues: [{ path: 'cursor' }] });
  });
});

overStores('maintenance.free', (start) => {
  test('ends the leases of those that were not heard of, and of nobody else', async () => {
    const service = await start();
    const { ask, create, task, clock, log } = service;
    const [old, fresh] = [await create({ specialist: 'generic' }), await create({ specialist: 'generic' })];
    const { lease } = await ask('task.execute', { taskId: old }, ada);
    clock.advance(3 * hourMs);
    await ask('task.execute', { taskId: fresh }, ada);
    clock.advance(hourMs);
    const before = log.end;
    const dry = await ask('maintenance.free', { staleHours: 2 });
    expect(dry).toMatchObject({ dryRun: true, items: [{ taskId: old, status: 'in_progress', hours: 4 }] });
    expect(log.end).toBe(before);
    const freed = await ask('maintenance.free', { staleHours: 2, dryRun: false, commandId: 'f1' });
    expect(freed).toMatchObject({ dryRun: false, position: log.head, items: [{ taskId: old, holder: 'test/ada', status: 'pending' }] });
    expect(log.at(log.end - 1).event).toMatchObject({ type: 'task.lease_expired', taskId: old, by: 'test' });
    expect((await task(fresh)).status).toBe('in_progress');
    expect((await ask('maintenance.free', { staleHours: 2, dryRun: false, commandId: 'f1' })).items).toEqual([]);
    // Late work of the newest lease is still taken.
    expect((await ask('task.complete', { taskId: old, lease: lease.id, summary: 'late' })).task).toMatchObject({ status: 'completed' });
  });

  test('on the last attempt the task has failed; who was heard of in between keeps its lease', async () => {
    const { ask, create, clock, task, store } = await start();
    const last = await create({ maxAttempts: 1 });
    await ask('task.execute', { taskId: last }, ada);
    clock.advance(2 * hourMs);
    expect((await ask('maintenance.free', { staleHours: 1, dryRun: false })).items).toMatchObject([{ taskId: last, status: 'failed' }]);
    const id = await create();
    await ask('task.execute', { taskId: id }, ada);
    clock.advance(2 * hourMs);
    // The report comes between the look and the command.
    const load = store.load.bind(store);
    let reported = false;
    Object.assign(store, {
      load: async (ids: Parameters<Store['load']>[0]) => {
        const records = await load(ids);
        if (!reported && ids.includes(id)) {
          reported = true;
          await ask('task.progress', { taskId: id, value: 1 }, ada);
        }
        return records;
      },
    });
    expect((await ask('maintenance.free', { staleHours: 1, dryRun: false })).items).toEqual([]);
    expect((await task(id)).status).toBe('in_progress');
  });
});

overStores('maintenance.archive', (start) => {
  test('takes whole trees by age, each kind at its own', async () => {
    const service = await start();
    const { ask, create, plan, finish, clock, task, log } = service;
    const done = await plan({ title: 'Done', tasks: [{ ref: 'a', title: 'A' }] });
    for (const ref of ['a', '']) await finish(done(ref));
    const failed = await create({ title: 'Failed' });
    await ask('task.execute', { taskId: failed }, ada);
    await ask('task.fail', { taskId: failed, error: { message: 'no', retryable: false } }, ada);
    const cancelled = await create({ title: 'Cancelled' });
    await ask('task.cancel', { taskId: cancelled });
    const stale = await plan({
      title: 'Stale',
      tasks: [
        { ref: 'a', title: 'A' },
        { ref: 'b', title: 'B' },
      ],
    });
    await finish(stale('a'));
    const planned = await create({ title: 'Planned', dueAt: '2027-01-01' });
    const orphaned = await create({ title: 'Orphaned' });
    await ask('task.execute', { taskId: orphaned }, ada);
    await create({ title: 'Open below', parentId: orphaned });
    await ask('task.fail', { taskId: orphaned, error: { message: 'no', retryable: false } }, ada);

    const oldNow = async () => (await ask('maintenance.archive', {})).items.map(({ title, kind }) => `${title}: ${kind}`).toSorted();
    const expected: [number, string[]][] = [
      [7, ['Orphaned: orphaned']],
      [30, ['Orphaned: orphaned', 'Stale: stale']],
      [60, ['Cancelled: failed', 'Failed: failed', 'Orphaned: orphaned', 'Stale: stale']],
      [90, ['Cancelled: failed', 'Done: completed', 'Failed: failed', 'Orphaned: orphaned', 'Stale: stale']],
    ];
    let days = 0;
    let before: string[] = [];
    for (const [at, trees] of expected) {
      clock.advance((at - days) * dayMs - 1);
      expect(await oldNow()).toEqual(before);
      clock.advance(1);
      expect(await oldNow()).toEqual(trees);
      days = at;
      before = trees;
    }
    const end = log.end;
    expect((await ask('maintenance.archive', { days: { completed: 91 } })).items.map(({ title }) => title)).not.toContain('Done');
    expect((await ask('maintenance.archive', { kinds: ['completed'] })).items).toMatchObject([
      { taskId: done(''), tasks: 2, open: 0, lastChangeAt: '2026-01-01T00:00:00.000Z' },
    ]);
    expect(log.end).toBe(end);

    const first = await ask('maintenance.archive', { dryRun: false, limit: 2 });
    expect(first.items).toHaveLength(2);
    const second = await ask('maintenance.archive', { dryRun: false, cursor: first.nextCursor ?? '' });
    expect(second).toMatchObject({ nextCursor: null, position: log.head });
    expect([...first.items, ...second.items]).toHaveLength(5);
    expect((await ask('task.list', {})).items.map(({ id }) => id)).toEqual([planned]);
    expect(await task(stale('b'))).toMatchObject({ status: 'archived' });
    const { items } = await ask('task.history', { taskId: stale('b') });
    expect(items.at(-1)).toMatchObject({ type: 'task.archived' });
    expect((await ask('maintenance.archive', { dryRun: false })).items).toEqual([]);
  });

  test('leaves a tree alone in which something moved, however deep', async () => {
    const { ask, plan, clock, store, task } = await start();
    const id = await plan({ tasks: [{ ref: 'a', title: 'A', tasks: [{ ref: 'b', title: 'B' }] }] });
    clock.advance(29 * dayMs);
    await ask('task.note', { taskId: id('b'), text: 'still wanted' });
    clock.advance(20 * dayMs);
    expect((await ask('maintenance.archive', {})).items).toEqual([]);
    clock.advance(10 * dayMs);
    expect((await ask('maintenance.archive', {})).items).toMatchObject([{ kind: 'stale', tasks: 3, open: 3 }]);
    // Somebody comes back to it between the look and the command.
    const list = store.list.bind(store);
    let isTouched = false;
    Object.assign(store, {
      list: async (query: Parameters<Store['list']>[0]) => {
        const page = await list(query);
        if (!isTouched && query.filter.rootId === id('')) {
          isTouched = true;
          await ask('task.note', { taskId: id('b'), text: 'wanted again' });
        }
        return page;
      },
    });
    expect((await ask('maintenance.archive', { dryRun: false })).items).toEqual([]);
    expect(isTouched).toBe(true);
    expect((await task(id(''))).status).toBe('pending');
  });
});

overStores('maintenance.handover', (start) => {
  test('says what is done, runs, is ready, waits and failed, and where the work is, in the words that were stored', async () => {
    const { ask, plan, create, finish, clock } = await start();
    const id = await plan({
      commandId: 'p1',
      title: 'Importer',
      tasks: [
        { ref: 'design', title: 'Design', specialist: 'architect' },
        { ref: 'code', title: 'Code', dependsOn: ['design'] },
        { ref: 'test', title: 'Test', dependsOn: ['code'] },
        { ref: 'docs', title: 'Docs' },
      ],
    });
    const { artifacts } = await finish(id('design'), {
      summary: 'Three tables.',
      detailedWork: 'The design',
      commandId: 'c1',
      filePaths: ['docs/design.md'],
    });
    await ask('task.execute', { taskId: id('code') }, ada);
    clock.advance(1_000);
    await ask('task.progress', { taskId: id('code'), message: 'the parser works' }, ada);
    await ask('task.block', { taskId: id('docs'), question: 'In which language?' });
    await ask('task.note', { taskId: id('code'), text: 'mind the quotes\n# Not a heading' });
    const lone = await create({ commandId: 'l1', title: 'Alone\n## Not a section' });
    const told = await ask('maintenance.handover', {});
    expect(told.tasks).toEqual({ in_progress: 1, pending: 3, blocked: 1, failed: 0, completed: 1, cancelled: 0 });
    expect(told.markdown).toMatchInlineSnapshot(`
      "# Hand-over: everything

      As of 2026-01-01T00:00:01.000Z. 5 open: 1 in_progress, 3 pending, 1 blocked, 0 failed, 1 completed, 0 cancelled. Lines that begin with ">" are the words of workers and people.

      ## Runs now

      - \`t_5vh7s5027d1cedgb97xadczh8x\` "Code" (generic): attempt 1 by "test/ada" since 2026-01-01T00:00:00.000Z, heard of at 2026-01-01T00:00:01.000Z, lease until 2026-01-02T00:00:01.000Z
      > the parser works

      ## Ready next, best first

      - \`t_2hqm0aa0k0zn55fmfbsn6q1wv1\` "Alone ## Not a section" (generic)

      ## Blocked

      - \`t_7e0v8dqn13dgfndj8dprcwtk6q\` "Docs" (generic)
      > In which language?

      ## Waits for other tasks

      - \`t_8w5aah1y6ptxh8zyakh4z3h1pb\` "Importer" (generic): waits for 3 open children

      - \`t_s9qerbdjbz783kbvk6q1b02jfq\` "Test" (generic): waits for \`t_5vh7s5027d1cedgb97xadczh8x\` (waiting)

      ## Done, newest first

      - \`t_k9vgfpmcv7d38stfd0k28rdekf\` "Design" (architect)
        work: \`a_d7j3xe0mz555khs1jnepnm69dt\` "general.md" (general, 10 bytes)
        files: "docs/design.md"
      > Three tables.

      ## Notes, newest first

      - on \`t_5vh7s5027d1cedgb97xadczh8x\` by "test" at 2026-01-01T00:00:01.000Z
      > mind the quotes
      > # Not a heading"
    `);
    expect(told.markdown.split('\n').filter((line) => line.startsWith('#') && line.includes('Not a'))).toEqual([]);
    expect(told.markdown).toContain(artifacts[0]?.id);
    expect((await ask('maintenance.handover', { taskId: id('docs') })).tasks).toMatchObject({ blocked: 1, completed: 0, pending: 0 });
    expect((await ask('maintenance.handover', { taskId: id('') })).markdown).not.toContain(lone);
  });

  test('keeps to its size, whatever there is', async () => {
    const { ask, create, finish } = await start();
    for (let n = 0; n < 120; n++) {
      const id = await create({ title: `"${'ä'.repeat(200)}" ${n}` });
      if (n % 3 === 0) await finish(id, { summary: '🚀'.repeat(1_000), detailedWork: 'w' });
      else if (n % 3 === 1) await ask('task.block', { taskId: id, question: 'x'.repeat(9_000) });
      else await ask('task.note', { taskId: id, text: 'y'.repeat(9_000) });
    }
    for (const maxBytes of [2_048, 8_192, 60_000]) {
      const { markdown, bytes, tasks } = await ask('maintenance.handover', { maxBytes });
      expect(bytes).toBe(Buffer.byteLength(markdown));
      expect(bytes).toBeLessThanOrEqual(maxBytes);
      expect(tasks).toMatchObject({ completed: 40, blocked: 40, pending: 40 });
      expect(markdown).toContain('left out here');
    }
  });
});

describe.each([
  ['memory', async () => createMemoryStore({ clock: createManualClock() })],
  ['lowdb', async () => openStore(await temporaryDirectory(), { clock: setClock() })],
] as const)('maintenance.validate, %s store', (_, open) => {
  overStores('', (start) => {
    test('finds nothing where all is well', async () => {
      const store = await open();
      const { ask, plan, finish, create } = await start({ store, unchecked: true });
      const id = await plan({
        tasks: [
          { ref: 'a', title: 'A' },
          { ref: 'b', title: 'B', dependsOn: ['a'], tasks: [{ title: 'C' }] },
        ],
      });
      await finish(id('a'), { detailedWork: 'w'.repeat(200_000) });
      await create({ dependsOn: [id('b')] });
      for (const level of ['basic', 'comprehensive', 'full_audit'] as const)
        expect(await ask('maintenance.validate', { level })).toEqual({ level, items: [], examined: 5, nextCursor: null });
    });

    test('finds every kind of fault, each at its level', async () => {
      const store = await open();
      const { ask } = await start({ store, unchecked: true });
      const root = taskId(1);
      const child = { rootId: root, parentId: root, depth: 1 };
      const entry = { kind: 'completion', mandatory: true, status: 'waiting', waived: false, direct: true, via: [] } as const;
      const none = { direct: [], inherited: [] };
      const lost = artifactRef(artifactId(1), taskId(2), Buffer.from('work'));
      await store.commit([
        unitOf([
          newTask(root, { context: { children: { open: 1, completed: 0, failed: 0, cancelled: 1 } } }),
          newTask(taskId(2), { spec: child, context: { artifacts: [lost] } }),
          newTask(taskId(3), { spec: { ...child, depth: 5, project: 'other' }, context: { dependsOn: [{ ...entry, id: taskId(2) }] } }),
          newTask(taskId(4), { spec: { rootId: taskId(4), parentId: taskId(99), depth: 1 } }),
          newTask(taskId(5), {
            spec: { rootId: taskId(5) },
            context: { dependsOn: [{ ...entry, id: taskId(6) }], dependents: { ...none, direct: [taskId(6)] } },
          }),
          newTask(taskId(6), {
            spec: { rootId: taskId(6) },
            context: { dependsOn: [{ ...entry, id: taskId(5), status: 'satisfied' }], dependents: { ...none, direct: [taskId(5)] } },
          }),
          newTask(taskId(7), { spec: { rootId: taskId(7) }, status: 'in_progress' }),
          newTask(taskId(8), { spec: { rootId: taskId(8) }, context: { children: { open: 1, completed: 0, failed: 0, cancelled: 0 } } }),
          newTask(taskId(9), { spec: { rootId: taskId(8), parentId: taskId(8), depth: 1 }, status: 'archived' }),
        ]),
      ]);
      const found = async (level: 'basic' | 'comprehensive' | 'full_audit') => {
        const { items } = await ask('maintenance.validate', { level });
        return [...new Set(items.map(({ taskId: id, check }) => `${id}: ${check}`))].toSorted();
      };
      const basic = [
        `${root}: children`,
        `${taskId(3)}: dependency`,
        `${taskId(3)}: tree`,
        `${taskId(4)}: tree`,
        `${taskId(6)}: dependency`,
        `${taskId(7)}: lease`,
        `${taskId(8)}: children`,
      ];
      expect(await found('basic')).toEqual(basic);
      const comprehensive = [...basic, `${taskId(5)}: circle`].toSorted();
      expect(await found('comprehensive')).toEqual(comprehensive);
      expect(await found('full_audit')).toEqual([...comprehensive, `${taskId(2)}: artifact`].toSorted());
      // The same in pages, and of one task.
      const one = await ask('maintenance.validate', { taskId: taskId(4) });
      expect(one.items).toEqual([{ taskId: taskId(4), check: 'tree', message: `its parent ${taskId(99)} is missing` }]);
    });
  });
});

test('an artifact whose bytes have changed on the disk is found by a full audit, and by nothing less', async () => {
  const directory = await temporaryDirectory();
  const store = await openStore(directory, { clock: setClock() });
  const service = await startService({ store });
  onTestFinished(() => service.close());
  const { ask } = service;
  const { task } = await ask('task.create', { title: 'Large' });
  await ask('task.execute', { taskId: task.id }, ada);
  const { artifacts } = await ask('task.complete', { taskId: task.id, summary: 's', detailedWork: 'w'.repeat(200_000) }, ada);
  expect((await ask('maintenance.validate', { level: 'full_audit' })).items).toEqual([]);
  const files = await readdir(directory, { recursive: true });
  const file = files.find((name) => basename(name) === artifacts[0]?.sha256);
  await writeFile(join(directory, file ?? ''), 'v'.repeat(200_000));
  expect((await ask('maintenance.validate', { level: 'comprehensive' })).items).toEqual([]);
  expect((await ask('maintenance.validate', { level: 'full_audit' })).items).toMatchObject([
    { taskId: task.id, check: 'artifact', message: expect.stringContaining('hash differs') },
  ]);
});

test('archived trees leave memory with the next checkpoint, and can still be read', async () => {
  const directory = await temporaryDirectory();
  const clock = createManualClock();
  const store = await openStore(directory, { clock });
  const service = await startService({ store, clock });
  onTestFinished(() => service.close());
  const { ask } = service;
  const { task, tasks } = await ask('task.plan', { title: 'Old', tasks: [{ ref: 'a', title: 'A' }] });
  for (const one of [...Object.values(tasks), task.id]) {
    await ask('task.execute', { taskId: one }, ada);
    await ask('task.complete', { taskId: one, summary: 'kept' }, ada);
  }
  clock.advance(90 * dayMs);
  expect((await ask('maintenance.archive', { dryRun: false })).items).toHaveLength(1);
  await store.checkpoint();
  expect((await readdir(join(directory, 'archive'))).length).toBe(1);
  expect((await ask('task.get', { taskId: task.id })).task).toMatchObject({ status: 'archived', result: { summary: 'kept' } });
  expect(await ask('maintenance.validate', { level: 'full_audit' })).toMatchObject({ items: [], examined: 0 });
});
