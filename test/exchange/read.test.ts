import { describe, expect, test } from 'vitest';
import { plannedTask } from '../../src/protocol/methods/given.ts';
import { makesOf } from '../../src/exchange/makes.ts';
import { plannedOf } from '../../src/exchange/reconcile.ts';
import { fixture, outline, readTexts } from './reading.ts';

const claude = () => Promise.all(['1', '2', '10'].map((id) => fixture(`claude-code/demo-list/${id}.json`)));

describe('task-master', () => {
  test('tagged: a tree for each tag, edges between siblings and tasks, what is done left out', async () => {
    const { format, arranged, remarks, report } = readTexts([await fixture('task-master-tagged.json')]);
    expect(format).toBe('task-master');
    expect(outline(arranged.trees)).toEqual([
      'master {group} task-master: master',
      '  master/2 Parse invoices',
      '    master/2.2 Write the tokenizer',
      '    master/2.3 Map columns < master/2.2',
      '  master/3 Book invoices < master/2',
      'feature-export {group} task-master: feature-export',
      '  feature-export/1 Export the ledger',
    ]);
    expect([arranged.done, arranged.cancelled]).toEqual([2, 1]);
    expect(remarks).toEqual([
      'task-master-tagged.json: master.tasks[1]: it is "in-progress" in the source: here it is open',
      'task-master-tagged.json: master.tasks[2]: it is "deferred" in the source: here it is open',
      'task-master-tagged.json: master.tasks[2]: master/3 "Book invoices": it waits for master/4, which is cancelled: the edge is left out',
    ]);
    expect(Object.fromEntries(report.members)).toEqual({ previousStatus: 1, recommendedSubtasks: 1, expansionPrompt: 1 });
    const [parse, book] = arranged.trees[0]!.tasks.map(({ given }) => given);
    expect(parse).toEqual({
      title: 'Parse invoices',
      description: "Read the supplier's CSV.\n\n## Details\n\nDates come in two notations.\n\n## Test strategy\n\nGolden files.",
      acceptance: [],
      tags: [],
      priority: 5,
      complexity: 'complex',
    });
    expect(book).toMatchObject({ priority: 10, context: { metadata: { jira: 'FIN-12' } } });
    expect(arranged.trees[0]?.tasks[0]?.tasks[0]).toMatchObject({
      externalId: 'task-master:master/2.2',
      given: { acceptance: ['Quoted line breaks stay', 'Faults name the line'] },
    });
  });

  test('with what is done', async () => {
    const { arranged } = readTexts([await fixture('task-master-tagged.json')], { done: true, source: 'shop' });
    expect(outline(arranged.trees.slice(0, 1))).toEqual([
      'master {group} task-master: master',
      '  master/1 {done} Set up the repository',
      '  master/2 Parse invoices < master/1',
      '    master/2.1 {done} Collect sample files',
      '    master/2.2 Write the tokenizer < master/2.1',
      '    master/2.3 Map columns < master/2.2',
      '  master/3 Book invoices < master/2',
    ]);
    expect(arranged.trees[0]?.externalId).toBe('task-master:shop:master');
  });

  test('legacy: one list, called master as the program itself does', async () => {
    const { arranged, faults } = readTexts([await fixture('task-master-legacy.json')]);
    expect(faults).toEqual([]);
    expect(outline(arranged.trees)).toEqual([
      'master {group} task-master: master',
      '  master/2 Write the migrations',
      '    master/2.1 Users',
      '    master/2.2 Orders < master/2.1',
      '  master/3 Seed the test data < master/2',
    ]);
  });
});

test('beads: parents, edges by their type, and what has no counterpart is told', async () => {
  const { format, arranged, remarks, report } = readTexts([await fixture('beads.jsonl')]);
  expect(format).toBe('beads');
  expect(outline(arranged.trees)).toEqual([
    'shop-1a2 Checkout',
    '  shop-1a2.1 Charge a card',
    '  shop-1a2.2 Mail a receipt < shop-1a2.1',
    'shop-c33 Prices round up < shop-1a2.1 (related)',
  ]);
  expect(remarks).toEqual([
    'beads.jsonl: line 5: the edge "caused-by" on shop-9f0 has no counterpart: it is left out',
    'beads.jsonl: line 2: shop-1a2.1 is "in_progress" in the source: here it is open',
    'beads.jsonl: line 5: shop-c33 "Prices round up": it waits for other-77, which is not there: the edge is left out',
  ]);
  expect(Object.fromEntries(report.members)).toEqual({ 'deleted issues': 1, comments: 1 });
  expect(arranged.trees[0]?.tasks[0]).toMatchObject({
    externalId: 'beads:shop-1a2.1',
    given: {
      title: 'Charge a card',
      description: 'Through the gateway.\n\n## Design\n\nIdempotency keys per order.\n\n## Notes\n\nThe sandbox is slow.',
      acceptance: ['A second click charges once', 'A refusal is shown'],
      priority: 10,
      type: 'implementation',
      estimatedEffort: '240 min',
      dueAt: '2026-03-01T12:00:00Z',
      context: { assignee: 'ada', owner: 'ada@example.com', externalRef: 'gh-9' },
    },
  });
});

