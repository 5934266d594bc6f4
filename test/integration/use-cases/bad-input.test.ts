import { expect, test } from 'vitest';
import type { TaskId } from '../../../src/ids.ts';
import { methods } from '../../../src/protocol/methods.ts';
import { overStores } from './checked-service.ts';
import type { CheckedService } from './checked-service.ts';

/** What no schema lets through: the fault is named by its place, and nothing has changed afterwards. */

const noTask: TaskId = `t_${'0'.repeat(26)}`;
const wide = '第'.repeat(5_462);
const lone = 'a\uD83Db';

type Case = readonly [what: string, method: string, params: unknown, path: string];

const given: readonly Case[] = (
  [
    ['no title', {}, 'title'],
    ['a title that is no text', { title: 7 }, 'title'],
    ['an empty title', { title: '' }, 'title'],
    ['a blank title', { title: ' \t\n\u3000' }, 'title'],
    ['a title of 256', { title: 'x'.repeat(256) }, 'title'],
    ['a title with half a character', { title: lone }, 'title'],
    ['a description over 16 KiB', { title: 'x', description: 'x'.repeat(16_385) }, 'description'],
    ['a description over 16 KiB in UTF-8', { title: 'x', description: wide }, 'description'],
    ['a description with half a character', { title: 'x', description: lone }, 'description'],
    ['a context over 16 KiB in UTF-8', { title: 'x', context: { a: wide } }, 'context'],
    ['a context that is a list', { title: 'x', context: [] }, 'context'],
    ['a context that is nothing', { title: 'x', context: null }, 'context'],
    ['an unknown type', { title: 'x', type: 'epic' }, 'type'],
    ['an unknown complexity', { title: 'x', complexity: 'huge' }, 'complexity'],
    ['a specialist that is no key', { title: 'x', specialist: 'The Coder' }, 'specialist'],
    ['priority 0', { title: 'x', priority: 0 }, 'priority'],
    ['priority 11', { title: 'x', priority: 11 }, 'priority'],
    ['priority 5.5', { title: 'x', priority: 5.5 }, 'priority'],
    ['a priority in words', { title: 'x', priority: 'high' }, 'priority'],
    ['21 tags', { title: 'x', tags: Array.from({ length: 21 }, (_, n) => `t${n}`) }, 'tags'],
    ['a tag with a blank', { title: 'x', tags: ['ok', 'not ok'] }, 'tags[1]'],
    ['a tag named like a prototype', { title: 'x', tags: ['__proto__'] }, 'tags[0]'],
    ['an empty criterion', { title: 'x', acceptance: ['ok', ''] }, 'acceptance[1]'],
    ['51 criteria', { title: 'x', acceptance: Array.from({ length: 51 }, () => 'c') }, 'acceptance'],
    ['an effort with half a character', { title: 'x', estimatedEffort: lone }, 'estimatedEffort'],
    ['30 February', { title: 'x', dueAt: '2026-02-30' }, 'dueAt'],
    ['tomorrow', { title: 'x', dueAt: 'tomorrow' }, 'dueAt'],
    ['a year of five digits', { title: 'x', dueAt: '99999-01-01' }, 'dueAt'],
    ['a date without a zone', { title: 'x', dueAt: '2026-01-01T12:00:00' }, 'dueAt'],
    ['a date with a 25th hour', { title: 'x', dueAt: '2026-01-01T25:00:00Z' }, 'dueAt'],
    ['a date as a number', { title: 'x', dueAt: 1_767_225_600_000 }, 'dueAt'],
    ['no attempts', { title: 'x', maxAttempts: 0 }, 'maxAttempts'],
    ['an unknown way to roll up', { title: 'x', rollUp: 'never' }, 'rollUp'],
    ['a project with a blank', { title: 'x', project: 'my project' }, 'project'],
    ['a parent that is no id', { title: 'x', parentId: '42' }, 'parentId'],
    ['101 dependencies', { title: 'x', dependsOn: Array.from({ length: 101 }, () => noTask) }, 'dependsOn'],
    ['a dependency that is a number', { title: 'x', dependsOn: [7] }, 'dependsOn[0]'],
    ['a dependency of an unknown kind', { title: 'x', dependsOn: [{ task: noTask, kind: 'after' }] }, 'dependsOn[0].kind'],
    ['a dependency with an unknown member', { title: 'x', dependsOn: [noTask, { task: noTask, why: '' }] }, 'dependsOn[1].why'],
    ['an unknown member', { title: 'x', status: 'completed' }, 'status'],
    ['a command id with a blank', { title: 'x', commandId: 'a b' }, 'commandId'],
    ['a command id of 129', { title: 'x', commandId: 'x'.repeat(129) }, 'commandId'],
  ] as const
).map(([what, params, path]) => [what, 'task.create', params, path]);

