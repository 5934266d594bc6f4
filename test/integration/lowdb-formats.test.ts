import { cp, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { TaskRecord } from '../../src/persistence/store.ts';
import { openStore, temporaryDirectory } from '../support/data-directory.ts';

/** Directories as earlier versions left them, recorded once and never made again: old formats are read for ever. */
const formats = ['store-v1'];

test.each(formats)('%s is read whole: checkpoint, journals, archive, artifacts', async (name) => {
  const directory = await temporaryDirectory();
  await cp(`fixtures/${name}`, directory, { recursive: true });
  const expected = JSON.parse(await readFile(`fixtures/${name}.expected.json`, 'utf8')) as { records: TaskRecord[]; artifacts: string[] };
  const store = await openStore(directory);
  expect(store.health()).toEqual({ writable: true, problems: [], quarantined: 0 });
  expect([...(await store.load(expected.records.map(({ id }) => id))).values()]).toEqual(expected.records);
  const refs = expected.records.flatMap(({ snapshot }) => snapshot.context.artifacts);
  const contents = await Promise.all(
    refs.map(async ({ id, bytes }) => new TextDecoder().decode(await store.readArtifact(id, { offset: 0, length: bytes }))),
  );
  expect(contents).toEqual(expected.artifacts);
  for (const { id, rev } of expected.records) {
    const { items } = await store.history(id, { limit: 1_000 });
    expect(items.map((event) => event.rev)).toEqual(Array.from({ length: rev }, (_, index) => index + 1));
  }
});
