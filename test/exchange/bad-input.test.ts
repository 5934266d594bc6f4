import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { fitExternalId } from '../../src/exchange/fit.ts';
import { readerNames, writerNames } from '../../src/exchange/formats.ts';
import { parseJson } from '../../src/exchange/json.ts';
import { Report, sentenceOf } from '../../src/exchange/report.ts';
import { exportCommand } from '../../src/cli/export-command.ts';
import { importCommand } from '../../src/cli/import-command.ts';
import { randomFrom } from '../support/random.ts';
import { outline, readTexts } from './reading.ts';

const master = (tasks: unknown): string => JSON.stringify({ master: { tasks, metadata: {} } });
const issue = (more: object): string =>
  JSON.stringify({ id: 'a-1', title: 'One', status: 'open', priority: 2, issue_type: 'task', ...more });
const blocks = (on: string) => ({ dependencies: [{ depends_on_id: on, type: 'blocks' }] });
const below = (on: string) => ({ dependencies: [{ depends_on_id: on, type: 'parent-child' }] });
const many = (count: number) => Array.from({ length: count }, (_, index) => ({ id: index + 1, title: `Task ${index + 1}` }));

/** What is wrong, the text, its format, and the sentences about it. */
const refused: readonly (readonly [what: string, format: string, text: string, faults: readonly (string | RegExp)[]])[] = [
  ['no JSON', 'task-master', '{"master": {"tasks": [}}', ['f: line 1: column 23: this is no JSON: unexpected "}"']],
  ['JSON that ends', 'task-master', '{\n "master": {"tasks": [', ['f: line 2: column 23: this is no JSON: it ends too early']],
  [
    'a comma too many',
    'task-master',
    '{"tasks": [\n  {"id": 1, "title": "One",}\n]}',
    ['f: line 2: column 28: this is no JSON: unexpected "}"'],
  ],
  ['a list', 'task-master', '[]', ['f: is no object with tasks, or with tags that have tasks']],
  ['an empty object', 'task-master', '{}', ['f: has no tag and no tasks']],
  ['a title of the wrong type', 'task-master', master([{ id: 1, title: 7 }]), [/^f: master\.tasks\[0\]\.title: .*expected string/]],
  ['no title', 'task-master', master([{ id: 1 }]), ['f: master.tasks[0].title: is missing']],
  ['tasks that are none', 'task-master', '{"master": {"tasks": 3}}', [/^f: master\.tasks: .*expected array/]],
  [
    'an id twice',
    'task-master',
    master([
      { id: 1, title: 'One' },
      { id: '1', title: 'Two' },
    ]),
    ['f: master.tasks[1]: the id master/1 is used twice'],
  ],
  [
    'a circle',
    'task-master',
    master([
      { id: 1, title: 'One', dependencies: [3] },
      { id: 2, title: 'Two', dependencies: [1] },
      { id: 3, title: 'Three', dependencies: [2] },
    ]),
    [
      /^f: master\.tasks\[\d\]: tasks would wait for each other: master\/\d waits for master\/\d waits for master\/\d waits for master\/\d$/,
    ],
  ],
  [
    'a circle through parents',
    'task-master',
    master([
      { id: 1, title: 'One', subtasks: [{ id: 1, title: 'Sub', dependencies: ['2'] }] },
      { id: 2, title: 'Two', subtasks: [{ id: 1, title: 'Sub', dependencies: ['1.1'] }] },
    ]),
    [/tasks would wait for each other/],
  ],
  [
    'a circle through an edge that is inherited',
    'task-master',
    master([
      { id: 1, title: 'One', dependencies: [2], subtasks: [{ id: 1, title: 'Sub' }] },
      { id: 2, title: 'Two', subtasks: [{ id: 1, title: 'Sub', dependencies: ['1.1'] }] },
    ]),
    [/tasks would wait for each other/],
  ],
  [
    'too many below one task',
    'task-master',
    master([{ id: 1, title: 'One', subtasks: many(1_000) }]),
    [/has 1001 tasks in its tree: at most 1000/],
  ],
  ['a line that is no JSON', 'beads', `${issue({})}\n{"id": }\n`, ['f: line 2: column 8: this is no JSON: unexpected "}"']],
  ['an issue twice', 'beads', `${issue({})}\n\n${issue({})}\n`, ['f: line 3: a-1 is on line 1 already']],
  [
    'parents in a circle',
    'beads',
    [issue({ id: 'a', ...below('b') }), issue({ id: 'b', ...below('a') })].join('\n'),
    [/^f: line 1: a is below itself/, /^f: line 2: b is below itself/],
  ],
  [
    'issues that wait for each other',
    'beads',
    [issue({ id: 'a', ...blocks('b') }), issue({ id: 'b', ...blocks('a') })].join('\n'),
    [/: (?:a waits for b waits for a|b waits for a waits for b)$/],
  ],
  [
    'parents that are too deep',
    'beads',
    Array.from({ length: 40 }, (_, index) => issue({ id: `a${index}`, ...(index > 0 && below(`a${index - 1}`)) })).join('\n'),
    ['f: line 17: a16 is more than 16 levels deep below its parents'],
  ],
  [
    'more than can be looked up',
    'task-master',
    master(many(10_001)),
    ['there are 10002 tasks: at most 10000 are imported at once; divide the source'],
  ],
  ['a task file without a subject', 'claude-code', '{"id": "1", "status": "pending"}', ['f: subject: is missing']],
  [
    'items that are too deep',
    'markdown',
    Array.from({ length: 30 }, (_, index) => `${' '.repeat(index * 2)}- [ ] Level ${index}`).join('\n'),
    [/^f: line 30: is nested 31 deep; a tree has at most 16 levels/],
  ],
  ['an id twice in a checklist', 'markdown', '- [ ] T001 One\n- [ ] T001 Two', ['f: line 2: the id T001 is used twice']],
  [
    'a newer version of our own',
    'troupe',
    '{"format": "troupe", "version": 2, "tasks": []}',
    [/^f: version: is 2: a newer troupe wrote this/],
  ],
  [
    'our own with a wrong status',
    'troupe',
    '{"format": "troupe", "version": 1, "tasks": [{"title": "One", "status": "odd"}]}',
    [/^f: tasks\[0\]\.status: /],
  ],
  [
    'our own, nested without end',
    'troupe',
    `{"format":"troupe","version":1,"tasks":${'[{"title":"a","tasks":'.repeat(5_000)}[]${'}]'.repeat(5_000)}}`,
    [/is nested more than 16 deep$/],
  ],
];

