import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { TroupeError } from '../../src/errors.ts';
import { LockedError } from '../../src/persistence/lowdb/lock.ts';
import type { TaskRecord } from '../../src/persistence/store.ts';
import { copyOf, filesOf, openStore, setClock, temporaryDirectory } from '../support/data-directory.ts';
import { randomFrom } from '../support/random.ts';
import { artifactId, artifactRef, deepFreeze, newTask, nextTask, taskId, unitOf } from '../support/records.ts';

const ok = { status: 'ok' };
const task = (n: number): TaskRecord => newTask(taskId(n));
const everything = Array.from({ length: 20 }, (_, n) => taskId(n));

/** A directory with a checkpoint, a sealed journal, a journal with three lines, an artifact and an archived tree. */
async function fill(): Promise<string> {
  const directory = await temporaryDirectory();
  const store = await openStore(directory);
  const content = Buffer.from('work');
  const ref = artifactRef(artifactId(1), taskId(1), content);
  const old = newTask(taskId(2), { status: 'completed' });
  await store.commit([unitOf([newTask(taskId(1), { context: { artifacts: [ref] } })], { artifacts: [{ ref, content }] }), unitOf([old])]);
  await store.commit([unitOf([nextTask(old, { status: 'archived' })])]);
  await store.checkpoint();
  for (let n = 3; n <= 5; n++) await store.commit([unitOf([task(n)])]);
  return await copyOf(directory);
}

const stateOf = async (directory: string) => {
  const store = await openStore(directory);
  const state = [...(await store.load(everything)).values()];
  const problems = [...store.health().problems];
  await store.close();
  return { state, problems };
};

/** What a start may leave behind: the lock file belongs to nobody once it is free. */
async function storedFiles(directory: string): Promise<Record<string, string>> {
  const { lock, ...files } = await filesOf(directory);
  expect(lock).toBeDefined();
  return files;
}

/** How a start fails, and whether it changed anything. */
async function refusalOf(directory: string): Promise<{ readonly error: unknown; readonly isUnchanged: boolean }> {
  await rm(join(directory, 'owner.json'), { force: true });
  await writeFile(join(directory, 'half.1.tmp'), 'left by a crash');
  const before = await storedFiles(directory);
  const error = await openStore(directory).catch((reason: unknown) => reason);
  const after = await storedFiles(directory);
  return { error, isUnchanged: isDeepStrictEqual(before, after) };
}

const refused = (file: string, rest: object = {}) => ({
  error: { name: 'CorruptStoreError', file, message: expect.stringContaining('troupe doctor'), ...rest },
  isUnchanged: true,
});

