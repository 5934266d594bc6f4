import { describe, expect, test } from 'vitest';
import { sequenceOf } from '../../src/dashboard/messages/lives.ts';
import { MessageLog } from '../../src/dashboard/messages/log.ts';
import { Past } from '../../src/dashboard/messages/past.ts';
import { inOrder, messagesOf, toldOf } from '../../src/dashboard/messages/sequence.ts';
import { randomFrom } from '../support/random.ts';
import type { Told } from '../../src/dashboard/messages/sequence.ts';

const time = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

const told = (taskId: string, rev: number, given: Partial<Told> & { at?: number; commandId?: string; from?: string } = {}): Told => ({
  type: 'task.noted',
  time: time(given.at ?? 0),
  taskId,
  rev,
  by: 'ada',
  cause: { commandId: given.commandId ?? 'c1', ...(given.from === undefined ? {} : { taskId: given.from }) },
  data: { status: 'pending', ready: true },
  ...given,
});

const names = (events: readonly Told[]): string[] => events.map(({ taskId, rev }) => `${taskId}${rev}`);

describe('the messages of an event', () => {
  const arrows = (event: Told): string[] =>
    messagesOf(event).map(({ source, target, type }) => `${source ?? 'outside'} → ${target}: ${type}`);

  test('a command comes from outside', () => {
    expect(arrows(told('a', 1, { type: 'task.started' }))).toEqual(['outside → a: task.started']);
  });

  test('a fact comes from the task that it is about', () => {
    expect(arrows(told('b', 2, { type: 'dependency.changed', from: 'a', data: { dependency: 'a', state: 'completed' } }))).toEqual([
      'a → b: dependency.changed',
    ]);
    expect(arrows(told('p', 2, { type: 'task.completed', from: 'a', data: { child: 'a', children: {} } }))).toEqual([
      'a → p: task.completed',
    ]);
    expect(arrows(told('a', 2, { type: 'dependents.changed', from: 'b', data: { dependents: ['b', 'c'], on: true } }))).toEqual([
      'b → a: dependents.changed',
    ]);
  });

  test('each of several facts has a source of its own, and what the command did stays its', () => {
    const facts = [
      { type: 'child.changed', child: 'x', state: 'open' },
      { type: 'dependency.changed', dependency: 'y', state: 'completed' },
      { type: 'task.edited' },
    ];
    expect(arrows(told('p', 3, { type: 'task.completed', data: { status: 'completed', facts } }))).toEqual([
      'outside → p: task.completed',
      'x → p: child.changed',
      'y → p: dependency.changed',
      'outside → p: task.edited',
    ]);
    expect(arrows(told('p', 3, { type: 'child.changed', from: 'z', data: { facts: [{ type: 'task.ready' }] } }))[1]).toBe(
      'z → p: task.ready',
    );
  });

  test('is looked at only when it is one of a task', () => {
    const good = told('a', 1);
    expect(toldOf([{ ...good, taskId: null }, good, { ...good, cause: undefined }, { ...good, data: [] }])).toEqual([good]);
  });

  test('names every message once, and what is no fact is none', () => {
    const messages = messagesOf(told('p', 3, { data: { facts: [{ type: 'child.changed' }, null, 'x', { type: 'child.changed' }] } }));
    expect(messages).toHaveLength(3);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(3);
    expect(messagesOf(told('p', 3, { data: { facts: 'none' } }))).toHaveLength(1);
    expect(messages[0]?.data).toEqual({});
  });
});

describe('events of several tasks', () => {
  test('are in the order of time, then of revisions, causes first', () => {
    const events = [
      told('b', 7, { at: 1, from: 'a' }),
      told('p', 2, { at: 1, from: 'b' }),
      told('a', 9, { at: 1 }),
      told('z', 1, { at: 0, commandId: 'c0' }),
      told('a', 10, { at: 1, commandId: 'c2' }),
    ];
    expect(names(inOrder(events))).toEqual(['z1', 'a9', 'b7', 'p2', 'a10']);
  });

  const seed = Number(process.env['SEED'] ?? 77);
  test(`are in an order that could have been, however they are dealt (SEED=${seed})`, () => {
    const random = randomFrom(seed);
    for (let run = 0; run < 50; run++) {
      const revs = new Map<string, number>();
      const events: Told[] = [];
      for (let command = 0; command < 20; command++) {
        let from: string | undefined;
        for (const taskId of 'abcdefg'
          .split('')
          .sort(() => random() - 0.5)
          .slice(0, 1 + random() * 4)) {
          revs.set(taskId, (revs.get(taskId) ?? 0) + 1);
          events.push(
            told(taskId, revs.get(taskId) ?? 1, {
              at: Math.floor(command / 6),
              commandId: `c${command}`,
              ...(from === undefined ? {} : { from }),
            }),
          );
          from = taskId;
        }
      }
      const ordered = inOrder(events.toSorted(() => random() - 0.5));
      expect(ordered).toHaveLength(events.length);
      const seen = new Map<string, number>();
      const done = new Set<string>();
      for (const { taskId, rev, cause } of ordered) {
        expect([taskId, rev]).toEqual([taskId, (seen.get(taskId) ?? 0) + 1]);
        seen.set(taskId, rev);
        done.add(`${taskId} ${cause.commandId}`);
        expect(done).toContain(`${cause.taskId ?? taskId} ${cause.commandId}`);
      }
    }
  });

  test('that cause each other end too', () => {
    expect(inOrder([told('a', 1, { from: 'b' }), told('b', 1, { from: 'a' })])).toHaveLength(2);
  });
});