const said = (fault: string | RegExp): unknown => (typeof fault === 'string' ? fault : expect.stringMatching(fault));

describe('refused as a whole, with the place', () => {
  test.each(refused)('%s (%s)', (_what, format, text, faults) => {
    const told = readTexts([{ name: 'f', text }], { format }).faults;
    expect(told).toEqual(faults.map(said));
  });
});

describe('mended, and told', () => {
  test('a title that is too long, empty, of several lines, or drives a terminal', () => {
    const titles = ['x'.repeat(300), '  ', 'Two\nlines', '\u001b[31mRed\u0007\u202e'];
    const { arranged, remarks, faults } = readTexts([
      { name: 'f', text: master(titles.map((title, index) => ({ id: index + 1, title }))) },
    ]);
    expect(faults).toEqual([]);
    expect(arranged.trees[0]?.tasks.map(({ given }) => given.title)).toEqual([`${'x'.repeat(254)}…`, '(untitled)', 'Two lines', '[31mRed']);
    expect(remarks).toEqual([
      'f: master.tasks[0]: the title has 300 characters: it is cut after 254',
      'f: master.tasks[1]: has no title: it is called "(untitled)"',
    ]);
  });

  test('edges on itself, on nothing, on what it is a part of', () => {
    const tasks = [
      {
        id: 1,
        title: 'One',
        dependencies: [1, 9, '1.4'],
        subtasks: [
          { id: 4, title: 'Sub', dependencies: ['1'] },
          { id: 5, title: 'Other', dependencies: [4] },
        ],
      },
    ];
    const { arranged, remarks } = readTexts([{ name: 'f', text: master(tasks) }]);
    expect(outline(arranged.trees)).toEqual([
      'master {group} task-master: master',
      '  master/1 One',
      '    master/1.4 Sub',
      '    master/1.5 Other < master/1.4',
    ]);
    expect(remarks.map((line) => line.split(': ').slice(3).join(': '))).toEqual([
      'it waits for itself: the edge is left out',
      'it waits for master/9, which is not there: the edge is left out',
      'it waits for master/1, which it is a part of: the edge is left out',
    ]);
  });

  test('texts that are too long, and members that no message may have', () => {
    const text = `{"tasks":[{"id":1,"title":"One","details":"${'é'.repeat(20_000)}","metadata":{"constructor":{"a":1}},"tags":["good","???","a b"]}]}`;
    const { arranged, remarks, faults } = readTexts([{ name: 'f', text }]);
    expect(faults).toEqual([]);
    const given = arranged.trees[0]!.tasks[0]!.given;
    expect(Buffer.byteLength(given.description ?? '')).toBeLessThanOrEqual(16_384);
    expect([given.context, given.tags]).toEqual([undefined, ['good', 'a-b']]);
    expect(remarks).toHaveLength(3);
  });

  test('a list of more than 1,000 becomes a tree for each of its tasks', () => {
    const { arranged, remarks, faults } = readTexts([{ name: 'f', text: master(many(1_001)) }]);
    expect([faults, arranged.trees.length]).toEqual([[], 1_001]);
    expect(remarks).toEqual([expect.stringContaining('each part becomes a tree of its own')]);
  });
});

