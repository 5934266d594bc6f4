import { expect, test } from 'vitest';
import type { Task } from '../../../src/protocol/task.ts';
import type { Caller } from '../../../src/use-cases/caller.ts';
import { anyone, worker } from '../../support/service.ts';
import { overStores } from './checked-service.ts';
import type { CheckedService } from './checked-service.ts';

/** A mutation in a place where it is accepted: what is sent, and another payload that would be accepted there too. */
interface Mutation {
  readonly method: string;
  readonly caller?: Caller;
  readonly prepare: (service: CheckedService) => Promise<{ readonly params: object; readonly other: object }>;
}

const ada = worker('ada');

const running = async ({ create, ask }: CheckedService): Promise<string> => {
  const taskId = await create({ maxAttempts: 1 });
  await ask('task.execute', { taskId }, ada);
  return taskId;
};
const failed = async (service: CheckedService): Promise<string> => {
  const taskId = await service.create();
  await service.ask('task.execute', { taskId }, ada);
  await service.ask('task.fail', { taskId, error: { message: 'no', retryable: false } }, ada);
  return taskId;
};
const asked = async ({ create, ask }: CheckedService): Promise<string> => {
  const taskId = await create();
  await ask('task.block', { taskId, question: 'which?' });
  return taskId;
};
const finished = async ({ create, finish }: CheckedService): Promise<string> => {
  const taskId = await create();
  await finish(taskId);
  return taskId;
};
const siblings = async ({ plan }: CheckedService): Promise<{ taskId: string; on: string; third: string }> => {
  const id = await plan({
    tasks: [
      { ref: 'a', title: 'A' },
      { ref: 'b', title: 'B' },
      { ref: 'c', title: 'C' },
    ],
  });
  return { taskId: id('a'), on: id('b'), third: id('c') };
};
const linked = async (service: CheckedService) => {
  const { taskId, on, third } = await siblings(service);
  for (const dependsOn of [on, third]) await service.send('dependency.add', { taskId, dependsOn });
  return { params: { taskId, dependsOn: on }, other: { taskId, dependsOn: third } };
};

/** One payload that differs by a member, for a task in the state that `make` leaves it in. */
const on =
  (make: (service: CheckedService) => Promise<string>, params: object, other: object): Mutation['prepare'] =>
  async (service) => {
    const taskId = await make(service);
    return { params: { taskId, ...params }, other: { taskId, ...params, ...other } };
  };
const fresh = ({ create }: CheckedService): Promise<string> => create();

const mutations: readonly Mutation[] = [
  { method: 'task.plan', prepare: async () => ({ params: { title: 'P', tasks: [{ title: 'A' }] }, other: { title: 'P' } }) },
  { method: 'task.create', prepare: async () => ({ params: { title: 'P' }, other: { title: 'Q' } }) },
  {
    method: 'task.claim',
    prepare: async ({ create }) => {
      for (const title of ['one', 'two', 'three']) await create({ title });
      return { params: { leaseMs: 60_000 }, other: { leaseMs: 61_000 } };
    },
  },
  { method: 'task.execute', prepare: on(fresh, { leaseMs: 60_000 }, { leaseMs: 61_000 }) },
  { method: 'task.progress', caller: ada, prepare: on(running, { value: 1 }, { value: 2 }) },
  { method: 'task.complete', caller: ada, prepare: on(running, { summary: 's', detailedWork: 'w' }, { detailedWork: 'v' }) },
  { method: 'task.complete', caller: ada, prepare: on(running, { summary: 's', nextAction: 'continue' }, { summary: 't' }) },
  { method: 'task.fail', caller: ada, prepare: on(running, { error: { message: 'no' } }, { error: { message: 'never' } }) },
  { method: 'task.block', prepare: on(fresh, { reason: 'r' }, { reason: 's' }) },
  { method: 'task.answer', prepare: on(asked, { answer: 'this' }, { answer: 'that' }) },
  { method: 'task.unblock', prepare: on(asked, { note: 'go' }, { note: 'stay' }) },
  { method: 'task.cancel', prepare: on(fresh, { reason: 'r' }, { reason: 's' }) },
  { method: 'task.retry', prepare: on(failed, {}, { taskId: `t_${'0'.repeat(26)}` }) },
  { method: 'task.reopen', prepare: on(finished, { reason: 'r' }, { reason: 's' }) },
  { method: 'task.edit', prepare: on(fresh, { set: { priority: 1 } }, { set: { priority: 2 } }) },
  { method: 'task.note', prepare: on(fresh, { text: 'n' }, { text: 'm' }) },
  { method: 'task.archive', prepare: on(finished, {}, { taskId: `t_${'0'.repeat(26)}` }) },
  { method: 'task.delete', prepare: on(finished, {}, { force: true }) },
  {
    method: 'dependency.add',
    prepare: async (service) => {
      const { taskId, on: dependsOn, third } = await siblings(service);
      return { params: { taskId, dependsOn }, other: { taskId, dependsOn: third } };
    },
  },
  { method: 'dependency.remove', prepare: linked },
  { method: 'dependency.waive', prepare: linked },
];

