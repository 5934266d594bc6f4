import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { CorruptStoreError } from '../../src/persistence/lowdb/corrupt.ts';
import { Journal } from '../../src/persistence/lowdb/journal.ts';
import { createLayout } from '../../src/persistence/lowdb/layout.ts';
import type { Layout } from '../../src/persistence/lowdb/layout.ts';
import { LineWriter, encodeLine, verifyLine } from '../../src/persistence/lowdb/line.ts';
import type { Part } from '../../src/persistence/lowdb/line.ts';
import { readHeader, readJournal } from '../../src/persistence/lowdb/read-journal.ts';
import type { JournalEnd } from '../../src/persistence/lowdb/read-journal.ts';
import { readLines } from '../../src/persistence/lowdb/read-lines.ts';
import { temporaryDirectory } from '../support/data-directory.ts';

const part = (value: unknown): Part => {
  const text = JSON.stringify(value);
  return { text, bytes: Buffer.byteLength(text) };
};
const unit = (id: string): Part => part({ id, writes: [] });

async function journalOf(batches: readonly (readonly string[])[], n = 1, previous = '00000000'): Promise<Layout> {
  const layout = createLayout(await temporaryDirectory());
  await writeJournal(layout, batches, n, previous);
  return layout;
}

async function writeJournal(layout: Layout, batches: readonly (readonly string[])[], n: number, previous: string): Promise<string> {
  const journal = await (await Journal.prepare(layout, { n, epoch: 'e', seq: 0, previous })).publish();
  const lines = new LineWriter(1024);
  let check = previous;
  for (const ids of batches) check = await journal.append(ids.map(unit), lines, undefined);
  await journal.close();
  return check;
}

async function read(layout: Layout, n = 1, next?: number): Promise<{ readonly ids: string[][]; readonly end: JournalEnd }> {
  const ids: string[][] = [];
  const header = await readHeader(layout.journal(n), n);
  const after = next === undefined ? null : await readHeader(layout.journal(next), next);
  const end = await readJournal(layout.journal(n), header, after, ({ units }) => void ids.push(units().map(({ id }) => id)));
  return { ids, end };
}

test('what was appended is read back, batch by batch', async () => {
  const layout = await journalOf([['a'], ['b', 'c'], ['ünï 🚀']]);
  const { ids, end } = await read(layout);
  expect(ids).toEqual([['a'], ['b', 'c'], ['ünï 🚀']]);
  expect(end.torn).toBeNull();
  expect(end.bytes).toBe((await readFile(layout.journal(1))).length);
});

test('a line can be longer than the buffer that lines are built in, and the next one is whole again', () => {
  const lines = new LineWriter(512 * 1024);
  const long = { id: 'x'.repeat(3_000_000), writes: [] };
  for (const value of [long, { id: 'y' }, long]) {
    const { line, check } = lines.write([part(value)], 7);
    expect(verifyLine(line.subarray(0, -1), 7)).toBe(check);
    expect(JSON.parse(line.toString('utf8', 9))).toEqual([value]);
  }
});

test('a journal continues where it ended', async () => {
  const layout = await journalOf([['a']]);
  const { end } = await read(layout);
  const journal = await Journal.continue(layout, 1, end);
  await journal.append([unit('b')], new LineWriter(1024), undefined);
  await journal.close();
  expect((await read(layout)).ids).toEqual([['a'], ['b']]);
});

test('the lines of another journal do not continue this one', async () => {
  const layout = await journalOf([['a'], ['b']]);
  const other = await journalOf([['a'], ['c']], 1, '00000001');
  const line = (await readFile(other.journal(1), 'utf8')).split('\n')[2];
  await appendFile(layout.journal(1), `${line}\n`);
  const { ids, end } = await read(layout);
  expect([ids, end.torn?.bytes.toString()]).toEqual([[['a'], ['b']], `${line}\n`]);
});

