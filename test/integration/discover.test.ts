import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { discover } from '../../src/cli/discover.ts';
import type { Surroundings } from '../../src/cli/discover.ts';
import { workerName } from '../../src/cli/worker.ts';
import { temporaryDirectory } from '../support/data-directory.ts';

/** A project with folders (a name that ends with `/`) and files. */
async function placeWith(...names: readonly string[]) {
  const root = await temporaryDirectory();
  for (const name of names) {
    if (name.endsWith('/')) await mkdir(join(root, name), { recursive: true });
    else await writeFile(join(root, name), '');
  }
  const from = (cwd: string, rest: Partial<Surroundings> = {}): Surroundings => ({
    cwd: join(root, cwd),
    env: {},
    home: '/home/ann',
    platform: 'linux',
    user: process.geteuid?.() ?? null,
    ...rest,
  });
  return { root, from };
}

describe('the data directory', () => {
  test('is the given one before everything else, from the working directory', async () => {
    const { root, from } = await placeWith('a/.troupe/');
    const found = discover('here', from('a', { env: { TROUPE_DATA: '/elsewhere' } }));
    expect(found).toEqual({ directory: join(root, 'a/here'), line: `${join(root, 'a/here')} (given by --data)` });
  });

  test('is the one of TROUPE_DATA, unless that is empty', async () => {
    const { root, from } = await placeWith('a/.troupe/');
    expect(discover(undefined, from('a', { env: { TROUPE_DATA: '/elsewhere' } }))).toEqual({
      directory: '/elsewhere',
      line: '/elsewhere (given by TROUPE_DATA)',
    });
    expect(discover(undefined, from('a', { env: { TROUPE_DATA: '' } })).directory).toBe(join(root, 'a/.troupe'));
  });

  test('is the nearest .troupe upwards, beyond the root of a repository too', async () => {
    const { root, from } = await placeWith('.troupe/', 'a/.troupe/', 'a/b/c/', 'd/.git/', 'd/e/');
    expect(discover(undefined, from('a'))).toMatchObject({ line: `${join(root, 'a/.troupe')} (in the working directory)` });
    expect(discover(undefined, from('a/b/c'))).toMatchObject({ line: `${join(root, 'a/.troupe')} (the nearest one upwards)` });
    expect(discover(undefined, from('d/e')).directory).toBe(join(root, '.troupe'));
  });

  test('is no file, and may be a link to a folder', async () => {
    const { root, from } = await placeWith('.troupe/', 'a/', 'b/', 'real/');
    await writeFile(join(root, 'a/.troupe'), '');
    await symlink(join(root, 'real'), join(root, 'b/.troupe'));
    expect(discover(undefined, from('a')).directory).toBe(join(root, '.troupe'));
    expect(discover(undefined, from('b')).directory).toBe(join(root, 'b/.troupe'));
  });

  test('is in the root of the repository when there is none yet, of a worktree too', async () => {
    const { root, from } = await placeWith('a/.git/', 'a/b/', 'w/');
    await writeFile(join(root, 'w/.git'), 'gitdir: ../a/.git/worktrees/w');
    expect(discover(undefined, from('a/b'))).toEqual({
      directory: join(root, 'a/.troupe'),
      line: `${join(root, 'a/.troupe')} (in the root of the git repository)`,
    });
    expect(discover(undefined, from('w')).directory).toBe(join(root, 'w/.troupe'));
  });

  test.each([
    ['linux', {}, '/home/ann/.local/share/troupe'],
    ['linux', { XDG_DATA_HOME: '/data' }, '/data/troupe'],
    ['linux', { XDG_DATA_HOME: 'relative' }, '/home/ann/.local/share/troupe'],
    ['darwin', {}, '/home/ann/Library/Application Support/troupe'],
    ['win32', { LOCALAPPDATA: '/users/ann/local' }, '/users/ann/local/troupe'],
  ] as const)("is the user's own where there is no project: %s %j", async (platform, env, directory) => {
    const { root, from } = await placeWith('a/');
    const found = discover(undefined, from('a', { platform, env }));
    expect(found).toEqual({ directory, line: `${directory} (the user's own, since no project was found from ${join(root, 'a')})` });
  });

  test('is not that of another user, unless it is named', async () => {
    const { root, from } = await placeWith('.troupe/', '.git/', 'a/');
    const other = (process.geteuid?.() ?? 0) + 1;
    const found = discover(undefined, from('a', { user: other }));
    expect(found.directory).toBe('/home/ann/.local/share/troupe');
    expect(found.line).toContain(`${join(root, '.troupe')} belongs to another user`);
    expect(discover('../.troupe', from('a', { user: other })).directory).toBe(join(root, '.troupe'));
  });
});

describe("the worker's name", () => {
  test('is given, else of TROUPE_WORKER, else the name of the client with a suffix of this process', () => {
    expect(workerName('mine', 'client', { TROUPE_WORKER: 'theirs' })).toBe('mine');
    expect(workerName(undefined, 'client', { TROUPE_WORKER: 'theirs' })).toBe('theirs');
    // A variable that is empty is not there.
    expect(workerName(undefined, 'client', { TROUPE_WORKER: '' })).toMatch(/^client-[0-9a-f]{8}$/);
    expect(workerName(undefined, 'Claude Code', {})).toMatch(/^Claude-Code-[0-9a-f]{8}$/);
    expect(workerName(undefined, '', {})).toMatch(/^client-[0-9a-f]{8}$/);
    expect(workerName(undefined, 'x'.repeat(100), {})).toMatch(/^x{55}-[0-9a-f]{8}$/);
    expect(workerName(undefined, 'a', {})).not.toBe(workerName(undefined, 'a', {}));
  });

  test('is refused when the service would refuse it', () => {
    expect(() => workerName(undefined, 'client', { TROUPE_WORKER: 'two words' })).toThrow('"two words"');
  });
});
