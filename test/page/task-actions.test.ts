import { expect, test } from 'vitest';
import { actions, edgeActions, isMine, offered } from '../../src/dashboard/task/actions.ts';
import { changesOf } from '../../src/dashboard/task/edit.ts';
import { missingOf, startOf } from '../../src/dashboard/task/form.ts';
import type { Action, Values } from '../../src/dashboard/task/form.ts';
import { TroupeError } from '../../src/errors.ts';
import { callerEvents } from '../../src/machines/events.ts';
import type { Task } from '../../src/protocol/task.ts';
import { startService, worker } from '../support/service.ts';

const person = { worker: 'page-1', scopes: ['read', 'write', 'admin'] };
const me = worker('page-1');

/** A service as the page calls it, in the name of one person. */
async function page() {
  const service = await startService();
  const call: Parameters<Action['send']>[0]['call'] = (method, input) => service.ask(method, input, me);
  const get = async (taskId: Task['id']): Promise<Task> => (await service.ask('task.get', { taskId })).task;
  /** Fills the form of an event as a person would, and sends it. */
  const send = async (event: string, task: Task, typed: Values = {}, other = task.id, opened = task): Promise<Task> => {
    const found = offered([...actions, ...edgeActions], task, person).find((action) => action.event === event);
    if (found === undefined) throw new Error(`${event} is not offered for a task that is ${task.status}`);
    const fields = found.fields(task, person);
    const values = startOf(found, opened, fields, typed);
    expect(missingOf(fields, values)).toEqual([]);
    return (await found.send({ call, task, opened, values, other })).task;
  };
  const create = async (given: object = {}): Promise<Task> => (await service.ask('task.create', { title: 'One', ...given })).task;
  return { ...service, get, send, create };
}

const refusalOf = async (sent: Promise<unknown>): Promise<TroupeError> => {
  const refusal: unknown = await sent.catch((error: unknown) => error);
  if (!(refusal instanceof TroupeError)) throw new Error(`not refused: ${String(refusal)}`);
  return refusal;
};

test('whatever the machine accepts from callers has a button, and every button an event', () => {
  expect([...actions, ...edgeActions].map(({ event }) => event).toSorted()).toEqual([...callerEvents].toSorted());
});

test('only what is accepted is offered, deleting to administrators, nothing to who may only read', async () => {
  const { create, send } = await page();
  const done = await send('COMPLETE', await send('START', await create()), { summary: 'Done' });
  const names = (scopes: readonly string[]): string[] => offered(actions, done, { worker: 'x', scopes }).map(({ event }) => event);
  expect(names(['read', 'write', 'admin'])).toEqual(['REOPEN', 'NOTE', 'ARCHIVE', 'DELETE']);
  expect(names(['read', 'write'])).toEqual(['REOPEN', 'NOTE', 'ARCHIVE']);
  expect(names(['read'])).toEqual([]);
});

test('a task is taken through its whole life by the buttons', async () => {
  const { ask, create, send, get } = await page();
  const { id: parentId } = await create({ title: 'Plan' });
  const other = await create({ title: 'Other', parentId });
  let { task } = await ask('task.create', { title: 'One', parentId, acceptance: ['It works', 'It is fast'], maxAttempts: 5 });
  task = await send('DEPENDENCY_ADD', task, { other: other.id });
  expect(offered(actions, task, person).map(({ event }) => event)).not.toContain('START');
  task = await send('DEPENDENCY_WAIVE', task, { reason: 'not needed' }, other.id);
  expect(task.dependsOn[0]).toMatchObject({ waived: true });
  expect((await ask('task.history', { taskId: task.id })).items.at(-1)).toMatchObject({
    type: 'dependency.waived',
    data: { reason: 'not needed' },
  });
  task = await send('DEPENDENCY_REMOVE', task, {}, other.id);
  expect(task.dependsOn).toEqual([]);

  task = await send('START', task);
  expect(isMine(task, person)).toBe(true);
  task = await send('PROGRESS', task, { value: '2', total: '5', message: 'two of five' });
  expect(task.progress).toEqual({ value: 2, total: 5, message: 'two of five' });
  task = await send('BLOCK', task, { asks: true, why: 'Red or blue?' });
  expect(task.blocked).toMatchObject({ question: 'Red or blue?', reason: null });
  task = await send('ANSWER', task, { answer: 'Blue' });
  task = await send('BLOCK', task, { why: 'holidays' });
  task = await send('UNBLOCK', task, { note: 'over' });
  task = await send('START', task);
  task = await send('COMPLETE', task, {
    summary: 'half',
    detailedWork: '# Half',
    artifactType: 'design',
    nextAction: 'needs_revision',
    feedback: 'the other half',
  });
  expect([task.status, task.feedback, task.artifacts[0]?.type]).toEqual(['pending', 'the other half', 'design']);
  task = await send('START', task);
  task = await send('FAIL', task, { message: 'it broke', isFinal: true });
  expect(task.status).toBe('failed');
  task = await send('RETRY', task);
  task = await send('START', task);
  task = await send('COMPLETE', task, { summary: 'whole', 'met.0': true, 'met.1': true, 'note.1': '3 ms' });
  expect(task.status).toBe('completed');
  task = await send('REOPEN', task, { reason: 'it is slow' });
  task = await send('NOTE', task, { text: 'mind the cache' });
  expect(task.notes).toBe(1);
  task = await send('CANCEL', task, { reason: 'no money' });
  task = await send('ARCHIVE', task, { isSure: true });
  task = await send('DELETE', task, { isSure: true });
  expect((await get(task.id)).status).toBe('archived');
});

