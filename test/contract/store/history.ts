import { expect, it } from 'vitest';
import type { TaskRecord } from '../../../src/persistence/store.ts';
import type { TaskEvent } from '../../../src/protocol/event.ts';
import { newTask, nextTask, taskId, unitOf, writeOf } from '../../support/records.ts';
import type { Write } from '../../support/records.ts';
import type { Open } from '../store.ts';

const a = taskId(1);

/** The writes of a life: creation, then an event of each type given. */
function life(types: readonly TaskEvent['type'][]): Write[] {
  let record: TaskRecord = newTask(a);
  return [
    writeOf(record),
    ...types.map((type) => {
      record = nextTask(record);
      return writeOf(record, type);
    }),
  ];
}

const times = (count: number, ...types: TaskEvent['type'][]): TaskEvent['type'][] => Array.from({ length: count }, () => types).flat();

export function describeHistory(open: Open): void {
  async function lived(types: readonly TaskEvent['type'][]) {
    const { store } = await open();
    await store.commit(life(types).map((write) => unitOf([write])));
    const { items } = await store.history(a, { limit: 1_000 });
    const count = (type: TaskEvent['type']) => items.filter((event) => event.type === type).length;
    return { store, items, count };
  }

  it('has the events of one task, as they were, oldest first', async () => {
    const { store } = await open();
    const [created, started] = life(['task.started']);
    if (created === undefined || started === undefined) throw new Error('a life has two writes');
    await store.commit([unitOf([created, newTask(taskId(2))]), unitOf([started])]);
    expect((await store.history(a, { limit: 10 })).items).toEqual([created.event, started.event]);
    expect((await store.history(taskId(9), { limit: 10 })).items).toEqual([]);
  });

  it('keeps 200 events: progress goes first, creation, notes and changes of state stay', async () => {
    const { items, count } = await lived([
      ...times(20, 'task.noted', 'task.started', 'task.retry_scheduled'),
      ...times(300, 'task.progressed'),
    ]);
    expect(items).toHaveLength(200);
    expect([count('task.created'), count('task.noted'), count('task.started'), count('task.retry_scheduled')]).toEqual([1, 20, 20, 20]);
    const revisions = items.map(({ rev }) => rev);
    expect(revisions).toEqual(revisions.toSorted((left, right) => left - right));
    expect(revisions.at(-1)).toBe(361);
    // Of the progress it is the newest that is left.
    expect(revisions.slice(-139)).toEqual(Array.from({ length: 139 }, (_, index) => 361 - 138 + index));
  });

  it.each<TaskEvent['type']>(['dependency.changed', 'child.changed', 'dependents.changed', 'task.edited', 'task.saved'])(
    'lets %s age before a change of state',
    async (type) => {
      const { count } = await lived([...times(1, 'task.started'), ...times(250, type)]);
      expect([count('task.started'), count(type)]).toEqual([1, 198]);
    },
  );

  it('lets the oldest changes of state go when nothing lesser is left', async () => {
    const { items, count } = await lived([...times(30, 'task.noted'), ...times(250, 'task.started')]);
    expect(items).toHaveLength(200);
    expect([count('task.created'), count('task.noted'), count('task.started')]).toEqual([1, 30, 169]);
    expect(items.findLast(({ type }) => type === 'task.started')?.rev).toBe(281);
  });

  it('keeps no more than the newest hundred notes when it is full', async () => {
    const { items, count } = await lived([...times(100, 'task.noted'), ...times(120, 'task.started'), ...times(10, 'task.noted')]);
    expect(items).toHaveLength(200);
    expect([count('task.created'), count('task.noted')]).toEqual([1, 100]);
    expect(items.at(-1)?.type).toBe('task.noted');
  });

  it('leaves a tombstone of a deleted task', async () => {
    const { items } = await lived([...times(3, 'task.noted'), 'task.deleted']);
    expect(items.map(({ type, rev }) => [type, rev])).toEqual([['task.deleted', 5]]);
  });

  it('pages by revision, also when events come and age meanwhile', async () => {
    const { store, items } = await lived(times(210, 'task.progressed'));
    const first = await store.history(a, { limit: 150 });
    expect(first.items).toEqual(items.slice(0, 150));
    let record = (await store.load([a])).get(a);
    for (let more = 0; more < 5 && record !== undefined; more++) {
      record = nextTask(record);
      await store.commit([unitOf([writeOf(record, 'task.progressed')])]);
    }
    const second = await store.history(a, { limit: 150, cursor: first.next ?? '' });
    const last = first.items.at(-1)?.rev ?? 0;
    expect(second.items.map(({ rev }) => rev)).toEqual(Array.from({ length: 216 - last }, (_, index) => last + 1 + index));
    expect(second.next).toBeNull();
  });

  it('refuses a cursor that is none', async () => {
    const { store } = await lived([]);
    await expect(store.history(a, { limit: 1, cursor: 'bm9uc2Vuc2U' })).rejects.toMatchObject({
      reason: 'INVALID_PARAMS',
      details: { issues: [{ path: 'cursor' }] },
    });
  });
}
