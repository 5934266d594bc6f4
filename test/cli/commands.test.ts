import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/data-directory.ts';
import { troupe } from './troupe.ts';

const { run, start, out, json, token, url } = troupe();

const create = (title: string, ...more: readonly string[]) => out('create', title, ...more);
const fieldsOf = (line: string) => line.split(/ {2,}/);
const oneLine = /^troupe: [^\n]+\n$/;

test('a task goes its whole way from the keyboard', async () => {
  const id = await create('Write the guide', '--priority', '7', '--tags', 'docs,new', '--acceptance', 'It is short, and true');
  expect(await out('ready', '--tags', 'docs')).toBe(`${id}  ready  generic  Write the guide`);
  expect(await out('next', '--tags', 'docs')).toContain(id);
  const taken = await run(['execute', id]);
  expect([taken.code, taken.err]).toEqual([0, expect.stringContaining(`troupe complete ${id}`)]);
  expect(taken.out).toContain('Write the guide');
  expect(fieldsOf(await out('progress', id, 'half', 'done', '--value', '1', '--total', '2'))[1]).toBe('in_progress');
  expect(fieldsOf(await out('block', id, '--question', 'Which tone?'))[1]).toBe('blocked');
  expect(fieldsOf(await out('answer', id, 'plain'))[1]).toBe('ready');
  await out('execute', id);
  await out('note', id, 'the', 'tone', 'is', 'plain');
  const refused = await run(['complete', id, '--summary', 'Done']);
  expect([refused.code, refused.out, refused.err]).toEqual([4, '', expect.stringMatching(oneLine)]);
  const done = await run(['complete', id, '--summary', 'Done', '--acceptance', 'met', '--work', '-'], { input: 'The guide: 指南\n' });
  expect([done.code, fieldsOf(done.out)[1]]).toEqual([0, 'completed']);
  const shown = await out('show', id);
  expect(shown).toMatch(/^title +Write the guide$/m);
  expect(shown).toMatch(/\(18 bytes\)/);
  await out('reopen', id, 'a', 'chapter', 'is', 'missing');
  await out('cancel', id, '--subtree');
  await out('archive', id);
  const history = (await out('history', id)).split('\n').map((line) => fieldsOf(line)[1]);
  expect(history).toEqual(expect.arrayContaining(['task.created', 'task.answered', 'task.completed', 'task.archived']));
});

test('what failed is tried again, and what is blocked goes on', async () => {
  const id = await create('Fragile', '--max-attempts', '1');
  await out('execute', id);
  expect(fieldsOf(await out('fail', id, 'the', 'disk', 'is', 'full', '--final'))[1]).toBe('failed');
  expect(fieldsOf(await out('retry', id))[1]).toBe('ready');
  await out('block', id, 'no', 'key');
  expect(fieldsOf(await out('unblock', id, 'it', 'is', 'here'))[1]).toBe('ready');
});