test('a criterion that is not met is refused by its guard, and nothing is lost', async () => {
  const { create, send, get } = await page();
  const task = await send('START', await create({ acceptance: ['a', 'b'] }));
  const refusal = await refusalOf(send('COMPLETE', task, { summary: 'Done', 'met.1': true }));
  expect([refusal.reason, refusal.details.guard, refusal.details.missing]).toEqual(['ACCEPTANCE_UNANSWERED', 'acceptanceAnswered', [0]]);
  expect((await get(task.id)).rev).toBe(task.rev);
});

test("somebody else's lease is used only by who says so", async () => {
  const { create, send, get, ask } = await page();
  const { id: taskId } = await create();
  await ask('task.execute', { taskId }, worker('agent-7'));
  const task = await get(taskId);
  expect(isMine(task, person)).toBe(false);
  const refusal = await refusalOf(send('COMPLETE', task, { summary: 'Done' }));
  expect([refusal.reason, refusal.details.guard]).toEqual(['STALE_LEASE', 'leaseHeld']);
  expect((await send('COMPLETE', task, { summary: 'Done', inItsPlace: true })).status).toBe('completed');
});

test('with open children the work is kept rather than completed, and cancelling asks about them', async () => {
  const { ask, get, send } = await page();
  const { task } = await ask('task.plan', { title: 'Parent', tasks: [{ title: 'Child' }] });
  const parent = await get(task.id);
  const complete = actions.find(({ event }) => event === 'COMPLETE');
  expect(complete?.initial?.(parent)).toEqual({ nextAction: 'continue' });
  expect((await refusalOf(send('CANCEL', parent))).reason).toBe('CHILDREN_UNFINISHED');
  expect((await send('CANCEL', parent, { subtree: true })).status).toBe('cancelled');
});

test('an edit sends what was changed and nothing else', async () => {
  const { create, send, ask, get } = await page();
  const task = await create({ acceptance: ['two\nlines'], tags: ['a'], context: { a: 1 } });
  const edited = await send('EDIT', task, { title: 'Two', priority: '7', tags: 'b, c', dueAt: '2030-01-02T03:04', context: '{"a": 2}' });
  expect(edited).toMatchObject({ title: 'Two', priority: 7, tags: ['b', 'c'], context: { a: 2 }, acceptance: ['two\nlines'] });
  expect(Date.parse(edited.dueAt ?? '')).toBe(new Date('2030-01-02T03:04').getTime());
  const cleared = await send('EDIT', edited, { dueAt: '', context: '', acceptance: 'one\n\n two ' });
  expect(cleared).toMatchObject({ dueAt: null, context: {}, acceptance: ['one', 'two'] });

  // Somebody else changed the title meanwhile: the priority can be changed all the same, the title not.
  await ask('task.edit', { taskId: task.id, set: { title: 'Theirs' } });
  const now = await get(task.id);
  expect((await send('EDIT', now, { title: 'Two', priority: '1' }, now.id, cleared)).priority).toBe(1);
  expect((await refusalOf(send('EDIT', now, { title: 'Mine' }, now.id, cleared))).reason).toBe('REV_CONFLICT');
  expect((await get(task.id)).title).toBe('Theirs');
});

test('what cannot be sent is said before it is sent', async () => {
  const { create } = await page();
  const task = await create();
  const edit = actions.find(({ event }) => event === 'EDIT');
  const values = edit?.initial?.(task) ?? {};
  expect(() => changesOf(task, task, values)).toThrow(expect.objectContaining({ reason: 'INVALID_PARAMS' }));
  for (const context of ['{', '[]', '7', 'null'])
    expect(() => changesOf(task, task, { ...values, context })).toThrow(
      expect.objectContaining({ details: { issues: [expect.objectContaining({ path: 'context' })] } }),
    );
  const block = actions.find(({ event }) => event === 'BLOCK')?.fields(task, person) ?? [];
  expect(missingOf(block, { why: '  ' })).toEqual(['Reason or question']);
});
