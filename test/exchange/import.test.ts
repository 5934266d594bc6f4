import { beforeEach, describe, expect, test } from 'vitest';
import { carryOut, findExisting } from '../../src/cli/carry-out.ts';
import type { Asking } from '../../src/cli/carry-out.ts';
import { listed } from '../../src/cli/export.ts';
import { writers } from '../../src/exchange/formats.ts';
import { forestOf } from '../../src/exchange/forest.ts';
import { reconcile } from '../../src/exchange/reconcile.ts';
import { sentenceOf } from '../../src/exchange/report.ts';
import type { SourceFile } from '../../src/exchange/source.ts';
import { startService, worker } from '../support/service.ts';
import type { TestService } from '../support/service.ts';
import { fixture, readTexts } from './reading.ts';

let service: TestService;
let link: Asking;
beforeEach(async () => {
  service = await startService();
  link = linkTo(service);
});

const linkTo = ({ dispatch }: TestService): Asking => ({
  call: (async (method: never, input: never) => dispatch(method, input, worker('import'))) as Asking['call'],
});

interface Options {
  readonly done?: boolean;
  readonly update?: boolean;
  readonly project?: string;
}

async function importInto(to: Asking, files: readonly SourceFile[], { done = false, update = false, project = 'default' }: Options = {}) {
  const { arranged, report, faults } = readTexts(files, { done, folder: 'demo-list' });
  expect(faults).toEqual([]);
  const before = report.remarks.length;
  const existing = await findExisting(to, arranged.trees, project);
  const steps = reconcile(arranged.trees, existing, { update, done }, report);
  const result = await carryOut(to, steps, existing, project, report);
  return { ...result, steps, remarks: report.remarks.slice(before).map(sentenceOf) };
}

/** Title, status and what is waited for, by title, of every task. */
async function shown(to: Asking, project = 'default'): Promise<string[]> {
  const tasks = await listed(to, { project, includeArchived: true });
  const titles = new Map<string, string>(tasks.map(({ id, title }) => [id, title]));
  return tasks
    .map(({ title, status, parentId, dependsOn }) => {
      const edges = dependsOn
        .filter(({ direct }) => direct)
        .map(({ taskId }) => titles.get(taskId) ?? taskId)
        .sort();
      return `${parentId === null ? '' : `${titles.get(parentId)} / `}${title} ${status}${edges.length === 0 ? '' : ` < ${edges.join(', ')}`}`;
    })
    .sort();
}

const names = ['task-master-tagged.json', 'task-master-legacy.json', 'beads.jsonl', 'checklist.md', 'spec-kit-tasks.md'];

describe.each(names)('%s', (name) => {
  test.each([{ done: false }, { done: true }])('is imported once, however often it is imported ($done)', async (options) => {
    const files = [await fixture(name)];
    const first = await importInto(link, files, options);
    expect(first.made.length).toBeGreaterThan(3);
    expect(first.remarks).toEqual([]);
    const before = await shown(link);
    const again = await importInto(link, files, { ...options, update: true });
    expect([again.made, again.edited, again.connected, again.completed, again.remarks]).toEqual([[], 0, 0, 0, []]);
    expect(await shown(link)).toEqual(before);
  });
});

test('open tasks only: what waited for done tasks can begin', async () => {
  await importInto(link, [await fixture('task-master-tagged.json')]);
  expect(await shown(link)).toEqual([
    'Parse invoices / Map columns pending < Write the tokenizer',
    'Parse invoices / Write the tokenizer pending',
    'task-master: feature-export / Export the ledger pending',
    'task-master: feature-export pending',
    'task-master: master / Book invoices pending < Parse invoices',
    'task-master: master / Parse invoices pending',
    'task-master: master pending',
  ]);
  const { items } = await service.ask('task.ready', {});
  expect(items.map(({ title }) => title).sort()).toEqual(['Export the ledger', 'Write the tokenizer']);
});

test('with what is done: it is completed, and says so', async () => {
  const { completed } = await importInto(link, [await fixture('beads.jsonl')], { done: true });
  expect(completed).toBe(1);
  const { items } = await service.ask('task.list', { filter: { externalId: 'beads:shop-9f0' }, fields: ['status', 'result'] });
  expect(items).toEqual([{ id: expect.any(String), status: 'completed', result: { summary: 'They came by post', filePaths: [] } }]);
});

test('done in the source since: --done completes it here, and a list that is done is done', async () => {
  const open = { name: 'f.md', text: '# List\n- [ ] One\n  - [ ] Part\n- [ ] Two\n' };
  await importInto(link, [open]);
  await importInto(link, [{ ...open, text: open.text.replaceAll('[ ]', '[x]') }], { done: true });
  expect(await shown(link)).toEqual(['List / One completed', 'List / Two completed', 'List completed', 'One / Part completed']);
});

