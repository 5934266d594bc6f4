import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TaskId } from '../../src/ids.ts';
import { openLowdbStore } from '../../src/persistence/lowdb/store.ts';
import { connect } from '../support/client.ts';
import { start } from '../support/command.ts';
import { filesOf, openStore, temporaryDirectory } from '../support/data-directory.ts';
import { troupe } from './troupe.ts';

const { run, out, json, data, url, token, command, folder } = troupe();

const oneLine = /^troupe: [^\n]+\n$/;
const socketOf = () => `${url().replace('http', 'ws')}/ws`;

/** A directory that no service runs on, with an open task, and a finished one with an artifact. Made once, and copied. */
let rested: Promise<string> | null = null;
async function resting(): Promise<string> {
  rested ??= makeRested();
  const directory = join(await temporaryDirectory(), 'rested');
  await cp(await rested, directory, { recursive: true });
  return directory;
}

async function makeRested(): Promise<string> {
  const client = await connect(socketOf(), await token(), { worker: 'me' });
  await client.request('task.create', { title: 'Open' });
  const { task } = await client.request('task.create', { title: 'Finished' });
  await client.request('task.execute', { taskId: task.id });
  await client.request('task.complete', { taskId: task.id, summary: 'Done', detailedWork: 'The work itself' });
  await client.close();
  const directory = join(folder(), 'rested');
  expect(await out('backup', directory)).toBe(directory);
  return directory;
}

