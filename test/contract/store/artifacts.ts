import { expect, it } from 'vitest';
import type { Store, UploadMeta } from '../../../src/persistence/store.ts';
import { artifactId, artifactRef, newTask, nextTask, sha256Of, taskId, unitOf, writeOf } from '../../support/records.ts';
import type { Open } from '../store.ts';
import { readings } from './readings.ts';

const a = taskId(1);
const id = artifactId(1);
const hour = 3_600_000;
const missing = { reason: 'ARTIFACT_NOT_FOUND' };

const bytesOf = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
const metaOf = (content: Uint8Array): UploadMeta => ({
  id,
  type: 'design',
  name: 'design.md',
  mediaType: 'text/markdown',
  createdBy: 'tester',
  sha256: sha256Of(content),
});

async function* inPieces(content: Uint8Array, length: number): AsyncIterable<Uint8Array> {
  for (let offset = 0; offset < content.length; offset += length) yield content.slice(offset, offset + length);
}

const whole = { offset: 0, length: Number.MAX_SAFE_INTEGER };
const read = async (store: Store, range = whole) => Buffer.from(await store.readArtifact(id, range));

function unitWith(content: Uint8Array, kept: Uint8Array | null) {
  const ref = artifactRef(id, a, content);
  return unitOf([newTask(a, { context: { artifacts: [ref] } })], { artifacts: [{ ref, content: kept }] });
}

