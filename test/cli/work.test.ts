import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ownedDirectory } from '../client/owned.ts';
import type { Running } from '../support/command.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { troupe } from './troupe.ts';

const { run, start, out, json } = troupe();

const stopped = async (running: Running, signal: NodeJS.Signals = 'SIGINT') => {
  running.child.kill(signal);
  return (await running.exit).code;
};
const create = (title: string, ...more: readonly string[]) => out('create', title, ...more);
/** Of the work of a test's own project, until nothing is ready. */
const workOn = (project: string, exec: string, ...more: readonly string[]) =>
  run(['work', '--exec', exec, '--project', project, '--until-empty', ...more]);
const statusOf = async (id: string) => {
  const { task } = await json('show', id);
  return task as { status: string; artifacts: { bytes: number }[]; result: { summary: string } | null; failures: number };
};

describe('troupe work', () => {
  test('gives the context to the command, and takes its output as the work', async () => {
    const id = await create('Count the words', '--project', 'words', '--acceptance', 'They are counted');
    const { code, out: printed } = await workOn('words', 'grep -c "Count the words"; echo "$TROUPE_TASK_ID"');
    expect([code, printed]).toEqual([0, `${id}  completed  Count the words\n`]);
    const { status, artifacts, result } = await statusOf(id);
    expect([status, artifacts.length, result?.summary]).toEqual(['completed', 1, id]);
  });

  test('goes on with what becomes ready, at most so many at once', async () => {
    const tasks = ['a', 'b', 'c', 'd'].map((ref) => ({ ref, title: ref }));
    const last = { title: 'last', dependsOn: ['a', 'b', 'c', 'd'] };
    const planned = await run(['plan', '--project', 'many'], {
      input: JSON.stringify({ title: 'Many', rollUp: 'auto', tasks: [...tasks, last] }),
    });
    expect(planned.code).toBe(0);
    const folder = await temporaryDirectory();
    // Who is alone waits until a second one has come; a third one would be seen.
    const exec = `mkdir ${folder}/$$; ls ${folder} | wc -l; rmdir ${folder}/$$`;
    const { code, out: printed } = await workOn('many', exec, '--concurrency', '2', '--json');
    const lines = printed
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { troupe: number; title: string; status: string });
    expect([code, lines.at(-1)?.title, lines.every(({ troupe: version, status }) => version === 1 && status === 'completed')]).toEqual([
      0,
      'last',
      true,
    ]);
    const { items } = (await json('list', '--project', 'many')) as { items: { id: string; title: string }[] };
    for (const { id } of items.filter(({ title }) => title !== 'Many'))
      expect(Number((await statusOf(id)).result?.summary)).toBeLessThanOrEqual(2);
  });

  test('fails a task whose command fails, with what it said', async () => {
    const id = await create('Fragile', '--project', 'fragile', '--max-attempts', '1');
    const { code, out: printed } = await workOn('fragile', 'echo no luck; exit 3');
    expect([code, printed]).toEqual([1, `${id}  failed  Fragile  the command ended with 3: no luck\n`]);
    expect((await statusOf(id)).status).toBe('failed');
  });

  test('fails a task whose output is no text, and stores nothing of it', async () => {
    const id = await create('Binary', '--project', 'binary', '--max-attempts', '1');
    const { code, out: printed } = await workOn('binary', String.raw`printf '\377\376\000'`);
    expect([code, printed]).toEqual([1, expect.stringMatching(/ failed .*no text in UTF-8/)]);
    expect((await statusOf(id)).artifacts).toEqual([]);
  });

  test.each(['', '  '])('without a command (%j) takes nothing', async (exec) => {
    const id = await create('Untouched', '--project', 'untouched');
    const { code, err } = await workOn('untouched', exec);
    expect([code, err]).toEqual([2, expect.stringMatching(/^troupe: --exec [^\n]+\n$/)]);
    expect((await statusOf(id)).status).toBe('pending');
  });

  test('finishes what runs when it is told to stop, and takes nothing more', async () => {
    const folder = await temporaryDirectory();
    const first = await create('Runs', '--project', 'stop');
    const second = await create('Waits', '--project', 'stop');
    const exec = `echo > ${folder}/begun; while [ ! -e ${folder}/go ]; do sleep 0.02; done; echo done`;
    const running = start(['work', '--exec', exec, '--project', 'stop']);
    await expect.poll(() => readFile(join(folder, 'begun'), 'utf8').catch(() => null), { timeout: 10_000 }).not.toBeNull();
    running.child.kill('SIGINT');
    await expect.poll(running.err, { timeout: 10_000 }).toContain('Waiting for 1');
    await writeFile(join(folder, 'go'), '');
    expect((await running.exit).code).toBe(0);
    expect([(await statusOf(first)).status, (await statusOf(second)).status]).toEqual(['completed', 'pending']);
  });

  test('renews the lease, ends the command when told twice, and gives the task back', async () => {
    const id = await create('Long', '--project', 'long');
    const running = start(['work', '--exec', 'echo begun >&2; sleep 1000', '--project', 'long', '--lease-time', '3s']);
    await expect.poll(async () => (await out('history', id)).includes('task.progressed'), { timeout: 10_000 }).toBe(true);
    running.child.kill('SIGINT');
    await expect.poll(running.err, { timeout: 10_000 }).toContain('Waiting');
    expect(await stopped(running)).toBe(0);
    expect(await statusOf(id)).toMatchObject({ status: 'pending', failures: 1 });
  });

  test('ends the command when the task is taken away', async () => {
    const id = await create('Taken', '--project', 'taken');
    const running = start(['work', '--exec', 'echo begun >&2; sleep 1000', '--project', 'taken', '--lease-time', '3s']);
    await expect.poll(running.err, { timeout: 10_000 }).toContain('begun\n');
    await out('cancel', id);
    expect(await running.firstLine).toBe(`${id}  lost  Taken  it was ended before it was done`);
    expect(await stopped(running)).toBe(0);
  });

  test.each([
    ['no command', ['work']],
    ['nobody', ['work', '--exec', 'true', '--concurrency', '0']],
    ['a crowd', ['work', '--exec', 'true', '--concurrency', '33']],
    ['a short lease', ['work', '--exec', 'true', '--lease-time', '1s']],
  ])('with %s ends with 2', async (_, args) => {
    expect(await run(args)).toEqual({ code: 2, out: '', err: expect.stringMatching(/^troupe: [^\n]+\n$/) });
  });
});

