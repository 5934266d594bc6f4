import { expect, it } from 'vitest';
import type { Store, Write } from '../../../src/persistence/store.ts';
import type { SessionStatus } from '../../../src/protocol/values.ts';
import { newTask, nextTask, noon, taskId, unitOf, writeOf } from '../../support/records.ts';
import type { Change } from '../../support/records.ts';
import { nextSession, sessionId, sessionRecord, sessionWrite } from '../../support/session-records.ts';
import type { Open } from '../store.ts';
import { readings } from './readings.ts';

const [one, two, three] = [sessionId(1), sessionId(2), sessionId(3)];
const inOne = (n: number, { spec, ...rest }: Change = {}) => newTask(taskId(n), { ...rest, spec: { sessionId: one, ...spec } });
const none = { pending: 0, in_progress: 0, blocked: 0, completed: 0, failed: 0, cancelled: 0, archived: 0 };

async function put(store: Store, ...writes: Write[]): Promise<void> {
  expect(await store.commit(writes.map((write) => unitOf([write])))).toMatchObject(writes.map(() => ({ status: 'ok' })));
}

const readyIn = async (store: Store, filter: object = {}) =>
  (await store.list({ filter: { ready: true, ...filter }, sort: 'next', limit: 10 })).items.map(({ id }) => id);

