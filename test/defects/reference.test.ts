import { expect, test } from 'vitest';
import { complexities } from '../../src/protocol/values.ts';
import { roles, worker } from '../support/service.ts';
import { overStores, settle } from '../integration/use-cases/checked-service.ts';

/** The ways in which the reference orchestrator fails when it is run, numbered, each shown right. */

const ada = worker('ada');
const workers = ['ada', 'bob', 'eve'].map(worker);
const pair = [
  { ref: 'a', title: 'A' },
  { ref: 'b', title: 'B', dependsOn: ['a'] },
];

overStores('defects of the reference', (start) => {
  test('1. execute leaves the task pending, and runs on cancelled and completed tasks', async () => {
    const { ask, create, finish, task, refusedAndUnchanged } = await start();
    const taskId = await create();
    await ask('task.execute', { taskId }, ada);
    expect(await task(taskId)).toMatchObject({ status: 'in_progress', attempt: 1, lease: { holder: 'test/ada' } });
    const [done, gone] = [await create(), await create()];
    await finish(done);
    await ask('task.cancel', { taskId: gone });
    for (const [id, from] of [
      [done, 'completed'],
      [gone, 'cancelled'],
    ])
      expect(await refusedAndUnchanged('task.execute', { taskId: id }, ada)).toMatchObject({ reason: 'INVALID_TRANSITION', from });
  });

  test('2. complete succeeds from any state, any number of times; three processes complete one task', async () => {
    const { ask, create, task, refusedAndUnchanged } = await start();
    const taskId = await create();
    expect(await refusedAndUnchanged('task.complete', { taskId, summary: 's' }, ada)).toMatchObject({ from: 'pending' });
    const runs = await settle(workers.map((caller) => ask('task.execute', { taskId }, caller)));
    expect([runs.answers.length, runs.reasons.length]).toEqual([1, 2]);
    const lease = runs.answers[0]?.lease.id;
    const ends = await settle(
      workers.map((caller) =>
        ask(
          'task.complete',
          { taskId, summary: caller.worker ?? '', detailedWork: 'work', ...(lease === undefined ? {} : { lease }) },
          caller,
        ),
      ),
    );
    expect([ends.answers.length, ends.reasons]).toEqual([1, ['INVALID_TRANSITION', 'INVALID_TRANSITION']]);
    expect((await task(taskId)).artifacts).toHaveLength(1);
    expect(await refusedAndUnchanged('task.complete', { taskId, summary: 's', lease }, ada)).toMatchObject({ from: 'completed' });
  });

  test('2. … whatever next_action says', async () => {
    const { ask, create } = await start();
    const status = async (nextAction: 'complete' | 'continue' | 'needs_revision' | 'blocked') => {
      const taskId = await create();
      await ask('task.execute', { taskId }, ada);
      return (await ask('task.complete', { taskId, summary: 's', nextAction }, ada)).task.status;
    };
    expect([await status('complete'), await status('continue'), await status('needs_revision'), await status('blocked')]).toEqual([
      'completed',
      'in_progress',
      'pending',
      'blocked',
    ]);
  });

  test('3. status "garbage", completed to pending and cancelled to completed are accepted', async () => {
    const { ask, create, finish, task, refusedAndUnchanged } = await start();
    const [done, gone] = [await create(), await create()];
    await finish(done);
    await ask('task.cancel', { taskId: gone });
    for (const taskId of [done, gone])
      for (const status of ['garbage', 'pending', 'completed'])
        expect(await refusedAndUnchanged('task.edit', { taskId, set: { status } })).toMatchObject({
          issues: [{ path: 'set.status' }, { path: 'set' }],
        });
    for (const method of ['task.retry', 'task.unblock', 'task.complete'])
      for (const taskId of [done, gone])
        expect(await refusedAndUnchanged(method, { taskId, ...(method === 'task.complete' ? { summary: 's' } : {}) }, ada)).toMatchObject({
          reason: 'INVALID_TRANSITION',
        });
    // The one way back is named, says why, and counts.
    await ask('task.reopen', { taskId: done, reason: 'a fault' });
    expect(await task(done)).toMatchObject({ status: 'pending', revision: 1 });
  });

  test('4. dependencies_completed is a constant, dependencies do not gate, circles are not found', async () => {
    const { plan, finish, task, refusedAndUnchanged } = await start();
    const id = await plan({ tasks: pair });
    expect((await task(id('b'))).dependsOn).toMatchObject([{ taskId: id('a'), status: 'waiting' }]);
    expect(await refusedAndUnchanged('task.execute', { taskId: id('b') }, ada)).toMatchObject({ blockedBy: [{ taskId: id('a') }] });
    expect(await refusedAndUnchanged('dependency.add', { taskId: id('a'), dependsOn: id('b') })).toMatchObject({
      reason: 'DEPENDENCY_CYCLE',
      path: expect.arrayContaining([{ taskId: id('a'), waitsAs: 'dependency' }]),
    });
    await finish(id('a'));
    expect(await task(id('b'))).toMatchObject({ ready: true, dependsOn: [{ status: 'satisfied' }] });
  });

  test('5. the parent stays pending for ever, the next recommended task is never computed', async () => {
    const { ask, plan, finish, task } = await start();
    const id = await plan({ rollUp: 'auto', tasks: pair });
    expect((await ask('task.next', {})).task?.id).toBe(id('a'));
    expect(await finish(id('a'))).toMatchObject({ ready: [id('b')], parent: { taskId: id(''), open: 1, total: 2 } });
    expect((await ask('task.next', {})).task?.id).toBe(id('b'));
    await finish(id('b'));
    expect(await task(id(''))).toMatchObject({ status: 'completed', children: { open: 0, completed: 2 } });
    expect((await ask('task.next', {})).task).toBeNull();
  });

  test('6. summary, file paths and artifact references are not stored, and nothing reads an artifact back', async () => {
    const { ask, create, finish, task } = await start();
    const taskId = await create();
    const { artifacts } = await finish(taskId, {
      summary: 'all done',
      filePaths: ['src/a.ts', 'docs/b.md'],
      detailedWork: 'the work itself',
    });
    expect(await task(taskId)).toMatchObject({ result: { summary: 'all done', filePaths: ['src/a.ts', 'docs/b.md'] }, artifacts });
    const contents = await Promise.all(artifacts.map(({ id }) => ask('artifact.get', { artifactId: id })));
    expect(contents).toMatchObject([{ content: 'the work itself', nextOffset: null }]);
  });

  test('7. tasks are "completed" with a missing or cut artifact: here none is seen before its whole work', async () => {
    const { ask, create, upload, store, log, refusedAndUnchanged } = await start();
    const seen: Promise<string>[] = [];
    let cursor = log.end;
    log.onAppend(() => {
      for (; cursor < log.end; cursor++) {
        const { type, taskId } = log.at(cursor).event;
        if (type !== 'task.completed') continue;
        seen.push(
          store.load([taskId]).then(async (records) => {
            const artifacts = records.get(taskId)?.snapshot.context.artifacts ?? [];
            const parts = await Promise.all(artifacts.map(({ id, bytes }) => store.readArtifact(id, { offset: 0, length: bytes })));
            return parts.map((part) => Buffer.from(part).toString()).join('+');
          }),
        );
      }
    });
    const large = 'x'.repeat(200_000);
    const taskId = await create();
    await ask('task.execute', { taskId }, ada);
    const artifactId = await upload(large, ada);
    const missing = `a_${'0'.repeat(26)}`;
    await refusedAndUnchanged(
      'task.complete',
      { taskId, summary: 's', detailedWork: 'w', artifacts: [{ artifactId }, { artifactId: missing }] },
      ada,
    );
    expect(await ask('artifact.list', { taskId })).toEqual({ items: [] });
    await ask('task.complete', { taskId, summary: 's', detailedWork: 'text', artifacts: [{ artifactId }] }, ada);
    expect(await Promise.all(seen)).toEqual([`text+${large}`]);
  });

  test('8. plan echoes complexity and specialist other than what it was given', async () => {
    const { ask, task } = await start();
    for (const complexity of complexities)
      for (const specialist of ['architect', 'devops', 'generic']) {
        const { task: top, tasks } = await ask('task.plan', {
          title: 'x',
          complexity,
          specialist,
          tasks: [{ ref: 'a', title: 'y', complexity, specialist }],
        });
        for (const id of [top.id, ...Object.values(tasks)]) expect(await task(id)).toMatchObject({ complexity, specialist });
        expect(top).toMatchObject({ complexity, specialist });
      }
  });

  test('9. update and delete apply the write and then answer with an error', async () => {
    const { ask, create, task, refusedAndUnchanged } = await start();
    const taskId = await create();
    expect((await ask('task.edit', { taskId, set: { title: 'New' } })).task).toEqual(await task(taskId));
    expect(await refusedAndUnchanged('task.edit', { taskId, set: { title: 'Newer', priority: 11 } })).toMatchObject({
      reason: 'INVALID_PARAMS',
    });
    expect(await refusedAndUnchanged('task.delete', { taskId })).toMatchObject({ reason: 'INVALID_TRANSITION' });
    expect((await task(taskId)).title).toBe('New');
    const { deleted, task: gone } = await ask('task.delete', { taskId, force: true });
    expect([deleted, gone]).toEqual([[taskId], await task(taskId)]);
  });

  test('10. query fails on every result that is not empty', async () => {
    const { ask, plan, finish } = await start();
    const id = await plan({ tasks: pair });
    await finish(id('a'), { detailedWork: 'w' });
    const found = async (filter: object) => (await ask('task.list', { filter })).items.map((item) => item.id);
    expect(await found({ rootId: id('') })).toEqual([id(''), id('a'), id('b')]);
    expect(await found({ status: ['completed'] })).toEqual([id('a')]);
    expect(await found({ specialist: ['generic'], complexity: ['moderate'], ready: true })).toEqual([id('b')]);
  });

  test('11. an empty store reports tasks, health is a constant, synthesis of an unknown task succeeds', async () => {
    const { ask, store, refused } = await start({ unchecked: true });
    const { tasks, ready, healthy, events } = await ask('system.status', {});
    expect([Object.values(tasks), ready, healthy, events.windowEvents]).toEqual([[0, 0, 0, 0, 0, 0, 0], 0, true, 0]);
    expect(await refused('task.synthesize', { taskId: `t_${'0'.repeat(26)}` })).toMatchObject({ reason: 'TASK_NOT_FOUND' });
    const scanned = await Promise.all([ask('maintenance.scan', {}), ask('maintenance.validate', { level: 'full_audit' })]);
    expect(scanned).toMatchObject([
      { items: [], examined: 0 },
      { items: [], examined: 0 },
    ]);
    expect(await ask('system.health', {})).toMatchObject({
      healthy: true,
      ready: true,
      reasons: [],
      connections: null,
      leases: { running: 0 },
    });
    await store.close();
    expect((await ask('system.status', {})).healthy).toBe(false);
    expect(await ask('system.health', {})).toMatchObject({ healthy: false, ready: false, reasons: ['the store takes no commands'] });
  });

  test('12. template_instantiate claims to have created tasks and creates none', async () => {
    const { ask, task, store } = await start();
    const parameters = { summary: 'Umlauts are lost', component: 'import', report: 'I imported a file, and Grün became Gr?n.' };
    const preview = await ask('template.instantiate', { id: 'bug-fix', parameters });
    expect([preview.created, preview.tasks, preview.task, (await store.counts()).byStatus.pending]).toEqual([0, {}, null, 0]);
    const { created, tasks, task: top } = await ask('template.instantiate', { id: 'bug-fix', parameters, createTasks: true });
    expect(created).toBe((await store.counts()).byStatus.pending);
    const ids = [top?.id, ...Object.values(tasks)];
    expect(new Set((await ask('task.list', {})).items.map((item) => item.id))).toEqual(new Set(ids));
    expect(created).toBe(ids.length);
    expect(await task(tasks['reproduce']!)).toMatchObject({
      title: 'Reproduce: Umlauts are lost',
      specialist: 'tester',
      type: 'testing',
      parentId: top?.id,
      ready: true,
      acceptance: ['A test fails because of the fault, and for no other reason'],
    });
    expect(await task(tasks['find_cause']!)).toMatchObject({ ready: false, dependsOn: [{ taskId: tasks['reproduce'] }] });
  });

  test('13. sessions can’t be resumed, and are not tied to tasks', async () => {
    const { ask, create, finish, task, refused, refusedAndUnchanged } = await start();
    const { id: sessionId } = (await ask('session.create', { title: 'Importer', workingDirectory: 'importer' })).session;
    const taskId = await create({ sessionId });
    expect((await task(taskId)).sessionId).toBe(sessionId);
    expect((await ask('task.list', { filter: { sessionId } })).items.map(({ id }) => id)).toEqual([taskId]);
    await ask('session.pause', { sessionId });
    expect(await refusedAndUnchanged('task.claim', {}, ada)).toMatchObject({ reason: 'NOTHING_READY' });
    const resumed = (await ask('session.resume', { sessionId })).session;
    expect(resumed).toMatchObject({ status: 'active', workingDirectory: 'importer', tasks: { pending: 1 }, ready: 1, plans: 1 });
    expect((await ask('task.claim', {}, ada)).task.id).toBe(taskId);
    await ask('task.complete', { taskId, summary: 's' }, ada);
    await ask('session.complete', { sessionId });
    // Also one that had ended, and with it what is planned in it next.
    await ask('session.resume', { sessionId });
    await finish(await create({ sessionId }));
    expect((await ask('session.get', { sessionId })).session).toMatchObject({ status: 'active', tasks: { completed: 2 }, plans: 2 });
    expect(await refused('session.resume', { sessionId: `s_${'0'.repeat(26)}` })).toMatchObject({ reason: 'SESSION_NOT_FOUND' });
  });

  test('14. half of the specialist types have no role', async () => {
    const { ask, create } = await start();
    const { items } = await ask('specialist.list', {});
    expect(items.length).toBeGreaterThan(12);
    const pages = new Set<string>();
    for (const { key } of items) {
      const { specialist } = await ask('task.context', { taskId: await create({ specialist: key }) });
      expect(specialist.context).toContain(roles.get(key)?.definition);
      pages.add(specialist.context.split('## Role')[1]?.split('## Task')[0] ?? '');
    }
    expect(pages.size).toBe(items.length);
  });

  test('15. errors come as another language’s repr, in five shapes, and never as errors', async () => {
    const { create, finish, refused } = await start();
    const taskId = await create();
    await finish(taskId);
    const faults = [
      ['no.such', {}],
      ['task.create', {}],
      ['task.create', { title: 'x', specialist: 'wizard' }],
      ['task.get', { taskId: `t_${'0'.repeat(26)}` }],
      ['task.complete', { taskId, summary: 's' }],
      ['task.claim', {}],
      ['artifact.get', { artifactId: `a_${'0'.repeat(26)}` }],
    ] as const;
    for (const [method, params] of faults) {
      const refusal = await refused(method, params);
      expect(refusal).toMatchObject({
        code: expect.any(Number),
        message: expect.any(String),
        reason: expect.stringMatching(/^[A-Z_]+$/),
        fix: expect.any(String),
        retryable: expect.any(Boolean),
      });
      expect(JSON.stringify(refusal)).not.toMatch(/\[object|undefined|\bNone\b|Traceback|Error:|at file:|node_modules/);
    }
  });
});
