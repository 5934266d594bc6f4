import { describe, expect, test } from 'vitest';
import type { ArtifactId } from '../../../src/ids.ts';
import type { Output } from '../../../src/protocol/methods.ts';
import { anyone, worker } from '../../support/service.ts';
import { overStores, settle, sha256 } from './checked-service.ts';
import type { CheckedService } from './checked-service.ts';

const ada = worker('ada');

/** A completed task's work, as an artifact. */
async function kept({ create, finish }: CheckedService, detailedWork: string): Promise<ArtifactId> {
  const { artifacts } = await finish(await create(), { detailedWork });
  const [artifact] = artifacts;
  if (artifact === undefined) throw new Error('no artifact');
  return artifact.id;
}

async function readAll({ ask }: CheckedService, artifactId: ArtifactId, limit?: number): Promise<{ text: string; pages: number }> {
  let text = '';
  let pages = 0;
  for (let offset: number | null = 0; offset !== null; pages++) {
    const page: Output<'artifact.get'> = await ask('artifact.get', { artifactId, offset, ...(limit === undefined ? {} : { limit }) });
    expect(page.offset).toBe(offset);
    expect(Buffer.byteLength(page.content)).toBeLessThanOrEqual(limit ?? 131_072);
    expect(page.nextOffset ?? page.artifact.bytes).toBe(offset + Buffer.byteLength(page.content));
    text += page.content;
    if (page.nextOffset === offset) throw new Error('the pages do not move on');
    offset = page.nextOffset;
  }
  return { text, pages };
}

const texts = {
  ASCII: 'plain text of some length',
  'two and three bytes': 'Größe, 第一章, ½ €',
  emoji: '🚀👩‍👩‍👧‍👦🇪🇺 done',
  'byte order marks': '\uFEFFa\uFEFFbc\uFEFFdefg\uFEFF',
  'line ends and NUL': 'a\r\nb\0c\u2028d',
  nothing: '',
};

overStores('artifact.get', (start) => {
  describe.each(Object.entries(texts).filter(([, text]) => text !== ''))('%s', (_, text) => {
    test('in pages of every size: whole, and never a cut character', async () => {
      const service = await start();
      const artifactId = await kept(service, text);
      for (const limit of [4, 5, 6, 7, 8, 11, 16, 131_072]) expect((await readAll(service, artifactId, limit)).text).toBe(text);
    });

    test('from the middle of a character is refused', async () => {
      const service = await start();
      const artifactId = await kept(service, text);
      const bytes = Buffer.from(text);
      const isInside = (offset: number): boolean => ((bytes[offset] ?? 0) & 0xc0) === 0x80;
      const offsets = [...bytes.keys()];
      for (const offset of offsets.filter(isInside)) {
        const refusal = await service.refused('artifact.get', { artifactId, offset });
        expect(refusal).toMatchObject({ reason: 'INVALID_PARAMS', issues: [{ path: 'offset' }] });
      }
      for (const offset of offsets.filter((one) => !isInside(one)))
        expect((await service.ask('artifact.get', { artifactId, offset })).content).toBe(bytes.subarray(offset).toString());
    });
  });

  test('behind the end there is nothing', async () => {
    const service = await start();
    const artifactId = await kept(service, 'text');
    for (const offset of [4, 5, 1_000_000])
      expect(await service.ask('artifact.get', { artifactId, offset })).toMatchObject({ content: '', offset, nextOffset: null });
  });

  test('work of five megabytes, uploaded in pieces and read back in pages', async () => {
    const service = await start();
    const { ask, create, finish } = service;
    const text = Array.from({ length: 5 * 1024 * 16 }, (_, n) => `line ${n} 第一 🚀`.padEnd(60, '.')).join('\n');
    const { uploadId, maxBytes } = await ask('artifact.begin', { type: 'documentation', name: 'book.md' });
    expect(maxBytes).toBeGreaterThan(Buffer.byteLength(text));
    let offset = 0;
    for (let from = 0; from < text.length; from += 500_000) {
      const content = text.slice(from, from + 500_000);
      if (!content.isWellFormed()) throw new Error('the piece would cut a character');
      ({ offset } = await ask('artifact.append', { uploadId, offset, content }));
    }
    const { artifactId, artifact } = await ask('artifact.finish', { uploadId, sha256: sha256(text) });
    expect(artifact).toMatchObject({ bytes: Buffer.byteLength(text), sha256: sha256(text), type: 'documentation', taskId: null });
    const taskId = await create();
    const { task } = await finish(taskId, { artifacts: [{ artifactId }] });
    expect(task.artifacts).toEqual([{ ...artifact, taskId }]);
    const { text: read, pages } = await readAll(service, artifactId);
    expect([read === text, pages]).toEqual([true, Math.ceil(Buffer.byteLength(text) / 131_072)]);
  });
});