export function describeSessions(open: Open): void {
  it('stores sessions beside tasks, under compare-and-set, with a history and a place in the log', async () => {
    const { store, reopen } = await open();
    const made = sessionRecord(one);
    const paused = nextSession(made, 'paused');
    await put(store, sessionWrite(made), sessionWrite(paused));
    expect(await store.commit([unitOf([sessionWrite(paused)])])).toMatchObject([{ status: 'conflict', ids: [one] }]);
    expect(await store.commit([unitOf([inOne(1)], { checks: [{ id: one, rev: 1 }] })])).toMatchObject([{ status: 'conflict', ids: [one] }]);
    for await (const reading of readings(store, reopen)) {
      expect(await reading.load([one, taskId(1)])).toEqual(new Map([[one, paused]]));
      expect((await reading.history(one, { limit: 10 })).items).toEqual([sessionWrite(made).event, sessionWrite(paused).event]);
      expect((await reading.list({ filter: { includeArchived: true }, sort: 'created', limit: 10, count: true })).total).toBe(0);
      expect(await reading.counts()).toEqual({ byStatus: none, ready: 0, byProject: {} });
      const types: string[] = [];
      (await reading.tail('oldest', (entries) => void types.push(...entries.map(({ event }) => event.type)))).close();
      expect(types).toEqual(['session.created', 'session.changed']);
    }
  });

  it('takes the tasks of a paused session out of ready, changes none, and brings them back', async () => {
    const { store, reopen } = await open();
    const made = sessionRecord(one);
    const running = inOne(3, { status: 'in_progress' });
    const other = newTask(taskId(4));
    await put(store, sessionWrite(made), ...[inOne(1), inOne(2), running, other].map((record) => writeOf(record)));
    expect(await readyIn(store)).toEqual([1, 2, 4].map(taskId));

    const paused = nextSession(made, 'paused');
    await put(store, sessionWrite(paused));
    const seen = async (reading: Store) => {
      const page = await reading.list({ filter: { sessionId: one }, sort: 'created', limit: 10 });
      return {
        ready: await readyIn(reading),
        ofSession: await readyIn(reading, { sessionId: one }),
        counted: (await reading.counts()).ready,
        rows: page.items.map(({ rev, status, ready }) => [rev, status, ready]),
        tasks: (await reading.session(one))?.tasks,
      };
    };
    const rows = (ready: boolean) => [
      [1, 'pending', ready],
      [1, 'pending', ready],
      [1, 'in_progress', false],
    ];
    const tasks = { byStatus: { ...none, pending: 2, in_progress: 1 }, ready: 0, plans: 3, lastActivity: noon };
    const held = { ready: [taskId(4)], ofSession: [], counted: 1, rows: rows(false), tasks };
    expect(await seen(store)).toEqual(held);

    // What becomes ready meanwhile waits too; what ran, goes on.
    await put(store, writeOf(inOne(5)), writeOf(nextTask(running, { status: 'completed' })));
    expect(await readyIn(store)).toEqual([taskId(4)]);
    const again = reopen === undefined ? store : await reopen();
    expect(await readyIn(again)).toEqual([taskId(4)]);
    expect((await again.counts()).ready).toBe(1);

    await put(again, sessionWrite(nextSession(paused, 'active')));
    expect(await readyIn(again)).toEqual([1, 2, 4, 5].map(taskId));
    expect((await again.counts()).ready).toBe(4);
    expect((await again.session(one))?.tasks).toEqual({
      byStatus: { ...none, pending: 3, completed: 1 },
      ready: 3,
      plans: 4,
      lastActivity: noon + 1_000,
    });
  });

  it('knows how the tasks of a session stand, trees and reviews apart, archived ones as well', async () => {
    const { store, reopen } = await open();
    const finished = inOne(2, { status: 'completed' });
    const review = inOne(3, { status: 'completed', spec: { type: 'review', reviewOf: taskId(2) } });
    await put(
      store,
      sessionWrite(sessionRecord(one)),
      sessionWrite(sessionRecord(two)),
      writeOf(inOne(1)),
      writeOf(inOne(4, { spec: { rootId: taskId(1), parentId: taskId(1), depth: 1 }, updatedAt: noon + 7 })),
      writeOf(finished),
      writeOf(review),
    );
    expect((await store.session(one))?.tasks).toEqual({
      byStatus: { ...none, pending: 2, completed: 2 },
      ready: 2,
      plans: 2,
      lastActivity: noon + 7,
    });
    expect((await store.session(two))?.tasks).toEqual({ byStatus: none, ready: 0, plans: 0, lastActivity: null });
    expect(await store.session(three)).toBeNull();

    await put(store, ...[finished, review].map((record) => writeOf(nextTask(record, { status: 'archived', updatedAt: noon + 9 }))));
    const after = { byStatus: { ...none, pending: 2, archived: 2 }, ready: 2, plans: 1, lastActivity: noon + 9 };
    for await (const reading of readings(store, reopen)) {
      expect((await reading.session(one))?.tasks).toEqual(after);
      const page = await reading.list({ filter: { sessionId: one, includeArchived: true }, sort: 'created', limit: 10, count: true });
      expect([page.total, page.items.map(({ id }) => id)]).toEqual([4, [1, 4, 2, 3].map(taskId)]);
      expect((await reading.list({ filter: { sessionId: two, includeArchived: true }, sort: 'created', limit: 10 })).items).toEqual([]);
    }
  });

  it('lists sessions newest first, page by page, by status and project', async () => {
    const { store, reopen } = await open();
    const statuses: readonly SessionStatus[] = ['active', 'paused', 'completed', 'archived', 'active'];
    // The last two are of one moment.
    const records = statuses.map((status, n) =>
      sessionRecord(sessionId(n + 1), { createdAt: noon + Math.min(n, 3), project: n < 2 ? 'web' : 'default' }, status),
    );
    await put(store, ...records.map(sessionWrite));
    for await (const reading of readings(store, reopen)) {
      const idsOf = async (query: Partial<Parameters<Store['sessions']>[0]>) => {
        const ids: string[] = [];
        let cursor: string | undefined;
        let total: number | undefined;
        do {
          const page = await reading.sessions({ filter: {}, limit: 2, cursor, ...query });
          expect(page.items.length).toBeLessThanOrEqual(2);
          ids.push(...page.items.map(({ record }) => record.id));
          total = page.total;
          cursor = page.next ?? undefined;
        } while (cursor !== undefined);
        expect(total).toBe(ids.length);
        return ids;
      };
      expect(await idsOf({})).toEqual([5, 3, 2, 1].map(sessionId));
      expect(await idsOf({ filter: { status: ['archived', 'active'] } })).toEqual([5, 4, 1].map(sessionId));
      expect(await idsOf({ filter: { project: 'web' } })).toEqual([2, 1].map(sessionId));
      expect(await idsOf({ projects: ['default'] })).toEqual([5, 3].map(sessionId));
      expect(await idsOf({ filter: { project: 'web' }, projects: ['default'] })).toEqual([]);
      await expect(reading.sessions({ filter: {}, limit: 2, cursor: 'x' })).rejects.toMatchObject({ reason: 'INVALID_PARAMS' });
    }
  });
}
