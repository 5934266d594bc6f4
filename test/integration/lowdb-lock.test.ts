import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LockedError } from '../../src/persistence/lowdb/lock.ts';
import { createGate, filesOf, openStore, temporaryDirectory } from '../support/data-directory.ts';
import { newTask, taskId, unitOf } from '../support/records.ts';

/** Who owns a directory, owns it from before the first look until after the last write. */

test('of many that open it at once, one gets it', async () => {
  const directory = await temporaryDirectory();
  const opened = await Promise.allSettled(Array.from({ length: 5 }, () => openStore(directory)));
  const refusals = opened.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  expect(refusals).toHaveLength(4);
  for (const refusal of refusals) expect(refusal).toBeInstanceOf(LockedError);
});

test('a start that finds it owned leaves everything as it is, also what its owner is about to rename', async () => {
  const directory = await temporaryDirectory();
  const gate = createGate();
  const owner = await openStore(directory, { failPoint: (step) => (step === 'checkpoint-synced' ? gate.pass() : undefined) });
  await owner.commit([unitOf([newTask(taskId(1))])]);
  const checkpoint = owner.checkpoint();
  await gate.reached;
  await writeFile(join(directory, 'more.1.tmp'), 'the owner is writing this');
  const before = await filesOf(directory);
  await expect(openStore(directory)).rejects.toThrow(LockedError);
  expect(await filesOf(directory)).toEqual(before);
  gate.open();
  await checkpoint;
});

test('it is owned until the last checkpoint of a close is written', async () => {
  const directory = await temporaryDirectory();
  const gate = createGate();
  const owner = await openStore(directory, { failPoint: (step) => (step === 'removed' ? gate.pass() : undefined) });
  await owner.commit([unitOf([newTask(taskId(1))])]);
  const closing = owner.close();
  await gate.reached;
  await expect(openStore(directory)).rejects.toThrow(LockedError);
  gate.open();
  await closing;
  expect((await (await openStore(directory)).load([taskId(1)])).size).toBe(1);
});
