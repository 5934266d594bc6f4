import { describe, expect, it } from 'vitest';
import type { ActorId } from '../../src/ids.ts';
import { Batches } from '../../src/persistence/postgres/batches.ts';
import type { Flown, Lost, Staged } from '../../src/persistence/postgres/batches.ts';
import { prepare } from '../../src/persistence/postgres/prepared.ts';
import type { CommitOutcome, TaskRecord } from '../../src/persistence/store.ts';
import { newTask, nextTask, taskId, unitOf } from '../support/records.ts';

/** A flight that the test lands as it likes. */
interface Flight {
  /** Which actors each group writes or checks, unit by unit. */
  readonly groups: readonly (readonly string[])[];
  land(lost?: readonly (Lost | null)[]): void;
  crash(): void;
}

const ok = { status: 'ok', position: 'here' };
const conflict = (...ids: readonly ActorId[]) => ({ status: 'conflict', ids });
const over = (...ids: readonly ActorId[]): Lost => ({ kind: 'conflict', ids: new Set(ids) });
/** What was scheduled goes off. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

function harbour(limits: { readonly flights?: number; readonly maxBatchUnits?: number; readonly maxBatchBytes?: number } = {}) {
  const flights: Flight[] = [];
  const nameOf = ({ unit }: Staged): string => unit.id;
  const batches = new Batches({
    flights: 2,
    maxBatchBytes: 1_000_000,
    maxBatchUnits: 10,
    ...limits,
    fly: (groups) =>
      new Promise<Flown>((resolve, reject) => {
        flights.push({
          groups: groups.map((group) => group.map(nameOf)),
          land: (lost = groups.map(() => null)) => resolve({ lost, positionOf: () => 'here' }),
          crash: () => reject(new Error('lost')),
        });
      }),
  });
  const commit = (id: string, writes: readonly TaskRecord[], checks: readonly TaskRecord[] = []): Promise<CommitOutcome | string> =>
    batches
      .commit(prepare(unitOf(writes, { id, checks: checks.map((record) => ({ id: record.id, rev: record.rev })) })))
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  return { batches, commit, flights };
}

const [a, b, c] = [newTask(taskId(1)), newTask(taskId(2)), newTask(taskId(3))];

describe('batches', () => {
  it('send what arrives together at once, what shares a row that is written as one group', async () => {
    const { commit, flights } = harbour();
    const all = Promise.all([commit('a', [a]), commit('b', [b]), commit('on a', [c], [a]), commit('a again', [nextTask(a)])]);
    await turn();
    expect(flights.map(({ groups }) => groups)).toEqual([[['a', 'on a', 'a again'], ['b']]]);
    flights[0]!.land();
    expect(await all).toEqual([ok, ok, ok, ok]);
  });

  it('make one group of two that a unit joins, in the order in which they came', async () => {
    const { commit, flights } = harbour();
    for (const [id, writes] of Object.entries({ a: [a], b: [b], 'a again': [nextTask(a)], both: [nextTask(nextTask(a)), nextTask(b)] }))
      void commit(id, writes);
    await turn();
    expect(flights.map(({ groups }) => groups)).toEqual([[['a', 'b', 'a again', 'both']]]);
  });

  it('let a unit wait for the rows that are on their way, and those that came after it for its own', async () => {
    const { commit, flights } = harbour();
    const first = commit('a', [a]);
    await turn();
    const rest = Promise.all([commit('a and b', [nextTask(a), b]), commit('b again', [nextTask(b)]), commit('c', [c])]);
    await turn();
    expect(flights.map(({ groups }) => groups)).toEqual([[['a']], [['c']]]);
    flights[0]!.land();
    await turn();
    await turn();
    expect(flights[2]!.groups).toEqual([['a and b', 'b again']]);
    for (const flight of flights) flight.land();
    expect([await first, ...(await rest)]).toEqual([ok, ok, ok, ok]);
  });

  it('let nobody write a row that somebody on their way stands on, nor stand on one that is written', async () => {
    const { commit, flights } = harbour({ flights: 9 });
    const stored = nextTask(a);
    void commit('stands on a', [b], [stored]);
    await turn();
    void commit('writes a', [nextTask(stored)]);
    await turn();
    expect(flights).toHaveLength(1);
    flights[0]!.land();
    await turn();
    await turn();
    void commit('stands on the new a', [c], [nextTask(stored)]);
    await turn();
    expect(flights.map(({ groups }) => groups)).toEqual([[['stands on a']], [['writes a']]]);
  });

  it('say at once that a unit is built on what is not the newest', async () => {
    const { commit } = harbour();
    void commit('a', [a]);
    expect(await commit('the same', [a, b])).toEqual(conflict(a.id));
    expect(await commit('on the one before', [c], [{ ...a, rev: 7 }])).toEqual(conflict(a.id));
  });

  it('of a lost group tell those at fault and who was built on them, and send the others again', async () => {
    const { commit, flights } = harbour({ flights: 1 });
    const [mine, theirs] = [nextTask(a), nextTask(nextTask(b))];
    const innocent = commit('innocent', [c, nextTask(b)]);
    const fault = commit('at fault', [mine]);
    const built = commit('built on it', [nextTask(mine), theirs]);
    const twice = commit('built on that', [nextTask(theirs)]);
    await turn();
    const later = commit('later', [nextTask(nextTask(theirs))]);
    const next = commit('next', [nextTask(c)]);
    // One group, for `built` stands on `innocent` too.
    expect(flights[0]!.groups).toHaveLength(1);
    flights[0]!.land([over(a.id)]);
    expect(await Promise.all([fault, built, twice, later])).toEqual([conflict(a.id), conflict(a.id), conflict(b.id), conflict(b.id)]);
    await turn();
    expect(flights[1]!.groups).toEqual([['innocent', 'next']]);
    flights[1]!.land();
    expect(await Promise.all([innocent, next])).toEqual([ok, ok]);
  });

  it('send what goes again before what came after it', async () => {
    const { commit, flights } = harbour({ flights: 1, maxBatchUnits: 2 });
    void commit('innocent', [c]);
    void commit('at fault', [a, nextTask(c)]);
    for (const n of [5, 6]) void commit(`later ${n}`, [newTask(taskId(n))]);
    await turn();
    flights[0]!.land([over(a.id)]);
    await turn();
    await turn();
    expect(flights[1]!.groups).toEqual([['innocent'], ['later 5']]);
  });

  it('fail with a flight of which nobody knows what became all that was built on it, and nothing else', async () => {
    const { batches, commit, flights } = harbour({ flights: 1 });
    const first = commit('a', [a]);
    await turn();
    const built = commit('built', [nextTask(a), b]);
    const twice = commit('built on that', [nextTask(b)]);
    const other = commit('other', [c]);
    const idle = batches.idle();
    flights[0]!.crash();
    expect(await Promise.all([first, built, twice])).toEqual(['lost', 'lost', 'lost']);
    await turn();
    expect(flights[1]!.groups).toEqual([['other']]);
    // Nothing of them is left: the row is free for who has read it again.
    const again = commit('a, as it is now', [nextTask(nextTask(a))]);
    flights[1]!.land();
    expect(await other).toEqual(ok);
    await turn();
    flights[2]!.land();
    expect(await again).toEqual(ok);
    await idle;
  });

  it('are no larger than they may be, but take a unit that is larger by itself', async () => {
    const { commit, flights } = harbour({ flights: 9, maxBatchUnits: 2 });
    for (let n = 0; n < 5; n++) void commit(`${n}`, [newTask(taskId(n))]);
    await turn();
    expect(flights.map(({ groups }) => groups.length)).toEqual([2, 2, 1]);
    const small = harbour({ flights: 9, maxBatchBytes: 1 });
    for (let n = 0; n < 3; n++) void small.commit(`${n}`, [newTask(taskId(n))]);
    await turn();
    expect(small.flights.map(({ groups }) => groups.length)).toEqual([1, 1, 1]);
  });

  it('are on their way as many at once as allowed', async () => {
    const { commit, flights } = harbour({ flights: 2, maxBatchUnits: 1 });
    const all = Promise.all(Array.from({ length: 4 }, (_, n) => commit(`${n}`, [newTask(taskId(n))])));
    await turn();
    expect(flights).toHaveLength(2);
    for (let n = 0; n < 4; n++) {
      flights[n]!.land();
      await turn();
      await turn();
    }
    expect(await all).toEqual([ok, ok, ok, ok]);
  });
});
