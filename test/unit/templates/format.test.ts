import { describe, expect, test } from 'vitest';
import { faultsOf, refusalOf, templateOf, textOf } from '../../support/templates.ts';
import { readSource } from '../../../src/templates/source.ts';
import { isTemplateId } from '../../../src/templates/limits.ts';

/** What is a template, and what is said of a text that is none: file, line and key. */

describe('the text', () => {
  test('is JSON5: comments, keys without quotes, single quotes, lines that go on, a comma too many', () => {
    const { metadata, tasks } = templateOf(
      [
        '// a comment',
        "{ metadata: { 'name': \"N\", version: '1.0', description: 'one \\",
        "two', /* another */ },",
        " tasks: { \\u0061: { title: 'A', checklist: ['x',], priority: 0x5, }, }, }",
      ].join('\r\n'),
    );
    expect([metadata.description, Object.keys(tasks), tasks['a']?.priority]).toEqual(['one two', ['a'], 5]);
  });

  test.each([
    ['{', ' (1): broken JSON5: invalid end of input, column 2'],
    ['{\n  a: [1,\n}', " (3): broken JSON5: invalid character '}', column 1"],
    ['[]', ' (1): expected object, received array'],
    ['null', ' (1): expected object, received null'],
    ['', ' (1): broken JSON5: invalid end of input, column 1'],
  ])('that can’t be read: %j', (text, fault) => {
    expect(faultsOf(text)[0]).toBe(fault);
  });

  test('knows where everything stands, whatever way it is written in', () => {
    const text = `{\n// "x": 1,\n"a b": {\n  'c': [ 1,\n /* { */ { d: '}\\'"' } ], e: .5e3 },\n\tf: -Infinity, g: true }`;
    const { placeOf } = readSource(text);
    const lineOf = (...path: PropertyKey[]) => placeOf(path);
    expect(lineOf('a b')).toEqual({ line: 3, known: 1 });
    expect(lineOf('a b', 'c', 1)).toEqual({ line: 5, known: 3 });
    expect(lineOf('a b', 'c', 1, 'd')).toEqual({ line: 5, known: 4 });
    expect(lineOf('a b', 'e')).toEqual({ line: 5, known: 2 });
    expect(lineOf('a b', 'nothing')).toEqual({ line: 3, known: 1 });
    expect([lineOf('f'), lineOf('g')]).toEqual([
      { line: 6, known: 1 },
      { line: 6, known: 1 },
    ]);
  });

  test.each(['__proto__', 'constructor', 'prototype'])('has no key %s anywhere, in whatever way it is written', (key) => {
    for (const written of [key, `'${key}'`, `"${key.replace('o', '\\u006f')}"`]) {
      for (const [section, path] of [
        [`{ ${written}: 1 }`, `variables.${key}`],
        [`{ x: [{ ${written}: {} }] }`, `variables.x[0].${key}`],
      ] as const)
        expect(faultsOf(textOf({ variables: section }))[0]).toBe(`${path} (4): this key is refused`);
    }
    expect(faultsOf(textOf({ tasks: `{ ${key}: { title: 'A' } }` }))[0]).toContain('this key is refused');
    expect(({} as Record<string, unknown>)['title']).toBeUndefined();
  });

  test('has no key twice', () => {
    expect(faultsOf(textOf({ tasks: "{ a: { title: 'A' },\n 'a': { title: 'B' } }" }))).toEqual(['tasks.a (4): this key is there twice']);
  });

  test('is at most 20 levels deep', () => {
    const nested = (levels: number) => textOf({ variables: `{ x: ${'['.repeat(levels)}${']'.repeat(levels)} }` });
    expect(Object.keys(templateOf(nested(18)).variables)).toEqual(['x']);
    expect(faultsOf(nested(19))[0]).toMatch(/^variables\.x(\[0\]){18} \(4\): nested deeper than 20 levels$/);
    expect(faultsOf(nested(40_000))[0]).toContain('nested deeper');
  });

  test('is at most 102,400 bytes long', () => {
    const sized = (bytes: number) => {
      const bare = textOf({ variables: "{ x: '' }" });
      return bare.replace("''", `'${'x'.repeat(bytes - bare.length)}'`);
    };
    expect(Object.keys(templateOf(sized(102_400)).tasks)).toEqual(['a']);
    expect(refusalOf(() => templateOf(sized(102_401))).message).toBe('0.json5: 102401 bytes; a template has at most 102400');
    // Characters are not bytes.
    expect(refusalOf(() => templateOf(textOf({ variables: `{ x: '${'ü'.repeat(52_000)}' }` }))).message).toContain('at most 102400');
    expect(refusalOf(() => templateOf('\ud800')).message).toContain('not well-formed');
  });

  test('has no number that can’t be stored', () => {
    expect(faultsOf(textOf({ variables: '{ x: [1, NaN, -Infinity] }' }))).toEqual([
      "variables.x[1] (4): NaN can't be stored",
      "variables.x[2] (4): -Infinity can't be stored",
    ]);
  });
});

