import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeAll, expect, test } from 'vitest';
import { readSource } from '../../src/cli/import-files.ts';
import { ownedDirectory } from '../client/owned.ts';
import { buildCommand, start } from '../support/command.ts';
import { temporaryDirectory } from '../support/data-directory.ts';

let command: string;
beforeAll(async () => {
  command = await buildCommand();
});

async function troupe(args: readonly string[], input?: string | Buffer) {
  const { child, exit, out, err } = start(command, args, { env: { TROUPE_LOG: 'silent' } });
  child.stdin.on('error', () => {}).end(input);
  const { code } = await exit;
  return { code, out: out(), err: err().trimEnd().split('\n') };
}

const json = ({ out }: { readonly out: string }): unknown => JSON.parse(out);

test('a dry run tells and changes nothing; then it is made, once; then it comes out again', async () => {
  const { data } = await ownedDirectory();
  const at = ['--data', data];
  const dry = await troupe(['import', 'fixtures/import/beads.jsonl', '--dry-run', ...at]);
  expect([dry.code, dry.out.split('\n')[0], dry.err.at(-1)]).toEqual([
    0,
    '-  Checkout',
    'read as beads: would make 4 tasks; left out 1 that are done (--done takes them along)',
  ]);
  // Not even a data directory.
  expect((await troupe(['export', ...at])).code).toBe(3);

  const made = await troupe(['import', 'fixtures/import/beads.jsonl', '--json', ...at]);
  expect([made.code, made.err]).toEqual([0, ['']]);
  expect(json(made)).toMatchObject({
    troupe: 1,
    format: 'beads',
    dryRun: false,
    made: [
      { externalId: 'beads:shop-1a2' },
      { externalId: 'beads:shop-1a2.1' },
      { externalId: 'beads:shop-1a2.2' },
      { externalId: 'beads:shop-c33' },
    ],
    leftOut: { done: 1, cancelled: 0 },
    remarks: { length: 3 },
    unmapped: { comments: 1, 'deleted issues': 1 },
  });
  const again = await troupe(['import', '-', ...at], await readFile('fixtures/import/beads.jsonl'));
  expect([again.code, again.out, again.err.at(-1)]).toEqual([0, '', expect.stringContaining('made 0 tasks; 4 were there')]);

  const [epic] = (json(made) as { made: { id: string }[] }).made;
  const text = await troupe(['export', epic!.id, '--format', 'markdown', ...at]);
  expect(text.out.split('\n').filter((line) => line.includes('- ['))).toEqual([
    '- [ ] T001 Checkout',
    '  - [ ] T002 Charge a card',
    '  - [ ] T003 Mail a receipt (depends on T002)',
  ]);
  const list = await troupe(['import', 'fixtures/import/claude-code/demo-list', '--dry-run', ...at]);
  expect([list.code, list.out]).toEqual([0, '-  Claude Code: demo-list\n-  Mend the parser\n-  Add a regression test\n']);

  const unread = start(command, ['export', ...at]);
  unread.child.stdout.destroy();
  expect([await unread.exit, unread.err()]).toEqual([{ code: 0, signal: null }, '']);

  const odd = await troupe(['export', 'mine', ...at]);
  expect([odd.code, odd.out, odd.err]).toEqual([2, '', [expect.stringContaining('mine is no id of a task')]]);
});

const put = async (name: string, content: string | Buffer, bytes?: number): Promise<string> => {
  const path = join(await temporaryDirectory(), name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  if (bytes !== undefined) await truncate(path, bytes);
  return path;
};

test('what cannot be imported: code 2, a line for each fault, and no service is started', async () => {
  const { data, pid } = await ownedDirectory();
  const wrong = '{"tasks": [{"id": 1}, {"id": 2, "title": 3}]}';
  const rows: readonly (readonly [path: string, args: readonly string[], said: readonly RegExp[]])[] = [
    [await put('empty.json', ''), [], [/is in no format that is known: name it with --format: troupe, task-master/]],
    [await put('broken.json', '{"tasks": [}'), [], [/^troupe: broken\.json: line 1: column 12: this is no JSON/]],
    [
      await put('wrong.json', wrong),
      [],
      [/^troupe: wrong\.json: tasks\[0\]\.title: is missing$/, /^troupe: wrong\.json: tasks\[1\]\.title: /],
    ],
    ['x', ['--format', 'odd'], [/Allowed choices are troupe, task-master, claude-code, beads, markdown/]],
  ];
  const check = async ([path, args, said]: (typeof rows)[number]): Promise<void> => {
    const { code, out, err } = await troupe(['import', path, ...args, '--data', data]);
    expect([path, code, out, err]).toEqual([path, 2, '', said.map((words) => expect.stringMatching(words))]);
  };
  for (let at = 0; at < rows.length; at += 2) await Promise.all(rows.slice(at, at + 2).map(check));
  expect(await pid()).toBeNull();
});

test('what is no text is not read', async () => {
  const empty = dirname(await put('readme.txt', ''));
  const rows: readonly (readonly [path: string, said: RegExp])[] = [
    [join(empty, 'none.json'), /none\.json can't be read: ENOENT$/],
    [empty, /is a folder without task files$/],
    ['/dev/null', /is no file$/],
    [await put('binary', Buffer.from([0x50, 0x4b, 3, 4, 0, 0])), /^binary is no text: it has NUL bytes$/],
    [await put('latin1.md', Buffer.from('- [ ] caf\u00e9', 'latin1')), /^latin1\.md is no text in UTF-8$/],
    [await put('huge.json', '', 64 * 1024 * 1024 + 1), /huge\.json is larger than 64 MiB$/],
  ];
  for (const [path, message] of rows)
    await expect(readSource(path)).rejects.toMatchObject({ reason: 'INVALID_PARAMS', message: expect.stringMatching(message) as string });
  const endless = Readable.from(Array.from({ length: 65 }, () => Buffer.alloc(1024 * 1024, 'a')));
  await expect(readSource('-', endless)).rejects.toThrow('standard input is larger than 64 MiB');
});
