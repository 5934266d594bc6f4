import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandsBelow, createProgram, pathOf } from '../../src/cli/program.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { expectOneLine, told } from './told.ts';
import { troupe } from './troupe.ts';

/** Which service or directory a command asks, and what it does when there is none. */

const { run, out, json, url, token } = troupe();

const oneLine = /^troupe: [^\n]+\n$/;
const nowhere = async () => join(await temporaryDirectory(), 'nowhere');

describe('a service that is named by TROUPE_URL', () => {
  test('is asked by import, export and page, too, with the token of TROUPE_TOKEN', async () => {
    const file = join(await temporaryDirectory(), 'tasks.md');
    await writeFile(file, '# Remote things\n\n- [ ] Fetch\n');
    const data = await nowhere();
    const env = { TROUPE_DATA: data, TROUPE_URL: url(), TROUPE_TOKEN: await token() };
    expect((await run(['import', file, '--project', 'remote'], { env })).code).toBe(0);
    expect(await out('list', '--project', 'remote')).toContain('Fetch');
    expect((await run(['export', '--project', 'remote'], { env })).out).toContain('Fetch');
    expect((await run(['page'], { env })).out).toBe(`${url()}/#token=${await token()}\n`);
    const { TROUPE_URL: address, ...rest } = env;
    expect((await run(['export', '--project', 'remote', '--url', address], { env: rest })).out).toContain('Fetch');
    expect(existsSync(data)).toBe(false);
  });

  test('is refused without its token, and the token counts', async () => {
    const reader = await out('token', 'add', 'other-project', '--project', 'elsewhere');
    await out('create', 'Hidden', '--project', 'hidden');
    const shown = await run(['export'], { env: { TROUPE_TOKEN: reader } });
    expect([shown.code, shown.out.includes('Hidden')]).toEqual([0, false]);
    for (const args of [['export'], ['import', '-'], ['page'], ['inspect', '--url']]) {
      const { code, err } = await run(args, { env: { TROUPE_URL: url(), TROUPE_TOKEN: '' }, input: '# A\n\n- [ ] B\n' });
      expect([args, code, err]).toEqual([args, 1, expect.stringMatching(/^troupe: .* needs a token: [^\n]+\n$/)]);
    }
  });
});

describe('a data directory that is not there', () => {
  const makes = new Set(['plan', 'create', 'session create', 'import', 'serve', 'mcp', 'restore']);
  const commands = commandsBelow(createProgram())
    .filter((command) => command.commands.length === 0 && command.options.some(({ long }) => long === '--data'))
    .map((command) => [pathOf(command).split(' ').slice(1).join(' '), command] as const);
  const more: Readonly<Record<string, readonly string[]>> = {
    complete: ['--summary', 'x'],
    work: ['--exec', 'true', '--until-empty'],
  };

  test.each(commands.filter(([name]) => !makes.has(name) || name in more))(
    'is not made by troupe %s, which ends with 3 and one line',
    async (name, command) => {
      const folder = await temporaryDirectory();
      const data = join(folder, 'nowhere');
      const id = `${name.startsWith('session') ? 's' : name === 'artifact' ? 'a' : 't'}_${'0'.repeat(26)}`;
      const word = name === 'backup' ? join(folder, 'copy') : id;
      const args = command.registeredArguments.filter(({ required }) => required).map(() => word);
      const answer = await told([...name.split(' '), ...args, ...(more[name] ?? []), '--data', data]);
      expect([answer.code, existsSync(data)]).toEqual([3, false]);
      expectOneLine(answer);
      expect(answer.err).toContain('no data directory');
    },
  );

  test('is not made by an import that only tells: there all of it would be made', async () => {
    const data = await nowhere();
    const { code, out: printed, err } = await run(['import', '-', '--dry-run', '--data', data], { input: '# A\n\n- [ ] B\n' });
    expect([code, printed, err]).toEqual([0, expect.stringContaining('-  B'), expect.stringContaining('would make 2 tasks')]);
    expect(existsSync(data)).toBe(false);
  });

  test.runIf(existsSync('/proc/1'))('and can not be made is told in one line, at once', async () => {
    for (const args of [
      ['create', 'x'],
      ['plan', '--title', 'x'],
      ['restore', await nowhere()],
    ]) {
      const { code, err } = await run([...args, '--data', '/proc/1/x'], { input: 'tasks: []' });
      expect([args, code === 0, err]).toEqual([args, false, expect.stringMatching(oneLine)]);
    }
  });
});

test('a token that is not there is not found', async () => {
  expect((await run(['token', 'revoke', 'nope'])).code).toBe(3);
});

test('a worker without a name is the one that every command of the person is', async () => {
  const id = await out('create', 'Mine');
  await out('execute', id, '--worker', '');
  await out('progress', id, 'half');
  const { task } = await json('show', id);
  expect((task as { lease: { holder: string } }).lease.holder).toMatch(/cli-/);
});
