import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { addToken, openTokens } from '../../src/transport/tokens.ts';

const compared: (readonly [a: number, b: number])[] = [];

vi.mock(import('node:crypto'), async (original) => {
  const crypto = await original();
  return {
    ...crypto,
    timingSafeEqual(a: NodeJS.ArrayBufferView, b: NodeJS.ArrayBufferView): boolean {
      compared.push([a.byteLength, b.byteLength]);
      return crypto.timingSafeEqual(a, b);
    },
  };
});

test('tokens are compared in constant time, by their hashes, all of them each time', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'troupe-comparison-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const tokens = openTokens(directory, { now: () => 0, onFault: () => {} });
  const first = (await readFile(join(directory, 'token'), 'utf8')).trim();
  const others = ['a', 'b', 'c'].map((name) => addToken(directory, { name, scopes: ['read'], projects: null, now: 0 }));
  // Whatever is asked, in whatever place it would be found, and however much of it is right: the same work.
  const asked = [first, ...others, 'x', '', first.slice(0, -1), `${first}x`, `${first.slice(0, -1)}!`, 'y'.repeat(10_000)];
  for (const token of asked) {
    compared.length = 0;
    expect(tokens.verify(token) !== null).toBe([first, ...others].includes(token));
    expect(compared).toEqual(Array.from({ length: 4 }, () => [32, 32]));
  }
});
