import { expect, it } from 'vitest';
import type { CommitOutcome } from '../../../src/persistence/store.ts';
import type { JsonObject } from '../../../src/protocol/values.ts';
import { artifactId, artifactRef, newTask, nextTask, taskId, unitOf, writeOf } from '../../support/records.ts';
import type { Open } from '../store.ts';
import { readings } from './readings.ts';

const [a, b, c] = [taskId(1), taskId(2), taskId(3)];
const conflict = (...ids: string[]): CommitOutcome => expect.objectContaining({ status: 'conflict', ids });
const ok: CommitOutcome = expect.objectContaining({ status: 'ok' });

export function describeCommit(open: Open): void {
  it('loads what was committed, and leaves out what does not exist', async () => {
    const { store } = await open();
    const record = newTask(a);
    expect(await store.commit([unitOf([record])])).toEqual([ok]);
    expect(await store.load([a, b])).toEqual(new Map([[a, record]]));
  });

  it('gives every event a position of its own, also to the events of one unit', async () => {
    const { store } = await open();
    const outcomes = [
      ...(await store.commit([unitOf([newTask(a), newTask(b)]), unitOf([newTask(c)])])),
      ...(await store.commit([unitOf([nextTask(newTask(a))])])),
    ];
    const positions = outcomes.map((outcome) => outcome.status === 'ok' && outcome.position);
    expect(new Set(positions).size).toBe(3);
    const seen: string[] = [];
    await store.tail('oldest', (entries) => void seen.push(...entries.map(({ position }) => position)));
    expect(new Set(seen).size).toBe(4);
    expect(seen).toEqual(expect.arrayContaining(positions));
  });

  it('refuses the second of two writes that expect the same revision, in one call', async () => {
    const { store } = await open();
    const record = newTask(a);
    const other = newTask(a, { spec: { title: 'the other' } });
    expect(await store.commit([unitOf([record]), unitOf([other])])).toEqual([ok, conflict(a)]);
    expect((await store.load([a])).get(a)).toEqual(record);
  });

  it('builds a unit on an earlier one of the same call', async () => {
    const { store } = await open();
    const first = newTask(a);
    const second = nextTask(first);
    expect(await store.commit([unitOf([first]), unitOf([second]), unitOf([nextTask(second)])])).toEqual([ok, ok, ok]);
    expect((await store.load([a])).get(a)?.rev).toBe(3);
  });

  it('judges a call against the calls in flight before it', async () => {
    const { store } = await open();
    const first = newTask(a);
    const second = nextTask(first);
    const outcomes = await Promise.all([
      store.commit([unitOf([first])]),
      store.commit([unitOf([newTask(a)])]),
      store.commit([unitOf([second])]),
      store.commit([unitOf([nextTask(first)])]),
    ]);
    expect(outcomes).toEqual([[ok], [conflict(a)], [ok], [conflict(a)]]);
  });

  it('compares every check, against committed state, earlier units and 0 for no record', async () => {
    const { store } = await open();
    await store.commit([unitOf([newTask(a)])]);
    const outcomes = await store.commit([
      unitOf([newTask(b)], { checks: [{ id: a, rev: 1 }] }),
      unitOf([nextTask(newTask(a))], { checks: [{ id: b, rev: 0 }] }),
      unitOf([nextTask(newTask(a))], { checks: [{ id: c, rev: 0 }] }),
      unitOf([newTask(c)], { checks: [{ id: a, rev: 1 }] }),
    ]);
    expect(outcomes).toEqual([ok, conflict(b), ok, conflict(a)]);
  });

  it('names every id that was at another revision', async () => {
    const { store } = await open();
    await store.commit([unitOf([newTask(a), newTask(b)])]);
    const [outcome] = await store.commit([unitOf([newTask(a), newTask(c)], { checks: [{ id: b, rev: 7 }] })]);
    expect(outcome?.status === 'conflict' && outcome.ids.toSorted()).toEqual([a, b]);
  });

  it('applies nothing of a unit that conflicts', async () => {
    const { store } = await open();
    const [first] = await store.commit([unitOf([newTask(a)])]);
    const content = new TextEncoder().encode('work');
    const ref = artifactRef(artifactId(1), b, content);
    const torn = unitOf([newTask(b, { context: { artifacts: [ref] } }), newTask(a)], { artifacts: [{ ref, content }] });
    expect(await store.commit([torn])).toEqual([conflict(a)]);

    expect(await store.load([b])).toEqual(new Map());
    expect((await store.history(b, { limit: 10 })).items).toEqual([]);
    expect((await store.list({ filter: {}, sort: 'created', limit: 10 })).items).toHaveLength(1);
    expect(await store.artifact(ref.id)).toBeNull();
    const tail = await store.tail('now', () => undefined);
    expect(first?.status === 'ok' && first.position).toBe(tail.position);
    expect(await store.commit([unitOf([newTask(b)])])).toEqual([ok]);
  });

  it('keeps revisions dense through a long chain in flight', async () => {
    const { store } = await open();
    let record = newTask(a);
    const calls = [store.commit([unitOf([record])])];
    for (let rev = 2; rev <= 60; rev++) {
      record = nextTask(record);
      calls.push(store.commit([unitOf([writeOf(record, 'task.progressed')])]));
    }
    expect((await Promise.all(calls)).flat()).toEqual(Array.from({ length: 60 }, () => ok));
    const { items } = await store.history(a, { limit: 100 });
    expect(items.map(({ rev }) => rev)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  });

  it('shows readers nothing that is not committed', async ({ skip }) => {
    const { store } = await open();
    if (!store.ordered) return skip('a server orders its readers and writers as it likes, and shows nothing before its commit');
    const content = new TextEncoder().encode('work');
    const ref = artifactRef(artifactId(1), a, content);
    const unit = unitOf([newTask(a, { context: { artifacts: [ref] } })], { artifacts: [{ ref, content }] });
    const committing = store.commit([unit]);
    // Asked in the same tick, before anything could become durable.
    const asked = Promise.all([
      store.load([a]),
      store.list({ filter: {}, sort: 'created', limit: 10 }),
      store.counts(),
      store.history(a, { limit: 10 }),
      store.artifact(ref.id),
    ]);
    const [records, list, counts, history, artifact] = await asked;
    expect([records.size, list.items.length, counts.ready, history.items.length, artifact]).toEqual([0, 0, 0, 0, null]);
    expect(await committing).toEqual([ok]);
    expect((await store.load([a])).size).toBe(1);
  });

  it('keeps records as they are: hostile keys, lone surrogates, zero characters', async () => {
    const { store, reopen } = await open();
    const context: JsonObject = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1},"toString":"x"}');
    const title = 'half a pair \ud83d and \u0000 and \u2028';
    await store.commit([unitOf([newTask(a, { spec: { title, context, project: 'constructor', externalId: '__proto__' } })])]);
    for await (const reading of readings(store, reopen)) {
      const spec = (await reading.load([a])).get(a)?.snapshot.context.spec;
      expect(spec?.title).toBe(title);
      expect(JSON.stringify(spec?.context)).toBe(JSON.stringify(context));
      expect((await reading.list({ filter: { externalId: '__proto__' }, sort: 'created', limit: 1 })).items).toHaveLength(1);
      expect(Object.entries((await reading.counts()).byProject)).toEqual([['constructor', 1]]);
    }
    expect('polluted' in {}).toBe(false);
  });

  it('refuses only the unit that is no JSON', async ({ skip }) => {
    const { store, reopen } = await open();
    if (reopen === undefined) return skip('this store serialises nothing');
    const cyclic: Record<string, JsonObject> = {};
    cyclic['self'] = cyclic;
    const big: JsonObject = Object.assign(JSON.parse('{}'), { n: 1n });
    const outcomes = await store.commit([
      unitOf([newTask(a)]),
      unitOf([newTask(b, { spec: { context: cyclic } })]),
      unitOf([newTask(b, { spec: { context: big } })]),
      unitOf([nextTask(newTask(b))]),
      unitOf([newTask(c)]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['ok', 'refused', 'refused', 'conflict', 'ok']);
    expect([...(await store.load([a, b, c])).keys()]).toEqual([a, c]);
  });

  it('takes no commands when it is closed', async () => {
    const { store } = await open();
    const inFlight = store.commit([unitOf([newTask(a)])]);
    await store.close();
    expect(await inFlight).toEqual([ok]);
    await expect(store.commit([unitOf([newTask(b)])])).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' });
  });
}