const others: readonly Case[] = [
  ['a list instead of an object', 'task.create', [], ''],
  ['a text instead of an object', 'task.get', 'x', ''],
  [
    'a ref with a blank',
    'task.plan',
    { title: 'x', tasks: [{ title: 'y', tasks: [{ title: 'z', ref: 'a b' }] }] },
    'tasks[0].tasks[0].ref',
  ],
  ['a ref named like a prototype', 'task.plan', { title: 'x', tasks: [{ title: 'y', ref: '__proto__' }] }, 'tasks[0].ref'],
  ['an unknown member deep in a plan', 'task.plan', { title: 'x', tasks: [{ title: 'y', project: 'z' }] }, 'tasks[0].project'],
  ['a blank title deep in a plan', 'task.plan', { title: 'x', tasks: [{ title: 'y' }, { title: ' ' }] }, 'tasks[1].title'],
  [
    'two tasks of one name',
    'task.plan',
    {
      title: 'x',
      tasks: [
        { title: 'y', ref: 'a' },
        { title: 'z', ref: 'a' },
      ],
    },
    'tasks[1].ref',
  ],
  ['a name that is another’s place', 'task.plan', { title: 'x', tasks: [{ title: 'y', ref: '1' }, { title: 'z' }] }, 'tasks[1].ref'],
  ['a ref that there is not', 'task.plan', { title: 'x', tasks: [{ title: 'y', dependsOn: ['a'] }] }, 'tasks[0].dependsOn[0]'],
  ['a task that there is not', 'task.plan', { title: 'x', tasks: [{ title: 'y', dependsOn: [noTask] }] }, 'tasks[0].dependsOn[0]'],
  ['criteria for what rolls up', 'task.plan', { title: 'x', rollUp: 'auto', acceptance: ['a'], tasks: [{ title: 'y' }] }, 'acceptance'],
  ['a review of what rolls up', 'task.plan', { title: 'x', tasks: [{ title: 'y', rollUp: 'auto', review: 'coder' }] }, 'tasks[0].review'],
  ['a lease of no time', 'task.claim', { leaseMs: 0 }, 'leaseMs'],
  ['a wait of more than 30 s', 'task.claim', { waitMs: 30_001 }, 'waitMs'],
  ['a claim by status', 'task.claim', { filter: { status: ['completed'] } }, 'filter.status'],
  ['a lease that is no id', 'task.progress', { taskId: noTask, lease: 'mine' }, 'lease'],
  ['negative progress', 'task.progress', { taskId: noTask, value: -1 }, 'value'],
  ['endless progress', 'task.progress', { taskId: noTask, value: Number.POSITIVE_INFINITY }, 'value'],
  ['no summary', 'task.complete', { taskId: noTask }, 'summary'],
  ['a summary over 8 KiB', 'task.complete', { taskId: noTask, summary: 'x'.repeat(8_193) }, 'summary'],
  ['work with half a character', 'task.complete', { taskId: noTask, summary: 's', detailedWork: lone }, 'detailedWork'],
  ['an artifact name with half a character', 'task.complete', { taskId: noTask, summary: 's', artifactName: lone }, 'artifactName'],
  ['a file path with half a character', 'task.complete', { taskId: noTask, summary: 's', filePaths: ['a', lone] }, 'filePaths[1]'],
  ['an unknown next action', 'task.complete', { taskId: noTask, summary: 's', nextAction: 'done' }, 'nextAction'],
  [
    'an artifact that is no id',
    'task.complete',
    { taskId: noTask, summary: 's', artifacts: [{ artifactId: 'x' }] },
    'artifacts[0].artifactId',
  ],
  ['an error without a message', 'task.fail', { taskId: noTask, error: {} }, 'error.message'],
  ['an empty answer', 'task.answer', { taskId: noTask, answer: '' }, 'answer'],
  ['an empty note', 'task.note', { taskId: noTask, text: '' }, 'text'],
  ['revision 0', 'task.edit', { taskId: noTask, ifRev: 0, set: { priority: 1 } }, 'ifRev'],
  ['a limit of 0', 'task.list', { limit: 0 }, 'limit'],
  ['a negative limit', 'task.list', { limit: -1 }, 'limit'],
  ['a limit over 1,000', 'task.history', { taskId: noTask, limit: 1_001 }, 'limit'],
  ['an unknown sort', 'task.list', { sort: 'title' }, 'sort'],
  ['a field that there is not', 'task.list', { fields: ['title', 'constructor'] }, 'fields[1]'],
  ['a filter that there is not', 'task.list', { filter: { owner: 'me' } }, 'filter.owner'],
  ['an unknown status', 'task.list', { filter: { status: ['garbage'] } }, 'filter.status[0]'],
  ['a date that is none in a filter', 'task.list', { filter: { createdAfter: '2026-13-01' } }, 'filter.createdAfter'],
  ['an empty position', 'task.get', { taskId: noTask, minPosition: '' }, 'minPosition'],
  ['a negative offset', 'artifact.get', { artifactId: `a_${'0'.repeat(26)}`, offset: -1 }, 'offset'],
  ['a page too small for a character', 'artifact.get', { artifactId: `a_${'0'.repeat(26)}`, limit: 3 }, 'limit'],
  ['a media type that is none', 'artifact.begin', { name: 'x', mediaType: 'text' }, 'mediaType'],
  ['an upload named with half a character', 'artifact.begin', { name: lone }, 'name'],
  ['a hash that is none', 'artifact.finish', { uploadId: 'x', sha256: 'x' }, 'sha256'],
  ['a batch of more than 50 ms', 'events.subscribe', { batchMs: 51 }, 'batchMs'],
];

