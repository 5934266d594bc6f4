import { describe, expect, test } from 'vitest';
import { troupe } from './troupe.ts';

/** Tasks and sessions by the beginning of their ids, wherever one is named. */

const { run, out } = troupe();

const short = (id: string) => id.slice(0, 14);

test('a task is named by the beginning of its id in options, too', async () => {
  const plan = await out('create', 'The plan');
  const first = await out('create', 'First part', '--parent', short(plan));
  const second = await out('create', 'Second part', '--parent', short(plan), '--after', short(first));
  for (const option of ['--plan', '--parent']) {
    expect(await out('list', option, short(plan))).toContain(second);
    expect(await out('ready', option, short(plan))).toContain(first);
    expect(await out('next', option, short(plan))).toContain(first);
  }
  const worked = await run(['work', '--exec', 'true', '--parent', short(plan), '--until-empty']);
  expect([worked.code, worked.out.split('\n').length]).toEqual([0, 3]);
  expect(await out('export', short(plan), '--format', 'markdown')).toContain('Second part');
  const planned = await run(['plan', '--title', 'Below', '--parent', short(plan)], { input: 'tasks: []' });
  expect([planned.code, planned.err]).toEqual([0, expect.any(String)]);
  expect(await out('graph', plan)).toContain('Below');
});

test('a session, too', async () => {
  const session = await out('session', 'create', 'The move');
  const task = await out('create', 'Pack', '--session', short(session));
  expect((await run(['plan', '--title', 'Unpack', '--session', short(session)], { input: 'tasks: []' })).code).toBe(0);
  expect(await out('list', '--session', short(session))).toContain(task);
  expect(await out('session', 'show', short(session))).toContain(session);
  await out('session', 'pause', short(session), 'no', 'boxes');
  await out('session', 'resume', short(session));
});

describe('what is no id', () => {
  test.each([
    ['show', ''],
    ['artifact', ''],
    ['session show', ''],
    ['show', 'x'.repeat(5_000)],
    ['artifact', 'x'.repeat(5_000)],
    ['session show', 'x'.repeat(5_000)],
  ])('given to %s is told in short', async (command, id) => {
    const { code, err } = await run([...command.split(' '), id]);
    expect([code, err]).toEqual([2, expect.stringMatching(/^troupe: ("".*|x+…) is no id of an? \w+: [^\n]{1,100}\n$/)]);
    expect(err.length).toBeLessThan(200);
  });
});

describe('what would be taken without a word', () => {
  test('is refused: more answers than criteria, answers that are none, and more than all', async () => {
    const id = await out('create', 'Two criteria', '--acceptance', 'One', '--acceptance', 'Two');
    await out('execute', id);
    const calls = [
      ['complete', id, '--summary', 'x', '--acceptance', 'met,met,met,met'],
      ['complete', id, '--summary', 'x', '--acceptance', 'met,yes'],
      ['progress', id, '--value', '5', '--total', '2'],
    ];
    for (const args of calls) {
      const { code, err } = await run(args);
      expect([args, code, err]).toEqual([args, 2, expect.stringMatching(/^troupe: [^\n]+\n$/)]);
    }
    await out('complete', id, '--summary', 'x', '--acceptance', 'met,met');
  });
});