describe('a start', () => {
  test('lays out a new directory that a project can keep in git', async () => {
    const directory = join(await temporaryDirectory(), 'deep', '.troupe');
    await openStore(directory, { owner: { address: 'http://127.0.0.1:7' } });
    expect((await readdir(directory)).toSorted()).toEqual(
      ['.gitignore', 'archive', 'artifacts', 'journal.1.jsonl', 'lock', 'owner.json', 'quarantine', 'uploads'].toSorted(),
    );
    const lines = (await readFile(join(directory, '.gitignore'), 'utf8')).split('\n');
    expect(lines).toEqual(expect.arrayContaining(['*', '!roles/', '!templates/']));
    await expect(openStore(directory)).rejects.toThrow(LockedError);
  });

  test('removes what a crash left half written, and leaves what people wrote', async () => {
    const directory = await fill();
    await writeFile(join(directory, 'db.json.9.tmp'), '{"half":');
    await writeFile(join(directory, '.gitignore'), 'mine');
    await openStore(directory);
    expect(await readdir(directory)).not.toContain('db.json.9.tmp');
    expect(await readFile(join(directory, '.gitignore'), 'utf8')).toBe('mine');
  });

  test('cuts a torn tail, keeps its bytes, reports it, and goes on', async () => {
    const directory = await fill();
    const journal = join(directory, 'journal.2.jsonl');
    const bytes = await readFile(journal);
    await writeFile(journal, bytes.subarray(0, -20));
    const lines: string[] = [];
    const store = await openStore(directory, { onProblem: (line) => void lines.push(line) });
    expect([...(await store.load(everything)).keys()]).toEqual([1, 2, 3, 4].map(taskId));
    const start = bytes.lastIndexOf(0x0a, -2) + 1;
    expect(await readFile(journal)).toEqual(bytes.subarray(0, start));
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`journal.2.jsonl .*byte ${start} .* ${bytes.length - start - 20} bytes were cut`)),
    ]);
    expect(store.health()).toEqual({ writable: true, problems: lines, quarantined: 1 });
    const [kept = ''] = await readdir(join(directory, 'quarantine'));
    expect(kept).toMatch(new RegExp(`^journal.2.jsonl.byte-${start}\\.`));
    expect(await readFile(join(directory, 'quarantine', kept))).toEqual(bytes.subarray(start, -20));
    expect(await store.commit([unitOf([task(5), task(6)])])).toMatchObject([ok]);
    await store.close();
    expect(await stateOf(directory)).toMatchObject({ state: [1, 2, 3, 4, 5, 6].map((n) => ({ id: taskId(n) })), problems: [] });
  });

  test('says of a last line that is damaged and has its newline that it may have been acknowledged, and keeps its bytes', async () => {
    const directory = await fill();
    const journal = join(directory, 'journal.2.jsonl');
    const bytes = await readFile(journal);
    const start = bytes.lastIndexOf(0x0a, -2) + 1;
    bytes[start + 40] = (bytes[start + 40] ?? 0) ^ 1;
    await writeFile(journal, bytes);
    const store = await openStore(directory);
    const told = new RegExp(
      `^journal.2.jsonl ended at byte ${start} .*it was acknowledged; its ${bytes.length - start} bytes were cut; kept as `,
    );
    expect(store.health().problems).toEqual([expect.stringMatching(told)]);
    const [kept = ''] = await readdir(join(directory, 'quarantine'));
    expect(await readFile(join(directory, 'quarantine', kept))).toEqual(bytes.subarray(start));
  });

  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  test(`with any bit flipped is refused and changes nothing, or loses the last line and says so (SEED=${seed})`, async () => {
    const directory = await fill();
    const whole = await stateOf(await copyOf(directory));
    const random = randomFrom(seed);
    const cut = { state: whole.state.slice(0, -1), problems: [expect.stringContaining('torn line')] };
    for (const name of ['journal.1.jsonl', 'journal.2.jsonl', 'db.json']) {
      const file = join(directory, name);
      const bytes = await readFile(file);
      const lastLine = bytes.lastIndexOf(0x0a, -2) + 1;
      for (let round = 0; round < 25; round++) {
        const at = Math.floor(random() * bytes.length);
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << Math.floor(random() * 8));
        await writeFile(file, damaged);
        const mayBeCut = name === 'journal.2.jsonl' && at >= lastLine;
        const outcome = mayBeCut ? await stateOf(await copyOf(directory)).catch(() => cut) : await refusalOf(directory);
        expect(outcome, `${name}, byte ${at}`).toMatchObject(mayBeCut ? cut : refused(file));
      }
      await writeFile(file, bytes);
    }
    expect(await stateOf(directory)).toEqual(whole);
  });

  test.each([
    ['journal.2.jsonl', 'journal.2.jsonl'],
    // What is left begins in the middle: what came before it was in the checkpoint.
    ['db.json', 'journal.1.jsonl'],
  ])('without %s is refused', async (name, missing) => {
    const directory = await fill();
    await rm(join(directory, name));
    await rm(join(directory, 'journal.1.jsonl'));
    expect(await refusalOf(directory)).toMatchObject(
      refused(join(directory, missing), { message: expect.stringContaining('missing'), byte: 0 }),
    );
  });

  test('with a journal missing in between is refused', async () => {
    const directory = await fill();
    await writeFile(join(directory, 'journal.4.jsonl'), 'x');
    expect(await refusalOf(directory)).toMatchObject(refused(join(directory, 'journal.3.jsonl'), { byte: 0 }));
  });

  test('with archived trees alone is refused', async () => {
    const directory = await fill();
    for (const name of ['db.json', 'journal.1.jsonl', 'journal.2.jsonl']) await rm(join(directory, name));
    expect(await refusalOf(directory)).toMatchObject(refused(join(directory, 'db.json')));
  });

  test('with a journal of another directory is refused', async () => {
    const [directory, other] = [await fill(), await fill()];
    await rename(join(other, 'journal.2.jsonl'), join(directory, 'journal.2.jsonl'));
    expect(await refusalOf(directory)).toMatchObject(refused(join(directory, 'journal.2.jsonl'), { byte: 0 }));
  });

  test.each(['db.json', 'journal.2.jsonl'])('with a newer format in %s is refused as such', async (name) => {
    const directory = await fill();
    const text = await readFile(join(directory, name), 'utf8');
    await writeFile(join(directory, name), text.replace('"format":1', '"format":2'));
    expect(await refusalOf(directory)).toMatchObject(refused(join(directory, name), { byte: 0 }));
  });

  test('without its checkpoint finds everything in the journals, if they go back to the first', async () => {
    const directory = await fill();
    const whole = await stateOf(await copyOf(directory));
    await rm(join(directory, 'db.json'));
    const { state } = await stateOf(directory);
    expect(state.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(whole.state);
  });

  test('without the sealed journal loses only the replay of its events', async () => {
    const directory = await fill();
    await rm(join(directory, 'journal.1.jsonl'));
    const store = await openStore(directory);
    const events: string[] = [];
    await store.tail('oldest', (entries) => void events.push(...entries.map(({ event }) => String(event.taskId))));
    expect(events).toEqual([3, 4, 5].map(taskId));
    expect((await store.load(everything)).size).toBe(5);
  });
});

