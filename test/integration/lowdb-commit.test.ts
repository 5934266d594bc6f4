import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FailStep } from '../../src/persistence/lowdb/fail-point.ts';
import type { TaskRecord, Store } from '../../src/persistence/store.ts';
import { copyOf, createGate, openStore, temporaryDirectory } from '../support/data-directory.ts';
import { artifactId, artifactRef, newTask, nextTask, taskId, unitOf, writeOf } from '../support/records.ts';

const ok = { status: 'ok' };
const task = (n: number): TaskRecord => newTask(taskId(n));
const everything = Array.from({ length: 40 }, (_, n) => taskId(n));
const idsIn = async (store: Store): Promise<readonly string[]> => [...(await store.load(everything)).keys()];
/** How many units each line of the first journal holds. */
const linesOf = async (directory: string): Promise<number[]> => {
  const lines = (await readFile(join(directory, 'journal.1.jsonl'), 'utf8')).trimEnd().split('\n').slice(1);
  return lines.map((line) => (JSON.parse(line.slice(9)) as unknown[]).length);
};
const sinkInto = (ids: string[]) => (entries: readonly { readonly event: { readonly taskId: string | null } }[]) =>
  void ids.push(...entries.map(({ event }) => String(event.taskId)));

describe('batches', () => {
  test('commits of one tick join one line, and so do all that arrive while it is synced', async () => {
    const directory = await temporaryDirectory();
    const gate = createGate();
    const store = await openStore(directory, { failPoint: (step) => (step === 'written' ? gate.pass() : undefined) });
    const first = [1, 2, 3].map((n) => store.commit([unitOf([task(n)])]));
    await gate.reached;
    const later: ReturnType<Store['commit']>[] = [];
    for (let n = 4; n <= 8; n++) {
      later.push(store.commit([unitOf([task(n)])]));
      await new Promise(setImmediate);
    }
    gate.open();
    await Promise.all([...first, ...later]);
    expect(await linesOf(directory)).toEqual([3, 5]);
  });

  test('a line is closed at 8 MiB, and no unit is split', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    const big = (n: number) => unitOf([newTask(taskId(n), { spec: { description: 'x'.repeat(3 * 1024 * 1024) } })]);
    await store.commit([1, 2, 3, 4, 5].map(big));
    // Two units of 3 MiB fit, a third does not.
    expect(await linesOf(directory)).toEqual([2, 2, 1]);
  });

  test('positions inside one batch share the line’s checksum and differ in the number of events', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    const [one, two] = await store.commit([unitOf([task(1), task(2)]), unitOf([task(3)])]);
    const check = (await readFile(join(directory, 'journal.1.jsonl'), 'utf8')).split('\n')[1]?.slice(0, 8);
    const epoch = /"epoch":"(\w+)"/.exec(await readFile(join(directory, 'journal.1.jsonl'), 'utf8'))?.[1];
    expect([one, two]).toEqual([
      { status: 'ok', position: `${epoch}:2:${check}` },
      { status: 'ok', position: `${epoch}:3:${check}` },
    ]);
  });

  test('a unit over 64 MiB is refused before anything is written, and only that unit', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    const huge = newTask(taskId(1), { spec: { description: 'x'.repeat(65 * 1024 * 1024) } });
    const [refusal, other] = await store.commit([unitOf([huge]), unitOf([task(2)])]);
    expect(refusal).toMatchObject({
      status: 'refused',
      error: { reason: 'LIMIT_EXCEEDED', details: { limit: { max: 64 * 1024 * 1024 } } },
    });
    expect(other).toMatchObject(ok);
    expect((await readFile(join(directory, 'journal.1.jsonl'))).length).toBeLessThan(10_000);
    expect(await store.commit([unitOf([task(1)])])).toMatchObject([ok]);
  });

  test('a revision that leaves a gap is refused', async () => {
    const store = await openStore(await temporaryDirectory());
    const gap = { ...writeOf(nextTask(task(1))), expectedRev: 0 };
    expect(await store.commit([unitOf([gap])])).toMatchObject([{ status: 'refused', error: { reason: 'INTERNAL' } }]);
  });
});

