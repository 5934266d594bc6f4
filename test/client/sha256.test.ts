import { createHash, webcrypto } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import { randomId } from '../../src/client/random-id.ts';
import { sha256Of } from '../../src/client/sha256.ts';
import { refusal } from './scripted.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('ids are random UUIDs, and texts are hashed as Node does', async () => {
  const ids = Array.from({ length: 200 }, randomId);
  for (const id of ids) expect(id).toMatch(uuid);
  expect(new Set(ids).size).toBe(200);
  expect(await sha256Of('ü\u{1f680}')).toBe(createHash('sha256').update('ü\u{1f680}').digest('hex'));
});

test('a page that is no secure context has ids, and says why it can upload nothing', async () => {
  vi.stubGlobal('crypto', { getRandomValues: (array: Uint8Array) => webcrypto.getRandomValues(array) });
  vi.resetModules();
  onTestFinished(() => void vi.unstubAllGlobals());
  const ids = await import('../../src/client/random-id.ts');
  const hashes = await import('../../src/client/sha256.ts');
  expect(ids.randomId()).toMatch(uuid);
  const error = await refusal(hashes.sha256Of('x'));
  expect([error.reason, error.fix]).toEqual(['TOO_LARGE', expect.stringContaining('https')]);
});
