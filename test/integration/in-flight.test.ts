import { describe, expect, onTestFinished, test } from 'vitest';
import { TroupeError } from '../../src/errors.ts';
import { createMemoryStore } from '../../src/persistence/memory/store.ts';
import type { Store } from '../../src/persistence/store.ts';
import { createGate } from '../support/data-directory.ts';
import type { ServiceOptions } from '../../src/use-cases/service.ts';
import { anyone, createManualClock, startService, worker } from '../support/service.ts';

/** What is on its way to the disk is built upon, and told to nobody. */

const unknown = () => new TroupeError('STORE_UNAVAILABLE', 'whether it was applied is not known');

type Commit = Store['commit'];

/** A service over a store whose next commits, or lists, take another way. */
async function start(options: Pick<ServiceOptions, 'retryPausesMs'> = {}) {
  const clock = createManualClock();
  const real = createMemoryStore({ clock });
  const next: ((units: Parameters<Commit>[0], commit: Commit) => ReturnType<Commit>)[] = [];
  let afterList = async () => {};
  const own: Pick<Store, 'commit' | 'list'> = {
    commit: (units) => (next.shift() ?? ((given, commit) => commit(given)))(units, real.commit),
    async list(query) {
      const page = await real.list(query);
      await afterList();
      return page;
    },
  };
  const service = await startService({ ...options, clock, store: { ...real, ...own } });
  onTestFinished(async () => {
    await service.close();
    await real.close();
  });
  return {
    ...service,
    /** The next commit waits at the gate, and then fails without being applied, or is applied. */
    hold(ending: 'fails' | 'is applied') {
      const gate = createGate();
      next.push(async (units, commit) => {
        await gate.pass();
        if (ending === 'fails') throw unknown();
        return commit(units);
      });
      return gate;
    },
    /** The next commit is applied, and nobody is told. */
    applyAndReject() {
      next.push(async (units, commit) => {
        await commit(units);
        throw unknown();
      });
    },
    /** Something happens behind the next list. */
    behindNextList(what: () => Promise<unknown>) {
      afterList = async () => {
        afterList = async () => {};
        await what();
      };
    },
  };
}

/** Which of them have ended by now; a turn of the event loop is more than any of them needs that waits for nothing. */
async function endedNow(...promises: Promise<unknown>[]): Promise<readonly boolean[]> {
  const ended = promises.map(() => false);
  for (const [index, promise] of promises.entries())
    promise.then(
      () => (ended[index] = true),
      () => (ended[index] = true),
    );
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  return ended;
}

const ada = worker('ada');
const bob = { ...anyone, name: 'bob' };

describe('a refusal', () => {
  test('on a state in flight waits until it is durable', async () => {
    const { ask, hold } = await start();
    const { task } = await ask('task.create', { title: 'x' });
    const gate = hold('is applied');
    const cancelling = ask('task.cancel', { taskId: task.id });
    await gate.reached;
    const refused = ask('task.execute', { taskId: task.id }, ada);
    expect(await endedNow(cancelling, refused)).toEqual([false, false]);
    gate.open();
    await cancelling;
    await expect(refused).rejects.toMatchObject({ reason: 'INVALID_TRANSITION' });
  });

  test('on a state that was lost is none', async () => {
    const { ask, hold } = await start({ retryPausesMs: [0] });
    const { task } = await ask('task.create', { title: 'x' });
    const gate = hold('fails');
    const cancelling = ask('task.cancel', { taskId: task.id });
    await gate.reached;
    const executed = ask('task.execute', { taskId: task.id }, ada);
    // Whoever's commit was lost tries once more, and gives up.
    hold('fails').open();
    gate.open();
    await expect(cancelling).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' });
    expect((await executed).task).toMatchObject({ status: 'in_progress', attempt: 1 });
  });

  test('of a used command id waits for the command that used it', async () => {
    const { ask, hold } = await start();
    const { task } = await ask('task.create', { title: 'x' });
    const gate = hold('is applied');
    const first = ask('task.note', { taskId: task.id, text: 'mine', commandId: 'c1' });
    await gate.reached;
    const second = ask('task.note', { taskId: task.id, text: 'theirs', commandId: 'c1' }, bob);
    expect(await endedNow(first, second)).toEqual([false, false]);
    gate.open();
    await first;
    await expect(second).rejects.toMatchObject({ reason: 'COMMAND_REUSED' });
  });
});

test('a state whose commit failed is forgotten, and the command runs again on what is durable', async () => {
  const { ask, hold, store } = await start();
  const { task } = await ask('task.create', { title: 'x' });
  const gate = hold('fails');
  const noting = ask('task.note', { taskId: task.id, text: 'n' });
  await gate.reached;
  gate.open();
  expect((await noting).task).toMatchObject({ notes: 1, rev: 2 });
  expect((await store.load([task.id])).get(task.id)).toMatchObject({ rev: 2 });
});

describe('a commit that was applied though nobody was told', () => {
  test('is found again, with or without a command id', async () => {
    const { ask, applyAndReject } = await start();
    const { task } = await ask('task.create', { title: 'x' });
    for (const [index, commandId] of ['c1', undefined].entries()) {
      applyAndReject();
      const noted = await ask('task.note', { taskId: task.id, text: 'n', commandId });
      expect(noted.task.notes).toBe(index + 1);
    }
  });

  test('is one claim and one plan', async () => {
    const { ask, applyAndReject, store } = await start();
    for (const title of ['one', 'two']) await ask('task.create', { title });
    applyAndReject();
    await ask('task.claim', {}, ada);
    expect((await store.counts()).byStatus).toMatchObject({ in_progress: 1, pending: 1 });
    applyAndReject();
    await ask('task.plan', { title: 'P', tasks: [{ title: 'A' }] });
    expect((await store.counts()).byStatus).toMatchObject({ in_progress: 1, pending: 3 });
  });
});

test('a claim that waits does not miss what became ready behind its look', async () => {
  const { ask, behindNextList } = await start();
  const made: string[] = [];
  behindNextList(async () => made.push((await ask('task.create', { title: 'late' })).task.id));
  const { task } = await ask('task.claim', { waitMs: 30_000 }, ada);
  expect([task.id]).toEqual(made);
});