export function describeArtifacts(open: Open): void {
  it.each([0, 1, 65_536, 65_537, 5_000_000])('keeps %i bytes that a unit brings', async (length) => {
    const { store, reopen } = await open();
    const content = bytesOf(length);
    await store.commit([unitWith(content, content)]);
    for await (const reading of readings(store, reopen)) {
      expect(await reading.artifact(id)).toEqual(artifactRef(id, a, content));
      expect((await read(reading)).equals(content)).toBe(true);
    }
  });

  it.each([0, 1, 65_537, 5_000_000])('keeps %i bytes that were uploaded and then claimed', async (length) => {
    const { store, reopen } = await open();
    const content = bytesOf(length);
    const ref = await store.putArtifact(metaOf(content), inPieces(content, 60_000));
    expect(ref).toMatchObject({ id, taskId: null, type: 'design', bytes: length, sha256: sha256Of(content), createdBy: 'tester' });
    expect(await store.artifact(id)).toEqual(ref);
    expect((await read(store)).equals(content)).toBe(true);

    expect(await store.commit([unitWith(content, null)])).toMatchObject([{ status: 'ok' }]);
    for await (const reading of readings(store, reopen)) {
      expect(await reading.artifact(id)).toMatchObject({ id, taskId: a });
      expect((await read(reading)).equals(content)).toBe(true);
    }
  });

  it('reads any range, nothing past the end, and bytes in the middle of a character', async () => {
    const { store } = await open();
    const content = new TextEncoder().encode('größer 😀 als nichts');
    await store.commit([unitWith(content, content)]);
    for (const [offset, length] of [
      [0, 3],
      [3, 1],
      [8, 3],
      [content.length - 1, 100],
      [content.length, 1],
      [999, 1],
      [5, 0],
    ] as const) {
      expect(await read(store, { offset, length })).toEqual(Buffer.from(content.subarray(offset, offset + length)));
    }
  });

  it('hands out copies: a reader can not change what is stored', async () => {
    const { store } = await open();
    const content = bytesOf(10);
    await store.putArtifact(metaOf(content), [content]);
    (await store.readArtifact(id, whole)).fill(0);
    expect((await read(store)).equals(content)).toBe(true);
  });

  it('refuses an upload that hashes to something else, and keeps nothing of it', async () => {
    const { store } = await open();
    await expect(store.putArtifact(metaOf(bytesOf(10)), [bytesOf(11)])).rejects.toMatchObject({ reason: 'UPLOAD_MISMATCH' });
    expect(await store.artifact(id)).toBeNull();
    await expect(read(store)).rejects.toMatchObject(missing);
  });

  it('keeps nothing of an upload that broke off', async () => {
    const { store } = await open();
    async function* broken(): AsyncIterable<Uint8Array> {
      yield bytesOf(10);
      throw new Error('the sender went away');
    }
    await expect(store.putArtifact(metaOf(bytesOf(20)), broken())).rejects.toThrow('the sender went away');
    expect(await store.artifact(id)).toBeNull();
  });

  it('refuses the unit that claims what was never uploaded', async () => {
    const { store } = await open();
    const [outcome, other] = await store.commit([unitWith(bytesOf(5), null), unitOf([newTask(taskId(2))])]);
    expect(outcome).toMatchObject({ status: 'refused', error: missing });
    expect(other).toMatchObject({ status: 'ok' });
    expect(await store.load([a])).toEqual(new Map());
    expect(await store.commit([unitOf([newTask(a)])])).toMatchObject([{ status: 'ok' }]);
  });

  it('leaves an upload to be claimed when the unit that claimed it conflicts', async () => {
    const { store } = await open();
    const content = bytesOf(100);
    await store.putArtifact(metaOf(content), [content]);
    await store.commit([unitOf([newTask(a)])]);
    expect(await store.commit([unitWith(content, null)])).toMatchObject([{ status: 'conflict' }]);
    expect(await store.artifact(id)).toMatchObject({ taskId: null });
    const ref = artifactRef(id, a, content);
    const unit = unitOf([nextTask(newTask(a), { context: { artifacts: [ref] } })], { artifacts: [{ ref, content: null }] });
    expect(await store.commit([unit])).toMatchObject([{ status: 'ok' }]);
    expect((await read(store)).equals(content)).toBe(true);
  });

  it('drops an upload after an hour, but nothing that was claimed', async ({ skip }) => {
    const { store, advance } = await open();
    if (advance === undefined) return skip('the clock of this store can not be moved');
    const content = bytesOf(100);
    const kept = { ...metaOf(content), id: artifactId(2) };
    await store.putArtifact(metaOf(content), [content]);
    await store.putArtifact(kept, [content]);
    const ref = artifactRef(kept.id, a, content);
    await store.commit([unitOf([newTask(a, { context: { artifacts: [ref] } })], { artifacts: [{ ref, content: null }] })]);
    advance(hour - 1);
    expect(await store.artifact(id)).not.toBeNull();
    advance(1);
    expect(await store.artifact(id)).toBeNull();
    await expect(read(store)).rejects.toMatchObject(missing);
    const late = artifactRef(id, taskId(2), content);
    const claim = unitOf([newTask(taskId(2), { context: { artifacts: [late] } })], { artifacts: [{ ref: late, content: null }] });
    expect(await store.commit([claim])).toMatchObject([{ status: 'refused', error: missing }]);
    // The same bytes, under the id that was claimed.
    expect(Buffer.from(await store.readArtifact(kept.id, whole)).equals(content)).toBe(true);
  });

  it('erases the work of a deleted task, but not the same bytes of another', async () => {
    const { store } = await open();
    const [own, shared] = [bytesOf(100), bytesOf(200)];
    const [mine, ours] = [artifactRef(id, a, own), artifactRef(artifactId(2), a, shared)];
    const theirs = artifactRef(artifactId(3), taskId(2), shared);
    const record = newTask(a, { context: { artifacts: [mine, ours] } });
    await store.commit([
      unitOf([record], {
        artifacts: [
          { ref: mine, content: own },
          { ref: ours, content: shared },
        ],
      }),
      unitOf([newTask(taskId(2), { context: { artifacts: [theirs] } })], { artifacts: [{ ref: theirs, content: shared }] }),
    ]);
    const erased = nextTask(record, { status: 'archived', context: { artifacts: [] } });
    await store.commit([unitOf([writeOf(erased, 'task.deleted')])]);
    expect(await store.artifact(id)).toBeNull();
    await expect(read(store)).rejects.toMatchObject(missing);
    await expect(store.readArtifact(ours.id, whole)).rejects.toMatchObject(missing);
    expect(Buffer.from(await store.readArtifact(theirs.id, whole)).equals(shared)).toBe(true);
  });
}