overStores('an upload', (start) => {
  test('that was claimed and then deleted does not keep the claim, sent again, from being found', async () => {
    const { ask, create } = await start();
    const { uploadId } = await ask('artifact.begin', { name: 'work.md' });
    await ask('artifact.append', { uploadId, offset: 0, content: 'whole' });
    const { artifactId } = await ask('artifact.finish', { uploadId, sha256: sha256('whole') });
    const taskId = await create();
    await ask('task.execute', { taskId }, ada);
    const claim = { commandId: 'claim', taskId, summary: 'done', artifacts: [{ artifactId }] };
    await ask('task.complete', claim, ada);
    await ask('task.delete', { taskId });
    expect(await ask('task.complete', claim, ada)).toMatchObject({ repeated: true, artifacts: [] });
  });

  test('that is short, or hashes to something else, is dropped', async () => {
    const { ask, refused } = await start();
    for (const claimed of ['whole', 'other']) {
      const { uploadId } = await ask('artifact.begin', { name: 'work.md' });
      await ask('artifact.append', { uploadId, offset: 0, content: 'who' });
      expect(await refused('artifact.finish', { uploadId, sha256: sha256(claimed) })).toMatchObject({
        reason: 'UPLOAD_MISMATCH',
        code: 409,
      });
      expect(await refused('artifact.append', { uploadId, offset: 3, content: 'le' })).toMatchObject({
        reason: 'UPLOAD_NOT_FOUND',
        code: 404,
      });
    }
  });

  test('takes pieces where it ends, and the last one twice as once', async () => {
    const { ask, refused } = await start();
    const { uploadId } = await ask('artifact.begin', { name: 'work.md' });
    expect(await ask('artifact.append', { uploadId, offset: 0, content: 'wh€' })).toEqual({ uploadId, offset: 5 });
    expect(await ask('artifact.append', { uploadId, offset: 0, content: 'wh€' })).toEqual({ uploadId, offset: 5 });
    const wrong = { reason: 'INVALID_PARAMS', issues: [{ path: 'offset', message: 'the upload ends at 5' }] };
    for (const [offset, content] of [
      [0, 'who'],
      [3, 'le'],
      [6, 'le'],
      [0, 'wh'],
    ] as const)
      expect(await refused('artifact.append', { uploadId, offset, content })).toMatchObject(wrong);
    await ask('artifact.append', { uploadId, offset: 5, content: 'le' });
    const { artifactId } = await ask('artifact.finish', { uploadId, sha256: sha256('wh€le') });
    expect((await ask('artifact.get', { artifactId })).content).toBe('wh€le');
  });

  test('finished twice, one after the other and at once, is one artifact', async () => {
    const { ask, refused } = await start();
    const { uploadId } = await ask('artifact.begin', { name: 'work.md' });
    await ask('artifact.append', { uploadId, offset: 0, content: 'x' });
    const finish = () => ask('artifact.finish', { uploadId, sha256: sha256('x') });
    const [one, two] = await Promise.all([finish(), finish()]);
    expect([two, await finish()]).toEqual([one, one]);
    expect(await refused('artifact.append', { uploadId, offset: 1, content: 'y' })).toMatchObject({ reason: 'INVALID_PARAMS' });
  });

  test('belongs to whoever began it', async () => {
    const { ask, upload, create, refused } = await start();
    const eve = { ...anyone, name: 'eve' };
    const { uploadId } = await ask('artifact.begin', { name: 'work.md' }, ada);
    expect(await refused('artifact.append', { uploadId, offset: 0, content: 'x' }, eve)).toMatchObject({ reason: 'UPLOAD_NOT_FOUND' });
    expect(await refused('artifact.finish', { uploadId, sha256: sha256('') }, eve)).toMatchObject({ reason: 'UPLOAD_NOT_FOUND' });
    const artifactId = await upload('mine', ada);
    expect(await refused('artifact.get', { artifactId }, eve)).toMatchObject({ reason: 'ARTIFACT_NOT_FOUND' });
    const taskId = await create();
    await ask('task.execute', { taskId, commandId: 'e' }, { ...eve, worker: 'w' });
    expect(await refused('task.complete', { taskId, summary: 's', artifacts: [{ artifactId }] }, { ...eve, worker: 'w' })).toMatchObject({
      reason: 'ARTIFACT_NOT_FOUND',
      issues: [{ path: 'artifacts[0].artifactId' }],
    });
    expect((await ask('artifact.get', { artifactId }, { ...ada, worker: 'other' })).content).toBe('mine');
  });

  test('is claimed by one task, also when two claim it at once', async () => {
    const { ask, upload, create, task, refusedAndUnchanged } = await start();
    const artifactId = await upload('mine');
    const ids = [await create(), await create()];
    for (const taskId of ids) await ask('task.execute', { taskId }, ada);
    const params = { summary: 's', artifacts: [{ artifactId }] };
    const { answers, reasons } = await settle(ids.map((taskId) => ask('task.complete', { taskId, ...params }, ada)));
    expect([answers.length, reasons]).toEqual([1, ['ARTIFACT_NOT_FOUND']]);
    const third = await create();
    await ask('task.execute', { taskId: third }, ada);
    expect(await refusedAndUnchanged('task.complete', { taskId: third, ...params }, ada)).toMatchObject({
      reason: 'ARTIFACT_NOT_FOUND',
      issues: [{ path: 'artifacts[0].artifactId' }],
    });
    const ends = await Promise.all(ids.map(task));
    expect(ends.map(({ status, artifacts }) => `${status} with ${artifacts.length}`).toSorted()).toEqual([
      'completed with 1',
      'in_progress with 0',
    ]);
  });

  test('that no task claims is dropped after an hour', async () => {
    const { ask, upload, create, refused, clock } = await start();
    const taskId = await create();
    const [first, second] = [await upload('claimed'), await upload('forgotten')];
    await ask('task.execute', { taskId }, ada);
    await ask('task.complete', { taskId, summary: 's', artifacts: [{ artifactId: first }], nextAction: 'continue' }, ada);
    clock.advance(3_600_001);
    expect((await ask('artifact.get', { artifactId: first })).content).toBe('claimed');
    for (const [method, params] of [
      ['artifact.get', { artifactId: second }],
      ['task.complete', { taskId, summary: 's', artifacts: [{ artifactId: second }] }],
    ] as const)
      expect(await refused(method, params, ada)).toMatchObject({ reason: 'ARTIFACT_NOT_FOUND' });
  });

  test('larger than allowed is refused, and dropped', async () => {
    const { ask, refused, dispatch } = await start();
    const { uploadId, maxBytes } = await ask('artifact.begin', { name: 'work.md' });
    const content = 'x'.repeat(8 * 1024 * 1024);
    for (let offset = 0; offset < maxBytes; offset += content.length)
      await dispatch('artifact.append', { uploadId, offset, content }, anyone);
    expect(await refused('artifact.append', { uploadId, offset: maxBytes, content: 'x' })).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
      limit: { name: 'bytes of an upload', max: maxBytes, actual: maxBytes + 1 },
    });
    expect(await refused('artifact.finish', { uploadId, sha256: sha256('') })).toMatchObject({ reason: 'UPLOAD_NOT_FOUND' });
  });
});

overStores('artifact.list', (start) => {
  test('everything that a task keeps, also what was claimed together with its text', async () => {
    const { ask, upload, create, finish } = await start();
    const taskId = await create();
    expect((await ask('artifact.list', { taskId })).items).toEqual([]);
    const artifactId = await upload('bytes');
    const { artifacts } = await finish(taskId, { detailedWork: 'text', artifactType: 'test', artifacts: [{ artifactId }] });
    expect(artifacts.map(({ type, name }) => [type, name])).toEqual([
      ['test', 'test.md'],
      ['code', 'work.ts'],
    ]);
    expect((await ask('artifact.list', { taskId })).items).toEqual(artifacts);
  });
});