test('a changed source: told, and taken over with --update', async () => {
  const legacy = await fixture('task-master-legacy.json');
  await importInto(link, [legacy]);
  const source = JSON.parse(legacy.text) as { tasks: Record<string, unknown>[] };
  Object.assign(source.tasks[2]!, { title: 'Seed more test data', priority: 'high' });
  source.tasks.push({ id: 4, title: 'Load test', dependencies: [3] });
  (source.tasks[1]!['subtasks'] as object[]).push({ id: 3, title: 'Invoices', dependencies: [2] });
  source.tasks[2]!['dependencies'] = [2, 4];
  source.tasks[3]!['dependencies'] = [];
  const changed = [{ ...legacy, text: JSON.stringify(source) }];

  const told = await importInto(link, changed);
  expect(told.made.map(({ task }) => task.key).sort()).toEqual(['master/2.3', 'master/4']);
  expect(told.remarks).toEqual([
    expect.stringMatching(/tasks\[2\]: t_\w+ differs in title, priority: --update takes that over$/),
    expect.stringMatching(/tasks\[2\]: t_\w+ does not wait for master\/4: --update takes that over$/),
  ]);
  expect(await importInto(link, changed, { update: true })).toMatchObject({ made: [], edited: 1, connected: 1, remarks: [] });
  expect(await shown(link)).toEqual([
    'Write the migrations / Invoices pending < Orders',
    'Write the migrations / Orders pending < Users',
    'Write the migrations / Users pending',
    'task-master: master / Load test pending',
    'task-master: master / Seed more test data pending < Load test, Write the migrations',
    'task-master: master / Write the migrations pending',
    'task-master: master pending',
  ]);
});

test('what was archived is not made again', async () => {
  const files = [{ name: 'f.md', text: '# List\n- [ ] One\n' }];
  const { made } = await importInto(link, files);
  const [list] = made;
  await service.ask('task.cancel', { taskId: list!.id, subtree: true });
  await service.ask('task.archive', { taskId: list!.id });
  expect((await importInto(link, files)).made).toEqual([]);
});

test('a tree that no message can carry is made in pieces below their parent', async () => {
  const list = { tasks: Array.from({ length: 40 }, (_, n) => ({ id: n + 1, title: `Task ${n + 1}`, details: 'x'.repeat(16_000) })) };
  const { made, steps } = await importInto(link, [{ name: 'f', text: JSON.stringify(list) }]);
  expect(made).toHaveLength(41);
  for (const { task } of steps.makes) expect(JSON.stringify(task).length).toBeLessThan(262_144);
  const lines = await shown(link);
  expect(lines.filter((line) => line.startsWith('task-master: master / '))).toHaveLength(40);
});

test('another project is another place', async () => {
  const files = [await fixture('beads.jsonl')];
  const first = await importInto(link, files);
  const other = await importInto(link, files, { project: 'other' });
  expect(other.made).toHaveLength(first.made.length);
  expect(await shown(link, 'other')).toEqual(await shown(link));
});

test('trees that wait for parts of each other, and texts that no message can carry', async () => {
  const part = (id: string, parent: string, on: string) =>
    JSON.stringify({
      id,
      title: id,
      status: 'open',
      description: 'x'.repeat(16_000),
      dependencies: [
        { depends_on_id: parent, type: 'parent-child' },
        { depends_on_id: on, type: 'blocks' },
      ],
    });
  const top = (id: string) => JSON.stringify({ id, title: id, status: 'open', description: 'y'.repeat(16_000) });
  const parts = Array.from({ length: 12 }, (_, n) => [
    part(`a.${n}`, 'a', `b.${n}`),
    part(`b.${n}`, 'b', n === 0 ? 'b.99' : `a.${n - 1}`),
  ]).flat();
  const { made, steps, remarks } = await importInto(link, [{ name: 'f', text: [top('a'), top('b'), ...parts].join('\n') }]);
  expect(remarks).toEqual([]);
  expect(made).toHaveLength(26);
  expect(steps.makes.length).toBeGreaterThan(2);
  for (const { task } of steps.makes) expect(JSON.stringify(task).length).toBeLessThan(262_144);
  const lines = await shown(link);
  expect(lines).toContain('a / a.3 pending < b.3');
  expect(lines).toContain('b / b.3 pending < a.2');
});