test('a tail that is torn at any byte is found, with all that is before it', async () => {
  const layout = await journalOf([['a'], ['b', 'c']]);
  const whole = await readFile(layout.journal(1));
  const start = whole.lastIndexOf(0x0a, -2) + 1;
  for (let cut = start + 1; cut < whole.length; cut++) {
    await writeFile(layout.journal(1), whole.subarray(0, cut));
    const { ids, end } = await read(layout);
    expect(ids).toEqual([['a']]);
    expect(end).toMatchObject({ bytes: start, lines: 1, torn: { offset: start, bytes: whole.subarray(start, cut) } });
  }
});

test('a flipped bit is refused with its line, or is in the last line and cut', async () => {
  const layout = await journalOf([['a'], ['b', 'c']]);
  const whole = await readFile(layout.journal(1));
  const start = whole.lastIndexOf(0x0a, -2) + 1;
  const firstLine = whole.indexOf(0x0a) + 1;
  const lineAt = (at: number) => (at < firstLine ? 0 : at < start ? firstLine : start);
  let cuts = 0;
  for (let at = 0; at < whole.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
      await writeFile(layout.journal(1), damaged);
      const outcome = await read(layout).catch((error: unknown) => error);
      const isCut = !(outcome instanceof Error);
      if (isCut) cuts += 1;
      const refused = {
        name: 'CorruptStoreError',
        file: layout.journal(1),
        byte: lineAt(at),
        message: expect.stringContaining('troupe doctor'),
      };
      const cut = { ids: [['a']], end: { bytes: start, torn: { offset: at < start ? Number.NaN : start } } };
      expect(outcome, `byte ${at}, bit ${bit}`).toMatchObject(isCut ? cut : refused);
    }
  }
  // A bit that makes a newline in the last line is taken for more than its damage; every other one there is cut.
  expect(cuts).toBeGreaterThan((whole.length - start) * 7);
});

test('a whole line behind a damaged one means damage, not a torn tail', async () => {
  const layout = await journalOf([['a'], ['b'], ['c']]);
  const text = await readFile(layout.journal(1), 'utf8');
  await writeFile(layout.journal(1), text.replace('"b"', '"x"'));
  await expect(read(layout)).rejects.toThrow(`byte ${text.indexOf('\n', text.indexOf('\n') + 1) + 1}`);
});

test('what follows the place that the next journal continues from never happened', async () => {
  const layout = await journalOf([['a'], ['b']]);
  const check = (await readFile(layout.journal(1), 'latin1')).split('\n')[1]?.slice(0, 8) ?? '';
  await writeJournal(layout, [], 2, check);
  expect((await read(layout, 1, 2)).ids).toEqual([['a']]);
  // Whatever is there, whole or torn.
  await appendFile(layout.journal(1), 'torn');
  expect((await read(layout, 1, 2)).ids).toEqual([['a']]);
});

test('a journal that does not reach that place is refused', async () => {
  const layout = await journalOf([['a'], ['b']]);
  await writeJournal(layout, [], 2, 'ffffffff');
  await expect(read(layout, 1, 2)).rejects.toThrow(CorruptStoreError);
  await writeFile(layout.journal(1), (await readFile(layout.journal(1))).subarray(0, -3));
  await expect(read(layout, 1, 2)).rejects.toThrow(CorruptStoreError);
});

test('the format of a newer version is named as such', async () => {
  const layout = createLayout(await temporaryDirectory());
  const header = { format: 2, epoch: 'e', n: 1, seq: 0, previous: '00000000', writer: 'later' };
  await writeFile(layout.journal(1), encodeLine(header, 0).line);
  await expect(readHeader(layout.journal(1), 1)).rejects.toThrow(/byte 0: written in format 2/);
});

test('lines are found across the chunks that a file is read in', async () => {
  const directory = await temporaryDirectory();
  const file = `${directory}/lines`;
  const lines = ['', 'a', 'b'.repeat(3_000_000), '', 'c'.repeat(1024 * 1024 - 1), 'd'];
  await writeFile(file, `${lines.join('\n')}\nrest`);
  const found: unknown[] = [];
  for await (const { bytes, offset, ended } of readLines(file)) found.push([bytes.toString(), offset, ended]);
  let offset = 0;
  const expected: unknown[] = [];
  for (const line of lines) {
    expected.push([line, offset, true]);
    offset += line.length + 1;
  }
  expect(found).toEqual([...expected, ['rest', offset, false]]);
});