describe('a plan', () => {
  const yaml = 'title: Tea\ntasks:\n- {ref: boil, title: Boil}\n- {ref: pour, title: Pour, dependsOn: [boil]}\n';

  test('comes from standard input or a file, as YAML or JSON, and is drawn', async () => {
    const piped = await run(['plan'], { input: yaml });
    const ids = Object.fromEntries(
      piped.out
        .trimEnd()
        .split('\n')
        .map((line) => fieldsOf(line).toReversed()),
    );
    expect([piped.code, Object.keys(ids).sort()]).toEqual([0, ['.', 'boil', 'pour']]);
    const drawn = await out('graph', String(ids['pour']));
    expect(drawn.split('\n').map((line) => line.replaceAll(/t_\w{8}/g, 'ID'))).toEqual([
      'ID  pending  Tea',
      '├─ ID  ready  Boil',
      '└─ ID  pending  Pour  after ID waiting',
    ]);
    expect(await out('graph', String(ids['.']), '--format', 'mermaid')).toContain(`  ${ids['boil']} --> ${ids['pour']}`);

    const file = join(await temporaryDirectory(), 'plan.json');
    await writeFile(file, JSON.stringify([{ title: 'Only' }]));
    const listed = await json('plan', file, '--title', 'A list of tasks');
    expect(listed).toMatchObject({ troupe: 1, task: { title: 'A list of tasks' } });
  });

  test('is a checklist: headings are parts, what is done is left out, and who waits waits', async () => {
    const checklist =
      '# Tea\n\n## Water\n\n- [x] T001 Find a kettle\n- [ ] T002 Boil\n\n## Leaves\n\n- [ ] T003 Pour (depends on T002)\n  - [ ] Slowly\n';
    const file = join(await temporaryDirectory(), 'tea.md');
    await writeFile(file, checklist);
    for (const { code, out: printed, err } of [await run(['plan', file]), await run(['plan'], { input: checklist })]) {
      expect([code, err]).toEqual([0, expect.stringContaining('left out: 1 that are done')]);
      const drawn = await out('graph', fieldsOf(printed.split('\n')[0] ?? '')[0] ?? '');
      expect(drawn.split('\n').map((line) => line.replaceAll(/t_\w{8}/g, 'ID'))).toEqual([
        'ID  pending  Tea',
        '├─ ID  pending  Water',
        '│  └─ ID  ready  Boil',
        '└─ ID  pending  Leaves',
        '   └─ ID  pending  Pour  after ID waiting',
        '      └─ ID  pending  Slowly',
      ]);
    }
    await writeFile(file, '# Nothing to do\n\n- [x] Done\n');
    const nothing = await run(['plan', file]);
    expect([nothing.code, nothing.err]).toEqual([2, expect.stringMatching(/^troupe: .*no open item.*\n$/)]);
  });

  test('said twice with one command id is made once', async () => {
    const [first, again] = [
      await run(['plan', '--command-id', 'tea-1'], { input: yaml }),
      await run(['plan', '--command-id', 'tea-1'], { input: yaml }),
    ];
    expect(again.out).toBe(first.out);
    const other = await run(['plan', '--command-id', 'tea-1'], { input: yaml.replace('Tea', 'Coffee') });
    expect([other.code, other.err]).toEqual([5, expect.stringMatching(oneLine)]);
  });

  test.concurrent.each<[string, string | Uint8Array, string]>([
    ['nothing', '', 'no plan'],
    ['broken YAML', 'title: [Tea', '1:'],
    ['broken JSON', '{"title": "Tea",', 'line 1: column 17: this is no JSON'],
    ['broken JSON in its third line', '{"title": "Tea",\n"tasks":\n[}', 'line 3: column 2: this is no JSON'],
    ['brackets without end', '['.repeat(200_000), 'column 200001: this is no JSON'],
    ['brackets in YAML', `title: Tea\ntasks: ${'['.repeat(50_000)}`, 'more than 200 levels'],
    ['brackets that end', `{"title": "Tea", "tasks": ${'['.repeat(500)}${']'.repeat(500)}}`, 'more than 200 levels'],
    ['a title that is no text', 'tasks: []\ntitle: 5', '2:8: the title is no text'],
    ['a sentence', 'make tea', 'no plan'],
    ['no title', 'tasks: []', 'no title'],
    ['an unknown member', 'title: Tea\ncolour: green', 'colour'],
    ['a fault deep inside', 'title: Tea\ntasks: [{title: Boil, priority: high}]', 'tasks[0].priority'],
    ['an unknown reference', 'title: Tea\ntasks: [{title: Boil, dependsOn: [fire]}]', 'fire'],
    ['binary', new Uint8Array([0x74, 0, 0xff, 0xfe]), 'no text'],
    ['more than a message holds', `title: ${'x'.repeat(300_000)}`, 'larger than'],
    ['aliases of aliases', `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(40)}]\nc: [${'*b,'.repeat(40)}]\ntitle: x`, 'alias'],
    ['a title that steers the terminal', 'title: "\\u001b[2J"\ncolour: 1', 'colour'],
  ])('of %s is refused in one line', async (_, input, says) => {
    const { code, out: printed, err } = await run(['plan'], { input });
    expect([code, printed]).toEqual([2, '']);
    expect(err).toMatch(oneLine);
    expect(err).toContain(says);
  });

  test.concurrent.each([
    ['a missing file', 'nowhere.yaml'],
    ['a directory', '.'],
  ])('of %s is refused in one line', async (_, file) => {
    const { code, err } = await run(['plan', file]);
    expect([code, err]).toEqual([2, expect.stringMatching(oneLine)]);
  });
});

describe('an id', () => {
  test('may be the beginning of one', async () => {
    const id = await create('Named in short');
    expect(await out('show', id.slice(0, 12))).toContain(id);
  });

  test.concurrent.each([
    ['is unknown', 't_00000000000000000000000000', 3],
    ['begins like none', 't_zzzzzzz', 3],
    ['is too short', 't_0', 2],
    ['is none', '../../etc/passwd', 2],
    ['is empty', '', 2],
    ['steers the terminal', '\u001B[2J', 2],
  ])('that %s ends with its code and one line', async (_, id, code) => {
    for (const args of [
      ['show', id],
      ['note', id, 'x'],
    ]) {
      const ended = await run(args);
      expect([args, ended.code, ended.out]).toEqual([args, code, '']);
      expect(ended.err).toMatch(oneLine);
      expect(ended.err).not.toContain('\u001B');
    }
  });
});

