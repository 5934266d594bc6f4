import { expect, it } from 'vitest';
import type { Lease } from '../../../src/machines/context.ts';
import { leaseId, newTask, nextTask, noon, taskId, unitOf } from '../../support/records.ts';
import type { Open } from '../store.ts';

const [a, b, c, d] = [taskId(1), taskId(2), taskId(3), taskId(4)];
const lease = (n: number, expiresAt = noon + 60_000): Lease => ({
  id: leaseId(n),
  holder: 'agent/1',
  expiresAt,
  lengthMs: 60_000,
  expired: false,
});
const started = (n: number, expiresAt?: number) => ({ status: 'in_progress', context: { lease: lease(n, expiresAt) } }) as const;

export function describeIndexes(open: Open): void {
  it('finds the task that holds, or last held, a lease', async () => {
    const { store } = await open();
    const running = nextTask(newTask(a), started(1));
    await store.commit([unitOf([newTask(a)]), unitOf([newTask(b)]), unitOf([running])]);
    expect(await store.byLease(leaseId(1))).toBe(a);
    expect(await store.byLease(leaseId(2))).toBeNull();

    const done = nextTask(running, { status: 'completed', context: { lease: null } });
    await store.commit([unitOf([done]), unitOf([nextTask(newTask(b), started(2))])]);
    expect(await store.byLease(leaseId(1))).toBe(a);
    expect(await store.byLease(leaseId(2))).toBe(b);
  });

  it('hands out the timers whose time has come, earliest first, and says which hold a lease', async () => {
    const { store } = await open();
    await store.commit([
      unitOf([newTask(a, { spec: { dueAt: noon + 3_000 } })]),
      unitOf([newTask(b, started(1, noon + 1_000))]),
      unitOf([newTask(c, { context: { notBefore: noon + 2_000 } })]),
      unitOf([newTask(d)]),
    ]);
    expect(await store.claimDue(noon + 999, 10)).toEqual([]);
    const [first, second, third] = [
      { id: b, rev: 1, dueAt: noon + 1_000, leased: true },
      { id: c, rev: 1, dueAt: noon + 2_000, leased: false },
      { id: a, rev: 1, dueAt: noon + 3_000, leased: false },
    ];
    expect(await store.claimDue(noon + 1_000, 10)).toEqual([first]);
    expect(await store.claimDue(noon + 9_000, 10)).toEqual([first, second, third]);
    expect(await store.claimDue(noon + 9_000, 2)).toEqual([first, second]);
    // Until the record moves on the same ones come again.
    expect(await store.claimDue(noon + 9_000, 1)).toEqual([first]);
  });

  it('follows a deadline that moves back, forwards and away', async () => {
    const { store } = await open();
    let one = newTask(a, started(1, noon + 1_000));
    let two = newTask(b, started(2, noon + 2_000));
    await store.commit([unitOf([one]), unitOf([two])]);
    const due = async (now: number) => (await store.claimDue(now, 10)).map(({ id, rev, dueAt }) => [id, rev, dueAt - noon]);

    one = nextTask(one, started(1, noon + 5_000));
    await store.commit([unitOf([one])]);
    expect(await due(noon + 4_999)).toEqual([[b, 1, 2_000]]);
    expect(await due(noon + 5_000)).toEqual([
      [b, 1, 2_000],
      [a, 2, 5_000],
    ]);

    one = nextTask(one, { spec: { dueAt: noon + 500 } });
    await store.commit([unitOf([one])]);
    expect(await due(noon + 500)).toEqual([[a, 3, 500]]);

    two = nextTask(two, { status: 'completed', context: { lease: null } });
    one = nextTask(one, { status: 'completed', context: { lease: null } });
    await store.commit([unitOf([one, two])]);
    expect(await due(noon + 1_000_000)).toEqual([]);

    two = nextTask(two, { status: 'in_progress', context: { lease: lease(3, noon + 7_000) } });
    await store.commit([unitOf([two])]);
    expect(await due(noon + 7_000)).toEqual([[b, 3, 7_000]]);
  });

  it('counts by status, ready and project; an archived task counts in no project', async () => {
    const { store } = await open();
    const none = { pending: 0, in_progress: 0, blocked: 0, completed: 0, failed: 0, cancelled: 0, archived: 0 };
    expect(await store.counts()).toEqual({ byStatus: none, ready: 0, byProject: {} });

    const held = {
      dependsOn: [{ id: a, kind: 'completion', mandatory: true, status: 'waiting', waived: false, direct: true, via: [] }],
    } as const;
    const [first, second, third] = [newTask(a), newTask(b, { context: held }), newTask(c, { spec: { project: 'other' } })];
    await store.commit([unitOf([first, second, third])]);
    expect(await store.counts()).toEqual({ byStatus: { ...none, pending: 3 }, ready: 2, byProject: { default: 2, other: 1 } });

    const finished = nextTask(first, { status: 'completed' });
    const freed = nextTask(second, { context: { dependsOn: [] } });
    await store.commit([unitOf([finished, freed]), unitOf([nextTask(third, { status: 'cancelled' })])]);
    expect(await store.counts()).toEqual({
      byStatus: { ...none, pending: 1, completed: 1, cancelled: 1 },
      ready: 1,
      byProject: { default: 2, other: 1 },
    });

    await store.commit([unitOf([nextTask(finished, { status: 'archived' })])]);
    expect(await store.counts()).toMatchObject({ byStatus: { archived: 1, completed: 0 }, byProject: { default: 1, other: 1 } });
  });

  it('keeps what was set aside and says so', async () => {
    const { store } = await open();
    expect(store.health()).toEqual({ writable: true, problems: [], quarantined: 0 });
    await store.commit([unitOf([newTask(a)])]);
    await store.setAside({ id: a, snapshot: 'unreadable' }, 'no state of that name');
    expect(store.health()).toMatchObject({ writable: true, quarantined: 1 });
    expect(store.health().problems.join()).toContain('no state of that name');
    expect((await store.load([a])).size).toBe(1);
  });
}