async function flip(file: string, find: string): Promise<void> {
  const bytes = await readFile(file);
  const at = bytes.indexOf(find);
  expect(at).toBeGreaterThan(0);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

const checksOf = (answer: Record<string, unknown>) => answer['checks'] as { name: string; status: string; detail: string }[];

describe('a backup', () => {
  test('taken while commands come has everything that was answered before, and opens', async () => {
    const owned = join(await temporaryDirectory(), 'busy');
    const service = start(command(), ['serve', '--port', '0', '--data', owned, '--json'], { env: { TROUPE_CHECKPOINT_BYTES: '20000' } });
    const { url: at } = JSON.parse(await service.firstLine) as { url: string };
    const client = await connect(at, (await readFile(join(owned, 'token'), 'utf8')).trim());
    const answered = new Set<TaskId>();
    const ending = new AbortController();
    const commands = (async () => {
      while (!ending.signal.aborted) {
        const made = await Promise.all(
          Array.from({ length: 8 }, (_, n) => client.request('task.create', { title: `Task ${n}`, description: 'x'.repeat(500) })),
        );
        for (const { task } of made) answered.add(task.id);
      }
    })();
    const backups = await temporaryDirectory();
    for (let n = 0; n < 3; n += 1) {
      const before = [...answered];
      const to = join(backups, `backup-${n}`);
      await out('backup', to, '--data', owned);
      const store = await openLowdbStore({ directory: to, clock: { now: () => 0 } });
      const { problems } = store.health();
      const found = await store.load(before);
      const missing = before.filter((id) => !found.has(id));
      await store.close();
      expect([missing, problems]).toEqual([[], []]);
    }
    ending.abort();
    await commands;
    await client.close();
    expect(Object.keys(await filesOf(join(backups, 'backup-0')))).not.toContain('owner.json');
  });

  test('is restored as a new log: tasks, work and tokens are there, and an old position is answered with list', async () => {
    const from = await resting();
    const client = await connect(socketOf(), await token());
    const { position } = await client.request('events.subscribe', {});
    await client.close();
    const to = join(await temporaryDirectory(), 'restored');
    await mkdir(to);
    expect(await out('restore', from, '--data', to)).toBe(to);
    const service = start(command(), ['serve', '--port', '0', '--data', to, '--json']);
    const { url: at } = JSON.parse(await service.firstLine) as { url: string };
    const again = await connect(at, await token());
    expect(await again.request('events.subscribe', { since: position })).toMatchObject({ mode: 'list' });
    const { items } = await again.request('task.list', { filter: { text: 'Finished' } });
    const { task } = await again.request('task.get', { taskId: items[0]?.id ?? 't_' });
    const artifact = await again.request('artifact.get', { artifactId: task.artifacts[0]?.id ?? 'a_' });
    expect([task.status, artifact.content]).toEqual(['completed', 'The work itself']);
    await again.close();
  });

  test('restored twice becomes two logs: a position of one is none of the other', async () => {
    const from = await resting();
    const epochs = new Set<string>();
    for (const name of ['first', 'second']) {
      const to = join(await temporaryDirectory(), name);
      await out('restore', from, '--data', to);
      const service = start(command(), ['serve', '--port', '0', '--data', to, '--json']);
      const { url: at } = JSON.parse(await service.firstLine) as { url: string };
      const client = await connect(at, await token());
      const { position } = await client.request('task.create', { title: 'After it' });
      epochs.add(position.split(/[^0-9A-Za-z]/)[0] ?? '');
      await client.close();
    }
    expect(epochs.size).toBe(2);
  });

  test('that can not be made or restored ends with its code, one line and no traces', async () => {
    const cwd = await temporaryDirectory();
    await mkdir(join(cwd, 'empty'));
    await mkdir(join(cwd, 'full'));
    await writeFile(join(cwd, 'full', 'mine'), '');
    const cases: [number, string[]][] = [
      [3, ['backup', 'new', '--data', 'nowhere']],
      [3, ['backup', 'new', '--data', 'empty']],
      [5, ['backup', 'full']],
      [3, ['restore', 'nowhere', '--data', 'new']],
      [5, ['restore', 'empty', '--data', 'full']],
      [2, ['restore', 'empty']],
      [3, ['doctor', '--data', 'nowhere']],
      [5, ['doctor', '--salvage', 'new']],
    ];
    const ended = await Promise.all(cases.map(([, args]) => run(args, { cwd })));
    for (const [n, [code, args]] of cases.entries())
      expect([args, ended[n]]).toEqual([args, { code, out: '', err: expect.stringMatching(oneLine) }]);
    expect((await readdir(cwd)).toSorted()).toEqual(['empty', 'full']);
  });
});

describe('the doctor', () => {
  test('finds a running service well, and changes nothing', async () => {
    await out('create', 'Something');
    const before = await filesOf(data());
    const checks = checksOf(await json('doctor'));
    expect(checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'node ok',
      'lock ok',
      'port ok',
      'store ok',
      'journal ok',
      'quarantine ok',
      'artifacts ok',
      'roles ok',
      'templates ok',
      'tokens ok',
    ]);
    expect(checks[1]?.detail).toContain(new URL(url()).port);
    expect(await filesOf(data())).toEqual(before);
  });

  const written: Readonly<Record<string, readonly [files: Readonly<Record<string, string | null>>, told: RegExp]>> = {
    'a role': [
      { 'roles/bad.yaml': 'definition: Does it\nexpertise:\n  - good\n  - 7\n' },
      /^fault +roles +roles\/bad\.yaml: expertise\[1\]: .* \(line 4\)$/m,
    ],
    'a template': [
      { 'templates/user/x.json5': '{\n  metadata: { name: "X", version: 7 },\n}\n' },
      /^fault +template +templates\/user\/x\.json5: metadata\.\w+: .* \(line 2\)$/m,
    ],
    'no JSON of tokens': [{ 'tokens.json': '{"format":1,' }, /^fault +tokens +.*tokens\.json is no JSON/m],
    'a row of tokens': [{ 'tokens.json': '{"format":1,"tokens":[{}]}' }, /^fault +tokens +.*tokens\.json .* tokens\[0\]\.name: /m],
    'no first token': [{ token: null }, /^fault +tokens +token is missing/m],
    'another first token': [{ token: 'troupe_x\n' }, /^fault +tokens +token holds none that tokens\.json knows/m],
  };
  test.each(Object.entries(written))('names what a person broke: %s', async (_, [files, told]) => {
    const directory = await resting();
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      if (text === null) await rm(join(directory, name));
      else await writeFile(join(directory, name), text);
    }
    const before = await filesOf(directory);
    const { code, out: printed, err } = await run(['doctor', '--data', directory]);
    // Nothing is to be salvaged: the store is well.
    expect([code, printed, err]).toEqual([1, expect.stringMatching(told), '']);
    expect(await filesOf(directory)).toEqual(before);
  });

  test('names the line of the checkpoint that is damaged, not that of the checksum', async () => {
    const directory = await resting();
    const store = await openStore(directory);
    await store.checkpoint();
    await store.close();
    await flip(join(directory, 'db.json'), 'description"');
    const { code, out: printed } = await run(['doctor', '--data', directory]);
    expect([code, printed]).toEqual([1, expect.stringMatching(/^fault +store +.*db\.json, .*line \d+: snapshot\.context\.spec\.\w+: /m)]);
  });

  test('names an artifact that is not what was stored', async () => {
    const directory = await resting();
    // Brought out of the journal by a checkpoint.
    const store = await openStore(directory);
    await store.checkpoint();
    await store.close();
    const pack = Object.keys(await filesOf(directory)).find((name) => name.endsWith('.pack')) ?? '';
    await flip(join(directory, pack), 'The work itself');
    const { code, out: printed } = await run(['doctor', '--data', directory]);
    expect([code, printed]).toEqual([1, expect.stringMatching(/^fault +record +the artifact .* is not what was stored$/m)]);
  });

  test('recovers what is before the damage into a new directory, and leaves the damaged one as it is', async () => {
    const directory = await resting();
    for (const name of await readdir(directory)) if (/^journal\.\d+\.jsonl$/.test(name)) await flip(join(directory, name), '"Finished"');
    const before = await filesOf(directory);
    const found = await run(['doctor', '--data', directory, '--json']);
    expect(found.code).toBe(1);
    expect(checksOf(JSON.parse(found.out) as Record<string, unknown>)).toContainEqual({
      name: 'store',
      status: 'fault',
      detail: expect.stringMatching(/journal\.\d+\.jsonl, byte \d+/),
    });
    const to = join(await temporaryDirectory(), 'salvaged');
    const salvaged = await json('doctor', '--data', directory, '--salvage', to);
    expect(salvaged).toMatchObject({ troupe: 1, problems: [], lost: [expect.stringContaining('from its damage on')] });
    expect(await filesOf(directory)).toEqual(before);
    expect((await run(['doctor', '--data', to])).code).toBe(0);
    const store = await openStore(to);
    expect(store.health().problems).toEqual([]);
    expect(await readFile(join(to, 'db.json'), 'utf8')).toContain('"Open"');
  });

  test('recovers the records of a damaged checkpoint', async () => {
    const directory = await resting();
    const store = await openStore(directory);
    await store.checkpoint();
    await store.close();
    await flip(join(directory, 'db.json'), '{"record"');
    expect((await run(['doctor', '--data', directory])).code).toBe(1);
    const to = join(await temporaryDirectory(), 'salvaged');
    expect(await json('doctor', '--data', directory, '--salvage', to)).toMatchObject({ lost: [expect.stringContaining('db.json')] });
    expect((await run(['doctor', '--data', to])).code).toBe(0);
  });
});