describe('a record that can’t be taken in', () => {
  const bad = deepFreeze({ ...task(7), machine: { id: 'task', version: 99 } });

  test('is left out, kept, reported, and goes from checkpoint to checkpoint as it was found', async () => {
    const directory = await temporaryDirectory();
    const first = await openStore(directory);
    const content = Buffer.from('its work');
    const ref = artifactRef(artifactId(7), taskId(7), content);
    const context = { ...bad.snapshot.context, artifacts: [ref] };
    const written = { ...bad, snapshot: { ...bad.snapshot, context } };
    await first.commit([unitOf([written], { artifacts: [{ ref, content }] }), unitOf([task(1)])]);
    await first.close();
    const line = (await readFile(join(directory, 'db.json'), 'utf8')).split('\n').find((text) => text.includes('"version":99'));

    for (let start = 1; start <= 3; start++) {
      const store = await openStore(directory);
      expect(store.health()).toMatchObject({ quarantined: 1, problems: [expect.stringContaining('machine.version')] });
      expect([...(await store.load([bad.id, taskId(1)])).keys()]).toEqual([taskId(1)]);
      const kept: unknown = JSON.parse(await readFile(join(directory, 'quarantine', `${bad.id}-1.json`), 'utf8'));
      expect(kept).toMatchObject({ record: written, history: [{ type: 'task.created' }] });
      // Neither new nor next: nothing is written over it.
      const outcomes = await store.commit([unitOf([task(7)]), unitOf([nextTask(task(7))]), unitOf([newTask(taskId(20 + start))])]);
      expect(outcomes).toMatchObject([{ status: 'conflict' }, { status: 'conflict' }, ok]);
      await store.close();
      const lines = (await readFile(join(directory, 'db.json'), 'utf8')).split('\n').map((text) => text.replace(/,$/, ''));
      expect(lines).toContain(line?.replace(/,$/, ''));
      // Its work stays too.
      expect(await readFile(join(directory, 'artifacts', '1.pack'), 'utf8')).toContain(content.toString());
    }
  });

  test('is found by what its context lacks, and its id is known as one that can’t be read', async () => {
    const directory = await temporaryDirectory();
    const { description: _, ...spec } = task(7).snapshot.context.spec;
    const torn = JSON.parse(JSON.stringify({ ...task(7), snapshot: { value: 'pending', context: { ...task(7).snapshot.context, spec } } }));
    const store = await openStore(directory);
    await store.commit([unitOf([torn]), unitOf([task(1)])]);
    const again = await openStore(await copyOf(directory));
    expect(again.health().problems).toEqual([expect.stringContaining('snapshot.context.spec.description')]);
    expect([...(await again.load([taskId(7), taskId(1)])).keys()]).toEqual([taskId(1)]);
    expect([taskId(7), taskId(1), taskId(9)].map((id) => again.keepsUnread(id))).toEqual([true, false, false]);
  });

  test('is the same whether a journal or a checkpoint holds it', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    const content = Buffer.from('its work');
    const ref = artifactRef(artifactId(7), taskId(7), content);
    const context = { ...bad.snapshot.context, artifacts: [ref] };
    const written = { ...bad, snapshot: { ...bad.snapshot, context } };
    await store.commit([unitOf([written], { artifacts: [{ ref, content }] }), unitOf([task(1)])]);
    const copy = await copyOf(directory);
    const again = await openStore(copy);
    expect(again.health().quarantined).toBe(1);
    expect([...(await again.load([bad.id, taskId(1)])).keys()]).toEqual([taskId(1)]);
    expect(await again.commit([unitOf([task(7)])])).toMatchObject([{ status: 'conflict', ids: [bad.id] }]);
    // Its work is kept when the journal that holds it goes.
    await again.checkpoint();
    expect(await readFile(join(copy, 'artifacts', '1.pack'), 'utf8')).toContain(content.toString());
  });

  test('is set aside once by whoever finds it later, and stays', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    await store.commit([unitOf([task(1)])]);
    const record: unknown = (await store.load([taskId(1)])).get(taskId(1));
    await store.setAside(record, 'unknown state');
    await store.setAside(record, 'unknown state');
    await store.setAside({ id: '../../elsewhere', rev: 1 }, 'no id');
    await store.setAside(undefined, 'nothing');
    expect(store.health()).toMatchObject({
      quarantined: 3,
      problems: [expect.stringContaining('unknown state'), {}, {}].map(() => expect.any(String)),
    });
    const names = await readdir(join(directory, 'quarantine'));
    expect(names).toHaveLength(3);
    expect(names).toContain(`${taskId(1)}-1.json`);
    expect((await store.load([taskId(1)])).size).toBe(1);
  });
});