describe('troupe watch', () => {
  test('tells what happens in lines for people, and ends with 0 when told to', async () => {
    const root = await create('Watched');
    const watching = start(['watch', '--plan', root]);
    await expect.poll(watching.err, { timeout: 10_000 }).toContain('Watching');
    await create('Elsewhere');
    const id = await create('Below', '--parent', root);
    await out('execute', id);
    await expect
      .poll(watching.out, { timeout: 10_000 })
      .toMatch(new RegExp(`${id.slice(0, 10)} +Below +task\\.started +pending → in_progress`));
    expect(watching.out()).not.toContain('Elsewhere');
    expect(await stopped(watching)).toBe(0);
  });

  test('goes on over a restart of the service: nothing is missed, and nothing told twice', async () => {
    // The commands start a service where there is none.
    const { data: owned, pid, gone } = await ownedDirectory();
    const id = await out('create', 'Kept in sight', '--data', owned);
    const watching = start(['watch', id, '--json', '--data', owned]);
    const heard = () =>
      watching
        .out()
        .split('\n')
        .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as { type: string; data: { text?: string } }]));
    await expect
      .poll(async () => {
        await out('note', id, 'first', '--data', owned);
        return heard().length;
      })
      .toBeGreaterThan(0);
    const texts: string[] = [];
    for (const round of ['a', 'b', 'c']) {
      const owner = (await pid()) ?? 0;
      process.kill(owner, round === 'b' ? 'SIGKILL' : 'SIGTERM');
      await gone(owner);
      for (const text of [`${round}-1`, `${round}-2`]) {
        await out('note', id, text, '--data', owned);
        texts.push(text);
      }
    }
    const told = () => heard().flatMap(({ data }) => (data.text === undefined || data.text === 'first' ? [] : [data.text]));
    await expect.poll(told).toEqual(texts);
    expect(heard().every(({ type }) => type === 'task.noted')).toBe(true);
    expect(await stopped(watching)).toBe(0);
  });

  test('tells programs one object in each line', async () => {
    const id = await create('Followed');
    const watching = start(['watch', id.slice(0, 12), '--json']);
    // Nothing says that it has begun: notes until one is heard of.
    await expect
      .poll(
        async () => {
          await out('note', id, 'x');
          return watching.out();
        },
        { timeout: 10_000 },
      )
      .toContain('\n');
    expect(await stopped(watching, 'SIGTERM')).toBe(0);
    for (const line of watching.out().trimEnd().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ troupe: 1, type: 'task.noted', taskId: id });
  });

  test.each([
    ['an unknown task', ['watch', 't_00000000000000000000000000'], 3],
    ['a session that is none', ['watch', '--session', 'x'], 2],
  ])('of %s ends at once', async (_, args, code) => {
    expect(await run(args)).toEqual({ code, out: '', err: expect.stringMatching(/^troupe: [^\n]+\n$/) });
  });
});