test('Claude Code: a list is a tree, and both ends of an edge count', async () => {
  const { format, arranged, remarks } = readTexts(await claude(), { folder: 'demo-list' });
  expect(format).toBe('claude-code');
  expect(outline(arranged.trees)).toEqual([
    '(list) {group} Claude Code: demo-list',
    '  2 Mend the parser',
    '  10 Add a regression test < 2',
  ]);
  expect(remarks).toEqual(['2.json: 2 is in progress in the source: here it is open']);
  expect(arranged.trees[0]?.tasks[0]).toMatchObject({
    externalId: 'claude-code:demo-list:2',
    given: { context: { owner: 'builder', activeForm: 'Mending the parser' } },
  });
});

test('Claude Code: an edge that only the blocker names', () => {
  const file = (id: string, more: object) => ({
    name: `${id}.json`,
    text: JSON.stringify({ id, subject: `Task ${id}`, status: 'pending', ...more }),
  });
  const { arranged } = readTexts([file('1', { blocks: ['2'] }), file('2', {})]);
  expect(outline(arranged.trees).slice(1)).toEqual(['  1 Task 1', '  2 Task 2 < 1']);
});

describe('markdown', () => {
  test('headings are parents, texts descriptions, code is no item', async () => {
    const { format, arranged, faults } = readTexts([await fixture('checklist.md')]);
    expect([format, faults]).toEqual(['markdown', []]);
    expect(outline(arranged.trees)).toEqual([
      '(file) {group} Move to the new office',
      '  Before {group} Before',
      '    Before/Order desks Order desks',
      '      Before/Order desks/Sign the contract Sign the contract',
      '  The day itself {group} The day itself',
      '    The day itself/Label every box Label every box',
      '    The day itself/Load the van Load the van',
    ]);
    expect(arranged.trees[0]?.given.description).toBe('The lease ends in June.');
    expect(arranged.trees[0]?.tasks[0]?.tasks[0]?.given.description).toBe('Height adjustable, twelve of them.');
    expect([arranged.done, arranged.cancelled]).toEqual([2, 1]);
  });

  test("Spec Kit's ids and edges", async () => {
    const { arranged } = readTexts([await fixture('spec-kit-tasks.md')]);
    const keys = outline(arranged.trees).map((line) => line.replace(/Phase 2[^{<]*Group[^{<]*\(Priority: P1\)/, 'P2'));
    expect(keys.slice(3)).toEqual([
      expect.stringContaining('{group}'),
      '    T003 Create the Photo model in src/models/photo.ts',
      '    T004 Create the Album model in src/models/album.ts',
      '    T005 Implement the album service in src/services/albums.ts < T003, T004',
    ]);
    expect(arranged.trees[0]?.tasks[1]?.tasks[0]).toMatchObject({
      externalId: 'markdown:spec-kit-tasks.md:T003',
      given: { tags: ['parallel', 'US1'] },
    });
  });
});

test('whatever a fixture becomes is a plan that the service takes', async () => {
  const sources = [
    [await fixture('task-master-tagged.json')],
    [await fixture('task-master-legacy.json')],
    [await fixture('beads.jsonl')],
    await claude(),
    [await fixture('checklist.md')],
    [await fixture('spec-kit-tasks.md')],
  ];
  for (const files of sources) {
    const { arranged } = readTexts(files, { done: true });
    const { makes } = makesOf(arranged.trees, new Set());
    expect(makes.length).toBeGreaterThan(0);
    for (const make of makes) expect(() => plannedTask.parse(plannedOf(make, new Map()).input)).not.toThrow();
  }
});
