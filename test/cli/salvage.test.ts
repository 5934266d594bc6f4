import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../support/client.ts';
import { start } from '../support/command.ts';
import { filesOf, openStore, temporaryDirectory } from '../support/data-directory.ts';
import { troupe } from './troupe.ts';

const { run, out, token, url, command, folder } = troupe();

const titles = Array.from({ length: 12 }, (_, n) => `Task ${String(n).padStart(2, '0')}`);
const content = 'The work itself, which lies in a pack of artifacts';

/** Twelve tasks, the first of them done, all in a checkpoint; then three more, in the journal. Made once, and copied. */
let made: Promise<string> | null = null;

async function store(): Promise<string> {
  made ??= make();
  const directory = join(await temporaryDirectory(), 'store');
  await cp(await made, directory, { recursive: true });
  return directory;
}

async function make(): Promise<string> {
  const client = await connect(`${url().replace('http', 'ws')}/ws`, await token(), { worker: 'me' });
  const { task } = await client.request('task.create', { title: titles[0] ?? '' });
  await client.request('task.execute', { taskId: task.id });
  await client.request('task.complete', { taskId: task.id, summary: 'Done', detailedWork: content });
  for (const title of titles.slice(1)) await client.request('task.create', { title });
  const directory = join(folder(), 'made');
  await out('backup', directory);
  const opened = await openStore(directory);
  await opened.checkpoint();
  await opened.close();
  const service = start(command(), ['serve', '--port', '0', '--data', directory, '--json']);
  const { url: at } = JSON.parse(await service.firstLine) as { url: string };
  const later = await connect(at, (await readFile(join(directory, 'token'), 'utf8')).trim());
  for (const title of ['Later 0', 'Later 1', 'Later 2']) await later.request('task.create', { title });
  await later.close();
  service.child.kill('SIGKILL');
  await service.exit;
  await client.close();
  return directory;
}

const journalOf = async (directory: string): Promise<string> =>
  join(
    directory,
    Object.keys(await filesOf(directory))
      .filter((name) => /^journal\.\d+\.jsonl$/.test(name))
      .toSorted()
      .at(-1) ?? '',
  );

async function change(file: string, at: (bytes: Buffer) => number): Promise<void> {
  const bytes = await readFile(file);
  const place = at(bytes);
  expect(place).toBeGreaterThan(0);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

interface Case {
  readonly damages: (directory: string) => Promise<unknown>;
  /** What the new directory has of the titles: all but so many. */
  readonly missing: readonly string[];
  /** What it has instead: damage that leaves a record one. */
  readonly shows?: readonly string[];
  readonly loses: readonly RegExp[];
  readonly hasWork?: false;
}

const later = ['Later 0', 'Later 1', 'Later 2'];
const cases: Readonly<Record<string, Case>> = {
  'nothing at all': { damages: () => Promise.resolve(), missing: [], loses: [] },
  'a journal that ends in the middle of a line': {
    damages: async (directory) => {
      const journal = await journalOf(directory);
      await truncate(journal, (await readFile(journal)).indexOf('Later 2'));
    },
    missing: ['Later 2'],
    loses: [],
  },
  'a flipped bit in the middle of a journal': {
    damages: async (directory) => change(await journalOf(directory), (bytes) => bytes.indexOf('Later 1')),
    missing: ['Later 1', 'Later 2'],
    loses: [/journal\.\d+\.jsonl from its damage on/],
  },
  'a journal that is nothing but zeros': {
    damages: async (directory) => {
      const journal = await journalOf(directory);
      await writeFile(journal, Buffer.alloc((await readFile(journal)).length));
    },
    missing: later,
    loses: [/journal\.\d+\.jsonl/],
  },
  'a flipped bit in two lines of the checkpoint': {
    damages: async (directory) => {
      await change(join(directory, 'db.json'), (bytes) => bytes.lastIndexOf('{"record"', bytes.indexOf('"Task 03"')));
      await change(join(directory, 'db.json'), (bytes) => bytes.lastIndexOf('{"record"', bytes.indexOf('"Task 07"')));
    },
    missing: ['Task 03', 'Task 07'],
    loses: [/^2 lines of db\.json: 5, 9$/],
  },
  'a flipped bit in the name of a member': {
    damages: async (directory) =>
      change(join(directory, 'db.json'), (bytes) => bytes.indexOf('"description"', bytes.indexOf('"Task 04"')) + '"descriptio'.length),
    missing: ['Task 04'],
    loses: [/^the record of t_\w+ \(line 6 of db\.json\): snapshot\.context\.spec\.description: /],
  },
  'a flipped bit in a title': {
    damages: async (directory) => change(join(directory, 'db.json'), (bytes) => bytes.indexOf('"Task 04"') + 1),
    missing: ['Task 04'],
    shows: ['Uask 04'],
    loses: [/the checksum of db\.json does not match/],
  },
  'a checkpoint that ends in the middle': {
    damages: async (directory) => {
      const path = join(directory, 'db.json');
      await truncate(path, (await readFile(path)).indexOf('"Task 05"'));
    },
    // In the order of the file, which begins with the oldest.
    missing: titles.slice(5),
    loses: [/^1 line of db\.json: \d+$/],
  },
  'a pack of artifacts that is gone': {
    damages: async (directory) => {
      for (const name of Object.keys(await filesOf(directory))) if (name.endsWith('.pack')) await rm(join(directory, name));
    },
    missing: [],
    loses: [/the artifact .* is missing/],
    hasWork: false,
  },
};

test.each(Object.entries(cases))(
  'from %s everything that can be read is in the new directory',
  async (_, { damages, missing, shows = [], loses, hasWork }) => {
    const directory = await store();
    await damages(directory);
    const before = await filesOf(directory);
    const to = join(await temporaryDirectory(), 'salvaged');
    const salvaged = await run(['doctor', '--data', directory, '--salvage', to, '--json']);
    expect([salvaged.code, salvaged.err]).toEqual([0, '']);
    const { lost, problems } = JSON.parse(salvaged.out) as { lost: string[]; problems: string[] };
    expect([...lost, ...problems]).toEqual(loses.map((pattern) => expect.stringMatching(pattern)));
    // Never in place.
    expect(await filesOf(directory)).toEqual(before);

    const examined = await run(['doctor', '--data', to]);
    expect([examined.code, examined.out]).toEqual([hasWork === false ? 1 : 0, expect.not.stringContaining(' store  null')]);
    const service = start(command(), ['serve', '--port', '0', '--data', to, '--json']);
    const { url: at } = JSON.parse(await service.firstLine) as { url: string };
    const client = await connect(at, (await readFile(join(to, 'token'), 'utf8')).trim());
    const { items } = await client.request('task.list', { limit: 100 });
    const wanted = [...titles, ...later, ...shows].filter((title) => !missing.includes(title));
    expect(new Set(items.map(({ title }) => title))).toEqual(new Set(wanted));
    expect(items.length).toBe(wanted.length);
    const done = items.find(({ title }) => title === titles[0]);
    const { task } = await client.request('task.get', { taskId: done?.id ?? 't_' });
    expect(task.status).toBe('completed');
    const work = client.request('artifact.get', { artifactId: task.artifacts[0]?.id ?? 'a_' }).then(
      (artifact) => artifact.content,
      () => null,
    );
    expect(await work).toBe(hasWork === false ? null : content);
    await client.request('task.create', { title: 'It goes on' });
    await client.close();
  },
);