describe('what is not durable', () => {
  test.each(['written', 'synced'] as const)('is shown to nobody before the step after %s', async (until) => {
    const directory = await temporaryDirectory();
    const gate = createGate();
    const store = await openStore(directory, { failPoint: (step) => (step === until ? gate.pass() : undefined) });
    const content = Buffer.from('work');
    const ref = artifactRef(artifactId(1), taskId(1), content);
    const seen: string[] = [];
    await store.tail('oldest', sinkInto(seen));
    const committed = store.commit([unitOf([newTask(taskId(1), { context: { artifacts: [ref] } })], { artifacts: [{ ref, content }] })]);
    await gate.reached;
    expect([await idsIn(store), seen, await store.artifact(ref.id), (await store.counts()).ready]).toEqual([[], [], null, 0]);
    gate.open();
    await committed;
    expect([await idsIn(store), seen, (await store.counts()).ready]).toEqual([[taskId(1)], [taskId(1)], 1]);
    expect(await store.artifact(ref.id)).toEqual(ref);
  });

  test('is what a unit may be built on, and a refusal waits for it', async () => {
    const gate = createGate();
    const store = await openStore(await temporaryDirectory(), { failPoint: (step) => (step === 'written' ? gate.pass() : undefined) });
    const settled: string[] = [];
    const first = store.commit([unitOf([task(1)])]).then((outcomes) => (settled.push('first'), outcomes));
    await gate.reached;
    const second = store.commit([unitOf([nextTask(task(1))])]);
    const conflict = store.commit([unitOf([task(1)])]).then((outcomes) => (settled.push('conflict'), outcomes));
    await new Promise(setImmediate);
    expect(settled).toEqual([]);
    gate.open();
    expect(await Promise.all([first, second, conflict])).toMatchObject([[ok], [ok], [{ status: 'conflict', ids: [taskId(1)] }]]);
    expect(settled).toEqual(['first', 'conflict']);
  });
});

/** Fails the step once, at its `hit`-th time. */
function failOnce(step: FailStep, hit = 1): (passed: FailStep) => void {
  let count = 0;
  return (passed) => {
    if (passed === step && ++count === hit) throw new Error(`no ${step}`);
  };
}

const unavailable = { reason: 'STORE_UNAVAILABLE', retryable: true };