describe('the members', () => {
  test('that are needed are missed by name, with the line of what is around them', () => {
    expect(faultsOf('{ tasks: {} }')).toEqual(['metadata (1): is missing']);
    expect(faultsOf("{\n\nmetadata: { name: 'x' },\ntasks: { a: {} } }")).toEqual([
      'metadata.version (3): is missing',
      'metadata.description (3): is missing',
    ]);
    expect(faultsOf(textOf({ tasks: "{\n\n a: { description: 'x' } }" }))).toEqual(['tasks.a.title (5): is missing']);
    expect(faultsOf(textOf({ tasks: '{}' }))).toEqual(['tasks (3): a template has at least one task']);
    expect(faultsOf(textOf({ tasks: "{ a: { title: 'A', children: { b: {} } } }" }))).toEqual(['tasks.a.children.b.title (3): is missing']);
  });

  test.each([
    ["{ a: { title: 'A', dependancies: [] } }", 'tasks.a.dependancies (3): no such member'],
    ["{ a: { title: 'A', type: 'chore' } }", /^tasks\.a\.type \(3\): is none of standard, /],
    ["{ a: { title: 'A', complexity: 'hard' } }", /^tasks\.a\.complexity \(3\): is none of /],
    ["{ a: { title: '  ' } }", 'tasks.a.title (3): is empty'],
    ['{ a: { title: 7 } }', 'tasks.a.title (3): expected string, received number'],
    ["{ a: { title: 'A', specialist_type: 'Wizard' } }", 'tasks.a.specialist_type (3): lower case letters, digits, _ and - only'],
    ["{ a: { title: 'A', specialist_type: 'wizard' } }", 'tasks.a.specialist_type (3): there is no specialist "wizard"'],
    ["{ a: { title: 'A', review: 'wizard' } }", 'tasks.a.review (3): there is no specialist "wizard"'],
    [
      "{ a: { title: 'A', dependencies: ['b', 'c'] }, b: { title: 'B' } }",
      'tasks.a.dependencies[1] (3): no task or milestone has the key "c"; there are a, b',
    ],
    ["{ 'a b': { title: 'A' } }", /a key is a letter, then letters/],
    ["{ a: { title: 'A', children: { a: { title: 'B' } } } }", 'tasks.a.children.a (3): the key is used twice; the other one is tasks.a'],
    ["{ a: { title: 'A', checklist: 'no list' } }", /^tasks\.a\.checklist \(3\)/],
    ["{ a: { title: 'A', dependencies: ['a'] } }", /^tasks.* \(3\): .*a task can't wait for itself|wait for each other/],
    [
      "{ a: { title: 'A', dependencies: ['b'] },\n b: { title: 'B', dependencies: ['c'] },\n c: { title: 'C', dependencies: ['a'] } }",
      /^tasks\.\w\.dependencies \(\d\): the tasks would wait for each other: \w waits for \w waits for \w waits for \w$/,
    ],
    ["{ a: { title: 'A', children: { b: { title: 'B', dependencies: ['a'] } } } }", /the tasks would wait for each other/],
  ])('of tasks: %s', (tasks, fault) => {
    expect(faultsOf(textOf({ tasks }))[0]).toMatch(fault);
  });

  test.each([
    ['milestones', "{ m: { title: 'M' } }", 'milestones.m.dependencies (4): a milestone is reached when tasks are done: name them'],
    ['milestones', "{ a: { title: 'M', dependencies: ['a'] } }", 'milestones.a (4): the key is used twice; the other one is tasks.a'],
    [
      'milestones',
      "{ m: { title: 'M', dependencies: ['x'] } }",
      'milestones.m.dependencies[0] (4): no task or milestone has the key "x"; there are a, m',
    ],
    ['deliverables', "{ d: { title: 'D', task: 'x' } }", 'deliverables.d.task (4): no task or milestone has the key "x"; there are a'],
    ['deliverables', "{ d: { title: 'D', type: 'poem' } }", /^deliverables\.d\.type \(4\): is none of /],
    ['deliverables', '{ d: {} }', 'deliverables.d.title (4): is missing'],
    ['steps', '{}', 'steps (4): no such member'],
  ])('of %s: %s', (section, text, fault) => {
    expect(faultsOf(textOf({ [section]: text }))[0]).toMatch(fault);
  });

  test.each([
    ["name: 'N', version: 'one', description: 'x'", 'metadata.version (2): a version is written 1.0.0'],
    ["name: 'N', version: '1.0.0', description: ''", /^metadata\.description \(2\)/],
    ["name: 'N', version: '1.0.0', description: 'x', extends: '../secrets'", /^metadata\.extends \(2\): an id/],
    ["name: 'N', version: '1.0.0', description: 'x', requires: ['a.b']", /^metadata\.requires\[0\] \(2\)/],
    ["name: 'N', version: '1.0.0', description: 'x', tags: ['a b']", /^metadata\.tags\[0\] \(2\)/],
  ])('of the metadata: %s', (metadata, fault) => {
    expect(faultsOf(textOf({ metadata: `{ ${metadata} }` }))[0]).toMatch(fault);
  });

  test('are all named at once, up to twenty, in one message that says the first', () => {
    const tasks = Array.from({ length: 30 }, (_, n) => `k${n}: { titel: 'x' }`).join(', ');
    const { message, issues } = refusalOf(() => templateOf(textOf({ tasks: `{ ${tasks} }` })));
    expect(issues).toHaveLength(20);
    expect(message).toBe('0.json5: tasks.k0.titel: no such member (line 3), and 19 more');
  });
});

test('an id is no path, and no name that a system keeps for itself', () => {
  for (const id of ['a', 'A-b_9', '0', 'x'.repeat(64), 'constructor']) expect([id, isTemplateId(id)]).toEqual([id, true]);
  for (const id of [
    '',
    '.',
    '..',
    'a.b',
    'a/b',
    'a\\b',
    '../a',
    '-a',
    '_a',
    'ä',
    'a b',
    'a\n',
    'x'.repeat(65),
    'con',
    'NUL',
    'lpt1',
    '__proto__',
  ])
    expect([id, isTemplateId(id)]).toEqual([id, false]);
});
