import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { commandsBelow, createProgram, pathOf } from '../../src/cli/program.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { expectOneLine, steers, told } from './told.ts';
import { troupe } from './troupe.ts';

/** Goes over the commands as the program has them, so that a new one is held to the same. They run in this process: they are many. */

const { data } = troupe();

const commands = commandsBelow(createProgram()).filter((command) => command.commands.length === 0 && command.name() !== 'help');
const wordsOf = (command: Command) => pathOf(command).split(' ').slice(1);
const hasOption = (command: Command, long: string) => command.options.some((option) => option.long === long);

/** Sets the title, clears the screen, turns the direction of reading. */
const malicious = '\u001B]0;owned\u0007\u001B[2J\u202E';
const endless = new Set(['serve', 'mcp', 'watch', 'work', 'inspect']);
const optionsFor: Readonly<Record<string, readonly string[]>> = {
  complete: ['--summary', 'x'],
  work: ['--exec', 'true'],
  move: ['--from', 'x', '--to', 'y'],
};

/** Enough arguments, each of them the word, and the options that must be given. */
const callWith = (command: Command, word: string): string[] => [
  ...wordsOf(command),
  ...(optionsFor[wordsOf(command).join(' ')] ?? []),
  // Without a file a plan is read from standard input.
  ...command.registeredArguments.filter(({ required }) => required || command.name() === 'plan').map(() => word),
];

beforeAll(() => {
  vi.stubEnv('TROUPE_DATA', data());
});

const each = commands.map((command) => [wordsOf(command).join(' '), command] as const);

describe.each(each)('troupe %s', (name, command) => {
  test('called wrongly ends with 2 and one line', async () => {
    const needed = command.registeredArguments.filter(({ required }) => required).length;
    const isOpen = command.registeredArguments.some(({ variadic }) => variadic);
    const enough = callWith(command, 'x');
    const calls = [[...enough, '--jsno'], ...(isOpen ? [] : [[...enough, 'x', 'x']]), ...(needed === 0 ? [] : [enough.slice(0, -1)])];
    for (const args of calls) {
      const answer = await told(args);
      expect([args, answer.code]).toEqual([args, 2]);
      expectOneLine(answer);
    }
    expect((await told([...enough, '--jsno'])).err).toContain(hasOption(command, '--json') ? '(Did you mean --json?)' : '--jsno');
  });

  test.runIf(hasOption(command, '--data'))('at a file instead of a data directory ends with 2 and one line', async () => {
    const file = join(await temporaryDirectory(), 'file');
    // A backup that is there, so that only the place is wrong.
    const id = `${name.startsWith('session') ? 's' : name === 'artifact' ? 'a' : 't'}_${'0'.repeat(26)}`;
    const word = name === 'restore' ? data() : name === 'import' || name === 'plan' ? file : id;
    await writeFile(file, '- [ ] One');
    const answer = await told([...callWith(command, word), '--data', file]);
    expect([name, answer.code]).toEqual([name, 2]);
    expectOneLine(answer);
  });

  test.skipIf(endless.has(name) || command.registeredArguments.length === 0)('shows nothing that steers the terminal', async () => {
    const place = await temporaryDirectory();
    const word = name === 'backup' ? join(place, malicious) : malicious;
    const answer = await told([...callWith(command, word), ...(name === 'restore' ? ['--data', join(place, 'there')] : [])]);
    // A path that was given and what is exported are data, and stay as they are.
    const shown = name === 'backup' || name === 'export' ? '' : answer.out;
    expect([name, answer.code, steers(shown), steers(answer.err)]).toEqual([name, answer.code, false, false]);
    if (answer.code !== 0) expectOneLine(answer);
  });
});

describe('a file that is read', () => {
  const readers = [['plan'], ['import'], ['complete', `t_${'0'.repeat(26)}`, '--summary', 'x', '--work']] as const;
  const contents: readonly (readonly [string, (path: string) => Promise<void>])[] = [
    ['not there', () => Promise.resolve()],
    ['empty', (path) => writeFile(path, '')],
    [
      'binary',
      (path) =>
        writeFile(
          path,
          Uint8Array.from({ length: 4_096 }, (_, n) => (n * 7) % 256),
        ),
    ],
    ['no UTF-8', (path) => writeFile(path, new Uint8Array([0x2d, 0x20, 0xc3, 0x28]))],
    ['of 100 MB', async (path) => (await writeFile(path, ''), truncate(path, 100_000_000))],
    ['of brackets', (path) => writeFile(path, '['.repeat(100_000))],
    ['of a name that steers the terminal', (path) => writeFile(path, `{"${malicious}": "../../etc/passwd"}`)],
  ];
  test.each(readers.flatMap((args) => contents.map(([what, write]) => [args[0], what, args, write] as const)))(
    'by %s and is %s is refused in one line',
    async (name, what, args, write) => {
      const path = join(await temporaryDirectory(), 'input');
      await write(path);
      const answer = await told([...args, path]);
      // Whatever is text can be the work; but there is no such task.
      const isWork = name === 'complete' && !['not there', 'binary', 'no UTF-8', 'of 100 MB'].includes(what);
      expect(answer.code).toBe(isWork ? 3 : 2);
      expectOneLine(answer);
    },
  );
});