describe('exported as JSON', () => {
  const reviewed = async () => {
    const { tasks } = await service.ask('task.plan', {
      title: 'Release',
      tags: ['v1'],
      tasks: [
        { ref: 'build', title: 'Build', review: 'reviewer', acceptance: ['It runs'], dueAt: '2026-05-01', context: { target: 'web' } },
        { ref: 'ship', title: 'Ship', dependsOn: ['build', { task: 'notes', kind: 'related', mandatory: false }] },
        { ref: 'notes', title: 'Notes', externalId: 'mine-7', tasks: [{ title: 'Draft' }] },
      ],
    });
    const { lease } = await service.ask('task.execute', { taskId: tasks['2.0']! });
    await service.ask('task.complete', { taskId: tasks['2.0']!, lease: lease.id, summary: 'Drafted' });
  };
  const exported = async (from: Asking) => writers['json']!.write(forestOf(await listed(from, {})));

  test('it comes back as the same tasks in another service, and makes none in its own', async () => {
    await reviewed();
    const text = await exported(link);
    const [release] = (JSON.parse(text) as { tasks: { tasks: { title: string; id: string; dependsOn: object[] }[] }[] }).tasks;
    const [build, ship, notes] = release!.tasks;
    expect(release!.tasks.map(({ title }) => title)).toEqual(['Build', 'Ship', 'Notes']);
    // The edge on the review comes with the one on its subject.
    expect(ship!.dependsOn).toEqual([
      { task: build!.id, kind: 'completion', mandatory: true },
      { task: notes!.id, kind: 'related', mandatory: false },
    ]);
    expect((await importInto(link, [{ name: 'f', text }], { done: true, update: true })).made).toEqual([]);
    const other = linkTo(await startService());
    const { completed, remarks } = await importInto(other, [{ name: 'f', text }], { done: true });
    expect([completed, remarks]).toEqual([1, []]);
    expect(await shown(other)).toEqual(await shown(link));
    const bare = (json: string) => {
      const drop = ({
        id: _id,
        externalId: _e,
        createdAt: _c,
        completedAt: _d,
        dependsOn,
        tasks = [],
        ...rest
      }: Record<string, unknown> & { tasks?: never[]; dependsOn?: object[] }): object => ({
        ...rest,
        edges: dependsOn?.length,
        tasks: tasks.map(drop),
      });
      return (JSON.parse(json) as { tasks: never[] }).tasks.map(drop);
    };
    expect(bare(await exported(other))).toEqual(bare(text));
  });

  test('twice into another service makes nothing twice', async () => {
    await reviewed();
    const files = [{ name: 'f', text: await exported(link) }];
    const other = linkTo(await startService());
    await importInto(other, files, { done: true });
    expect((await importInto(other, files, { done: true, update: true })).made).toEqual([]);
  });
});

test('exported as markdown it can be read again, whatever the texts say', async () => {
  await service.ask('task.plan', {
    title: 'Plan [x] of *stars*',
    description: '- [ ] No item\n# No heading\n```',
    tasks: [
      { ref: 'a', title: 'First', description: 'Two\n\nlines' },
      { ref: 'b', title: 'Second', dependsOn: ['a'] },
    ],
  });
  const text = writers['markdown']!.write(forestOf(await listed(link, {})));
  expect(text).toBe(
    [
      '- [ ] T001 Plan [x] of *stars*',
      '  > - [ ] No item',
      '  > # No heading',
      '  > ```',
      '  - [ ] T002 First',
      '    > Two',
      '    >',
      '    > lines',
      '  - [ ] T003 Second (depends on T002)',
      '',
    ].join('\n'),
  );
  const { arranged, remarks } = readTexts([{ name: 'f.md', text }]);
  const [plan] = arranged.trees[0]!.tasks;
  expect(remarks).toEqual([]);
  expect(plan).toMatchObject({
    given: { title: 'Plan [x] of *stars*', description: '- [ ] No item\n# No heading\n```' },
    tasks: [{ given: { description: 'Two\n\nlines' } }, { dependsOn: [{ on: 'T002' }] }],
  });
});

test('exported as Mermaid: parents are boxes, no title is markup', async () => {
  const { task, tasks } = await service.ask('task.plan', {
    title: 'Plan "one"]; end',
    tasks: [{ title: 'First' }, { title: '<b>&', dependsOn: [] }, { ref: 'c', title: 'Third' }, { title: 'Last', dependsOn: ['c'] }],
  });
  expect(Object.keys(tasks)).toHaveLength(4);
  const text = writers['mermaid']!.write(forestOf(await listed(link, {}), task.id));
  expect(text.split('\n').slice(0, 8)).toEqual([
    'flowchart LR',
    '  subgraph n0 ["Plan #34;one#34;#93;#59; end"]',
    '    n1["First"]:::pending',
    '    n2["#60;b#62;#38;"]:::pending',
    '    n3["Third"]:::pending',
    '    n4["Last"]:::pending',
    '  end',
    '  n3 --> n4',
  ]);
});
