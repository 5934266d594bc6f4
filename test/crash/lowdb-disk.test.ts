import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../support/data-directory.ts';
import { startChild } from '../support/child.ts';
import { compile } from '../support/compile.ts';
import { copyImage, createImage, mountImage, mountMemory } from '../support/mount.ts';
import { randomFrom } from '../support/random.ts';
import { standStill } from '../support/stopped.ts';
import { acknowledgedIn, faultsOf, workOf } from './lowdb-work.ts';

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

test('a full disk refuses commands, loses nothing, and takes commands again when there is space', async ({ skip }) => {
  const disk = await mountMemory('3m').catch(reasonOf);
  if (typeof disk === 'string') return skip(`nothing can be mounted here: ${disk}`);
  const ballast = join(disk.directory, 'ballast');
  await writeFile(ballast, Buffer.alloc(1_500_000));
  const directory = join(disk.directory, 'data');
  const store = await openStore(directory, { checkpointBytes: 200_000 });
  const acknowledged = new Map<number, number>();
  const fill = async (n: number): Promise<{ readonly refusal: unknown; readonly n: number }> => {
    try {
      acknowledged.set(n, (await store.commit(workOf(n).units)).length);
    } catch (refusal) {
      return { refusal, n: n + 1 };
    }
    return await fill(n + 1);
  };
  const { refusal, n } = await fill(0);
  expect(refusal).toMatchObject({ reason: 'STORE_UNAVAILABLE', retryable: true, message: expect.stringContaining('ENOSPC') });
  expect(store.health()).toMatchObject({ writable: false, problems: expect.arrayContaining([expect.stringContaining('ENOSPC')]) });
  expect(acknowledged.size).toBeGreaterThan(3);
  await expect(store.commit(workOf(n).units)).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' });
  expect(await faultsOf(store, acknowledged, n)).toEqual([]);

  await rm(ballast);
  // The first may join one that was on its way before there was space.
  await store.checkpoint().catch(() => store.checkpoint());
  expect(store.health()).toMatchObject({ writable: true, problems: [] });
  expect(await store.commit(workOf(n).units)).toMatchObject([{ status: 'ok' }, { status: 'ok' }, { status: 'ok' }]);
  acknowledged.set(n, 3);
  await store.close();
  const again = await openStore(directory);
  expect(await faultsOf(again, acknowledged, n + 1)).toEqual([]);
  expect(again.health().problems).toEqual([]);
});

test('a read-only directory is one clear error', async ({ skip }) => {
  const disk = await mountMemory('3m').catch(reasonOf);
  if (typeof disk === 'string') return skip(`nothing can be mounted here: ${disk}`);
  const store = await openStore(disk.directory);
  await store.commit(workOf(1).units);
  await store.close();
  const before = await readFile(join(disk.directory, 'db.json'));
  await disk.remount('ro');
  for (const directory of [disk.directory, join(disk.directory, 'new')]) {
    const error = await openStore(directory).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'TroupeError',
      reason: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(new RegExp(`${directory} .*EROFS`)),
      fix: expect.stringContaining('writable'),
    });
  }
  expect(await readFile(join(disk.directory, 'db.json'))).toEqual(before);
});

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
test(`a power cut takes nothing that was acknowledged (SEED=${seed})`, async ({ skip }) => {
  const image = await createImage(64 * 1024 * 1024).catch(reasonOf);
  const disk = await mountImage(image).catch(reasonOf);
  if (typeof disk === 'string') return skip(`no loop device can be mounted here: ${disk}`);
  const program = await compile('test/crash/lowdb-child.ts');
  const random = randomFrom(seed);
  for (let round = 0; round < 4; round++) {
    const child = startChild(program, join(disk.directory, `data-${round}`));
    const wanted = 1 + Math.floor(random() * 60);
    await child.line((line) => line.startsWith('ack') && child.lines.length >= wanted);
    // A process that stands still acknowledges nothing more: what it said so far must be in the copy.
    await standStill(child.process);
    const copy = await mountImage(await copyImage(image));
    child.process.kill('SIGKILL');
    await child.ended;
    const acknowledged = acknowledgedIn(child.lines);
    const store = await openStore(join(copy.directory, `data-${round}`));
    expect(await faultsOf(store, acknowledged, Math.max(...acknowledged.keys()) + 7)).toEqual([]);
    await store.close();
  }
});
