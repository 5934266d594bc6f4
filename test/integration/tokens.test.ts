import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addToken, listTokens, openTokens, revokeToken } from '../../src/transport/tokens.ts';

let directory: string;
const faults: Error[] = [];
const now = Date.UTC(2026, 0, 1);
const open = () => openTokens(directory, { now: () => now, onFault: (fault) => faults.push(fault) });
const read = (name: string) => readFile(join(directory, name), 'utf8');
const modeOf = async (name: string) => (await stat(join(directory, name))).mode & 0o777;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'troupe-tokens-'));
  faults.length = 0;
});
afterEach(() => rm(directory, { recursive: true }));

describe('the first start', () => {
  test('makes a token with all scopes, readable by the owner alone', async () => {
    const tokens = open();
    const token = (await read('token')).trim();
    expect(tokens.verify(token)).toEqual({ name: 'default', scopes: ['read', 'write', 'admin'], projects: null });
    expect([await modeOf('token'), await modeOf('tokens.json')]).toEqual([0o600, 0o600]);
    // 256 bits behind the prefix.
    expect(Buffer.from(token.replace('troupe_', ''), 'base64url')).toHaveLength(32);
  });

  test('keeps only the hash', async () => {
    open();
    const token = (await read('token')).trim();
    const text = await read('tokens.json');
    expect(text).not.toContain(token);
    expect(text).toContain(createHash('sha256').update(token).digest('hex'));
  });

  test('is the only one that makes a token', async () => {
    open();
    const before = await read('token');
    const again = open();
    expect(await read('token')).toBe(before);
    expect(again.verify(before.trim())).not.toBeNull();
  });
});

describe('tokens', () => {
  test('open what they were made for, and nothing else is one', () => {
    const tokens = open();
    const token = addToken(directory, { name: 'ci', scopes: ['read'], projects: ['web'], now });
    expect(tokens.verify(token)).toEqual({ name: 'ci', scopes: ['read'], projects: ['web'] });
    for (const other of ['', token.slice(0, -1), `${token}x`, token.toUpperCase()]) expect(tokens.verify(other)).toBeNull();
  });

  test('are revoked while the service runs; the others go on', async () => {
    const tokens = open();
    const first = tokens.verify((await read('token')).trim());
    const token = addToken(directory, { name: 'ci', scopes: ['read'], projects: null, now });
    const grant = tokens.verify(token);
    if (grant === null || first === null) throw new Error('not granted');
    expect(revokeToken(directory, 'ci')).toBe(true);
    tokens.refresh();
    expect([tokens.holds(grant), tokens.holds(first)]).toEqual([false, true]);
    expect(tokens.verify(token)).toBeNull();
    expect(revokeToken(directory, 'ci')).toBe(false);
  });

  test('of a name that comes back with other rights are not the same', () => {
    const tokens = open();
    const grant = tokens.verify(addToken(directory, { name: 'ci', scopes: ['read'], projects: null, now }));
    revokeToken(directory, 'ci');
    addToken(directory, { name: 'ci', scopes: ['read'], projects: null, now });
    tokens.refresh();
    expect(grant !== null && tokens.holds(grant)).toBe(false);
  });

  test('are listed without their hashes', () => {
    open();
    addToken(directory, { name: 'ci', scopes: ['read', 'write'], projects: ['web'], now });
    expect(listTokens(directory)).toEqual([
      { name: 'default', scopes: ['read', 'write', 'admin'], projects: null, createdAt: '2026-01-01T00:00:00.000Z' },
      { name: 'ci', scopes: ['read', 'write'], projects: ['web'], createdAt: '2026-01-01T00:00:00.000Z' },
    ]);
  });

  test('have names of their own, and names are words', () => {
    open();
    expect(() => addToken(directory, { name: 'default', scopes: ['read'], projects: null, now })).toThrow('there is a token named default');
    expect(() => addToken(directory, { name: 'a b', scopes: ['read'], projects: null, now })).toThrow('name: ');
    expect(() => addToken(directory, { name: 'none', scopes: [], projects: null, now })).toThrow('scopes: ');
    expect(listTokens(directory)).toHaveLength(1);
  });
});

describe('the file', () => {
  test('that was broken while the service ran leaves the last good state in force', async () => {
    const tokens = open();
    const token = (await read('token')).trim();
    await writeFile(join(directory, 'tokens.json'), '{"format":1,');
    expect(tokens.verify(token)).toMatchObject({ name: 'default' });
    expect(faults.map(({ message }) => message)).toEqual([expect.stringContaining('tokens.json is no JSON')]);
    tokens.refresh();
    expect(faults).toHaveLength(1);
  });

  test('that was removed while the service ran opens nothing', async () => {
    const tokens = open();
    const token = (await read('token')).trim();
    await rm(join(directory, 'tokens.json'));
    expect(tokens.verify(token)).toBeNull();
  });

  test('that is broken at the start is refused in one line', async () => {
    await writeFile(join(directory, 'tokens.json'), '{"format":2,"tokens":[]}');
    expect(open).toThrow(/^\S+tokens\.json is not a list of tokens: format: [^\n]+$/);
  });

  test('is written by one process at a time; what a dead one left is taken over', async () => {
    open();
    const left = join(directory, 'tokens.json.tmp');
    await writeFile(left, 'half');
    await utimes(left, new Date(0), new Date(0));
    addToken(directory, { name: 'ci', scopes: ['read'], projects: null, now });
    expect(listTokens(directory).map(({ name }) => name)).toEqual(['default', 'ci']);
    await writeFile(left, 'being written');
    expect(() => revokeToken(directory, 'ci')).toThrow('is being written by another process');
    expect(existsSync(left)).toBe(true);
    expect(listTokens(directory)).toHaveLength(2);
    await rm(left);
  });

  test('leaves nothing beside it', async () => {
    open();
    expect((await readdir(directory)).toSorted()).toEqual(['token', 'tokens.json']);
    expect(() => addToken(directory, { name: 'default', scopes: ['read'], projects: null, now })).toThrow('there is a token');
    expect((await readdir(directory)).toSorted()).toEqual(['token', 'tokens.json']);
  });
});