describe('a journal that failed', () => {
  test.each(['written', 'synced'] as const)(
    'at %s: everything in flight is rejected, reads go on, and it is never written again',
    async (step) => {
      const directory = await temporaryDirectory();
      const gate = createGate();
      const fail = failOnce(step, 2);
      const lines: string[] = [];
      const store = await openStore(directory, {
        onProblem: (line) => void lines.push(line),
        // The checkpoint that would heal the store is held up, so that the failure can be looked at.
        failPoint: (passed) => (passed === 'rotated' ? gate.pass() : fail(passed)),
      });
      await store.commit([unitOf([task(1)])]);
      const inFlight = [store.commit([unitOf([task(2)])]), store.commit([unitOf([nextTask(task(1))]), unitOf([task(3)])])];
      for (const commit of inFlight) await expect(commit).rejects.toMatchObject(unavailable);
      await gate.reached;
      await expect(store.commit([unitOf([task(4)])])).rejects.toMatchObject(unavailable);
      expect(store.health()).toMatchObject({ writable: false, problems: [expect.stringContaining(`no ${step}`)] });
      expect(lines).toHaveLength(1);
      expect(await idsIn(store)).toEqual([taskId(1)]);

      gate.open();
      await store.checkpoint();
      expect(store.health()).toEqual({ writable: true, problems: [], quarantined: 0 });
      // What was rejected was not taken: its revisions are free.
      expect(await store.commit([unitOf([task(2)]), unitOf([nextTask(task(1))])])).toMatchObject([ok, ok]);
      expect(await idsIn(store)).toEqual([taskId(1), taskId(2)]);

      const events: string[] = [];
      const again = await openStore(await copyOf(directory));
      await again.tail('oldest', sinkInto(events));
      expect(await idsIn(again)).toEqual([taskId(1), taskId(2)]);
      expect(events).toEqual([taskId(1), taskId(2), taskId(1)]);
      expect(again.health().problems).toEqual([]);
    },
  );

  test.each(['rotated', 'artifacts-synced', 'checkpoint-written', 'checkpoint-synced', 'renamed', 'directory-synced', 'removed'] as const)(
    'agrees with a disk that is read after a crash at %s',
    async (crash) => {
      const directory = await temporaryDirectory();
      const fail = failOnce('synced', 2);
      let copy: Promise<string> | undefined;
      const store = await openStore(directory, {
        failPoint: async (passed) => {
          fail(passed);
          if (passed === crash) await (copy ??= copyOf(directory));
        },
      });
      await store.commit([unitOf([task(1)])]);
      // The line is whole on the disk, but its sync failed: the service says unknown and goes on without it.
      await expect(store.commit([unitOf([task(2)])])).rejects.toMatchObject(unavailable);
      await store.checkpoint();
      const again = await openStore((await copy) ?? '');
      const events: string[] = [];
      await again.tail('oldest', sinkInto(events));
      expect([await idsIn(again), events]).toEqual([await idsIn(store), [taskId(1)]]);
      expect(await again.commit([unitOf([task(2)])])).toMatchObject([ok]);
    },
  );

  test('is left alone when the next one might exist already', async () => {
    const directory = await temporaryDirectory();
    const fail = failOnce('rotated');
    const store = await openStore(directory, { failPoint: fail });
    await store.commit([unitOf([task(1)])]);
    await expect(store.checkpoint()).rejects.toThrow('no rotated');
    await expect(store.commit([unitOf([task(2)])])).rejects.toMatchObject(unavailable);
    await store.checkpoint();
    expect(await store.commit([unitOf([task(3)])])).toMatchObject([ok]);
    expect(await idsIn(await openStore(await copyOf(directory)))).toEqual([taskId(1), taskId(3)]);
  });

  test('takes commands again by itself', async () => {
    const healed = createGate();
    const fail = failOnce('written');
    const failToo = failOnce('checkpoint-synced');
    const store = await openStore(await temporaryDirectory(), {
      failPoint(passed) {
        fail(passed);
        failToo(passed);
        if (passed === 'removed') void healed.pass();
      },
    });
    await expect(store.commit([unitOf([task(1)])])).rejects.toMatchObject(unavailable);
    await healed.reached;
    expect(await store.commit([unitOf([task(1)])])).toMatchObject([ok]);
    expect(store.health().problems).toEqual([]);
  });

  test('also while a checkpoint is written: that one does not heal it', async () => {
    const directory = await temporaryDirectory();
    const gate = createGate();
    const fail = failOnce('synced', 2);
    const store = await openStore(directory, { failPoint: (passed) => (passed === 'archive-written' ? gate.pass() : fail(passed)) });
    await store.commit([unitOf([task(1)])]);
    const running = store.checkpoint();
    await gate.reached;
    await expect(store.commit([unitOf([task(2)])])).rejects.toMatchObject(unavailable);
    gate.open();
    await expect(running).rejects.toMatchObject(unavailable);
    expect(store.health().writable).toBe(false);
    await store.checkpoint();
    expect(await store.commit([unitOf([task(3)])])).toMatchObject([ok]);
    expect(await idsIn(await openStore(await copyOf(directory)))).toEqual([taskId(1), taskId(3)]);
  });

  test('gives back the upload that a lost unit claimed', async () => {
    const directory = await temporaryDirectory();
    const fail = failOnce('written');
    const store = await openStore(directory, { failPoint: fail });
    const content = Buffer.from('uploaded');
    const { id, type, name, mediaType, createdBy, sha256 } = artifactRef(artifactId(1), null, content);
    await store.putArtifact({ id, type, name, mediaType, createdBy, sha256 }, [content]);
    const ref = artifactRef(id, taskId(1), content);
    const claim = unitOf([newTask(taskId(1), { context: { artifacts: [ref] } })], { artifacts: [{ ref, content: null }] });
    await expect(store.commit([claim])).rejects.toMatchObject(unavailable);
    await store.checkpoint();
    expect(await store.commit([claim])).toMatchObject([ok]);
    expect(Buffer.from(await store.readArtifact(id, { offset: 0, length: 99 })).toString()).toBe('uploaded');
  });

  test('is also what large content that can’t be written makes of it: no unit is shown without its work', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    const artifacts = join(directory, 'artifacts');
    await rename(artifacts, `${artifacts}.away`);
    await writeFile(artifacts, 'in the way');
    const content = Buffer.alloc(100_000, 'x');
    const ref = artifactRef(artifactId(1), taskId(1), content);
    const unit = unitOf([newTask(taskId(1), { context: { artifacts: [ref] } })], { artifacts: [{ ref, content }] });
    const outcomes = await Promise.allSettled([store.commit([unit]), store.commit([unitOf([nextTask(task(1))])])]);
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: unavailable },
      { status: 'rejected', reason: unavailable },
    ]);
    expect(await idsIn(store)).toEqual([]);
    await rm(artifacts);
    await rename(`${artifacts}.away`, artifacts);
    await store.checkpoint();
    expect(await store.commit([unit])).toMatchObject([ok]);
    expect((await store.readArtifact(ref.id, { offset: 0, length: 200_000 })).length).toBe(100_000);
  });
});