test.each(['', '   ', 'nothing', '{}', '[1,2]', 'null', '{"id": 3}', '# Heading\n\ntext', '\u0001\u0002'])('%j is in no format', (text) => {
  expect(readTexts([{ name: 'f', text }]).format).toBeNull();
});

test('wherever JSON is broken, the line and column are those of the fault', () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
  console.log(`SEED=${seed}`);
  const random = randomFrom(seed);
  const whole = JSON.stringify({ a: [1, -2.5e3, true, null, 'x "\\ é'], b: { c: {}, d: [] } }, null, 2);
  for (let round = 0; round < 300; round += 1) {
    const at = Math.floor(random() * whole.length);
    const text = `${whole.slice(0, at)}§${whole.slice(at)}`;
    const report = new Report();
    const isString = parseJson(text, report, {}) !== undefined;
    if (isString) continue;
    const { line = 0, message } = report.faults[0]!;
    const column = Number(/column (\d+)/.exec(message)?.[1]);
    const index =
      text
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length +
      (line > 1 ? 1 : 0) +
      column -
      1;
    // Inside a word or number the word begins before the sign.
    expect(text.slice(index, at + 1), `${text} ${sentenceOf(report.faults[0]!)}`).toMatch(/^[-\w.+\\]*§$/);
  }
});

test('an id that is too long stays one of its own', () => {
  const [one, other] = ['a', 'b'].map((end) => fitExternalId('markdown', 'f', 'x'.repeat(400) + end));
  expect(one).not.toBe(other);
  expect(Math.max(one!.length, other!.length)).toBeLessThanOrEqual(200);
});

test('commands and document offer the formats of the table', async () => {
  const choices = (command: ReturnType<typeof importCommand>) => command.options.find(({ long }) => long === '--format')?.argChoices;
  expect([choices(importCommand()), choices(exportCommand())]).toEqual([readerNames, writerNames]);
  const document = await readFile('docs/import-export.md', 'utf8');
  const [, into = '', out = ''] = /## Formats in\n(.*)## Formats out\n(.*)$/s.exec(document) ?? [];
  expect([...into.matchAll(/^\| `(\w[\w-]*)`/gm)].map(([, name]) => name)).toEqual(readerNames);
  expect(writerNames.filter((name) => !out.includes(`\`${name}\``))).toEqual([]);
});