/** Whose id leads to a task of its own, so that another principal's same id is another command. */
const perPrincipal: ReadonlySet<string> = new Set(['task.plan', 'task.create', 'task.claim']);
/** What another payload can only mean another task by. */
const bare: ReadonlySet<string> = new Set(['task.retry', 'task.archive']);

const bob = { ...anyone, name: 'bob' };

overStores('a command id', (start) => {
  test.each(mutations)('$method sent twice, one after the other', async ({ method, caller = anyone, prepare }) => {
    const service = await start();
    const { send, log } = service;
    const { params } = await prepare(service);
    const first = await send(method, { ...params, commandId: 'c1' }, caller);
    const { end } = log;
    const again = await send(method, { ...params, commandId: 'c1' }, caller);
    expect(again).toMatchObject({ repeated: true });
    expect(first).not.toHaveProperty('repeated');
    const { repeated: _, cancelled: _c, archived: _a, deleted: _d, ...same } = again;
    expect(first).toMatchObject(same);
    expect(log.end).toBe(end);
  });

  test.each(mutations)('$method sent twice at once', async ({ method, caller = anyone, prepare }) => {
    const service = await start();
    const { send, log } = service;
    const { params } = await prepare(service);
    const before = log.end;
    const answers = await Promise.all([1, 2].map(() => send(method, { ...params, commandId: 'c1' }, caller)));
    const after = log.end;
    expect(answers.map((answer) => answer['repeated'])).toEqual([undefined, true]);
    await send(method, { ...params, commandId: 'c1' }, caller);
    expect([after > before, log.end]).toEqual([true, after]);
  });

  test.each(mutations.filter(({ method }) => !bare.has(method)))('$method with another payload', async ({ method, caller, prepare }) => {
    const service = await start();
    const { params, other } = await prepare(service);
    await service.send(method, { ...params, commandId: 'c1' }, caller);
    const reused = { reason: 'COMMAND_REUSED', code: 409, fix: 'use a new commandId for a new command' };
    expect(await service.refusedAndUnchanged(method, { ...other, commandId: 'c1' }, caller)).toMatchObject(reused);
  });

  test.each(mutations.filter(({ method }) => perPrincipal.has(method)))('$method by another principal', async ({ method, prepare }) => {
    const service = await start();
    const { params } = await prepare(service);
    const mine = await service.send(method, { ...params, commandId: 'c1' });
    const theirs = await service.send(method, { ...params, commandId: 'c1' }, bob);
    expect(theirs).not.toHaveProperty('repeated');
    expect(theirs['task']).not.toMatchObject({ id: (mine['task'] as Task).id });
  });

  test.each(mutations.filter(({ method }) => !perPrincipal.has(method)))(
    '$method by another principal on the same task',
    async ({ method, caller, prepare }) => {
      const service = await start();
      const { params } = await prepare(service);
      await service.send(method, { ...params, commandId: 'c1' }, caller);
      const theirs = await service.refusedAndUnchanged(method, { ...params, commandId: 'c1' }, bob);
      expect(theirs).toMatchObject({ reason: 'COMMAND_REUSED' });
    },
  );

  test('used for another method on the same task', async () => {
    const { ask, create, refusedAndUnchanged } = await start();
    const taskId = await create();
    await ask('task.note', { taskId, text: 'n', commandId: 'c1' });
    expect(await refusedAndUnchanged('task.block', { taskId, reason: 'r', commandId: 'c1' })).toMatchObject({ reason: 'COMMAND_REUSED' });
  });

  test('is found among the newest 32 of a task, the one that made it for ever', async () => {
    const { ask, task } = await start();
    const { task: made } = await ask('task.create', { title: 'x', commandId: 'make' });
    const note = (n: number) => ask('task.note', { taskId: made.id, text: `note ${n}`, commandId: `n${n}` });
    for (let n = 0; n < 40; n++) await note(n);
    expect(await note(9)).toMatchObject({ repeated: true });
    expect(await ask('task.create', { title: 'x', commandId: 'make' })).toMatchObject({ repeated: true, task: { id: made.id, notes: 40 } });
    expect((await task(made.id)).rev).toBe(41);
  });

  test('a refused command leaves nothing behind: its id is free', async () => {
    const { ask, create, refusedAndUnchanged } = await start();
    const taskId = await create();
    await refusedAndUnchanged('task.reopen', { taskId, reason: 'r', commandId: 'c1' });
    expect(await ask('task.note', { taskId, text: 'n', commandId: 'c1' })).not.toHaveProperty('repeated');
  });

  test('without one a resend is a new command', async () => {
    const { ask, create } = await start();
    const taskId = await create();
    for (const notes of [1, 2]) expect((await ask('task.note', { taskId, text: 'same' })).task.notes).toBe(notes);
  });

  test('finds its first run before anything is refused', async () => {
    const { ask, create, finish } = await start();
    const taskId = await create();
    await ask('task.edit', { taskId, set: { priority: 1 }, ifRev: 1, commandId: 'e1' });
    await finish(taskId);
    await ask('task.archive', { taskId });
    const again = await ask('task.edit', { taskId, set: { priority: 1 }, ifRev: 1, commandId: 'e1' });
    expect(again).toMatchObject({ repeated: true, task: { status: 'archived', priority: 1 } });
  });
});
