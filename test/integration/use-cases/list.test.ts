import { expect, test } from 'vitest';
import type { TaskId } from '../../../src/ids.ts';
import { sorts } from '../../../src/protocol/task.ts';
import { worker } from '../../support/service.ts';
import type { Asked } from '../../support/service.ts';
import { overStores } from './checked-service.ts';
import type { CheckedService } from './checked-service.ts';

type Filter = NonNullable<Asked<'task.list'>['filter']>;

/** Every page of a list, and what happens between two of them. */
async function pages(
  { ask }: CheckedService,
  params: Asked<'task.list'>,
  between: () => Promise<unknown> = async () => {},
): Promise<TaskId[]> {
  const ids: TaskId[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await ask('task.list', { ...params, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(params.limit ?? 100);
    ids.push(...page.items.map(({ id }) => id));
    if (page.nextCursor === null) return ids;
    if (ids.length > 200) throw new Error('the pages do not end');
    cursor = page.nextCursor;
    await between();
  }
}

/** Tasks by name, each made a second after the one before. */
async function world(service: CheckedService) {
  const { create, plan, finish, ask, clock } = service;
  const ids = new Map<string, TaskId>();
  const make = async (name: string, fields: Parameters<CheckedService['create']>[0]) => {
    clock.advance(1_000);
    ids.set(name, await create({ title: name, ...fields }));
  };
  await make('plain', {});
  await make('tested', { specialist: 'tester', type: 'testing', complexity: 'complex', tags: ['red', 'blue'] });
  await make('Große Straße', { tags: ['red'], priority: 9, externalId: 'E-9' });
  await make('elsewhere', { project: 'ledger', priority: 1 });
  await make('running', { priority: 8 });
  await make('blocked', {});
  await make('done', {});
  await make('gone', {});
  await make('old', {});
  clock.advance(1_000);
  const below = await plan({
    title: 'tree',
    tasks: [
      { ref: 'leaf', title: 'leaf', dependsOn: [{ task: 'twig', kind: 'completion' }] },
      { ref: 'twig', title: 'twig' },
    ],
  });
  for (const [name, ref] of [
    ['tree', ''],
    ['leaf', 'leaf'],
    ['twig', 'twig'],
  ] as const)
    ids.set(name, below(ref));
  const id = (name: string): TaskId => {
    const found = ids.get(name);
    if (found === undefined) throw new Error(`no task ${name}`);
    return found;
  };
  await ask('task.execute', { taskId: id('running') }, worker('ada'));
  await ask('task.block', { taskId: id('blocked'), reason: 'r' });
  await finish(id('done'), { summary: 'found THE needle' });
  await ask('task.cancel', { taskId: id('gone') });
  await finish(id('old'));
  await ask('task.archive', { taskId: id('old') });
  return { id, names: (found: readonly string[]) => found.map((one) => [...ids].find(([, known]) => known === one)?.[0]) };
}

const live = ['plain', 'tested', 'Große Straße', 'elsewhere', 'running', 'blocked', 'done', 'gone', 'tree', 'leaf', 'twig'];

const filters: readonly (readonly [string, Filter | ((id: (name: string) => TaskId) => Filter), readonly string[]])[] = [
  ['nothing', {}, live],
  ['status', { status: ['blocked', 'cancelled'] }, ['blocked', 'gone']],
  ['status active, which is in_progress', { status: ['active'] }, ['running']],
  ['status archived', { status: ['archived'] }, ['old']],
  ['includeArchived', { includeArchived: true }, [...live.slice(0, 8), 'old', ...live.slice(8)]],
  ['ids, of which one is archived', (id) => ({ ids: [id('leaf'), id('old'), id('plain'), id('plain')] }), ['plain', 'leaf']],
  ['ids with archived', (id) => ({ ids: [id('old'), id('plain')], includeArchived: true }), ['plain', 'old']],
  ['type', { type: ['testing', 'review'] }, ['tested']],
  ['specialist', { specialist: ['tester'] }, ['tested']],
  ['complexity', { complexity: ['complex', 'trivial'] }, ['tested']],
  ['all of several tags', { tags: ['blue', 'red'] }, ['tested']],
  ['one tag', { tags: ['red'] }, ['tested', 'Große Straße']],
  ['project', { project: 'ledger' }, ['elsewhere']],
  ['externalId', { externalId: 'E-9' }, ['Große Straße']],
  ['rootId', (id) => ({ rootId: id('tree') }), ['tree', 'leaf', 'twig']],
  ['parentId', (id) => ({ parentId: id('tree') }), ['leaf', 'twig']],
  ['a session that has no tasks', { sessionId: `s_${'0'.repeat(26)}` }, []],
  ['what is ready', { ready: true }, ['plain', 'tested', 'Große Straße', 'elsewhere', 'twig']],
  ['what is not ready', { ready: false, status: ['pending'] }, ['tree', 'leaf']],
  ['text in the title, whatever its case', { text: 'GROSSE STRASSE' }, ['Große Straße']],
  ['text in a tag', { text: 'BLU' }, ['tested']],
  ['text in a summary', { text: 'the NEEDLE' }, ['done']],
  ['text that nothing has', { text: '%' }, []],
  ['createdAfter', { createdAfter: '2026-01-01T00:00:07.500Z' }, ['gone', 'tree', 'leaf', 'twig']],
  ['createdBefore', { createdBefore: '2026-01-01T00:00:03Z' }, ['plain', 'tested']],
  ['updatedAfter', { updatedAfter: '2026-01-01T00:00:09.500Z' }, ['running', 'blocked', 'done', 'gone', 'tree', 'leaf', 'twig']],
  ['several at once', { project: 'default', tags: ['red'], ready: true, text: 'test' }, ['tested']],
];

overStores('task.list', (start) => {
  test('filters', async () => {
    const service = await start();
    const { id, names } = await world(service);
    for (const [what, filter, expected] of filters) {
      const params = { filter: typeof filter === 'function' ? filter(id) : filter };
      expect([what, names(await pages(service, params))]).toEqual([what, expected]);
      expect([what, names(await pages(service, { ...params, limit: 1 }))]).toEqual([what, expected]);
    }
  });

  test('sorts', async () => {
    const service = await start();
    const { ask, clock } = service;
    const { id, names } = await world(service);
    for (const name of ['leaf', 'plain']) {
      clock.advance(1_000);
      await ask('task.note', { taskId: id(name), text: 'n' });
    }
    const by = async (sort: (typeof sorts)[number]) => names(await pages(service, { sort, limit: 2 }));
    expect(await by('created')).toEqual(live);
    expect(await by('-created')).toEqual(live.toReversed());
    const updated = await by('updated');
    expect(updated.slice(0, 3)).toEqual(['tested', 'Große Straße', 'elsewhere']);
    expect(updated.slice(-2)).toEqual(['leaf', 'plain']);
    expect(await by('-updated')).toEqual(updated.toReversed());
    const next = await by('next');
    expect([next.slice(0, 3), next.at(-1)]).toEqual([['Große Straße', 'running', 'plain'], 'elsewhere']);
  });

  test.each(sorts)('pages by %s lose and repeat nothing that stays where it is, whatever happens between them', async (sort) => {
    const service = await start();
    const { ask, create, clock } = service;
    const calm: TaskId[] = [];
    const moved: TaskId[] = [];
    for (let n = 0; n < 24; n++) {
      clock.advance(10);
      (n % 4 === 0 ? moved : calm).push(await create({ priority: (n % 10) + 1 }));
    }
    const seen = await pages(service, { sort, limit: 5 }, async () => {
      clock.advance(10);
      await create({ priority: 5 });
      const taskId = moved.pop();
      if (taskId !== undefined) await ask('task.edit', { taskId, set: { priority: 5 } });
    });
    expect(seen.filter((id) => calm.includes(id)).toSorted()).toEqual(calm.toSorted());
    // What is changed meanwhile may come again where it stands now; the order of creation never changes.
    const again = sort.endsWith('created') ? 0 : seen.length - new Set(seen).size;
    expect(new Set(seen).size).toBe(seen.length - again);
  });

  test('fields: members of the whole task instead of the summary', async () => {
    const { ask, create, task } = await start();
    const taskId = await create({ description: 'long', context: { a: [1] }, tags: ['x'] });
    const { items } = await ask('task.list', { fields: ['description', 'context', 'tags', 'allowed', 'dependsOn', 'rev'] });
    const { id, description, context, tags, allowed, dependsOn, rev } = await task(taskId);
    expect(items).toEqual([{ id, description, context, tags, allowed, dependsOn, rev }]);
  });

  test('a row is at most 400 bytes, whatever the title', async () => {
    const { ask, create } = await start();
    for (const title of ['🚀'.repeat(120), '"\\\u0001'.repeat(80), 'x'.repeat(255)]) await create({ title, specialist: 'documenter' });
    const { items } = await ask('task.list', {});
    for (const item of items) expect(Buffer.byteLength(JSON.stringify(item))).toBeLessThanOrEqual(400);
    expect(items.every(({ title }) => title?.endsWith('…') === true && title.isWellFormed())).toBe(true);
  });

  test('a cursor that is none, of another order, or of a history', async () => {
    const { ask, create, refused } = await start();
    const taskId = await create();
    await create();
    for (const text of ['a', 'b']) await ask('task.note', { taskId, text });
    const list = (await ask('task.list', { limit: 1 })).nextCursor;
    const history = (await ask('task.history', { taskId, limit: 1 })).nextCursor;
    const bad = { reason: 'INVALID_PARAMS', issues: [{ path: 'cursor' }], fix: 'list again without a cursor' };
    for (const params of [{ cursor: 'nonsense' }, { cursor: list, sort: 'updated' }, { cursor: history }])
      expect(await refused('task.list', params)).toMatchObject(bad);
    expect(await refused('task.ready', { cursor: list })).toMatchObject(bad);
    expect(await refused('task.history', { taskId, cursor: list })).toMatchObject(bad);
  });

  test('an empty service has an empty list, everywhere', async () => {
    const { ask } = await start();
    const nothing = { items: [], nextCursor: null };
    expect([await ask('task.list', {}), await ask('task.ready', {})]).toEqual([nothing, nothing]);
    expect((await ask('task.next', {})).task).toBeNull();
  });
});
