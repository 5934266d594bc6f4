import { open, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { CorruptStoreError } from '../../src/persistence/lowdb/corrupt.ts';
import { readSnapshot, writeSnapshot } from '../../src/persistence/lowdb/snapshot-file.ts';
import type { ActorLine } from '../../src/persistence/lowdb/snapshot-file.ts';
import type { ActorId } from '../../src/ids.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { taskId } from '../support/records.ts';

interface Texts {
  readonly head: object;
  readonly actors: readonly string[];
  readonly archived: readonly string[];
}

const linesOf = (texts: readonly string[]): ActorLine[] => texts.map((text) => ({ id: null, place: null, text: () => text }));

async function snapshotOf({ head, actors: texts, archived: trees }: Texts): Promise<string> {
  const file = `${await temporaryDirectory()}/db.json`;
  const handle = await open(file, 'w');
  const { bytes } = await writeSnapshot(handle, { head, actors: linesOf(texts), archived: trees });
  await handle.close();
  expect((await readFile(file)).length).toBe(bytes);
  return file;
}

async function read(file: string): Promise<unknown> {
  const found: { head: unknown; actors: unknown[]; archived: unknown[] } = { head: null, actors: [], archived: [] };
  await readSnapshot(file, {
    head: (head) => void (found.head = head),
    actor: (text, value) => void found.actors.push([text, value]),
    archived: (value) => void found.archived.push(value),
  });
  return found;
}

const actors = ['{"id":"a","text":"ünï 🚀 \\ud800"}', '{"__proto__":{"x":1}}'];
const archived = ['{"root":"t"}'];

test('is JSON with one actor per line, and reads back', async () => {
  const file = await snapshotOf({ head: { epoch: 'e' }, actors, archived });
  const text = await readFile(file, 'utf8');
  expect(JSON.parse(text)).toMatchObject({ format: 1, epoch: 'e', actors: [{ id: 'a' }, {}], archived: [{ root: 't' }] });
  expect(text.split('\n')).toEqual([
    '{"format":1,"epoch":"e","actors":[',
    `${actors[0]},`,
    actors[1],
    '],"archived":[',
    archived[0],
    '],',
    expect.stringMatching(/^"checksum":"[0-9a-f]{8}"\}$/),
    '',
  ]);
  expect(await read(file)).toEqual({
    head: { format: 1, epoch: 'e' },
    actors: actors.map((line) => [line, JSON.parse(line)]),
    archived: [{ root: 't' }],
  });
});

test('an empty one is one too', async () => {
  const file = await snapshotOf({ head: {}, actors: [], archived: [] });
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ actors: [], archived: [] });
  expect(await read(file)).toEqual({ head: { format: 1 }, actors: [], archived: [] });
});

test('is written in slices that leave the event loop free', async () => {
  let turns = 0;
  let writing = true;
  const turn = () => {
    turns += 1;
    if (writing) setImmediate(turn);
  };
  turn();
  const many = Array.from({ length: 20_000 }, (_, n) => JSON.stringify({ n, text: 'x'.repeat(200) }));
  await snapshotOf({ head: {}, actors: many, archived: [] });
  writing = false;
  // 4.5 MB in slices of at most 256 KiB.
  expect(turns).toBeGreaterThan(15);
});

test('a flipped bit anywhere is refused with the file and a byte, never as a bare SyntaxError', async () => {
  const file = await snapshotOf({ head: { epoch: 'e' }, actors, archived });
  const whole = await readFile(file);
  for (let at = 0; at < whole.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
      await writeFile(file, damaged);
      const error = await read(file).then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error, `byte ${at}, bit ${bit}`).toBeInstanceOf(CorruptStoreError);
      expect(error).toMatchObject({ file, byte: expect.any(Number), message: expect.stringContaining('troupe doctor') });
    }
  }
});

test('one that ends anywhere but at its end is refused', async () => {
  const file = await snapshotOf({ head: { epoch: 'e' }, actors, archived });
  const whole = await readFile(file);
  for (let cut = 0; cut < whole.length; cut++) {
    await writeFile(file, whole.subarray(0, cut));
    await expect(read(file)).rejects.toThrow(CorruptStoreError);
  }
  await writeFile(file, Buffer.concat([whole, Buffer.from('x\n')]));
  await expect(read(file)).rejects.toThrow('something follows the checksum');
});

test('a newer format is named before anything else is believed', async () => {
  const file = await snapshotOf({ head: {}, actors, archived });
  await writeFile(file, (await readFile(file, 'utf8')).replace('"format":1', '"format":2'));
  await expect(read(file)).rejects.toThrow(/byte 0: written in format 2/);
});

describe('a snapshot after another', () => {
  const idOf = (n: number): ActorId => taskId(n);
  const lineOf = (n: number, revision = 1): string => JSON.stringify({ n, revision, text: 'ünï '.repeat(100 + (n % 50)) });

  /** Writes to a new file what is given, out of the older file where a place is known. */
  async function write(lines: readonly ActorLine[], older: string | null = null) {
    const file = `${await temporaryDirectory()}/db.json`;
    const handle = await open(file, 'w');
    const source = older === null ? null : await open(older);
    const { places } = await writeSnapshot(handle, { head: {}, actors: lines, archived: ['{}'] }, source);
    await handle.close();
    await source?.close();
    return { file, places };
  }
  const fresh = (n: number, revision = 1): ActorLine => ({ id: idOf(n), place: null, text: () => lineOf(n, revision) });
  const numbers = Array.from({ length: 6000 }, (_, n) => n);

  test('copies the lines that are still right, and only these', async () => {
    const older = await write(numbers.map((n) => fresh(n)));
    const isChanged = (n: number) => n % 7 === 0 || (n > 1000 && n < 1500);
    const known = (n: number): ActorLine => ({
      id: idOf(n),
      place: older.places.get(idOf(n)) ?? null,
      text: () => {
        throw new Error(`line ${n} was written anew`);
      },
    });
    // Some left, some changed, some came, and some stand elsewhere.
    const kept = [5000, ...numbers.filter((n) => n % 11 !== 3 && n !== 5000)];
    const newer = await write([...kept.map((n) => (isChanged(n) ? fresh(n, 2) : known(n))), fresh(7777)], older.file);
    const expected = await write([...kept.map((n) => fresh(n, isChanged(n) ? 2 : 1)), fresh(7777)]);
    expect(await readFile(newer.file, 'utf8')).toBe(await readFile(expected.file, 'utf8'));
    expect(newer.places).toEqual(expected.places);
  });

  test.each([
    ['a flipped bit', (bytes: Buffer, at: number) => void (bytes[at] = (bytes[at] ?? 0) ^ 4)],
    ['what is cut off', (bytes: Buffer, at: number) => void bytes.fill(0, at)],
  ])('does not take over %s', async (_, damage) => {
    const older = await write(numbers.map((n) => fresh(n)));
    const bytes = await readFile(older.file);
    damage(bytes, older.places.get(idOf(3000))?.offset ?? 0);
    await writeFile(older.file, bytes);
    const newer = await write(
      numbers.map((n) => ({ ...fresh(n), place: older.places.get(idOf(n)) ?? null })),
      older.file,
    );
    const expected = await write(numbers.map((n) => fresh(n)));
    expect(await readFile(newer.file, 'utf8')).toBe(await readFile(expected.file, 'utf8'));
  });
});