test('every answer is one JSON object with its version when asked for', async () => {
  const { task } = await json('create', 'For programs');
  const { id } = task as { id: string };
  const calls = [['list'], ['ready'], ['next'], ['show', id], ['history', id], ['graph', id], ['note', id, 'x'], ['execute', id]];
  for (const answer of await Promise.all(calls.map((call) => json(...call)))) expect(answer).toMatchObject({ troupe: 1 });
  const refused = await run(['retry', id, '--json']);
  expect([refused.code, refused.out]).toEqual([4, '']);
  expect(JSON.parse(refused.err)).toMatchObject({ troupe: 1, error: { reason: 'INVALID_TRANSITION', exit: 4, fix: expect.any(String) } });
  const wrong = await run(['list', '--colour', '--json']);
  expect([wrong.code, JSON.parse(wrong.err)]).toMatchObject([2, { troupe: 1, error: { exit: 2 } }]);
});

test('a page tells how to go on', async () => {
  await create('First page');
  await create('Second page');
  const page = await run(['list', '--text', 'page', '--limit', '1']);
  const cursor = /--cursor (\S+)/.exec(page.err)?.[1] ?? '';
  expect(page.out).toContain('First page');
  expect(await out('list', '--text', 'page', '--limit', '1', '--cursor', cursor)).toContain('Second page');
  expect((await run(['list', '--text', 'nothing like it'])).err).toBe('there are none\n');
});

describe('a call that is wrong', () => {
  test.concurrent.each([
    ['a word that is nearly a command', ['lisst'], 'Did you mean list?'],
    ['an option that is nearly one', ['list', '--statu', 'x'], 'Did you mean --status?'],
    ['an unknown status', ['list', '--status', 'asleep'], 'status'],
    ['too many arguments', ['show', 't_0000000', 'x'], 'too many arguments'],
    ['no summary', ['complete', 't_0000000'], '--summary'],
    ['a number that is none', ['create', 'x', '--priority', 'high'], 'whole number'],
    ['an empty title', ['create', ' '], 'title'],
    ['a worker that is no name', ['create', 'x', '--worker', 'a b'], 'worker'],
    ['an address that is none', ['list', '--url', 'ftp://here'], 'address'],
    ['work that is not there', ['complete', 't_00000000000000000000000000', '--summary', 'x', '--work', 'nowhere'], 'nowhere'],
  ])('with %s ends with 2 and one line', async (_, args, says) => {
    const { code, out: printed, err } = await run(args);
    expect([code, printed]).toEqual([2, '']);
    expect(err).toMatch(oneLine);
    expect(err).toContain(says);
  });
});

describe('the way to the service', () => {
  test('is an address with a token of its own, whose scope counts', async () => {
    const reader = await out('token', 'add', 'reader', '--scope', 'read');
    const at = { TROUPE_URL: url(), TROUPE_TOKEN: reader };
    expect((await run(['list'], { env: at })).code).toBe(0);
    const refused = await run(['create', 'Not mine'], { env: at });
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/^troupe: .*scope/)]);
    const unknown = await run(['list'], { env: { ...at, TROUPE_TOKEN: `${await token()}x` } });
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringMatching(oneLine)]);
    expect(unknown.err).not.toContain(await token());
  });

  test('that leads nowhere ends with 6, or 3 when nothing is there, and one line', async () => {
    const at = { TROUPE_URL: 'http://127.0.0.1:9', TROUPE_TOKEN: 'x' };
    const nowhere = join(await temporaryDirectory(), 'nowhere');
    const [remote, missing] = await Promise.all([run(['list'], { env: at }), run(['list', '--data', nowhere])]);
    expect([remote.code, missing.code]).toEqual([6, 3]);
    expect([remote.err, missing.err]).toEqual([expect.stringMatching(oneLine), expect.stringMatching(oneLine)]);
  });

  test('that can not be gone ends with 6 and says why', async () => {
    const data = await temporaryDirectory();
    await mkdir(join(data, 'owner.json'));
    await writeFile(join(data, 'journal.1'), 'no journal');
    const { code, err } = await run(['list', '--data', data]);
    expect([code, err]).toEqual([6, expect.stringMatching(oneLine)]);
  });
});

test('a reader that has seen enough is no fault', async () => {
  const running = start(['list']);
  running.child.stdout.destroy();
  expect([(await running.exit).code, running.err()]).toEqual([0, '']);
});

test('what agents wrote does not steer the terminal', async () => {
  const id = await create('Clear\u001B[2J\u202Ethe screen');
  for (const args of [
    ['list', '--text', 'Clear'],
    ['show', id],
    ['graph', id],
    ['history', id],
  ]) {
    const shown = await out(...args);
    expect([shown.includes('\u001B'), shown.includes('\u202E')]).toEqual([false, false]);
  }
});