describe('a sequence', () => {
  const between = (pairs: readonly string[]) =>
    pairs.flatMap((pair) => messagesOf(told(pair[1] ?? '', 1, pair[0] === '.' ? {} : { from: pair[0] ?? '' })));
  const lives = (pairs: readonly string[]): string[] =>
    sequenceOf(between(pairs)).lives.map(({ who, first, last, column }) => `${who ?? 'outside'} ${first}-${last} in ${column}`);

  test('has only the lives that take part, the world outside first', () => {
    expect(lives(['ab', '.c', 'cb'])).toEqual(['outside 0-2 in 0', 'a 0-0 in 1', 'b 0-2 in 2', 'c 1-2 in 1']);
    expect(lives(['ab'])).toEqual(['a 0-0 in 0', 'b 0-0 in 1']);
    expect(lives([])).toEqual([]);
  });

  test('gives the column of who was silent for long to others', () => {
    const quiet = Array.from({ length: 30 }, () => 'xy');
    expect(lives(['ab', ...quiet, 'ab'])).toEqual([
      'a 0-0 in 0',
      'b 0-0 in 1',
      'x 1-30 in 0',
      'y 1-30 in 1',
      'a 31-31 in 0',
      'b 31-31 in 1',
    ]);
    expect(lives(['ab', ...quiet.slice(20), 'ab'])).toEqual(['a 0-11 in 0', 'b 0-11 in 1', 'x 1-10 in 2', 'y 1-10 in 3']);
  });

  const seed = Number(process.env['SEED'] ?? 91);
  test(`never has two in one column, and its messages end where somebody lives (SEED=${seed})`, () => {
    const random = randomFrom(seed);
    const letters = '.abcdefghijklmnopqrstuvw'.split('');
    const pick = (from: number): string => letters[from + Math.floor(random() * (letters.length - from))] ?? 'a';
    const messages = between(Array.from({ length: 2_000 }, () => pick(0) + pick(1)));
    const sequence = sequenceOf(messages);
    const rows = messages.map(() => new Set<number>());
    for (const { first, last, column } of sequence.lives)
      for (let row = first; row <= last; row++) {
        expect(rows[row]?.has(column)).toBe(false);
        rows[row]?.add(column);
      }
    for (const [row, [from, to]] of sequence.ends.entries()) {
      expect([from.who, to.who]).toEqual([messages[row]?.source, messages[row]?.target]);
      for (const { first, last } of [from, to]) expect(first <= row && row <= last).toBe(true);
    }
    expect(sequence.columns).toBeLessThanOrEqual(letters.length);
  });
});

describe('what was before', () => {
  const histories = new Map(
    Array.from({ length: 40 }, (_, task) => [
      `t${task}`,
      Array.from({ length: 5 }, (_other, rev) => told(`t${task}`, rev + 1, { at: rev * 40 + task })),
    ]),
  );
  const tasks = [...histories].map(([id, events]) => ({ id, updatedAt: events.at(-1)?.time ?? '' }));
  const reading = (): { past: Past<Told>; read: string[] } => {
    const read: string[] = [];
    const past = new Past(tasks, (id) => {
      read.push(id);
      return Promise.resolve(histories.get(id) ?? []);
    });
    return { past, read };
  };

  test('is read from as few tasks as tell it, and is the newest there is', async () => {
    const { past, read } = reading();
    const { events, isAll } = await past.newest(6);
    expect(names(events)).toEqual(['t345', 't355', 't365', 't375', 't385', 't395']);
    expect(isAll).toBe(false);
    expect(read.length).toBeLessThanOrEqual(16);
  });

  test('goes on to older ones, and to the end', async () => {
    const { past, read } = reading();
    await past.newest(6);
    expect((await past.newest(150)).events).toHaveLength(150);
    const { events, isAll } = await past.newest(1_000);
    expect(isAll).toBe(true);
    expect(names(events)).toEqual(names(inOrder([...histories.values()].flat())));
    expect(read).toHaveLength(40);
  });
});

describe('the log of a plan', () => {
  const ids = (log: MessageLog): string[] => log.messages.map(({ target, rev }) => `${target}${rev}`);

  test('has the past before what was heard, and nothing twice', () => {
    const log = new MessageLog(100);
    log.hear([told('a', 3), told('b', 2)]);
    log.hear([told('a', 3)]);
    log.recall([told('a', 1), told('b', 1), told('a', 2), told('b', 2), told('a', 3)]);
    expect(ids(log)).toEqual(['a1', 'b1', 'a2', 'a3', 'b2']);
  });

  test('drops the oldest when there is too much', () => {
    const log = new MessageLog(4);
    log.recall([told('a', 1), told('a', 2), told('a', 3)]);
    log.hear([told('a', 4), told('a', 5)]);
    expect(ids(log)).toEqual(['a2', 'a3', 'a4', 'a5']);
    log.hear(Array.from({ length: 9 }, (_, index) => told('a', 6 + index)));
    expect(ids(log)).toEqual(['a11', 'a12', 'a13', 'a14']);
    expect(log.dropped).toBe(10);
    log.recall([told('a', 1)]);
    expect(ids(log)).toEqual(['a11', 'a12', 'a13', 'a14']);
  });
});