/** Something of every kind, so that what must not change is there. */
async function furnish({ plan, finish, ask }: CheckedService): Promise<void> {
  const id = await plan({
    tasks: [
      { ref: 'a', title: 'A' },
      { ref: 'b', title: 'B' },
    ],
  });
  await finish(id('a'), { detailedWork: 'work' });
  await ask('task.block', { taskId: id('b'), question: 'q' });
}

overStores('bad input', (start) => {
  test.each([...given, ...others])('%s', async (_, method, params, path) => {
    const service = await start();
    await furnish(service);
    const refusal = await service.refusedAndUnchanged(method, params);
    expect(refusal).toMatchObject({ reason: 'INVALID_PARAMS', code: -32602 });
    expect(new Set(refusal.issues?.map((issue) => issue.path))).toEqual(new Set([path]));
    expect(refusal.message).toContain(path === '' ? 'params' : path);
  });

  test('a member that no method knows, for every method', async () => {
    const service = await start();
    for (const method of Object.keys(methods)) {
      for (const hostile of ['surprise', '__proto__', 'constructor']) {
        const params: unknown = JSON.parse(`{"${hostile}": {"polluted": true}}`);
        const { reason, issues } = await service.refusedAndUnchanged(method, params);
        expect([method, reason, issues?.some(({ path }) => path === hostile)]).toEqual([method, 'INVALID_PARAMS', true]);
      }
    }
    expect({}).not.toHaveProperty('polluted');
  });

  test('an id that is none, for every method that takes one', async () => {
    const service = await start();
    const ids = [
      '',
      'x',
      'T_00000000000000000000000000',
      `t_${'0'.repeat(25)}`,
      `t_${'0'.repeat(25)}u`,
      `a_${'0'.repeat(26)}`,
      7,
      null,
      [noTask],
      {},
    ];
    const taking = Object.entries(methods).filter(([, { input }]) => 'shape' in input && 'taskId' in input.shape);
    expect(taking.length).toBeGreaterThan(20);
    for (const [method] of taking)
      for (const taskId of ids) {
        const { reason, issues } = await service.refusedAndUnchanged(method, { taskId });
        expect([reason, issues?.[0]]).toEqual(['INVALID_PARAMS', { path: 'taskId', message: 'a task id is t_ and 26 characters' }]);
      }
  });

  test('what is not there at all is called missing, at any depth', async () => {
    const { refused } = await start();
    const absent = async (method: string, params: object) => (await refused(method, params)).issues;
    expect(await absent('task.create', {})).toEqual([{ path: 'title', message: 'is missing' }]);
    expect(await absent('task.get', {})).toEqual([{ path: 'taskId', message: 'a task id is t_ and 26 characters' }]);
    expect(await absent('task.plan', { title: 'x', tasks: [{ title: 'y', dependsOn: [{}] }] })).toEqual([
      { path: 'tasks[0].dependsOn[0].task', message: 'is missing' },
    ]);
  });

  test('many faults at once are all named, up to a bound', async () => {
    const { refused } = await start();
    const refusal = await refused('task.create', { title: '', priority: 99, dueAt: 'x', tags: ['a b'], extra: 1 });
    expect(refusal.issues?.map(({ path }) => path).toSorted()).toEqual(['dueAt', 'extra', 'priority', 'tags[0]', 'title']);
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`m${n}`, n]));
    expect((await refused('task.create', { title: 'x', ...many })).issues).toHaveLength(20);
  });

  test('at the bound itself everything is accepted', async () => {
    const { ask } = await start();
    const { task } = await ask('task.create', {
      title: 'x'.repeat(255),
      description: '第'.repeat(5_461),
      priority: 10,
      tags: Array.from({ length: 20 }, (_, n) => `t${n}`),
      acceptance: Array.from({ length: 50 }, (_, n) => `criterion ${n}`),
      dueAt: '2028-02-29',
      commandId: '~'.repeat(128),
      context: { toString: 'x', constructor: { prototype: 1 } },
    });
    expect(task).toMatchObject({ dueAt: '2028-02-29T23:59:59.999Z', context: { toString: 'x', constructor: { prototype: 1 } } });
  });
});