describe('the lock', () => {
  test('names the owner, and is free when the owner is closed', async () => {
    const directory = await temporaryDirectory();
    const first = await openStore(directory, { owner: { address: 'http://127.0.0.1:1' } });
    await first.setAddress('http://127.0.0.1:4711');
    const before = await filesOf(directory);
    const error = await openStore(directory).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LockedError);
    expect(error).toMatchObject({ pid: process.pid, address: 'http://127.0.0.1:4711' });
    expect(String(error)).toMatch(new RegExp(`process ${process.pid}.*http://127.0.0.1:4711`));
    expect(await filesOf(directory)).toEqual(before);
    await first.close();
    expect(await readdir(directory)).not.toContain('owner.json');
    await openStore(directory);
  });

  test('is released when the start is refused', async () => {
    const directory = await fill();
    const journal = join(directory, 'journal.2.jsonl');
    const bytes = await readFile(journal);
    await writeFile(journal, 'x');
    expect(await refusalOf(directory)).toMatchObject(refused(journal, { byte: 0 }));
    await writeFile(journal, bytes);
    expect((await stateOf(directory)).state).toHaveLength(5);
  });
});

test('a directory that is none is one clear error', async () => {
  const directory = join(await temporaryDirectory(), 'file');
  await writeFile(directory, '');
  const error = await openStore(join(directory, 'below'), { clock: setClock() }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TroupeError);
  expect(error).toMatchObject({ reason: 'STORE_UNAVAILABLE', message: expect.stringContaining(directory) });
});