/** Ids of the right form that lead nowhere. */
const nowhere: readonly (readonly [method: string, params: object, reason: string])[] = [
  ['task.create', { title: 'x', parentId: noTask }, 'TASK_NOT_FOUND'],
  ['task.plan', { title: 'x', parentId: noTask, tasks: [{ title: 'y' }] }, 'TASK_NOT_FOUND'],
  ['artifact.get', { artifactId: `a_${'0'.repeat(26)}` }, 'ARTIFACT_NOT_FOUND'],
  ['artifact.append', { uploadId: 'x', offset: 0, content: 'x' }, 'UPLOAD_NOT_FOUND'],
  ['artifact.finish', { uploadId: 'x', sha256: '0'.repeat(64) }, 'UPLOAD_NOT_FOUND'],
  ['specialist.get', { key: 'wizard' }, 'SPECIALIST_NOT_FOUND'],
  ['machine.get', { id: 'constructor' }, 'MACHINE_NOT_FOUND'],
  ['events.unsubscribe', { view: 'v1' }, 'VIEW_NOT_FOUND'],
];

overStores('ids that lead nowhere', (start) => {
  test.each(nowhere)('%s %o', async (method, params, reason) => {
    const service = await start();
    await furnish(service);
    expect(await service.refusedAndUnchanged(method, params)).toMatchObject({ reason, code: 404 });
  });

  test('of the other task in an edge, and of work to claim', async () => {
    const { create, ask, refusedAndUnchanged } = await start();
    const taskId = await create();
    expect(await refusedAndUnchanged('dependency.add', { taskId, dependsOn: noTask })).toMatchObject({
      reason: 'TASK_NOT_FOUND',
      taskId: noTask,
    });
    expect(await refusedAndUnchanged('dependency.add', { taskId, dependsOn: 'design' })).toMatchObject({
      reason: 'INVALID_PARAMS',
      issues: [{ path: 'dependsOn', message: 'a task id is t_ and 26 characters' }],
    });
    const { lease } = await ask('task.execute', { taskId });
    const artifacts = [{ artifactId: `a_${'0'.repeat(26)}` }];
    expect(await refusedAndUnchanged('task.complete', { taskId, lease: lease.id, summary: 's', artifacts })).toMatchObject({
      reason: 'ARTIFACT_NOT_FOUND',
      issues: [{ path: 'artifacts[0].artifactId' }],
    });
    expect((await ask('task.list', { filter: { rootId: noTask } })).items).toEqual([]);
  });
});
